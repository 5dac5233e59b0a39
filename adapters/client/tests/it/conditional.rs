//! Versions of products, and writes that depend on them.

use std::time::Duration;

use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{Client, Listing};
use vitrina_core::product::{OfferChange, Precondition, ProductVersion};
use vitrina_core::{Money, NewProduct, ProductId};

use crate::scripted::{Reply, Server};

const BOOT: &str = r#"{"id":7,"name":"Bota","price":59.9,"category":"Zapatos"}"#;
const TAG: &str = "\"0123456789abcdef0123456789abcdef\"";

fn client(server: &Server) -> Client {
    Client::builder(&server.url).timeout(Duration::from_secs(5)).admin_key("a key").build().unwrap()
}

fn boot() -> NewProduct {
    NewProduct::new("Bota", Money::from_minor(5990))
}

fn sold_out() -> OfferChange {
    OfferChange { stock: Some(Some(0)), ..OfferChange::default() }
}

fn version() -> ProductVersion {
    ProductVersion::named(TAG.trim_matches('"'))
}

#[tokio::test]
async fn answers_with_one_product_have_its_version_and_lists_have_none() {
    let server = Server::start(|_, request| match &*request.line {
        "GET /products" => Reply::new(200, &format!(r#"{{"products":[{BOOT}]}}"#)).header("etag", TAG),
        _ => Reply::new(200, BOOT).header("etag", TAG),
    })
    .await;
    let client = client(&server);
    let products = [
        client.product("B-1").await.unwrap(),
        client.put_product(ProductId(7), &boot()).await.unwrap(),
        client.update_product(ProductId(7), sold_out()).await.unwrap(),
        client.put_photo(ProductId(7), "photo").await.unwrap(),
    ];
    for product in products {
        assert_eq!(product.version, Some(version()));
    }
    let page = client.products(&Listing::default()).await.unwrap();
    assert_eq!((page.products.len(), page.products[0].version.as_ref()), (1, None));
}

#[tokio::test]
async fn a_weakened_tag_is_the_same_version_and_what_is_no_tag_is_none() {
    for (tag, expected) in [("W/\"a\"", Some("a")), ("\"a\"", Some("a")), ("a", None), ("\"", None)] {
        let server = Server::always(Reply::new(200, BOOT).header("etag", tag)).await;
        let found = client(&server).product(ProductId(7)).await.unwrap().version;
        assert_eq!(found.as_ref().map(ProductVersion::as_str), expected, "{tag}");
    }
    let without = Server::always(Reply::new(200, BOOT)).await;
    assert_eq!(client(&without).product(ProductId(7)).await.unwrap().version, None);
}

#[tokio::test]
async fn a_precondition_goes_as_a_header() {
    let server = Server::always(Reply::new(200, BOOT)).await;
    let client = client(&server);
    let several = Precondition::Version(vec![version(), ProductVersion::named("b")]);
    let both = format!("{TAG}, \"b\"");
    let expected: [(Precondition, Option<&str>, Option<&str>); 5] = [
        (Precondition::None, None, None),
        (Precondition::Exists, Some("*"), None),
        (Precondition::Absent, None, Some("*")),
        (version().into(), Some(TAG), None),
        (several, Some(&both), None),
    ];
    for (precondition, matching, none_matching) in expected {
        let before = server.requests().len();
        client.put_product(ProductId(7), &boot()).only_if(precondition.clone()).await.unwrap();
        client.update_product("B-1", sold_out()).only_if(precondition.clone()).await.unwrap();
        client.delete_product("B-1").only_if(precondition.clone()).await.unwrap();
        for request in &server.requests()[before..] {
            assert_eq!(request.header("if-match"), matching, "{} {precondition:?}", request.line);
            assert_eq!(request.header("if-none-match"), none_matching, "{} {precondition:?}", request.line);
            assert_eq!(request.header("authorization"), Some("Bearer a key"));
        }
    }
    let lines = ["PUT /products/7", "PATCH /products/by-key/B-1", "DELETE /products/by-key/B-1"];
    assert_eq!(server.lines()[..3], lines);
}

#[tokio::test]
async fn a_write_that_its_first_try_would_refuse_is_sent_once() {
    let preconditions: [(Precondition, usize); 4] = [
        (Precondition::None, 4),
        (Precondition::Exists, 4),
        (Precondition::Absent, 1),
        (version().into(), 1),
    ];
    for (precondition, tries) in preconditions {
        let server = Server::always(Reply::cut()).await;
        let client = client(&server);
        let put = client.put_product(ProductId(7), &boot()).only_if(precondition.clone());
        assert_eq!(put.await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(server.requests().len(), tries, "PUT {precondition:?}");
        let update = client.update_product(ProductId(7), sold_out()).only_if(precondition.clone());
        assert_eq!(update.await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(server.requests().len(), tries * 2, "PATCH {precondition:?}");
        let delete = client.delete_product(ProductId(7)).only_if(precondition.clone());
        assert_eq!(delete.await.unwrap_err().kind(), Kind::Unavailable);
        assert_eq!(server.requests().len(), tries * 2 + 1, "DELETE {precondition:?}");
    }
}

#[tokio::test]
async fn a_product_that_has_changed_is_a_conflict() {
    let refused = r#"{"type":"/problems/changed","title":"changed","status":412,"detail":"read it again"}"#;
    let server = Server::always(Reply::new(412, refused)).await;
    let client = client(&server);
    for error in [
        client.put_product(ProductId(7), &boot()).only_if(version().into()).await.unwrap_err(),
        client.update_product(ProductId(7), sold_out()).only_if(version().into()).await.unwrap_err(),
        client.delete_product(ProductId(7)).only_if(version().into()).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.status()), (Kind::Conflict, Some(412)));
        assert_eq!(error.detail(), "read it again");
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn without_a_version_that_can_be_sent_nothing_is_written() {
    let server = Server::always(Reply::new(200, BOOT)).await;
    let client = client(&server);
    let unusable =
        ["", "\"a\"", "a,b", "a b", "a\r\nx: y", "ñ"].map(|text| vec![ProductVersion::named(text)]);
    for versions in unusable.into_iter().chain([vec![]]) {
        let precondition = Precondition::Version(versions);
        let update = client.update_product(ProductId(7), sold_out()).only_if(precondition.clone());
        assert_eq!(update.await.unwrap_err().kind(), Kind::Invalid, "{precondition:?}");
    }
    assert!(server.requests().is_empty());
}
