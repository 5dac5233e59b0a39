//! What storefronts need: many searches at once, values of facets, thumbnails, events, the layer's script.

use poem::http::StatusCode;
use serde_json::{Value, json};

use vitrina_core::product::{Attribute, ProductDraft};
use vitrina_core::{Category, CategoryId, Money};

use crate::setup::{Setup, TestShop, shop};

async fn post(shop: &TestShop, path: &str, body: Value) -> Value {
    let answer = shop.client.post(path).body_json(&body).send().await;
    answer.assert_status_is_ok();
    answer.json().await.value().deserialize()
}

#[tokio::test]
async fn many_searches_are_answered_in_order() {
    let shop = shop().await;
    let searches = [json!({"query": "zapatillas", "facets": true}), json!({"query": "camiseta", "limit": 1})];
    let answer = shop.client.post("/search/batch").body_json(&json!({"searches": searches})).send().await;
    answer.assert_status_is_ok();
    let batch: Value = answer.json().await.value().deserialize();
    for (at, search) in searches.into_iter().enumerate() {
        assert_eq!(batch["results"][at], post(&shop, "/search/text", search).await);
    }
    let too_many = vec![json!({"query": "x"}); 21];
    let refused = shop.client.post("/search/batch").body_json(&json!({"searches": too_many})).send().await;
    refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn values_of_a_facet_are_found_by_their_text() {
    let shop = shop().await;
    let found = post(&shop, "/search/facet-values", json!({"facet": "category", "query": "ZÁP"})).await;
    assert_eq!(found["values"], json!([{"value": "Zapatos", "count": 2, "highlights": [[0, 3]]}]));
    // The filter on the facet itself is left out, the others count.
    let search = json!({"query": "", "filter": {"categories": ["Otros"], "max_price": 60.0}});
    let asked = json!({"facet": "category", "query": "a", "search": search});
    let found = post(&shop, "/search/facet-values", asked).await;
    let values: Vec<_> = found["values"].as_array().unwrap().iter().map(|value| &value["value"]).collect();
    assert_eq!(values, ["Camisetas", "Zapatos"]);
    let unknown = json!({"facet": "smell", "query": ""});
    let refused = shop.client.post("/search/facet-values").body_json(&unknown).send().await;
    refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn facets_have_attributes_and_the_paths_of_categories() {
    let shop = shop().await;
    let (kitchen, ovens) = (CategoryId(90), CategoryId(91));
    let tree = [Category::new(kitchen, "Cocina"), Category::below(kitchen, ovens, "Hornos")];
    shop.service.catalog().upsert_categories(&tree).await.unwrap();
    let oven = |colour: &str| ProductDraft {
        name: format!("Horno {colour}"),
        price: Money::from_minor(30_000),
        categories: vec![ovens],
        attributes: vec![Attribute::text("Color", colour)],
        ..ProductDraft::default()
    };
    shop.service.catalog().upsert_products(&[oven("azul marino"), oven("rojo")]).await.unwrap();
    shop.service.refresh().await.unwrap();
    let found = post(&shop, "/search/text", json!({"query": "horno", "facets": true})).await;
    let expected = json!([
        {"label": 90, "category": "Cocina", "count": 2},
        {"label": 91, "category": "Hornos", "path": ["Cocina", "Hornos"], "count": 2},
    ]);
    assert_eq!(found["facets"]["categories"], expected);
    let below = json!({"query": "", "filter": {"categories": ["Cocina > Hornos"]}});
    let asked = json!({"facet": "attributes.color", "query": "MAR", "search": below});
    let found = post(&shop, "/search/facet-values", asked).await;
    assert_eq!(found["values"], json!([{"value": "azul marino", "count": 1, "highlights": [[5, 8]]}]));
    let none = post(&shop, "/search/facet-values", json!({"facet": "attributes.smell", "query": ""})).await;
    assert_eq!(none["values"], json!([]));
}

#[tokio::test]
async fn highlights_count_what_was_asked_for() {
    let shop = shop().await;
    let (name, price) = ("😀 Lámpara".to_owned(), Money::from_minor(500));
    let lamp = ProductDraft { name, price, ..ProductDraft::default() };
    shop.service.catalog().upsert_products(&[lamp]).await.unwrap();
    shop.service.refresh().await.unwrap();
    for (units, expected) in [("code_points", json!([[2, 9]])), ("utf16", json!([[3, 10]]))] {
        let found = post(&shop, "/search/text", json!({"query": "lampara", "highlight_units": units})).await;
        assert_eq!(found["products"][0]["highlights"]["name"], expected, "{units}");
    }
}

#[tokio::test]
async fn thumbnails_are_made_in_a_few_widths_and_cached_for_ever() {
    let shop = shop().await;
    let product = shop.client.get("/products/3").send().await.json().await;
    let photo = product.value().object().get("photo").string().to_owned();
    let small = format!("{photo}?w=320");
    for (accept, kind) in [("image/avif,image/webp,*/*", "image/webp"), ("*/*", "image/jpeg")] {
        // The second is the one that was kept.
        for _ in 0..2 {
            let answer = shop.client.get(&small).header("accept", accept).send().await;
            answer.assert_status_is_ok();
            answer.assert_header("content-type", kind);
            answer.assert_header("vary", "Accept");
            answer.assert_header("cache-control", "public, max-age=31536000, immutable");
        }
    }
    for path in [&photo, &small] {
        let answer = shop.client.get(path).send().await;
        let tag = answer.0.headers()["etag"].to_str().unwrap().to_owned();
        let known = shop.client.get(path).header("if-none-match", tag).send().await;
        known.assert_status(StatusCode::NOT_MODIFIED);
    }
    let odd = shop.client.get(format!("{photo}?w=321")).send().await;
    odd.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let missing = format!("/photos/{}.jpg?w=160", "a".repeat(64));
    shop.client.get(missing).send().await.assert_status(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn events_are_counted_and_nothing_else_of_them_is_kept() {
    let shop = shop().await;
    let click = json!({"action_name": "click", "object_id": "3", "position": 2, "query_id": "q1"});
    let sent = shop.client.post("/events").body_json(&json!({"events": [click, click]})).send().await;
    sent.assert_status(StatusCode::ACCEPTED);
    for wrong in [json!({"action_name": "sing"}), json!({"action_name": "click", "visitor": "7"})] {
        let refused = shop.client.post("/events").body_json(&json!({"events": [wrong]})).send().await;
        refused.assert_status(StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn the_layers_script_is_packed_versioned_and_cached() {
    let shop = shop().await;
    let plain = shop.client.get("/layer.js").send().await;
    plain.assert_status_is_ok();
    plain.assert_header("content-type", "text/javascript; charset=utf-8");
    plain.assert_header("cache-control", "public, max-age=3600, stale-while-revalidate=86400");
    let tag = plain.0.headers()["etag"].to_str().unwrap().to_owned();
    let script = plain.0.into_body().into_string().await.unwrap();
    assert!(script.contains("vitrina-search"));
    let known = shop.client.get("/layer.js").header("if-none-match", &tag).send().await;
    known.assert_status(StatusCode::NOT_MODIFIED);
    let version = tag.trim_matches('"');
    let versioned = shop.client.get(format!("/layer.js?v={version}")).send().await;
    versioned.assert_header("cache-control", "public, max-age=31536000, immutable");
    let packed = shop.client.get("/layer.js").header("accept-encoding", "gzip, br").send().await;
    packed.assert_header("content-encoding", "gzip");
    let bytes = packed.0.into_body().into_bytes().await.unwrap();
    assert!(bytes.len() < 40_000, "{} bytes", bytes.len());
}

#[tokio::test]
async fn a_search_key_is_needed_for_them_where_searching_needs_one() {
    let shop = Setup { require_key: true, ..Setup::default() }.open().await;
    for (path, body) in [
        ("/search/batch", json!({"searches": []})),
        ("/search/facet-values", json!({"facet": "brand", "query": ""})),
        ("/events", json!({"events": []})),
    ] {
        let refused = shop.client.post(path).body_json(&body).send().await;
        refused.assert_status(StatusCode::UNAUTHORIZED);
    }
}
