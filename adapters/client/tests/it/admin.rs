//! Administration: what is sent, with which key, and what is reported when it is refused.

use std::time::Duration;

use serde_json::json;
use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{Client, Listing};
use vitrina_core::product::{
    Attribute, Availability, CategoryChange, NewVariant, OfferChange, PhotoSource, ProductChange, ProductRef,
    SalePrice, Texts, Timestamp,
};
use vitrina_core::{CategoryId, Money, NewProduct, ProductId};

use crate::scripted::{Reply, Server};

const KEY: &str = "a long and secret key";
const WRITTEN: &str = r#"{"id":7,"name":"Bota","price":59.9,"category":"Zapatos"}"#;

fn admin(server: &Server) -> Client {
    Client::builder(&server.url).timeout(Duration::from_secs(5)).admin_key(KEY).build().unwrap()
}

fn boot() -> NewProduct {
    NewProduct::new("Bota", Money::from_minor(5990)).category("Zapatos")
}

fn numbered(id: i64) -> NewProduct {
    let mut boot = boot();
    boot.id = Some(ProductId(id));
    boot
}

#[tokio::test]
async fn a_product_and_a_category_are_put_with_the_key() {
    let server = Server::start(|_, request| match &*request.line {
        "PUT /categories/4" => Reply::new(200, r#"{"id":4,"name":"Zapatos"}"#),
        _ => Reply::new(200, WRITTEN),
    })
    .await;
    let client = admin(&server);
    let category = client.put_category(CategoryId(4), "Zapatos").await.unwrap();
    assert_eq!((category.id, &*category.name), (CategoryId(4), "Zapatos"));
    let product = client.put_product(ProductId(7), &boot()).await.unwrap();
    assert_eq!((product.id, product.price), (ProductId(7), Money::from_minor(5990)));
    let requests = server.requests();
    assert_eq!(server.lines(), ["PUT /categories/4", "PUT /products/7"]);
    assert_eq!(requests[0].json(), json!({"name": "Zapatos"}));
    let body = json!({"name": "Bota", "description": "", "price": 59.9, "categories": [["Zapatos"]]});
    assert_eq!(requests[1].json(), body);
    for request in requests {
        assert_eq!(request.header("authorization"), Some("Bearer a long and secret key"));
    }
}

#[tokio::test]
async fn a_batch_answers_its_numbers() {
    let server = Server::always(Reply::new(200, r#"{"ids":[7,31]}"#)).await;
    let mut unnumbered = boot().description("de piel").brand("Camina").stock(2);
    unnumbered.categories = vec![vec!["4".into()]];
    let ids = admin(&server).put_products(&[numbered(7), unnumbered]).await.unwrap();
    assert_eq!(ids, [ProductId(7), ProductId(31)]);
    assert_eq!(server.lines(), ["POST /products"]);
    let sent = server.requests()[0].json();
    assert_eq!((sent["products"][0]["id"].as_i64(), sent["products"][1].get("id")), (Some(7), None));
    let second = json!({"name": "Bota", "description": "de piel", "brand": "Camina", "price": 59.9,
        "categories": [["4"]], "stock": 2});
    assert_eq!(sent["products"][1], second);
}

#[tokio::test]
async fn every_field_of_a_product_is_sent() {
    let server = Server::always(Reply::new(200, WRITTEN)).await;
    let sale =
        SalePrice { price: Money::from_minor(4990), from: Some(Timestamp(5)), until: Some(Timestamp(9)) };
    let mut variant = NewVariant::default();
    variant.key = Some("v".into());
    variant.codes.gtin = Some("8412345678905".into());
    variant.attributes = vec![Attribute::text("talla", "42")];
    variant.sale = Some(sale);
    variant.photo = Some(PhotoSource::Url("https://cdn.example/v.jpg".into()));
    let mut boot = boot().key("B/1 ñ").attribute(Attribute::text("color", "rojo")).variant(variant);
    boot.categories = vec![vec!["Ropa".into(), "Zapatos".into()]];
    boot.sale = Some(sale);
    boot.codes.sku = Some("311".into());
    boot.link = Some("https://tienda.example/1".into());
    boot.photos = vec![PhotoSource::Url("https://cdn.example/1.jpg".into())];
    boot.availability = Some(Availability::Preorder);
    boot.tags = vec!["invierno".into()];
    boot.popularity = Some(0.5);
    boot.translations = [("en".to_owned(), Texts { name: "Boot".into(), description: String::new() })].into();
    boot.updated_at = Some(Timestamp(7));
    admin(&server).put_product("B/1 ñ", &boot).await.unwrap();
    let sent = json!({
        "name": "Bota", "description": "", "price": 59.9, "key": "B/1 ñ", "categories": [["Ropa", "Zapatos"]],
        "sale_price": 49.9, "sale_from": 5, "sale_until": 9, "codes": {"sku": "311"},
        "url": "https://tienda.example/1", "photos": ["https://cdn.example/1.jpg"], "availability": "preorder",
        "tags": ["invierno"], "popularity": 0.5, "translations": {"en": {"name": "Boot"}}, "updated_at": 7,
        "attributes": {"color": ["rojo"]},
        "variants": [{"key": "v", "codes": {"gtin": "8412345678905"}, "attributes": {"talla": ["42"]},
            "sale_price": 49.9, "sale_from": 5, "sale_until": 9, "photo": "https://cdn.example/v.jpg"}],
    });
    assert_eq!(server.requests()[0].json(), sent);
    assert_eq!(server.lines(), ["PUT /products/by-key/B%2F1%20%C3%B1"]);
    boot.photos = vec![PhotoSource::Bytes(vec![1])];
    let error = admin(&server).put_product("B", &boot).await.unwrap_err();
    assert!(error.kind() == Kind::Invalid && error.detail().contains("put_photo"), "{error}");
}

#[tokio::test]
async fn a_change_says_what_it_names_and_what_it_clears() {
    let server = Server::start(|_, request| match &*request.line {
        "PATCH /products" => Reply::new(200, r#"{"updated":1,"missing":[{"id":9},{"key":"X"}]}"#),
        _ => Reply::new(200, WRITTEN),
    })
    .await;
    let client = admin(&server);
    let offer = OfferChange {
        price: Some(Money::from_minor(990)),
        stock: Some(None),
        sale_price: Some(None),
        ..OfferChange::default()
    };
    let mut change = ProductChange::from(offer);
    change.brand = Some(None);
    change.tags = Some(Vec::new());
    client.update_product(ProductId(7), change).await.unwrap();
    let batch = [(ProductRef::from("R"), offer), (ProductId(9).into(), OfferChange::default())];
    let done = client.update_offers(&batch).await.unwrap();
    assert_eq!((done.updated, done.missing), (1, vec![ProductId(9).into(), "X".into()]));
    assert_eq!(server.lines(), ["PATCH /products/7", "PATCH /products"]);
    let sent = json!({"price": 9.9, "stock": null, "sale_price": null, "brand": null, "tags": []});
    assert_eq!(server.requests()[0].json(), sent);
    let sent =
        json!({"products": [{"key": "R", "price": 9.9, "stock": null, "sale_price": null}, {"id": 9}]});
    assert_eq!(server.requests()[1].json(), sent);
}

#[tokio::test]
async fn a_category_is_moved_and_deleted() {
    let server = Server::start(|_, request| match &*request.line {
        "DELETE /categories/4" => Reply::new(409, r#"{"type":"/problems/conflict","detail":"not empty"}"#),
        "DELETE /categories/4?move_to=9" => Reply::new(204, ""),
        _ => Reply::new(200, r#"{"id":4,"name":"Zapatos","parent":9}"#),
    })
    .await;
    let client = admin(&server);
    let id = CategoryId(4);
    let moved = client.update_category(id, &CategoryChange::move_to(Some(CategoryId(9)))).await.unwrap();
    assert_eq!(moved.parent, Some(CategoryId(9)));
    client.update_category(id, &CategoryChange::move_to(None)).await.unwrap();
    let error = client.delete_category(id, None).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Conflict, Some(409)));
    client.delete_category(id, Some(CategoryId(9))).await.unwrap();
    assert_eq!(server.requests()[0].json(), json!({"parent": 9}));
    assert_eq!(server.requests()[1].json(), json!({"parent": null}));
}

#[tokio::test]
async fn a_photo_is_put_as_the_field_file_and_a_product_is_deleted() {
    let server = Server::start(|_, request| match &*request.line {
        "DELETE /products/7" => Reply::new(204, ""),
        _ => Reply::new(200, WRITTEN),
    })
    .await;
    let client = admin(&server);
    let photo: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
    assert_eq!(client.put_photo(ProductId(7), photo).await.unwrap().id, ProductId(7));
    client.delete_product(ProductId(7)).await.unwrap();
    assert_eq!(server.lines(), ["PUT /products/7/photo", "DELETE /products/7"]);
    let body = String::from_utf8_lossy(&server.requests()[0].body).to_lowercase();
    assert!(body.contains("form-data; name=\"file\"; filename=\"photo.jpg\"\r\n"), "{body}");
    for request in server.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer a long and secret key"));
    }
}

#[tokio::test]
async fn the_key_goes_with_administration_alone() {
    let server = Server::always(Reply::new(200, r#"{"products":[]}"#)).await;
    admin(&server).products(&Listing::default()).await.unwrap();
    assert_eq!(server.requests()[0].header("authorization"), None);
    let both = Client::builder(&server.url).api_key("gateway").admin_key(KEY).build().unwrap();
    both.products(&Listing::default()).await.unwrap();
    both.delete_product(ProductId(7)).await.unwrap();
    assert_eq!(server.requests()[1].header("authorization"), Some("Bearer gateway"));
    assert_eq!(server.requests()[2].header("authorization"), Some("Bearer a long and secret key"));
}

#[tokio::test]
async fn what_would_be_done_twice_is_sent_once() {
    let server = Server::always(Reply::cut()).await;
    let client = admin(&server);
    assert_eq!(client.delete_product(ProductId(7)).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn new_products_are_sent_again_under_the_same_key() {
    let server = Server::start(|number, _| match number {
        0 | 3 => Reply::cut(),
        // The first is still written.
        1 => Reply::new(409, r#"{"detail":"wait"}"#),
        _ => Reply::new(200, r#"{"ids":[7]}"#),
    })
    .await;
    let client = admin(&server);
    for _ in 0..2 {
        assert_eq!(client.put_products(&[boot()]).await.unwrap(), [ProductId(7)]);
    }
    let sent = server.requests();
    let keys: Vec<_> = sent.iter().map(|request| request.header("idempotency-key").unwrap()).collect();
    assert_eq!(keys.len(), 5, "three times, then twice");
    assert!(keys[..3].iter().all(|key| *key == keys[0]) && keys[3] == keys[4], "{keys:?}");
    assert_ne!(keys[0], keys[3], "another call is another request");
    assert!(sent.iter().all(|request| request.body == sent[0].body));
}

#[tokio::test]
async fn refusals_have_their_kinds_and_do_not_show_the_key() {
    let refusals = [
        (401, "unauthorized", Kind::Unauthorized),
        (403, "forbidden", Kind::Unauthorized),
        (404, "not-found", Kind::NotFound),
        (413, "too-large", Kind::TooLarge),
        (415, "not-a-photo", Kind::UnsupportedPhoto),
        (422, "invalid", Kind::Invalid),
        (422, "unreadable", Kind::Unreadable),
    ];
    for (status, slug, kind) in refusals {
        let body = format!(r#"{{"type":"/problems/{slug}","detail":"do this next"}}"#);
        let server = Server::always(Reply::new(status, &body)).await;
        let error = admin(&server).put_photo(ProductId(7), "photo").await.unwrap_err();
        assert_eq!((error.kind(), error.status(), error.detail()), (kind, Some(status), "do this next"));
        let error = admin(&server).put_product(ProductId(7), &boot()).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        assert!(!format!("{error} {error:?}").contains("secret"));
    }
}

#[test]
fn debugging_shows_no_administration_key_and_a_broken_one_is_refused() {
    let builder = Client::builder("http://shop").admin_key(KEY);
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(!shown.contains("secret"), "{shown}");
    let error = Client::builder("http://shop").admin_key("two secret\nlines").build().unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid);
    assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
}
