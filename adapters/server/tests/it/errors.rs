//! Every error of the contract, as a problem document.

use poem::http::StatusCode;
use poem::test::{TestForm, TestFormField, TestResponse};
use serde_json::json;

use vitrina_server::api::ModelState;

use crate::setup::{Setup, form, png, shop};

async fn assert_problem(answer: TestResponse, status: u16) {
    assert_eq!(answer.0.status().as_u16(), status);
    answer.assert_content_type("application/problem+json");
    let json = answer.json().await;
    let problem = json.value().object();
    assert_eq!(problem.get("status").i64(), i64::from(status));
    for field in ["type", "title", "detail"] {
        assert!(!problem.get(field).string().is_empty(), "{field}");
    }
    let detail = problem.get("detail").string();
    for secret in [env!("CARGO_MANIFEST_DIR"), "SELECT", "panicked", ".rs:"] {
        assert!(!detail.contains(secret), "{detail}");
    }
}

#[tokio::test]
async fn bodies_that_are_no_search() {
    let shop = shop().await;
    let post = || shop.client.post("/search/text");
    assert_problem(post().content_type("application/json").body("{").send().await, 400).await;
    assert_problem(post().content_type("application/json").body("").send().await, 400).await;
    assert_problem(post().body_json(&json!({})).send().await, 400).await;
    assert_problem(post().body_json(&json!({"query": 5})).send().await, 400).await;
    assert_problem(post().body_json(&json!({"query": null})).send().await, 400).await;
    assert_problem(post().body_json(&json!(["camiseta"])).send().await, 400).await;
    assert_problem(post().content_type("text/plain").body("camiseta").send().await, 400).await;
    assert_problem(post().body_json(&json!({"query": "x", "cursor": "nonsense"})).send().await, 400).await;
    assert_problem(post().body_json(&json!({"query": "x", "limit": 101})).send().await, 422).await;
    assert_problem(post().body_json(&json!({"query": "x".repeat(1001)})).send().await, 422).await;
    assert_problem(post().body_json(&json!({"query": "x".repeat(2 << 20)})).send().await, 413).await;
}

#[tokio::test]
async fn parameters_that_are_wrong() {
    let shop = shop().await;
    for (path, status) in [
        ("/products?limit=abc", 400),
        ("/products?limit=-1", 400),
        ("/products?limit=101", 422),
        ("/products?cursor=nonsense", 400),
        ("/products?sort=color", 400),
        ("/products?min_price=cheap", 400),
        ("/products?min_price=1.999", 422),
        ("/products?category=Submarinos", 422),
        ("/products/abc", 400),
        ("/products/99", 404),
        ("/products/99/similar", 404),
        ("/nothing/here", 404),
    ] {
        assert_problem(shop.client.get(path).send().await, status).await;
    }
}

#[tokio::test]
async fn other_methods_are_told_which_ones_there_are() {
    let shop = shop().await;
    for (path, allowed) in [
        ("/categories", "GET, HEAD"),
        ("/products/1", "DELETE, GET, PATCH, PUT, HEAD"),
        ("/products/1/similar", "GET, HEAD"),
        ("/search/text", "POST"),
        ("/docs", "GET, HEAD"),
    ] {
        let answer = shop.client.trace(path).send().await;
        answer.assert_header("allow", allowed);
        assert_problem(answer, 405).await;
    }
}

/// The detail of a problem.
async fn detail(answer: TestResponse, status: u16) -> String {
    assert_eq!(answer.0.status().as_u16(), status);
    answer.json().await.value().object().get("detail").string().to_owned()
}

#[tokio::test]
async fn details_name_the_field_and_the_choices() {
    let shop = shop().await;
    for (body, wanted) in [
        (json!({"query": false}), "`query` must be a string"),
        (json!({}), "the field `query` is missing: send a string"),
        (json!({"query": "x", "sort": "color"}), "`sort` must be one of `relevance`, `price_asc`"),
        (json!({"query": "x", "filter": {"max_price": "20"}}), "`filter.max_price` must be a number or null"),
        (json!({"query": "x", "filter": {"brands": ["a", 1]}}), "`filter.brands[1]` must be a string"),
        (
            json!({"query": "x", "querry": "y"}),
            "unknown field `querry`: the fields are `cursor`, `explain`, `facets`, ",
        ),
        (json!({"query": "x", "filter": {"color": "red"}}), "unknown field `filter.color`: the fields are"),
        (json!("x"), "the body must be an object"),
    ] {
        let answer = shop.client.post("/search/text").body_json(&body).send().await;
        let detail = detail(answer, 400).await;
        assert!(detail.starts_with(wanted), "{detail}");
    }
    for (path, wanted) in [
        ("/products?limit=abc", "the parameter `limit` must be a whole number"),
        ("/products?sort=color", "the parameter `sort` must be one of `relevance`, `price_asc`"),
        ("/products?in_stock=yes", "the parameter `in_stock` must be true or false"),
        ("/products/abc", "`id` in the path must be a whole number"),
        ("/products/abc/similar", "`id` in the path must be a whole number"),
        ("/search/suggest", "the parameter `q` is missing: send a string"),
    ] {
        let detail = detail(shop.client.get(path).send().await, 400).await;
        assert!(detail.starts_with(wanted), "{detail}");
    }
}

#[tokio::test]
async fn optional_fields_may_be_null() {
    let shop = shop().await;
    let body = json!({
        "query": "taza", "sort": null, "limit": null, "cursor": null, "facets": null,
        "filter": {"categories": null, "brands": null, "min_price": null, "max_price": null, "in_stock": null},
    });
    shop.client.post("/search/text").body_json(&body).send().await.assert_status_is_ok();
    let body = json!({"query": "taza", "filter": null});
    shop.client.post("/search/text").body_json(&body).send().await.assert_status_is_ok();
}

#[tokio::test]
async fn uploads_that_are_no_photo() {
    let shop = shop().await;
    let send =
        async |bytes: &[u8]| shop.client.post("/search/image").multipart(form(bytes.to_vec())).send().await;
    for bytes in [
        &b""[..],
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        &[0; 5000],
    ] {
        assert_problem(send(bytes).await, 415).await;
    }
    // The declared type does not matter: these bytes are no picture.
    let lie =
        TestFormField::bytes(b"hello".to_vec()).name("file").filename("a.jpg").content_type("image/jpeg");
    let answer = shop.client.post("/search/image").multipart(TestForm::new().field(lie)).send().await;
    assert_problem(answer, 415).await;
    // And these are one, whatever the name says.
    let shy = TestFormField::bytes(png(4, 4)).name("file").filename("a.txt").content_type("text/plain");
    let answer = shop.client.post("/search/image").multipart(TestForm::new().field(shy)).send().await;
    answer.assert_status_is_ok();
}

#[tokio::test]
async fn uploads_that_are_no_form() {
    let shop = shop().await;
    let post = || shop.client.post("/search/image");
    assert_problem(post().send().await, 400).await;
    assert_problem(post().content_type("image/png").body(png(4, 4)).send().await, 400).await;
    assert_problem(post().content_type("multipart/form-data").body("x").send().await, 400).await;
    let broken = "multipart/form-data; boundary=x";
    assert_problem(post().content_type(broken).body("--x\r\nbroken").send().await, 400).await;
    let other = TestForm::new().field(TestFormField::bytes(png(4, 4)).name("photo").filename("a.png"));
    assert_problem(post().multipart(other).send().await, 400).await;
    let note = TestFormField::text("a note").name("note");
    let answer = post().multipart(form(png(4, 4)).field(note)).send().await;
    assert!(detail(answer, 400).await.contains("unknown field `note`"));
}

#[tokio::test]
async fn uploads_that_are_too_large() {
    let shop = shop().await;
    let mut padded = png(4, 4);
    padded.resize(100_001, 0);
    assert_problem(shop.client.post("/search/image").multipart(form(padded)).send().await, 413).await;
    let huge = vec![0; 1 << 20];
    assert_problem(shop.client.post("/search/image").multipart(form(huge)).send().await, 413).await;
}

#[tokio::test]
async fn a_picture_with_too_many_pixels_is_refused_from_its_header() {
    let mut bomb = png(4, 4);
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    assert_problem(shop().await.client.post("/search/image").multipart(form(bomb)).send().await, 413).await;
}

#[tokio::test]
async fn without_a_model_words_go_on() {
    let model = ModelState::Missing("no model was found".into());
    let shop = Setup { model, ..Setup::default() }.open().await;
    assert_problem(shop.client.post("/search/image").multipart(form(png(4, 4))).send().await, 503).await;
    shop.client.get("/ready").send().await.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    shop.client.get("/health").send().await.assert_status_is_ok();
    shop.client
        .post("/search/text")
        .body_json(&json!({"query": "camiseta"}))
        .send()
        .await
        .assert_status_is_ok();
}
