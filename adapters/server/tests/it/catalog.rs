//! The catalogue and searches by words.

use poem::test::TestClient;
use serde_json::json;

use crate::setup::{names, png, product_ids, shop};

#[tokio::test]
async fn categories_have_the_contracts_shape() {
    let answer = shop().await.client.get("/categories").send().await;
    answer.assert_status_is_ok();
    let json = answer.json().await;
    let first = json.value().object().get("categories").object_array().remove(0);
    assert_eq!((first.get("id").i64(), first.get("name").string()), (1, "Camisetas"));
}

#[tokio::test]
async fn products_have_the_contracts_shape() {
    let answer = shop().await.client.get("/products/1").send().await;
    answer.assert_status_is_ok();
    let product = answer.json().await;
    let product = product.value().object();
    assert_eq!(product.get("id").i64(), 1);
    assert_eq!(product.get("name").string(), "Camiseta deportiva roja");
    assert_eq!(product.get("price").f64(), 12.99);
    assert_eq!(product.get("category").string(), "Camisetas");
    assert!(product.get("in_stock").bool());
}

#[tokio::test]
async fn products_are_listed_in_pages() {
    let shop = shop().await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let answer = shop.client.get("/products").query("limit", &2).query("cursor", &cursor).send().await;
        answer.assert_status_is_ok();
        let json = answer.json().await;
        seen.extend(product_ids(&json));
        match json.value().object().get("next_cursor").deserialize::<Option<String>>() {
            Some(next) => cursor = next,
            None => break,
        }
    }
    assert_eq!(seen, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn listings_are_filtered_and_sorted() {
    let shop = shop().await;
    let listed = async |query: &[(&str, &str)]| {
        let request = query
            .iter()
            .fold(shop.client.get("/products"), |request, (name, value)| request.query(*name, value));
        let answer = request.send().await;
        answer.assert_status_is_ok();
        product_ids(&answer.json().await)
    };
    assert_eq!(listed(&[("category", "zapatos")]).await, [3, 4]);
    assert_eq!(listed(&[("category", "4"), ("category", "Otros")]).await, [3, 4, 5]);
    assert_eq!(listed(&[("in_stock", "true"), ("category", "Camisetas")]).await, [1]);
    assert_eq!(listed(&[("min_price", "9.95"), ("max_price", "59.90")]).await, [1, 2, 3]);
    assert_eq!(listed(&[("brand", "ZANCADA")]).await, [1]);
    assert_eq!(listed(&[("sort", "price_desc")]).await, [4, 3, 1, 2, 5]);
    assert_eq!(listed(&[("sort", "newest"), ("limit", "2")]).await, [5, 4]);
}

#[tokio::test]
async fn words_find_categories_and_products() {
    let shop = shop().await;
    let answer =
        shop.client.post("/search/text").body_json(&json!({"query": "camiseta deportiva roja"})).send().await;
    answer.assert_status_is_ok();
    let json = answer.json().await;
    assert_eq!(names(&json, "categories"), ["Camisetas"]);
    assert_eq!(product_ids(&json), [1, 2]);
}

#[tokio::test]
async fn an_empty_query_lists_everything() {
    let shop = shop().await;
    let answer = shop.client.post("/search/text").body_json(&json!({"query": ""})).send().await;
    let json = answer.json().await;
    assert_eq!(product_ids(&json), [1, 2, 3, 4, 5]);
    assert_eq!(json.value().object().get("total").i64(), 5);
}

#[tokio::test]
async fn words_take_filters_sorts_and_pages() {
    let shop = shop().await;
    let body =
        json!({"query": "camiseta", "filter": {"in_stock": true, "max_price": 20.0}, "sort": "price_asc"});
    let answer = shop.client.post("/search/text").body_json(&body).send().await;
    assert_eq!(product_ids(&answer.json().await), [1]);
    let first =
        shop.client.post("/search/text").body_json(&json!({"query": "camiseta", "limit": 1})).send().await;
    let first = first.json().await;
    let cursor = first.value().object().get("next_cursor").string().to_owned();
    let body = json!({"query": "camiseta", "limit": 1, "cursor": cursor});
    let second = shop.client.post("/search/text").body_json(&body).send().await;
    let second = second.json().await;
    assert_ne!(product_ids(&first), product_ids(&second));
    second.value().object().get("next_cursor").assert_null();
}

#[tokio::test]
async fn similar_products_and_photos_are_served() {
    let shop = shop().await;
    let json = shop.client.get("/products/3/similar").send().await.json().await;
    assert_eq!(product_ids(&json), [4]);
    for (filter, left) in
        [("category=Zapatos&min_price=89.5", vec![4]), ("max_price=89", vec![]), ("brand=Nadie", vec![])]
    {
        let json = shop.client.get(format!("/products/3/similar?{filter}")).send().await.json().await;
        assert_eq!(product_ids(&json), left, "{filter}");
    }
    let product = shop.client.get("/products/3").send().await.json().await;
    let photo = product.value().object().get("photo").string().to_owned();
    assert!(photo.starts_with("/photos/"), "{photo}");
    let answer = shop.client.get(&photo).send().await;
    answer.assert_status_is_ok();
    answer.assert_header("content-type", "image/png");
    answer.assert_bytes(png(2, 2)).await;
    let none = shop.client.get("/products/5/similar").send().await.json().await;
    assert_eq!(product_ids(&none), [0; 0]);
}

#[tokio::test]
async fn a_photo_that_is_no_key_is_not_found() {
    let client: &TestClient<_> = &shop().await.client;
    for path in ["/photos/secret.jpg", "/photos/..%2Fcatalog.sqlite", "/photos/%2e%2e"] {
        client.get(path).send().await.assert_status(poem::http::StatusCode::NOT_FOUND);
    }
}
