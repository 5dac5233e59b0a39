//! Connections that stall, and more of them than there may be.

use std::time::Duration;

use serde_json::json;
use vitrina_server::limits::Limits;

use crate::served::with;

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let served = with(Limits::default().header_time(SHORT)).await;
    for part in ["", "GET /hea", "GET /health HTTP/1.1\r\nHost: shop\r\nX: "] {
        let mut wire = served.connect().await;
        wire.send(part).await;
        assert_eq!(wire.closed().await, b"");
    }
    // Not the first request of its connection either.
    let mut wire = served.connect().await;
    assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
    wire.send("GET /hea").await;
    assert_eq!(wire.closed().await, b"");
    assert_eq!(served.rejected("slow-head"), 4);
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let served = with(Limits::default().idle_time(SHORT)).await;
    let mut wire = served.connect().await;
    assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
    assert_eq!(wire.closed().await, b"");
    assert_eq!(served.rejected("slow-head"), 0, "nobody is to blame");
}

#[tokio::test]
async fn a_request_that_is_held_open_is_not_idle() {
    let served = with(Limits::default().idle_time(SHORT).header_time(SHORT)).await;
    let photo = crate::setup::png(4, 4);
    let mut wire = served.connect().await;
    let task = wire.post_photo("/search/image", &photo).await.body["task_id"].as_str().unwrap().to_owned();
    let head = format!("GET /tasks/{task}/result HTTP/1.1\r\nPrefer: wait=2");
    assert_eq!(wire.request(&head, b"").await.status, 202);
}

#[tokio::test]
async fn a_client_that_does_not_read_is_not_waited_for() {
    let served = with(Limits::default().idle_time(SHORT)).await;
    let mut wire = served.connect().await;
    // More answers than the sockets of both ends hold.
    let documents = "GET /openapi.json HTTP/1.1\r\nHost: shop\r\n\r\n".repeat(1000);
    wire.send(documents).await;
    while served.rejected("slow-reader") == 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_has_so_many_connections_and_no_more() {
    let served = with(Limits::default().connections(10).connections_per_client(2)).await;
    let mut open = vec![served.connect().await, served.connect().await];
    for wire in &mut open {
        assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
    }
    let refused = served.connect().await.answer().await;
    assert_eq!(refused.status, 503);
    assert!(refused.head.contains("retry-after"), "{}", refused.head);
    assert_eq!(served.rejected("connections-of-client"), 1);
    let mut other = served.connect_from(2).await;
    assert_eq!(other.request("GET /health HTTP/1.1", b"").await.status, 200, "others are not concerned");

    open.pop();
    while served.connect().await.closed_at_once().await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn all_clients_together_have_so_many_connections_and_no_more() {
    let served = with(Limits::default().connections(3).connections_per_client(3)).await;
    let mut open = Vec::new();
    for last in 2..5 {
        let mut wire = served.connect_from(last).await;
        assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
        open.push(wire);
    }
    assert_eq!(served.connect_from(5).await.answer().await.status, 503);
    assert_eq!(served.rejected("connections"), 1);
}

/// More than an upload may have, and than the sockets of both ends hold.
const TOO_LARGE: usize = 30 << 20;

#[tokio::test]
async fn a_client_whose_body_is_refused_unread_is_told_that_the_connection_closes() {
    let served = with(Limits::default()).await;
    let mut wire = served.connect().await;
    wire.send(format!("POST /search/image HTTP/1.1\r\nHost: shop\r\nContent-Length: {TOO_LARGE}\r\n\r\n"))
        .await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 413);
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    // Reading goes on for a moment, so that a client that sends before it reads comes to the answer.
    wire.send(vec![0; TOO_LARGE]).await;
    assert_eq!(wire.closed().await, b"");
}

#[tokio::test]
async fn a_client_that_asks_before_it_sends_a_body_is_not_asked_for_one_that_is_refused() {
    let served = with(Limits::default()).await;
    let mut wire = served.connect().await;
    let head = "POST /search/image HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue";
    wire.send(format!("{head}\r\nContent-Length: {TOO_LARGE}\r\n\r\n")).await;
    let answer = wire.answer().await;
    assert_eq!(answer.status, 413, "and not 100");
    assert!(answer.head.contains("connection: close"), "{}", answer.head);
    assert_eq!(wire.closed().await, b"");
}

#[tokio::test]
async fn a_connection_serves_on_after_a_short_body_that_was_refused_unread() {
    let served = with(Limits::default()).await;
    let mut wire = served.connect().await;
    for _ in 0..3 {
        let refused = wire.post_json("/products", &json!([{"name": "Gorra"}])).await;
        assert_eq!(refused.status, 401);
        assert!(!refused.head.contains("connection: close"), "{}", refused.head);
    }
    assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
}
