//! What goes wrong, and what the caller is reported.

use std::time::{Duration, Instant};

use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{Client, ClientError, Listing};
use vitrina_core::ProductId;

use crate::scripted::{Reply, Server};

fn problem(slug: &str, status: u16) -> Reply {
    let body = format!(
        r#"{{"type":"/problems/{slug}","title":"a title","status":{status},"detail":"do this next"}}"#
    );
    Reply::new(status, &body).header("content-type", "application/problem+json")
}

async fn error_of(reply: Reply) -> ClientError {
    Server::always(reply).await.client().categories().await.unwrap_err()
}

#[tokio::test]
async fn every_status_has_its_kind() {
    let expected = [
        (400, "invalid", Kind::Invalid),
        (401, "about:blank", Kind::Unauthorized),
        (403, "about:blank", Kind::Unauthorized),
        (404, "not-found", Kind::NotFound),
        (405, "about:blank", Kind::Invalid),
        (409, "conflict", Kind::Conflict),
        (410, "expired", Kind::Expired),
        (412, "changed", Kind::Conflict),
        (413, "too-large", Kind::TooLarge),
        (415, "not-a-photo", Kind::UnsupportedPhoto),
        (422, "invalid", Kind::Invalid),
        (422, "unreadable", Kind::Unreadable),
        (429, "too-many-requests", Kind::Busy),
        (500, "about:blank", Kind::Server),
        (502, "about:blank", Kind::Server),
        (503, "queue-full", Kind::Busy),
        (503, "unavailable", Kind::Unavailable),
        (503, "about:blank", Kind::Unavailable),
    ];
    for (status, slug, kind) in expected {
        let error = error_of(problem(slug, status)).await;
        assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{status} {slug}");
        assert_eq!((error.title(), error.detail()), ("a title", "do this next"));
        assert_eq!(error.to_string(), "do this next");
    }
}

#[tokio::test]
async fn the_pause_that_a_server_asks_for_is_told() {
    let busy = error_of(problem("queue-full", 503).header("retry-after", 7)).await;
    assert_eq!((busy.kind(), busy.retry_after()), (Kind::Busy, Some(Duration::from_secs(7))));
    let unexplained = error_of(Reply::new(503, "").header("retry-after", 2)).await;
    assert_eq!(unexplained.kind(), Kind::Busy);
    let dated =
        error_of(problem("too-many-requests", 429).header("retry-after", "Fri, 01 Jan 2100 00:00:00 GMT"))
            .await;
    assert_eq!((dated.kind(), dated.retry_after()), (Kind::Busy, None));
}

#[tokio::test]
async fn bodies_that_are_no_problem_details_still_say_something() {
    let fastapi = error_of(Reply::new(422, r#"{"detail":[{"loc":["body"],"msg":"field required"}]}"#)).await;
    assert_eq!((fastapi.title(), fastapi.detail()), ("unprocessable entity", "field required"));
    assert_eq!(error_of(Reply::new(404, r#"{"detail":"Task not found"}"#)).await.detail(), "Task not found");
    assert_eq!(error_of(Reply::new(400, r#"{"error":"no file"}"#)).await.detail(), "no file");
    assert_eq!(error_of(Reply::new(500, "Internal Server Error")).await.detail(), "Internal Server Error");
    let page = error_of(Reply::new(502, "<html>nginx</html>")).await;
    assert_eq!((page.title(), page.detail()), ("bad gateway", "the server answered 502 and did not say why"));
    let number = error_of(Reply::new(404, r#"{"detail":5,"title":"gone fishing"}"#)).await;
    assert_eq!(number.detail(), "gone fishing");
}

#[tokio::test]
async fn an_answer_of_something_else_is_no_answer() {
    let page = error_of(Reply::new(200, "<html>welcome</html>")).await;
    assert_eq!((page.kind(), page.status()), (Kind::Protocol, Some(200)));
    let moved = error_of(Reply::new(307, "").header("location", "https://shop.example/")).await;
    assert_eq!((moved.kind(), moved.status()), (Kind::Protocol, Some(307)));
    assert!(moved.detail().contains("https://shop.example/"));
}

#[tokio::test]
async fn an_endless_answer_is_read_no_further_than_the_limit() {
    let body = " ".repeat(17 * 1024 * 1024);
    let error = error_of(Reply::new(200, &body)).await;
    assert_eq!(error.kind(), Kind::Protocol);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(&format!("http://{gone}")).unwrap();
    let error = client.search_text("bota", &Listing::default()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Kind::Unavailable, None));
    assert!(error.detail().contains("cannot be reached"), "{error}");
    assert_eq!(client.health().await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(client.submit_image("photo").await.unwrap_err().kind(), Kind::Unavailable);
}

#[tokio::test]
async fn a_connection_that_breaks_off_is_tried_again() {
    let server = Server::start(|number, _| match number {
        0 | 1 => Reply::cut(),
        _ => Reply::new(200, r#"{"id":1,"name":"Bota","price":1.5,"category":null}"#),
    });
    let server = server.await;
    assert_eq!(server.client().product(ProductId(1)).await.unwrap().name, "Bota");
    assert_eq!(server.requests().len(), 3);
    let never = Server::always(Reply::cut()).await;
    assert_eq!(never.client().categories().await.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(never.requests().len(), 4);
}

#[tokio::test]
async fn a_slow_server_runs_into_the_time_out() {
    let server = Server::always(Reply::new(200, "{}").after(5_000)).await;
    let client = Client::builder(&server.url).timeout(Duration::from_millis(200)).build().unwrap();
    let start = Instant::now();
    assert_eq!(client.categories().await.unwrap_err().kind(), Kind::Timeout);
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn addresses_and_keys_that_cannot_be_are_refused() {
    for address in ["", "shop", "ftp://shop", "http://", "127.0.0.1:8000"] {
        assert_eq!(Client::new(address).unwrap_err().kind(), Kind::Invalid, "{address}");
    }
    assert!(Client::builder("http://shop").api_key("two\nlines").build().is_err());
    assert_eq!(Listing::sort_from("cheapest").unwrap_err().kind(), Kind::Invalid);
}

#[test]
fn debugging_shows_no_key() {
    let builder = Client::builder("http://shop").api_key("s3cret");
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(!shown.contains("s3cret"), "{shown}");
}
