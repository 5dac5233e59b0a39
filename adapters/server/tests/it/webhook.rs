//! The webhook: what is stored, and what changes nothing.

use std::time::{SystemTime, UNIX_EPOCH};

use poem::http::StatusCode;
use poem::test::TestResponse;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use vitrina_server::access::WebhookAccess;
use vitrina_server::api::WebhookSecret;

use crate::setup::{SECRET, Setup, TestShop, names, png, shop};

const HOOK: &str = "/webhook/task_completed";

async fn result(shop: &TestShop, task: &str) -> TestResponse {
    shop.client.get(format!("/tasks/{task}/result")).send().await
}

fn shoes(task: &str) -> Value {
    json!({"task_id": task, "state": "completed", "categories": [{"label": 4, "score": 0.93}]})
}

async fn signed(shop: &TestShop, body: &str, secret: &str, seconds_ago: i64) -> TestResponse {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 - seconds_ago;
    let signature = Webhook::new(secret).unwrap().sign("msg_1", now, body.as_bytes()).unwrap();
    let request = shop.client.post(HOOK).content_type("application/json").header("webhook-id", "msg_1");
    request
        .header("webhook-timestamp", now)
        .header("webhook-signature", signature)
        .body(body.to_owned())
        .send()
        .await
}

#[tokio::test]
async fn a_result_is_stored_and_the_first_one_stands() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    for _ in 0..2 {
        let answer = shop.client.post(HOOK).body_json(&shoes(&task)).send().await;
        answer.assert_status(StatusCode::ACCEPTED);
        answer.assert_json(json!({"status": "received"})).await;
    }
    let other = json!({"task_id": task, "state": "completed", "categories": [{"label": 1, "score": 0.99}]});
    shop.client.post(HOOK).body_json(&other).send().await.assert_status(StatusCode::ACCEPTED);
    let failed = json!({"task_id": task, "state": "failed", "error": "no"});
    shop.client.post(HOOK).body_json(&failed).send().await.assert_status(StatusCode::ACCEPTED);
    let answer = result(&shop, &task).await;
    answer.assert_status_is_ok();
    assert_eq!(names(&answer.json().await, "categories"), ["Zapatos"]);
}

#[tokio::test]
async fn the_older_spelling_is_read_too() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    let body = json!({"task_id": task, "state": "completed", "category": [{"label": 4, "confidence": 0.93}]});
    shop.client.post(HOOK).body_json(&body).send().await.assert_status(StatusCode::ACCEPTED);
    assert_eq!(names(&result(&shop, &task).await.json().await, "categories"), ["Zapatos"]);
}

#[tokio::test]
async fn a_failure_is_told_with_its_reason() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    let body = json!({"task_id": task, "state": "failed", "error": "la foto está dañada"});
    shop.client.post(HOOK).body_json(&body).send().await.assert_status(StatusCode::ACCEPTED);
    let answer = result(&shop, &task).await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let detail = answer.json().await.value().object().get("detail").string().to_owned();
    assert_eq!(detail, "la foto está dañada");
}

#[tokio::test]
async fn calls_that_mean_nothing_change_nothing() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    for (body, status) in [
        (json!({"task_id": "nonsense", "state": "completed"}), 422),
        (json!({"task_id": task, "state": "half done"}), 422),
        (json!({"task_id": task, "state": "completed", "categories": [{"label": 4, "score": 9.0}]}), 422),
        (json!({"state": "completed"}), 400),
        (json!("completed"), 400),
    ] {
        let answer = shop.client.post(HOOK).body_json(&body).send().await;
        assert_eq!(answer.0.status().as_u16(), status, "{body}");
    }
    result(&shop, &task).await.assert_status(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_signed_call_for_an_unknown_task_is_not_found() {
    let webhook_secret = Some(WebhookSecret::new(SECRET).unwrap());
    let shop = Setup { webhook_secret, ..Setup::default() }.open().await;
    for task in ["0198c0de-0000-7000-8000-000000000000", "nonsense"] {
        let answer = signed(&shop, &shoes(task).to_string(), SECRET, 0).await;
        answer.assert_status(StatusCode::NOT_FOUND);
        answer.assert_content_type("application/problem+json");
    }
}

#[tokio::test]
async fn unsigned_calls_from_elsewhere_count_where_the_configuration_says_so() {
    let shop = Setup { webhook: WebhookAccess::Unsigned, ..Setup::default() }.open().await;
    let task = shop.send(png(4, 4)).await;
    let passed_on = shop.client.post(HOOK).header("x-forwarded-for", "192.0.2.1").body_json(&shoes(&task));
    passed_on.send().await.assert_status(StatusCode::ACCEPTED);
    assert_eq!(names(&result(&shop, &task).await.json().await, "categories"), ["Zapatos"]);
}

#[tokio::test]
async fn with_a_secret_only_signed_calls_count() {
    let webhook_secret = Some(WebhookSecret::new(SECRET).unwrap());
    let shop = Setup { webhook_secret, ..Setup::default() }.open().await;
    let task = shop.send(png(4, 4)).await;
    let body = shoes(&task).to_string();
    let unsigned = shop.client.post(HOOK).body_json(&shoes(&task)).send().await;
    unsigned.assert_status(StatusCode::UNAUTHORIZED);
    unsigned.assert_content_type("application/problem+json");
    signed(&shop, &body, "whsec_c29tZW9uZSBlbHNl", 0).await.assert_status(StatusCode::UNAUTHORIZED);
    signed(&shop, &body, SECRET, 3600).await.assert_status(StatusCode::UNAUTHORIZED);
    signed(&shop, &body, SECRET, -3600).await.assert_status(StatusCode::UNAUTHORIZED);
    result(&shop, &task).await.assert_status(StatusCode::ACCEPTED);
    signed(&shop, &body, SECRET, 0).await.assert_status(StatusCode::ACCEPTED);
    result(&shop, &task).await.assert_status_is_ok();
}

#[tokio::test]
async fn without_a_secret_nobody_from_elsewhere_may_report() {
    let off = Setup { webhook: WebhookAccess::Off, ..Setup::default() }.open().await;
    let task = off.send(png(4, 4)).await;
    // Before anything of the body is read: this one is no JSON.
    for body in [shoes(&task).to_string(), "{".into()] {
        let call = off.client.post(HOOK).content_type("application/json").body(body);
        let answer = call.send().await;
        answer.assert_status(StatusCode::NOT_FOUND);
        answer.assert_content_type("application/problem+json");
    }
    result(&off, &task).await.assert_status(StatusCode::ACCEPTED);

    let local = shop().await;
    let task = local.send(png(4, 4)).await;
    for (name, value) in
        [("forwarded", "for=192.0.2.1"), ("x-forwarded-for", "192.0.2.1"), ("via", "1.1 proxy")]
    {
        let passed_on = local.client.post(HOOK).header(name, value).body_json(&shoes(&task)).send().await;
        passed_on.assert_status(StatusCode::NOT_FOUND);
    }
    result(&local, &task).await.assert_status(StatusCode::ACCEPTED);
    local.client.post(HOOK).body_json(&shoes(&task)).send().await.assert_status(StatusCode::ACCEPTED);
}

#[test]
fn a_secret_does_not_show() {
    let secret = WebhookSecret::new(SECRET).unwrap();
    assert!(!format!("{secret:?}").contains("MfKQ"));
    for bad in ["not base64!", "whsec_c2hvcnQ="] {
        let error = WebhookSecret::new(bad).unwrap_err().to_string();
        assert!(!error.contains(bad), "{error}");
    }
    assert!(WebhookSecret::new("").is_err() && WebhookSecret::new("whsec_").is_err());
}
