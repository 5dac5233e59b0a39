//! Administration: what is sent, with which key, and what is told when it is refused.

use std::time::Duration;

use vitrina::{CategoryId, Money, ProductId};
use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{CategoryRef, Client, Listing, ProductDraft};

use crate::scripted::{Reply, Server};

const KEY: &str = "a long and secret key";
const WRITTEN: &str = r#"{"id":7,"name":"Bota","price":59.9,"category":"Zapatos"}"#;

fn admin(server: &Server) -> Client {
    Client::builder(&server.url).timeout(Duration::from_secs(5)).admin_key(KEY).build().unwrap()
}

fn boot() -> ProductDraft {
    ProductDraft {
        name: "Bota".into(),
        price: Money::from_minor(5990),
        category: Some(CategoryRef::Name("Zapatos".into())),
        ..ProductDraft::default()
    }
}

#[tokio::test]
async fn a_product_and_a_category_are_put_with_the_key() {
    let server = Server::start(|_, request| match &*request.line {
        "PUT /categories/4" => Reply::new(200, r#"{"id":4,"name":"Zapatos"}"#),
        _ => Reply::new(200, WRITTEN),
    })
    .await;
    let client = admin(&server);
    let shelf = client.put_category(CategoryId(4), "Zapatos").await.unwrap();
    assert_eq!((shelf.id, &*shelf.name), (CategoryId(4), "Zapatos"));
    let product = client.put_product(ProductId(7), &boot()).await.unwrap();
    assert_eq!((product.id, product.price), (ProductId(7), Money::from_minor(5990)));
    let requests = server.requests();
    assert_eq!(server.lines(), ["PUT /categories/4", "PUT /products/7"]);
    assert_eq!(requests[0].json(), serde_json::json!({"name": "Zapatos"}));
    let body = serde_json::json!({"name": "Bota", "description": "", "brand": null, "price": 59.9,
        "category": "Zapatos", "stock": null});
    assert_eq!(requests[1].json(), body);
    for request in requests {
        assert_eq!(request.header("authorization"), Some("Bearer a long and secret key"));
    }
}

#[tokio::test]
async fn a_batch_answers_its_numbers() {
    let server = Server::always(Reply::new(200, r#"{"ids":[7,31]}"#)).await;
    let numbered = ProductDraft { id: Some(ProductId(7)), ..boot() };
    let unnumbered = ProductDraft {
        description: "de piel".into(),
        brand: Some("Camina".into()),
        category: Some(CategoryRef::Id(CategoryId(4))),
        stock: Some(2),
        ..boot()
    };
    let ids = admin(&server).put_products(&[numbered, unnumbered]).await.unwrap();
    assert_eq!(ids, [ProductId(7), ProductId(31)]);
    assert_eq!(server.lines(), ["POST /products"]);
    let sent = server.requests()[0].json();
    assert_eq!((sent["products"][0]["id"].as_i64(), sent["products"][1].get("id")), (Some(7), None));
    let second = serde_json::json!({"name": "Bota", "description": "de piel", "brand": "Camina", "price": 59.9,
        "category_id": 4, "stock": 2});
    assert_eq!(sent["products"][1], second);
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
    assert_eq!(client.put_products(&[boot()]).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(client.delete_product(ProductId(7)).await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(server.requests().len(), 2);
    client.put_products(&[ProductDraft { id: Some(ProductId(7)), ..boot() }]).await.unwrap_err();
    assert_eq!(server.requests().len(), 6, "a product with a number is the same product twice");
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
