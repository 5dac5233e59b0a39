//! Search by words over HTTP: facets, highlights, categories, suggestions.

use poem::http::StatusCode;
use poem::test::TestJson;
use serde_json::{Value, json};

use crate::setup::{TestShop, names, product_ids, shop};

async fn search(shop: &TestShop, body: Value) -> TestJson {
    let answer = shop.client.post("/search/text").body_json(&body).send().await;
    answer.assert_status_is_ok();
    answer.json().await
}

fn counts(json: &TestJson, facet: &str, name: &str) -> Vec<(String, i64)> {
    let entries = json.value().object().get("facets").object().get(facet).object_array();
    entries.iter().map(|entry| (entry.get(name).string().to_owned(), entry.get("count").i64())).collect()
}

#[tokio::test]
async fn facets_are_counted_when_asked_for() {
    let shop = shop().await;
    let plain = search(&shop, json!({"query": "camiseta"})).await;
    assert!(plain.value().object().get_opt("facets").is_none());
    let found = search(&shop, json!({"query": "", "facets": true})).await;
    let expected = [("Camisetas", 2), ("Zapatos", 2), ("Otros", 1)].map(|(name, n)| (name.to_owned(), n));
    assert_eq!(counts(&found, "categories", "category"), expected);
    assert_eq!(counts(&found, "brands", "brand"), [("Zancada".to_owned(), 1)]);
    let facets = found.value().object().get("facets").object();
    assert_eq!((facets.get("in_stock").i64(), facets.get("out_of_stock").i64()), (4, 1));
    let prices = facets.get("prices").object_array();
    assert_eq!(prices.iter().map(|range| range.get("count").i64()).sum::<i64>(), 5);
    assert_eq!(prices[0].get("min").f64(), 5.0);
}

#[tokio::test]
async fn a_chosen_category_leaves_the_others_to_choose() {
    let shop = shop().await;
    let body = json!({"query": "", "facets": true, "filter": {"categories": ["Zapatos"]}});
    let found = search(&shop, body).await;
    assert_eq!(product_ids(&found), [3, 4]);
    assert_eq!(counts(&found, "categories", "category").len(), 3);
    assert_eq!(counts(&found, "brands", "brand"), []);
}

#[tokio::test]
async fn the_words_are_marked_where_they_are() {
    let shop = shop().await;
    let found = search(&shop, json!({"query": "deportivas"})).await;
    let product = &found.value().object().get("products").object_array()[0];
    let name = product.get("name").string().to_owned();
    let marked: Vec<String> = product
        .get("highlights")
        .object()
        .get("name")
        .array()
        .iter()
        .map(|place| {
            let (start, end) = (place.array().get(0).i64() as usize, place.array().get(1).i64() as usize);
            name.chars().skip(start).take(end - start).collect()
        })
        .collect();
    assert_eq!(marked, ["deportiva"]);
}

#[tokio::test]
async fn categories_are_told_with_scores() {
    let shop = shop().await;
    let found = search(&shop, json!({"query": "camiseta azul"})).await;
    assert_eq!(names(&found, "categories"), ["Camisetas"]);
    let predictions = found.value().object().get("predictions").object_array();
    assert_eq!(predictions[0].get("category").string(), "Camisetas");
    assert_eq!(predictions[0].get("label").i64(), 1);
    assert!(predictions[0].get("score").f64() > 0.5);
}

#[tokio::test]
async fn who_finds_nothing_is_shown_where_to_look() {
    let shop = shop().await;
    let found = search(&shop, json!({"query": "xyzzy"})).await;
    assert!(product_ids(&found).is_empty());
    assert!(names(&found, "instead").contains(&"Camisetas".to_owned()));
    let full = search(&shop, json!({"query": "camiseta"})).await;
    assert!(full.value().object().get_opt("instead").is_none());
}

#[tokio::test]
async fn a_half_typed_query_goes_on() {
    let shop = shop().await;
    let answer = shop.client.get("/search/suggest").query("q", &"camis").send().await;
    answer.assert_status_is_ok();
    let found = answer.json().await;
    assert!(names(&found, "queries").iter().any(|query| query.starts_with("camiseta")));
    let categories = found.value().object().get("categories").object_array();
    assert_eq!(categories[0].get("name").string(), "Camisetas");
    let mut products = product_ids(&found);
    products.sort();
    assert_eq!(products, [1, 2]);
}

#[tokio::test]
async fn wrong_suggestions_are_refused() {
    let shop = shop().await;
    let asked = |pairs: &[(&str, &str)]| {
        let mut request = shop.client.get("/search/suggest");
        for (name, value) in pairs {
            request = request.query(*name, value);
        }
        request.send()
    };
    asked(&[]).await.assert_status(StatusCode::BAD_REQUEST);
    asked(&[("q", "a"), ("limit", "0")]).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    asked(&[("q", "a"), ("limit", "21")]).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    asked(&[("q", "a"), ("limit", "many")]).await.assert_status(StatusCode::BAD_REQUEST);
    asked(&[("q", &"a".repeat(1001))]).await.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    for odd in ["", "¿?", "\"((", "AND OR NOT"] {
        asked(&[("q", odd)]).await.assert_status_is_ok();
    }
}

#[tokio::test]
async fn a_filter_that_leaves_nothing_is_not_answered_with_other_categories() {
    let shop = shop().await;
    let body = json!({"query": "camiseta", "filter": {"categories": ["Zapatos"]}});
    let found = search(&shop, body).await;
    assert!(product_ids(&found).is_empty());
    assert!(found.value().object().get_opt("instead").is_none());
}
