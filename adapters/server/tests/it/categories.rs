//! Categories renamed, moved and removed.

use poem::http::StatusCode;
use poem::test::TestResponse;
use serde_json::{Value, json};

use crate::setup::{Setup, TestShop, product_ids};

const KEY: &str = "Bearer a long and secret key";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn patch(shop: &TestShop, id: i64, body: Value) -> TestResponse {
    let request = shop.client.patch(format!("/categories/{id}")).header("Authorization", KEY);
    request.body_json(&body).send().await
}

async fn delete(shop: &TestShop, path: &str) -> TestResponse {
    shop.client.delete(path).header("Authorization", KEY).send().await
}

async fn json_of(answer: TestResponse) -> Value {
    answer.json().await.value().deserialize()
}

async fn paths(shop: &TestShop, product: i64) -> Value {
    json_of(shop.client.get(format!("/products/{product}")).send().await).await["categories"].clone()
}

#[tokio::test]
async fn a_category_is_moved_with_its_products() {
    let shop = open().await;
    let moved = patch(&shop, 4, json!({"parent": 3, "translations": {"en": "Shoes"}})).await;
    moved.assert_status_is_ok();
    let shoes = json!({"id": 4, "name": "Zapatos", "parent": 3, "translations": {"en": "Shoes"}});
    assert_eq!(json_of(moved).await, shoes);
    assert_eq!(paths(&shop, 3).await, json!([["Pantalones", "Zapatos"]]));
    let listed = json_of(shop.client.get("/categories").send().await).await;
    assert_eq!(
        (&listed["categories"][3], &listed["categories"][0]),
        (&shoes, &json!({"id": 1, "name": "Camisetas"}))
    );
    let above = shop.client.get("/products").query("category", &"Pantalones").send().await;
    assert_eq!(product_ids(&above.json().await), [3, 4], "a category stands for those below it");
    let renamed = patch(&shop, 4, json!({"name": "Calzado"})).await;
    assert_eq!(json_of(renamed).await["parent"], 3, "it stays where it is");
    let rooted = json_of(patch(&shop, 4, json!({"parent": null, "translations": null})).await).await;
    assert_eq!(rooted, json!({"id": 4, "name": "Calzado"}));
}

#[tokio::test]
async fn wrong_moves_are_refused() {
    let shop = open().await;
    patch(&shop, 4, json!({"parent": 3})).await.assert_status_is_ok();
    for (id, body, status, wanted) in [
        (3, json!({"parent": 4}), 422, "below itself"),
        (3, json!({"parent": 3}), 422, "below itself"),
        (3, json!({"parent": 99}), 422, "no category 99"),
        (3, json!({"name": "Camisetas"}), 422, "same name"),
        (3, json!({"name": null}), 400, "`name`"),
        (3, json!({"padre": 1}), 400, "unknown field `padre`"),
        (99, json!({"name": "Nada"}), 404, "no category 99"),
    ] {
        let answer = patch(&shop, id, body).await;
        answer.assert_status(StatusCode::from_u16(status).unwrap());
        let reported = json_of(answer).await;
        assert!(reported["detail"].as_str().unwrap().contains(wanted), "{reported}");
    }
    let keyless = shop.client.patch("/categories/3").body_json(&json!({"name": "A"})).send().await;
    keyless.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_category_that_is_not_empty_is_deleted_only_where_its_contents_go_elsewhere() {
    let shop = open().await;
    patch(&shop, 3, json!({"parent": 4})).await.assert_status_is_ok();
    let refused = delete(&shop, "/categories/4").await;
    refused.assert_status(StatusCode::CONFLICT);
    refused.assert_content_type("application/problem+json");
    let reported = json_of(refused).await;
    assert!(reported["detail"].as_str().unwrap().contains("Zapatos"), "{reported}");
    delete(&shop, "/categories/4?move_to=99").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    delete(&shop, "/categories/4?move_to=3").await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    delete(&shop, "/categories/4?move_to=6").await.assert_status(StatusCode::NO_CONTENT);
    assert_eq!(paths(&shop, 3).await, json!([["Otros"]]));
    let listed = json_of(shop.client.get("/categories").send().await).await;
    assert_eq!(listed["categories"][2], json!({"id": 3, "name": "Pantalones", "parent": 6}));
    let found = shop.client.post("/search/text").body_json(&json!({"query": "otros"})).send().await;
    assert!(product_ids(&found.json().await).contains(&4), "searches know it at once");
    delete(&shop, "/categories/2").await.assert_status(StatusCode::NO_CONTENT);
    delete(&shop, "/categories/2").await.assert_status(StatusCode::NOT_FOUND);
    shop.client.delete("/categories/5").send().await.assert_status(StatusCode::UNAUTHORIZED);
}
