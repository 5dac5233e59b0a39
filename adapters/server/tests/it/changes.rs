//! Partial changes: fields of one product, and prices and stock in batches.

use poem::http::StatusCode;
use poem::test::TestResponse;
use serde_json::{Value, json};

use crate::setup::{Setup, TestShop, product_ids};

const KEY: &str = "Bearer a long and secret key";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn patch(shop: &TestShop, path: &str, body: Value) -> TestResponse {
    shop.client.patch(path).header("Authorization", KEY).body_json(&body).send().await
}

async fn product(shop: &TestShop, id: i64) -> Value {
    let answer = shop.client.get(format!("/products/{id}")).send().await;
    answer.assert_status_is_ok();
    json_of(answer).await
}

async fn json_of(answer: TestResponse) -> Value {
    answer.json().await.value().deserialize()
}

async fn detail(answer: TestResponse) -> String {
    json_of(answer).await["detail"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn fields_that_are_named_change_and_all_others_stay() {
    let shop = open().await;
    let before = product(&shop, 1).await;
    let answer = patch(&shop, "/products/1", json!({"price": 10.5, "stock": null})).await;
    answer.assert_status_is_ok();
    let mut expected = before.clone();
    expected["price"] = json!(10.5);
    expected["stock"] = Value::Null;
    assert_eq!(json_of(answer).await, expected);
    assert_eq!(product(&shop, 1).await, expected);
    let everything = json!({
        "name": "Camiseta técnica", "description": "Transpirable", "brand": "Norte", "price": 9.0,
        "categories": [["Otros"], ["Camisetas"]], "stock": 4, "key": "REF/1", "url": "https://tienda.example/1",
        "codes": {"sku": "311-992", "others": ["P7"]}, "attributes": {"color": ["rojo", "azul"]},
        "photos": ["https://cdn.example/1.jpg"], "sale_price": 7.5, "sale_from": 1, "sale_until": 4_000_000_000i64,
        "availability": "backorder", "tags": ["verano"], "popularity": 0.5,
        "translations": {"en": {"name": "Technical shirt"}}, "updated_at": 1_700_000_000,
        "variants": [{"key": "roja", "stock": 2, "attributes": {"color": ["rojo"]}}],
    });
    let answer = patch(&shop, "/products/1", everything.clone()).await;
    answer.assert_status_is_ok();
    let after = json_of(answer).await;
    for (field, value) in everything.as_object().unwrap() {
        assert_eq!(&after[field], value, "{field}");
    }
    let cleared = json!({
        "description": null, "brand": null, "category": null, "stock": null, "key": null, "url": null,
        "codes": null, "attributes": null, "photos": null, "sale_price": null, "availability": null, "tags": null,
        "popularity": null, "translations": null, "updated_at": null, "variants": null,
    });
    let answer = patch(&shop, "/products/1", cleared).await;
    answer.assert_status_is_ok();
    let bare = json!({
        "id": 1, "name": "Camiseta técnica", "description": "", "brand": null, "price": 9.0, "category": null,
        "category_id": null, "stock": null, "in_stock": true, "photo": null,
    });
    assert_eq!(json_of(answer).await, bare);
}

#[tokio::test]
async fn what_changed_is_found_at_once_and_the_photo_stays() {
    let shop = open().await;
    let answer = patch(&shop, "/products/3", json!({"name": "Artilugio", "category": "otros"})).await;
    answer.assert_status_is_ok();
    let found = shop.client.post("/search/text").body_json(&json!({"query": "artilugio"})).send().await;
    assert_eq!(product_ids(&found.json().await), [3]);
    let similar = shop.client.get("/products/3/similar").send().await.json().await;
    assert_eq!(product_ids(&similar), [4], "its embedding is as it was");
}

#[tokio::test]
async fn wrong_changes_are_refused_by_name() {
    let shop = open().await;
    let before = product(&shop, 1).await;
    for (path, body, status, wanted) in [
        ("/products/99", json!({"price": 1.0}), 404, "there is no product 99"),
        ("/products/1", json!({"precio": 1.0}), 400, "unknown field `precio`"),
        ("/products/1", json!({"id": 2}), 400, "unknown field `id`"),
        ("/products/1", json!({"name": null}), 400, "`name` must be"),
        ("/products/1", json!({"price": null}), 400, "`price` must be"),
        ("/products/1", json!({"price": "9.5"}), 400, "`price` must be"),
        ("/products/1", json!({"name": "  "}), 422, "needs a name"),
        ("/products/1", json!({"price": 9.999}), 422, "two decimals"),
        ("/products/1", json!({"price": -1.0}), 422, "out of range"),
        ("/products/1", json!({"category": "Barcos"}), 422, "Barcos"),
        ("/products/1", json!({"sale_until": 5}), 422, "sale_price"),
        ("/products/1", json!({"photos": ["../secret"]}), 422, "../secret"),
    ] {
        let answer = patch(&shop, path, body).await;
        answer.assert_status(StatusCode::from_u16(status).unwrap());
        let reported = detail(answer).await;
        assert!(reported.contains(wanted), "{reported}");
    }
    patch(&shop, "/products/2", json!({"key": "A"})).await.assert_status_is_ok();
    let reported = detail(patch(&shop, "/products/1", json!({"key": "A"})).await).await;
    assert!(reported.contains("belongs to"), "{reported}");
    assert_eq!(product(&shop, 1).await, before);
    let keyless = shop.client.patch("/products/1").body_json(&json!({"price": 1.0})).send().await;
    keyless.assert_status(StatusCode::UNAUTHORIZED);
    let keyless = shop.client.patch("/products").body_json(&json!({"products": []})).send().await;
    keyless.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_batch_changes_prices_and_stock_and_names_what_is_missing() {
    let shop = open().await;
    patch(&shop, "/products/2", json!({"key": "REF-2"})).await.assert_status_is_ok();
    let boot = product(&shop, 4).await;
    let batch = json!({"products": [
        {"id": 1, "price": 11.0, "sale_price": 8.0, "sale_until": 4_000_000_000i64},
        {"key": "REF-2", "stock": 7, "availability": "in_stock"},
        {"id": 99, "price": 1.0},
        {"key": "REF-99", "price": 1.0},
        {"id": 4},
    ]});
    let answer = patch(&shop, "/products", batch).await;
    answer.assert_status_is_ok();
    let reported = json_of(answer).await;
    assert_eq!(reported, json!({"updated": 3, "missing": [{"id": 99}, {"key": "REF-99"}]}));
    let shirt = product(&shop, 1).await;
    assert_eq!((&shirt["price"], &shirt["sale_price"]), (&json!(11.0), &json!(8.0)));
    let blue = product(&shop, 2).await;
    assert_eq!((&blue["stock"], &blue["in_stock"], &blue["price"]), (&json!(7), &json!(true), &json!(9.95)));
    assert_eq!(product(&shop, 4).await, boot);
    let cheap = json!({"query": "camiseta", "filter": {"max_price": 9.0, "in_stock": true}});
    let found = shop.client.post("/search/text").body_json(&cheap).send().await;
    assert_eq!(product_ids(&found.json().await), [1], "searches know the new price at once");
}

#[tokio::test]
async fn a_batch_with_a_wrong_change_changes_nothing() {
    let shop = open().await;
    let before = product(&shop, 1).await;
    for (wrong, wanted) in [
        (json!({"id": 2, "price": -1.0}), "product 2"),
        (json!({"id": 2, "price": 1.234}), "products[1]: product 2"),
        (json!({"price": 1.0}), "products[1]: name the product by `id` or by `key`"),
        (json!({"id": 2, "key": "A", "price": 1.0}), "products[1]: name the product"),
        (json!({"id": 2, "brand": "Norte"}), "unknown field `products[1].brand`"),
        (json!({"id": 2, "stock": -1}), "`products[1].stock` must be"),
    ] {
        let batch = json!({"products": [{"id": 1, "price": 1.0}, wrong]});
        let answer = patch(&shop, "/products", batch).await;
        assert!(answer.0.status().is_client_error());
        let reported = detail(answer).await;
        assert!(reported.contains(wanted), "{reported}");
        assert_eq!(product(&shop, 1).await, before);
    }
    let many = vec![json!({"id": 1, "price": 1.0}); 10_001];
    let answer = patch(&shop, "/products", json!({"products": many})).await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let most = vec![json!({"id": 1, "price": 1.0}); 10_000];
    let answer = patch(&shop, "/products", json!({"products": most})).await;
    assert_eq!(json_of(answer).await["updated"], 10_000);
}
