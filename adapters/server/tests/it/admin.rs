//! Writing to the catalogue, with the key.

use poem::http::StatusCode;
use poem::test::TestResponse;
use serde_json::json;

use vitrina_server::limits::Limits;

use crate::setup::{Setup, TestShop, form, names, png, product_ids, shop};

const KEY: &str = "Bearer a long and secret key";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn put(shop: &TestShop, path: &str, key: Option<&str>, body: serde_json::Value) -> TestResponse {
    let request = shop.client.put(path).body_json(&body);
    match key {
        Some(key) => request.header("Authorization", key).send().await,
        None => request.send().await,
    }
}

async fn found(shop: &TestShop, query: &str) -> Vec<i64> {
    let answer = shop.client.post("/search/text").body_json(&json!({ "query": query })).send().await;
    product_ids(&answer.json().await)
}

#[tokio::test]
async fn only_the_bearer_of_the_key_may_write() {
    let shop = open().await;
    let hat = || json!({"name": "Artilugio", "price": 9.5});
    let answer = put(&shop, "/products/9", None, hat()).await;
    answer.assert_status(StatusCode::UNAUTHORIZED);
    let reported = answer.json().await;
    assert!(
        reported.value().object().get("detail").string().contains("administration key"),
        "what to do next"
    );
    put(&shop, "/products/9", Some("Bearer wrong"), hat()).await.assert_status(StatusCode::FORBIDDEN);
    shop.client.delete("/products/1").send().await.assert_status(StatusCode::UNAUTHORIZED);
    assert_eq!(found(&shop, "artilugio").await, [0; 0]);
    shop.client.get("/products/1").send().await.assert_status_is_ok();
}

#[tokio::test]
async fn without_a_key_of_its_own_a_server_lets_nobody_write() {
    let shop = shop().await;
    let answer = put(&shop, "/categories/9", Some("Bearer "), json!({"name": "Artilugios"})).await;
    assert!(answer.0.status().is_client_error());
    let answer = put(&shop, "/categories/9", Some(KEY), json!({"name": "Artilugios"})).await;
    answer.assert_status(StatusCode::FORBIDDEN);
    answer.assert_content_type("application/problem+json");
}

#[tokio::test]
async fn what_is_written_is_found_at_once() {
    let shop = open().await;
    put(&shop, "/categories/9", Some(KEY), json!({"name": "Artilugios"})).await.assert_status_is_ok();
    let body = json!({"name": "Artilugio verde", "price": 9.5, "category": "artilugios", "stock": 2});
    let answer = put(&shop, "/products/77", Some(KEY), body).await;
    answer.assert_status_is_ok();
    let product = answer.json().await;
    assert_eq!(product.value().object().get("category").string(), "Artilugios");
    assert_eq!(found(&shop, "artilugio").await, [77]);
    shop.client
        .delete("/products/77")
        .header("Authorization", KEY)
        .send()
        .await
        .assert_status(StatusCode::NO_CONTENT);
    assert_eq!(found(&shop, "artilugio verde").await, [0; 0]);
    let again = shop.client.delete("/products/77").header("Authorization", KEY).send().await;
    again.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn names_are_strings_and_fields_are_known() {
    let shop = open().await;
    for (path, body, wanted) in [
        ("/categories/4", json!({"name": false}), "`name` must be a string"),
        ("/categories/4", json!({"name": 5}), "`name` must be a string"),
        ("/categories/4", json!({"nombre": "Zapatos"}), "unknown field `nombre`: the fields are `name`"),
        ("/products/9", json!({"name": "Taza", "price": "9.5"}), "`price` must be a number"),
        ("/products/9", json!({"name": "Taza", "price": 9.5, "stock": -1}), "`stock` must be"),
    ] {
        let answer = put(&shop, path, Some(KEY), body).await;
        assert!(answer.0.status().is_client_error());
        let detail = answer.json().await.value().object().get("detail").string().to_owned();
        assert!(detail.starts_with(wanted), "{detail}");
    }
    let categories = shop.client.get("/categories").send().await.json().await;
    assert_eq!(
        categories.value().object().get("categories").object_array()[3].get("name").string(),
        "Zapatos"
    );
}

#[tokio::test]
async fn a_batch_is_written_whole_or_not_at_all() {
    let shop = open().await;
    let post = async |products: serde_json::Value| {
        let body = json!({ "products": products });
        shop.client.post("/products").header("Authorization", KEY).body_json(&body).send().await
    };
    let answer = post(json!([{"name": "Artilugio", "price": 1}, {"name": "", "price": 1}])).await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let answer = post(json!([{"name": "Artilugio", "price": 1, "category": "Nada"}])).await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(found(&shop, "artilugio").await, [0; 0]);
    let many = vec![json!({"name": "Artilugio", "price": 1}); 1001];
    post(json!(many)).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let answer =
        post(json!([{"name": "Artilugio", "price": 1}, {"id": 3, "name": "Artilugio azul", "price": 2}]))
            .await;
    answer.assert_status_is_ok();
    let ids: Vec<i64> = answer.json().await.value().object().get("ids").deserialize();
    assert_eq!(ids[1], 3);
    assert_eq!(found(&shop, "artilugio").await.len(), 2);
    let kept = shop.client.get("/products/3").send().await.json().await;
    assert!(kept.value().object().get("photo").string().starts_with("/photos/"), "its photo stays");
}

#[tokio::test]
async fn a_product_may_have_as_large_a_photo_as_customers_send() {
    let key = Some("a long and secret key".into());
    let limits = Limits::default().upload(3 << 20);
    let shop = Setup { admin_key: key, limits, ..Setup::default() }.open().await;
    let give = async |photo: Vec<u8>| {
        let request = shop.client.put("/products/5/photo").header("Authorization", KEY);
        request.multipart(form(photo)).send().await
    };
    let padded = |bytes: usize| [png(4, 4), vec![0; bytes]].concat();
    give(padded(2 << 20)).await.assert_status_is_ok();
    give(padded(3 << 20)).await.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_product_with_a_new_photo_is_found_by_it() {
    let shop = open().await;
    let give = async |id: i64, photo: Vec<u8>| {
        let request = shop.client.put(format!("/products/{id}/photo")).header("Authorization", KEY);
        request.multipart(form(photo)).send().await
    };
    give(5, b"no photo".to_vec()).await.assert_status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    give(99, png(4, 4)).await.assert_status(StatusCode::NOT_FOUND);
    give(5, png(4, 4)).await.assert_status_is_ok();
    let similar = shop.client.get("/products/5/similar").send().await.json().await;
    assert_eq!(product_ids(&similar), [4, 3], "the boot is similar");
    let task = shop.send(png(4, 4)).await;
    shop.work().await;
    let result = shop.client.get(format!("/tasks/{task}/result")).send().await.json().await;
    assert!(product_ids(&result).contains(&5), "{:?}", names(&result, "categories"));
}

#[tokio::test]
async fn keys_are_checked_before_anything_of_the_body_is_read() {
    let shop = open().await;
    let send_broken = async |path: &str, key: Option<&str>| {
        let request = shop.client.put(path).content_type("application/json").body("{");
        match key {
            Some(key) => request.header("Authorization", key).send().await,
            None => request.send().await,
        }
    };
    for path in ["/products/9", "/categories/9", "/products/9/photo"] {
        send_broken(path, None).await.assert_status(StatusCode::UNAUTHORIZED);
        send_broken(path, Some("Bearer wrong")).await.assert_status(StatusCode::FORBIDDEN);
    }
    send_broken("/products/9", Some(KEY)).await.assert_status(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_product_photo_is_published_without_metadata_and_what_follows_it() {
    let shop = open().await;
    let secret = b"40.4168N 3.7038W";
    let comment = [&[0, 0, 0, secret.len() as u8][..], b"tEXt", secret, &[0; 4]].concat();
    let photo = png(4, 4);
    let reported = [&photo[..33], &comment, &photo[33..], secret].concat();
    let request = shop.client.put("/products/5/photo").header("Authorization", KEY);
    let answer = request.multipart(form(reported)).send().await;
    answer.assert_status_is_ok();
    let key = answer.json().await.value().object().get("photo").string().to_owned();
    let served = shop.client.get(key).send().await;
    served.assert_status_is_ok();
    assert_eq!(served.0.into_body().into_vec().await.unwrap(), photo);
}
