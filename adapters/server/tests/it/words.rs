//! Search by words over HTTP: facets, highlights, categories, suggestions.

use poem::http::StatusCode;
use poem::test::TestJson;
use serde_json::{Value, json};
use vitrina_core::product::{Attribute, Codes, ProductDraft, Variant};
use vitrina_core::{Category, CategoryId, Money};

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
async fn what_was_understood_is_told_and_can_be_taken_back() {
    let shop = shop().await;
    let query = "busco camiseta que no sea azul de menos de 30 euros";
    let found = search(&shop, json!({"query": query})).await;
    assert_eq!(product_ids(&found), [1]);
    let parts = found.value().object().get("understood").object_array();
    let kinds: Vec<_> = parts.iter().map(|part| part.get("kind").string()).collect();
    assert_eq!(kinds, ["filler", "without", "max_price"]);
    assert_eq!(parts[1].get("text").string(), "que no sea azul");
    assert_eq!(parts[2].get("max_price").f64(), 30.0);
    let token = parts[1].get("token").string();
    let found = search(&shop, json!({"query": query, "ignore": [token]})).await;
    assert!(product_ids(&found).contains(&2), "the words are looked for instead");
}

#[tokio::test]
async fn scores_are_explained_when_asked_for() {
    let shop = shop().await;
    let plain = search(&shop, json!({"query": "camiseta azul"})).await;
    assert!(plain.value().object().get_opt("explanations").is_none());
    let found = search(&shop, json!({"query": "camiseta azul", "explain": true})).await;
    let explanations = found.value().object().get("explanations").object_array();
    let explained: Vec<_> = explanations.iter().map(|one| one.get("id").i64()).collect();
    assert_eq!(explained, product_ids(&found));
    let words = explanations[0].get("words").object_array();
    assert_eq!(words[1].get("word").string(), "azul");
    assert_eq!(words[1].get("matched").string(), "azul");
    words[1].get("fields").assert_string_array(&["name"]);
    let boosts = explanations[0].get("boosts").object_array();
    let terms = words.iter().chain(&boosts).map(|term| term.get("score").f64()).sum::<f64>();
    assert!((terms - explanations[0].get("score").f64()).abs() < 1e-3);
    assert_eq!(boosts[0].get("kind").string(), "out_of_stock");
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

#[tokio::test]
async fn counts_come_without_products() {
    let shop = shop().await;
    let counted = search(&shop, json!({"query": "", "limit": 0, "facets": ["category"]})).await;
    assert!(product_ids(&counted).is_empty());
    assert_eq!(counted.value().object().get("total").i64(), 5);
    counted.value().object().get("next_cursor").assert_null();
    assert_eq!(counts(&counted, "categories", "category").len(), 3);
    assert_eq!(counts(&counted, "brands", "brand"), []);
    let none = search(&shop, json!({"query": "camiseta", "limit": 0})).await;
    assert_eq!(none.value().object().get("total").i64(), 2);
    assert!(none.value().object().get_opt("instead").is_none(), "something was found");
}

#[tokio::test]
async fn pages_have_numbers() {
    let shop = shop().await;
    let page = async |page: u64| {
        let body = json!({"query": "", "limit": 2, "page": page});
        let found = search(&shop, body).await;
        assert_eq!(found.value().object().get("total").i64(), 5);
        product_ids(&found)
    };
    assert_eq!((page(1).await, page(2).await), (vec![1, 2], vec![3, 4]));
    assert_eq!((page(3).await, page(4).await), (vec![5], Vec::new()));
    assert!(page(500).await.is_empty());
    let second = search(&shop, json!({"query": "", "limit": 2, "page": 2})).await;
    let cursor = second.value().object().get("next_cursor").string().to_owned();
    let third = search(&shop, json!({"query": "", "limit": 2, "cursor": cursor})).await;
    assert_eq!(product_ids(&third), [5], "a cursor goes on from a numbered page");
    let batch = json!({"searches": [{"query": "", "limit": 2, "page": 2}, {"query": "", "limit": 0}]});
    let answer = shop.client.post("/search/batch").body_json(&batch).send().await.json().await;
    let results = answer.value().object().get("results").object_array();
    assert_eq!(results[0].get("products").object_array()[0].get("id").i64(), 3);
    assert_eq!(results[1].get("products").array().len(), 0);
    for (body, part) in [
        (json!({"query": "", "page": 1, "cursor": cursor}), "`page` and `cursor`"),
        (json!({"query": "", "limit": 2, "page": 501}), "`page` must be 1 to 500"),
        (json!({"query": "", "limit": 2, "page": 0}), "`page` must be 1 to 500"),
    ] {
        let refused = shop.client.post("/search/text").body_json(&body).send().await;
        refused.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
        let detail = refused.json().await.value().object().get("detail").string().to_owned();
        assert!(detail.contains(part), "{detail}");
    }
    for body in [json!({"query": "", "facets": ["a", 1]}), json!({"query": "", "facets": "all"})] {
        let refused = shop.client.post("/search/text").body_json(&body).send().await;
        refused.assert_status(StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn categories_are_filtered_by_name_number_and_path() {
    let shop = shop().await;
    let mut running = Category::new(CategoryId(20), "Correr");
    running.parent = Some(CategoryId(4));
    shop.service.catalog().upsert_categories(&[running]).await.unwrap();
    let draft = ProductDraft {
        name: "Zapatilla ligera".into(),
        price: Money::from_minor(100),
        categories: vec![CategoryId(20)],
        ..ProductDraft::default()
    };
    shop.service.catalog().upsert_products(&[draft]).await.unwrap();
    shop.service.refresh().await.unwrap();
    for (category, expected) in
        [("Correr", vec![6]), ("20", vec![6]), ("zapatos > correr", vec![6]), ("ZAPATOS", vec![3, 4, 6])]
    {
        let found = search(&shop, json!({"query": "", "filter": {"categories": [category]}})).await;
        assert_eq!(product_ids(&found), expected, "{category}");
    }
}

#[tokio::test]
async fn the_variant_that_was_asked_for_is_shown() {
    let shop = shop().await;
    let variant = |color: &str, minor: i64, sku: &str| Variant {
        attributes: vec![Attribute::text("color", color)],
        codes: Codes { sku: Some(sku.into()), ..Codes::default() },
        price: Some(Money::from_minor(minor)),
        link: Some(format!("https://shop.example/polo/{color}")),
        ..Variant::default()
    };
    let draft = ProductDraft {
        name: "Polo de manga corta".into(),
        price: Money::from_minor(2000),
        categories: vec![CategoryId(1)],
        variants: vec![variant("azul", 2000, "POL-5001"), variant("rojo", 2500, "POL-5002")],
        ..ProductDraft::default()
    };
    shop.service.catalog().upsert_products(&[draft]).await.unwrap();
    shop.service.refresh().await.unwrap();
    let shown = async |body: Value| -> Value {
        let found = search(&shop, body).await;
        let product: Value = found.value().object().get("products").object_array()[0].get("id").deserialize();
        assert_eq!(product, 6);
        let found: Value = found.value().deserialize();
        found["products"][0]["matched_variant"].clone()
    };
    let red = shown(json!({"query": "polo rojo"})).await;
    assert_eq!(red["url"], "https://shop.example/polo/rojo");
    assert_eq!((&red["price"], &red["codes"]["sku"]), (&json!(25.0), &json!("POL-5002")));
    assert_eq!(shown(json!({"query": "pol5001"})).await["codes"]["sku"], "POL-5001");
    let filter = json!({"attributes": {"color": ["azul"]}});
    assert_eq!(
        shown(json!({"query": "polo", "filter": filter})).await["attributes"]["color"],
        json!(["azul"])
    );
    assert_eq!(shown(json!({"query": "polo"})).await, Value::Null, "nothing decides");
}
