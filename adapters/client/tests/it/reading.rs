//! Categories, products and words: what is asked, and what is read out of the answer.

use vitrina_client::{CategoryRef, Classified, Client, ClientErrorKind, Filter, Listing, PhotoSearch};
use vitrina_core::catalog::Sort;
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::index::FacetChoice;
use vitrina_core::{CategoryId, Money, ProductId};

use crate::scripted::{Reply, Server};

const FULL: &str = r#"{"id":7,"name":"Bota","description":"de piel","brand":"Camina","price":59.9,"category":"Zapatos",
    "category_id":4,"stock":0,"in_stock":false,"photo":"/photos/bota.jpg","similarity":0.5}"#;

const COURSE: &str = r#"{"id":8,"name":"Camisa","price":"12.99","category":"Camisetas"}"#;

fn filter() -> Filter {
    Filter::default()
        .categories(vec![CategoryRef::Name("Zapatos".into()), CategoryRef::Id(CategoryId(2))])
        .brands(vec!["Camina & Co".into()])
        .min_price(Some(Money::from_minor(1050)))
        .max_price(Some(Money::from_minor(9900)))
        .in_stock(true)
}

fn listing() -> Listing {
    Listing {
        filter: filter(),
        sort: Sort::PriceAscending,
        limit: Some(5),
        cursor: Some("next=".into()),
        facets: FacetChoice::All,
        ..Listing::default()
    }
}

#[tokio::test]
async fn a_listing_asks_for_all_that_it_was_told() {
    let server =
        Server::always(Reply::new(200, &format!(r#"{{"products":[{FULL}],"next_cursor":"more"}}"#))).await;
    let page = server.client().products(&listing()).await.unwrap();
    assert_eq!(page.next_cursor.as_deref(), Some("more"));
    let product = &page.products[0];
    assert_eq!((product.id, product.price, product.in_stock), (ProductId(7), Money::from_minor(5990), false));
    assert_eq!((product.brand.as_deref(), product.stock), (Some("Camina"), Some(0)));
    assert_eq!(product.photo_url, Some(format!("{}/photos/bota.jpg", server.url)));
    assert_eq!(product.similarity, Some(0.5));
    assert_eq!(
        server.lines(),
        [
            "GET /products?category=Zapatos&category=2&brand=Camina+%26+Co&min_price=10.50&max_price=99.00&in_stock=true\
          &sort=price_asc&limit=5&cursor=next%3D"
        ]
    );
}

#[tokio::test]
async fn the_variant_that_was_asked_for_comes_with_its_product() {
    let red = r#"{"key":"r","codes":{"sku":"POL-2"},"attributes":{"color":["rojo"]},"price":25.0,
        "photo":"/photos/red.jpg","url":"https://shop.example/polo/red"}"#;
    let body = format!(
        r#"{{"products":[{{"id":1,"name":"Polo","price":20.0,"variants":[{red}],"matched_variant":{red}}},{COURSE}]}}"#
    );
    let server = Server::always(Reply::new(200, &body)).await;
    let found = server.client().search_text("polo rojo", &Listing::default()).await.unwrap().products;
    let matched = found[0].matched_variant.clone().unwrap();
    assert_eq!(found[0].variants, std::slice::from_ref(&matched));
    assert_eq!((matched.price, matched.codes.sku.as_deref()), (Some(Money::from_minor(2500)), Some("POL-2")));
    assert_eq!(matched.photo, Some(format!("{}/photos/red.jpg", server.url)));
    assert_eq!(matched.link.as_deref(), Some("https://shop.example/polo/red"));
    assert_eq!(found[1].matched_variant, None, "nothing tells one");
}

#[tokio::test]
async fn words_go_out_with_their_filter_and_nothing_else() {
    let answer = format!(r#"{{"categories":["Zapatos"],"products":[{FULL}],"total":31,"next_cursor":null}}"#);
    let server = Server::always(Reply::new(200, &answer)).await;
    let found = server.client().search_text("botas", &listing()).await.unwrap();
    assert_eq!((found.total, found.next_cursor), (31, None));
    server.client().search_text("botas", &Listing::default()).await.unwrap();
    let asked: Vec<_> = server.requests().iter().map(|request| request.json()).collect();
    let filter = serde_json::json!({"categories": ["Zapatos", "2"], "brands": ["Camina & Co"], "min_price": 10.5,
        "max_price": 99.0, "in_stock": true});
    let expected = serde_json::json!({"query": "botas", "filter": filter, "sort": "price_asc", "limit": 5, "cursor": "next=", "facets": true});
    assert_eq!(asked, [expected, serde_json::json!({"query": "botas"})]);
}

#[tokio::test]
async fn what_a_course_server_leaves_out_stays_empty() {
    let server =
        Server::always(Reply::new(200, &format!(r#"{{"categories":[],"products":[{COURSE}]}}"#))).await;
    let found = server.client().search_text("", &Listing::default()).await.unwrap();
    let product = &found.products[0];
    assert_eq!((product.price, product.in_stock), (Money::from_minor(1299), true));
    assert_eq!((&*product.description, &product.photo_url, product.stock), ("", &None, None));
    assert_eq!((found.total, found.next_cursor), (1, None));
}

#[tokio::test]
async fn photos_elsewhere_keep_their_address_and_a_prefix_is_kept() {
    let server = Server::start(|_, request| {
        let photo =
            if request.line.ends_with("1") { "https://cdn.example/a.jpg" } else { "javascript:alert(1)" };
        Reply::new(200, &format!(r#"{{"id":1,"name":"a","price":1,"category":null,"photo":"{photo}"}}"#))
    })
    .await;
    let client = Client::new(&format!("{}/api/", server.url)).unwrap();
    let elsewhere = client.product(ProductId(1)).await.unwrap();
    assert_eq!(elsewhere.photo_url.as_deref(), Some("https://cdn.example/a.jpg"));
    let odd = client.product(ProductId(2)).await.unwrap();
    assert_eq!(odd.photo_url, Some(format!("{}/api/javascript:alert(1)", server.url)));
    assert_eq!(server.lines(), ["GET /api/products/1", "GET /api/products/2"]);
}

#[tokio::test]
async fn categories_and_neighbours() {
    let server = Server::start(|_, request| match &*request.line {
        "GET /categories" => Reply::new(200, r#"{"categories":[{"id":1,"name":"Camisetas"}]}"#),
        "GET /products/7/similar?limit=3" => Reply::new(200, &format!(r#"{{"products":[{FULL}]}}"#)),
        _ => Reply::new(404, "{}"),
    })
    .await;
    let categories = server.client().categories().await.unwrap();
    assert_eq!((categories[0].id, &*categories[0].name), (CategoryId(1), "Camisetas"));
    assert_eq!(server.client().similar(ProductId(7), &Filter::default(), 3).await.unwrap().len(), 1);
}

#[tokio::test]
async fn neighbours_are_asked_for_with_their_filter() {
    let server = Server::always(Reply::new(200, &format!(r#"{{"products":[{FULL}]}}"#))).await;
    assert_eq!(server.client().similar(ProductId(7), &filter(), 3).await.unwrap()[0].id, ProductId(7));
    assert_eq!(
        server.lines(),
        [
            "GET /products/7/similar?category=Zapatos&category=2&brand=Camina+%26+Co&min_price=10.50&max_price=99.00\
          &in_stock=true&limit=3"
        ]
    );
}

#[tokio::test]
async fn readiness_is_told_line_by_line() {
    let report = r#"{"status":"unavailable","dependencies":{"catalogue":"ok","model":{"ok":false,"detail":"no model"},"queue":true}}"#;
    let server = Server::always(Reply::new(503, report)).await;
    let reported = server.client().ready().await.unwrap();
    assert!(!reported.ready);
    let lines: Vec<_> = reported.dependencies.iter().map(|(name, line)| (&**name, &**line)).collect();
    assert_eq!(lines, [("catalogue", "ok"), ("model", "no model"), ("queue", "ok")]);
    let flat = Server::always(Reply::new(200, r#"{"status":"ok","index":"ok"}"#)).await;
    let reported = flat.client().ready().await.unwrap();
    assert!(reported.ready && reported.dependencies.len() == 1);
    assert!(Server::always(Reply::new(500, "{}")).await.client().ready().await.is_err());
}

#[tokio::test]
async fn a_photo_classified_elsewhere_is_searched_without_it() {
    let answer = format!(
        r#"{{"status":"completed","categories":["Zapatos"],"products":[{FULL}],
            "predictions":[{{"label":4,"category":"Zapatos","score":0.93}}]}}"#
    );
    let server = Server::always(Reply::new(200, &answer)).await;
    let classified = Classified {
        categories: vec![(CategoryId(4), 0.5)],
        labels: vec![("n04120489".into(), 0.25)],
        embedding: Some(Embedding::new(vec![0.0, 2.0]).unwrap()),
    };
    let found = server.client().search_prediction(&classified, &PhotoSearch::default()).await.unwrap();
    assert_eq!((found.predictions[0].label, found.predictions[0].score), (CategoryId(4), 0.93));
    let expected = serde_json::json!({"categories": [{"label": 4, "score": 0.5}],
        "labels": [{"label": "n04120489", "score": 0.25}], "embedding": "AAAAAAAAgD8="});
    assert_eq!(server.requests()[0].json(), expected);
    let space = EmbeddingSpace::new("m/1").unwrap();
    let embedding = classified.embedding.map(|embedding| embedding.in_space(space));
    let named = Classified { embedding, ..Classified::default() };
    server.client().search_prediction(&named, &PhotoSearch::default()).await.unwrap();
    let expected = serde_json::json!({"categories": [], "embedding": "AAAAAAAAgD8=", "model": "m/1"});
    assert_eq!(server.requests()[1].json(), expected);
    let search = PhotoSearch::default().text("rojas").filter(filter());
    server.client().search_prediction(&Classified::default(), &search).await.unwrap();
    let filter = serde_json::json!({"categories": ["Zapatos", "2"], "brands": ["Camina & Co"], "min_price": 10.5,
        "max_price": 99.0, "in_stock": true});
    let narrowed = serde_json::json!({"categories": [], "query": "rojas", "filter": filter});
    assert_eq!(server.requests()[2].json(), narrowed);
}

#[tokio::test]
async fn the_key_is_sent_as_a_bearer_token() {
    let server = Server::always(Reply::new(200, r#"{"status":"ok"}"#)).await;
    Client::builder(&server.url).api_key("s3cret").build().unwrap().health().await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), Some("Bearer s3cret"));
}

#[tokio::test]
async fn all_that_words_find_is_read() {
    let product = r#"{"id":7,"name":"Bota azul","price":5,"highlights":{"name":[[0,4]],"description":[]}}"#;
    let answer = format!(
        r#"{{"categories":[],"products":[{product}],"total":1000,"total_is_exact":false,"next_cursor":null,
            "predictions":[{{"label":4,"category":"Zapatos","score":0.75}}],"did_you_mean":"botas","instead":["Hogar"],
            "facets":{{"categories":[{{"label":4,"category":"Zapatos","count":3}}],"brands":[{{"brand":"Camina","count":2}}],
            "prices":[{{"min":20,"max":49.99,"count":2}},{{"min":50,"max":null,"count":1}}],"in_stock":3,"out_of_stock":1,
            "attributes":[{{"name":"color","values":[{{"value":"azul","count":2}},{{"value":"rojo","count":1}}]}}]}}}}"#
    );
    let server = Server::always(Reply::new(200, &answer)).await;
    let found = server.client().search_text("bottas", &Listing::default()).await.unwrap();
    assert!(!found.total_is_exact);
    assert_eq!(found.predictions[0].category, "Zapatos");
    assert_eq!(found.did_you_mean.as_deref(), Some("botas"));
    assert_eq!(found.instead, ["Hogar"]);
    assert_eq!(found.products[0].highlights.as_ref().unwrap().name, [(0, 4)]);
    let facets = found.facets.unwrap();
    assert_eq!((facets.categories[0].label, facets.categories[0].count), (CategoryId(4), 3));
    assert_eq!(facets.brands, [("Camina".to_owned(), 2)]);
    let prices: Vec<_> = facets.prices.iter().map(|range| (range.min, range.max)).collect();
    assert_eq!(
        prices,
        [(Money::from_minor(2000), Some(Money::from_minor(4999))), (Money::from_minor(5000), None)]
    );
    assert_eq!((facets.in_stock, facets.out_of_stock), (3, 1));
    assert_eq!(facets.attributes[0].name, "color");
    assert_eq!(facets.attributes[0].values, [("azul".to_owned(), 2), ("rojo".to_owned(), 1)]);
}

#[tokio::test]
async fn attributes_filter_every_search_and_a_listing_refuses_them() {
    let server = Server::always(Reply::new(200, r#"{"categories":[],"products":[]}"#)).await;
    let filter = Filter::default().attribute("color", ["rojo", "azul"]).attribute("a:b", ["16:9"]);
    let listing = Listing { filter: filter.clone(), ..Listing::default() };
    server.client().search_text("botas", &listing).await.unwrap();
    let expected = serde_json::json!({"query": "botas", "filter": {"attributes": {"color": ["rojo", "azul"], "a:b": ["16:9"]}}});
    assert_eq!(server.requests()[0].json(), expected);
    server.client().similar(ProductId(7), &filter, 5).await.unwrap();
    let values = "attribute=a%5C%3Ab%3A16%3A9&attribute=color%3Arojo&attribute=color%3Aazul";
    assert_eq!(server.lines()[1], format!("GET /products/7/similar?{values}&limit=5"));
    let refused = server.client().products(&listing).await.unwrap_err();
    assert_eq!(refused.kind(), ClientErrorKind::Invalid);
    assert!(refused.to_string().contains("empty text"), "{refused}");
    assert_eq!(server.requests().len(), 2, "nothing that ignores the filter is sent");
}

#[tokio::test]
async fn suggestions_are_asked_for_and_read() {
    let answer =
        format!(r#"{{"queries":["botas"],"categories":[{{"id":4,"name":"Zapatos"}}],"products":[{FULL}]}}"#);
    let server = Server::always(Reply::new(200, &answer)).await;
    let found = server.client().suggest("bot & co", 3).await.unwrap();
    assert_eq!(found.queries, ["botas"]);
    assert_eq!((found.categories[0].id, found.products[0].id), (CategoryId(4), ProductId(7)));
    assert_eq!(server.lines(), ["GET /search/suggest?q=bot+%26+co&limit=3"]);
}
