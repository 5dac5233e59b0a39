//! Versions of products: `ETag`, `If-Match`, `If-None-Match`.

use poem::http::StatusCode;
use poem::test::{TestRequestBuilder, TestResponse};
use serde_json::{Value, json};

use crate::setup::{Setup, TestShop, form, png};

const KEY: &str = "Bearer a long and secret key";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn send<E: poem::Endpoint>(request: TestRequestBuilder<'_, E>, header: (&str, &str)) -> TestResponse {
    request.header("Authorization", KEY).header(header.0, header.1).send().await
}

fn tag(answer: &TestResponse) -> String {
    answer.0.headers()["etag"].to_str().unwrap().to_owned()
}

async fn detail(answer: TestResponse) -> String {
    let reported: Value = answer.json().await.value().deserialize();
    reported["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_product_that_is_known_is_not_sent_again() {
    let shop = open().await;
    let first = shop.client.get("/products/1").send().await;
    first.assert_status_is_ok();
    let version = tag(&first);
    let again = shop.client.get("/products/1").header("If-None-Match", &version).send().await;
    again.assert_status(StatusCode::NOT_MODIFIED);
    assert_eq!(tag(&again), version);
    let changed = send(shop.client.patch("/products/1").body_json(&json!({"stock": 9})), ("X-A", "b")).await;
    changed.assert_status_is_ok();
    assert_ne!(tag(&changed), version);
    let anew = shop.client.get("/products/1").header("If-None-Match", &version).send().await;
    anew.assert_status_is_ok();
    assert_eq!(tag(&anew), tag(&changed));
}

#[tokio::test]
async fn a_write_with_an_old_version_changes_nothing_and_names_the_present_one() {
    let shop = open().await;
    let old = tag(&shop.client.get("/products/1").send().await);
    let change = json!({"stock": 9});
    let body = json!({"name": "Camiseta", "price": 5.0});
    let client = &shop.client;
    let changed = send(client.patch("/products/1").body_json(&change), ("If-Match", &old)).await;
    changed.assert_status_is_ok();
    let present = tag(&changed);
    for request in [
        client.patch("/products/1").body_json(&json!({"stock": 1})),
        client.put("/products/1").body_json(&body),
        client.delete("/products/1"),
    ] {
        let refused = send(request, ("If-Match", &old)).await;
        refused.assert_status(StatusCode::PRECONDITION_FAILED);
        let reported = detail(refused).await;
        assert!(reported.contains(&present), "{reported}");
    }
    assert_eq!(tag(&client.get("/products/1").send().await), present);
    let several = format!("\"x\", {present}");
    let put = send(client.put("/products/1").body_json(&body), ("If-Match", &several)).await;
    put.assert_status_is_ok();
    let last = tag(&put);
    let deleted = send(client.delete("/products/1"), ("If-Match", &last)).await;
    deleted.assert_status(StatusCode::NO_CONTENT);
    let gone = send(client.put("/products/1").body_json(&body), ("If-Match", &last)).await;
    gone.assert_status(StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn only_what_exists_or_only_what_is_new() {
    let shop = open().await;
    let client = &shop.client;
    let body = json!({"name": "Artilugio", "price": 5.0});
    let put = |path: &'static str| client.put(path).body_json(&body);
    let refused = send(put("/products/by-key/A"), ("If-Match", "*")).await;
    refused.assert_status(StatusCode::PRECONDITION_FAILED);
    send(put("/products/by-key/A"), ("If-None-Match", "*")).await.assert_status_is_ok();
    let twice = send(put("/products/by-key/A"), ("If-None-Match", "*")).await;
    twice.assert_status(StatusCode::PRECONDITION_FAILED);
    send(put("/products/by-key/A"), ("If-Match", "*")).await.assert_status_is_ok();
    for wrong in ["abc", "W/\"abc\"", "\"a", "\"a\",,", ""] {
        let answer = send(put("/products/by-key/A"), ("If-Match", wrong)).await;
        answer.assert_status(StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn a_product_has_its_version_after_a_new_photo_too() {
    let shop = open().await;
    let before = tag(&shop.client.get("/products/5").send().await);
    let request = shop.client.put("/products/5/photo").header("Authorization", KEY);
    let given = request.multipart(form(png(4, 4))).send().await;
    given.assert_status_is_ok();
    let present = tag(&shop.client.get("/products/5").send().await);
    assert_ne!(present, before);
    assert_eq!(tag(&given), present);
}
