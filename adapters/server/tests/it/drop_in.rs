//! Requests in the shapes in which clients and workers of other makes send them.

use poem::http::StatusCode;
use serde_json::{Value, json};
use vitrina_core::product::ProductDraft;
use vitrina_core::{CategoryId, Money, ProductId};
use vitrina_server::limits::Limits;

use crate::setup::{Setup, TestShop, form, names, png, product_ids, shop};

const HOOK: &str = "/webhook/task_completed";

/// The categories of a task that ended with this call, whose `task_id` is filled in.
async fn categories(shop: &TestShop, mut call: Value) -> Vec<String> {
    let task = shop.send(png(4, 4)).await;
    call["task_id"] = json!(task);
    let answer = shop.client.post(HOOK).body_json(&call).send().await;
    answer.assert_status(StatusCode::ACCEPTED);
    let result = shop.client.get(format!("/tasks/{task}/result")).send().await;
    result.assert_status_is_ok();
    names(&result.json().await, "categories")
}

#[tokio::test]
async fn results_in_every_spelling() {
    let shop = shop().await;
    for (field, entry) in [
        ("categories", json!({"label": 4, "score": 0.93})),
        ("category", json!({"label": 4, "confidence": 0.93})),
        ("category", json!({"label": 4, "confidence": "0.93"})),
        ("categories", json!({"label": "4", "score": "0.93"})),
        ("predictions", json!({"label": 4, "score": 0.93})),
        ("predictions", json!({"label": "n04120489", "confidence": 0.93})),
        ("predictions", json!({"label": "running shoe", "score": "0.93"})),
        ("predictions", json!({"label": "Zapatos", "score": 1})),
        ("labels", json!({"label": "running_shoe", "score": "0.93"})),
    ] {
        let call = json!({"state": "completed", field: [entry]});
        assert_eq!(categories(&shop, call.clone()).await, ["Zapatos"], "{call}");
    }
}

#[tokio::test]
async fn a_completed_task_without_a_result_is_refused() {
    let shop = shop().await;
    let task = shop.send(png(4, 4)).await;
    for body in [
        json!({"task_id": task, "state": "completed"}),
        json!({"task_id": task, "state": "completed", "categories": []}),
        json!({"task_id": task, "state": "completed", "categories": null, "predictions": []}),
        json!({"task_id": task, "state": "completed", "categories": [{"label": 4}]}),
        json!({"task_id": task, "state": "completed", "categories": [{"label": 4, "score": "high"}]}),
        json!({"task_id": task, "state": "completed", "categories": [{"label": 4.5, "score": 1}]}),
    ] {
        let answer = shop.client.post(HOOK).body_json(&body).send().await;
        assert_eq!(answer.0.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let pending = shop.client.get(format!("/tasks/{task}/result")).send().await;
    pending.assert_status(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_unsigned_call_for_an_unknown_task_is_taken_and_changes_nothing() {
    let shop = shop().await;
    for task in ["123e4567-e89b-12d3-a456-426614174000", "abc123"] {
        let call =
            json!({"task_id": task, "state": "completed", "category": [{"label": 4, "confidence": 0.93}]});
        let answer = shop.client.post(HOOK).body_json(&call).send().await;
        answer.assert_status(StatusCode::ACCEPTED);
        answer.assert_json(json!({"status": "received"})).await;
        let result = shop.client.get(format!("/tasks/{task}/result")).send().await;
        result.assert_status(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn errors_name_fields_and_no_internal_types() {
    let shop = shop().await;
    for (path, body, field) in [
        ("/search/text", json!({"query": 7}), "query"),
        ("/search/text", json!({"query": "x", "limit": "ten"}), "limit"),
        ("/search/text", json!({"query": "x", "filter": {"min_price": "cheap"}}), "filter.min_price"),
        ("/search/text", json!({"text": "x"}), "text"),
        ("/search/prediction", json!({"categories": [{"label": [4], "score": 1}]}), "categories[0].label"),
        (HOOK, json!({"task_id": 7, "state": "completed"}), "task_id"),
        (HOOK, json!({"task_id": "x", "state": "completed", "predictions": {}}), "predictions"),
    ] {
        let answer = shop.client.post(path).body_json(&body).send().await;
        answer.assert_status(StatusCode::BAD_REQUEST);
        let problem = answer.json().await;
        let detail = problem.value().object().get("detail").string();
        assert!(detail.contains(&format!("`{field}`")), "{detail}");
        for internal in ["::", "struct", "expected", "Vec<", "Option", "i64", "f64", "serde"] {
            assert!(!detail.contains(internal), "{detail}");
        }
    }
}

#[tokio::test]
async fn paths_may_end_with_a_slash() {
    let shop = shop().await;
    for path in ["/health/", "/categories/", "/products/", "/products/1/", "/products/3/similar/", "/docs/"] {
        shop.client.get(path).send().await.assert_status_is_ok();
    }
    let found = shop.client.post("/search/text/").body_json(&json!({"query": "taza"})).send().await;
    assert_eq!(product_ids(&found.json().await), [5]);
    let photo = shop.client.post("/search/image/").multipart(form(png(4, 4))).send().await;
    photo.assert_status_is_ok();
    let limited = shop.client.get("/products/?limit=2").send().await.json().await;
    assert_eq!(product_ids(&limited), [1, 2]);
}

#[tokio::test]
async fn a_large_photo_may_be_sent_to_a_path_with_a_slash() {
    let shop = shop().await;
    let mut photo = png(4, 4);
    photo.resize(100_001, 0);
    let answer = shop.client.post("/search/image/").multipart(form(photo)).send().await;
    answer.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn photos_that_a_form_re_encoded_as_large_pngs_are_taken() {
    let shop = Setup { limits: Limits::default(), ..Setup::default() }.open().await;
    for (bytes, status) in [(13_000_000, StatusCode::OK), (21 << 20, StatusCode::PAYLOAD_TOO_LARGE)] {
        let mut photo = png(40, 40);
        photo.resize(bytes, 0);
        let answer = shop.client.post("/search/image").multipart(form(photo)).send().await;
        answer.assert_status(status);
    }
}

/// Adds products until there are `count`, each with a description of `bytes`.
async fn fill(shop: &TestShop, count: i64, bytes: usize) {
    let draft = |id: i64| ProductDraft {
        id: Some(ProductId(id)),
        name: format!("Artículo {id}"),
        description: "x".repeat(bytes),
        categories: vec![CategoryId(6)],
        price: Money::from_minor(id),
        ..ProductDraft::default()
    };
    let drafts: Vec<_> = (6..=count).map(draft).collect();
    shop.service.catalog().upsert_products(&drafts).await.unwrap();
    shop.service.refresh().await.unwrap();
}

/// How many products an answer has, and its cursor.
async fn counted(answer: poem::test::TestResponse) -> (usize, Option<String>) {
    answer.assert_status_is_ok();
    let json = answer.json().await;
    (product_ids(&json).len(), json.value().object().get("next_cursor").deserialize())
}

#[tokio::test]
async fn clients_that_cannot_page_get_a_thousand_products() {
    let shop = shop().await;
    fill(&shop, 1150, 10).await;
    let text = |body: Value| shop.client.post("/search/text").body_json(&body).send();
    let (listed, cursor) = counted(shop.client.get("/products").send().await).await;
    assert_eq!(listed, 1000);
    let rest = shop.client.get("/products").query("cursor", &cursor.unwrap()).send().await;
    assert_eq!(counted(rest).await, (150, None));
    let (found, cursor) = counted(text(json!({"query": " "})).await).await;
    assert_eq!(found, 1000);
    assert_eq!(counted(text(json!({"query": " ", "cursor": cursor})).await).await, (150, None));
    assert_eq!(counted(text(json!({"query": "artículo"})).await).await.0, 24, "words are paged");
    assert_eq!(counted(text(json!({"query": "", "limit": 30})).await).await.0, 30);
    assert_eq!(counted(shop.client.get("/products?limit=30").send().await).await.0, 30);
}

#[tokio::test]
async fn a_long_listing_ends_early_where_texts_are_long() {
    let shop = shop().await;
    fill(&shop, 600, 60_000).await;
    let (listed, cursor) = counted(shop.client.get("/products").send().await).await;
    assert_eq!((listed, cursor.is_some()), (100, true), "one page has more than 4 MiB");
}
