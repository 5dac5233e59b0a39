//! Products by the shop's own keys.

use poem::http::StatusCode;
use poem::test::TestResponse;
use serde_json::{Value, json};

use crate::setup::{Setup, TestShop};

const KEY: &str = "Bearer a long and secret key";
/// `REF/1 ñ?` as it stands in a path.
const ODD: &str = "/products/by-key/REF%2F1%20%C3%B1%3F";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn put(shop: &TestShop, path: &str, body: Value) -> TestResponse {
    shop.client.put(path).header("Authorization", KEY).body_json(&body).send().await
}

async fn json_of(answer: TestResponse) -> Value {
    answer.json().await.value().deserialize()
}

#[tokio::test]
async fn a_product_is_made_read_changed_and_removed_by_its_key() {
    let shop = open().await;
    shop.client.get(ODD).send().await.assert_status(StatusCode::NOT_FOUND);
    let made = put(&shop, ODD, json!({"name": "Artilugio", "price": 9.5, "category": "Otros"})).await;
    made.assert_status_is_ok();
    let made = json_of(made).await;
    assert_eq!(made["key"], "REF/1 ñ?");
    let answer = shop.client.get(ODD).send().await;
    answer.assert_status_is_ok();
    assert_eq!(json_of(answer).await, made);
    let photo = json!({"name": "Artilugio", "price": 9.0, "photos": ["https://cdn.example/1.jpg"]});
    put(&shop, ODD, photo).await.assert_status_is_ok();
    let replaced = json_of(put(&shop, ODD, json!({"name": "Artilugio azul", "price": 8.5})).await).await;
    assert_eq!((&replaced["id"], &replaced["category"]), (&made["id"], &Value::Null), "replaced whole");
    assert_eq!(replaced["photo"], "https://cdn.example/1.jpg", "but for its photos");
    let change =
        shop.client.patch(ODD).header("Authorization", KEY).body_json(&json!({"stock": 3})).send().await;
    change.assert_status_is_ok();
    let changed = json_of(change).await;
    assert_eq!((&changed["stock"], &changed["name"]), (&json!(3), &json!("Artilugio azul")));
    let delete = async || shop.client.delete(ODD).header("Authorization", KEY).send().await;
    delete().await.assert_status(StatusCode::NO_CONTENT);
    let again = delete().await;
    again.assert_status(StatusCode::NOT_FOUND);
    let reported = json_of(again).await;
    assert!(reported["detail"].as_str().unwrap().contains("`REF/1 ñ?`"), "{reported}");
    shop.client.get(format!("/products/{}", made["id"])).send().await.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_key_is_one_even_where_it_looks_like_a_part_of_the_api() {
    let shop = open().await;
    for key in ["photo", "similar", "7", "by-key"] {
        let path = format!("/products/by-key/{key}");
        let made = json_of(put(&shop, &path, json!({"name": "Artilugio", "price": 1.0})).await).await;
        assert_eq!(made["key"], key);
        assert_eq!(json_of(shop.client.get(&path).send().await).await["id"], made["id"]);
    }
    let long = "x".repeat(256);
    let answer = put(&shop, &format!("/products/by-key/{long}"), json!({"name": "A", "price": 1.0})).await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let control = put(&shop, "/products/by-key/a%00b", json!({"name": "A", "price": 1.0})).await;
    control.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_key_of_the_path_and_that_of_the_body_are_one() {
    let shop = open().await;
    let wrong = put(&shop, "/products/by-key/A", json!({"key": "B", "name": "A", "price": 1.0})).await;
    wrong.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let other = json!({"id": 1, "key": "A", "name": "A", "price": 1.0});
    let made = put(&shop, "/products/by-key/A", other).await;
    made.assert_status_is_ok();
    assert_ne!(json_of(made).await["id"], 1, "the product is that of the path, whatever ID the body has");
    let moved = shop.client.patch("/products/by-key/A").header("Authorization", KEY);
    moved.body_json(&json!({"key": "B"})).send().await.assert_status_is_ok();
    shop.client.get("/products/by-key/A").send().await.assert_status(StatusCode::NOT_FOUND);
    shop.client.get("/products/by-key/B").send().await.assert_status_is_ok();
    let keyless = shop.client.put("/products/by-key/B").body_json(&json!({"name": "A", "price": 1.0}));
    keyless.send().await.assert_status(StatusCode::UNAUTHORIZED);
    shop.client.delete("/products/by-key/B").send().await.assert_status(StatusCode::UNAUTHORIZED);
}
