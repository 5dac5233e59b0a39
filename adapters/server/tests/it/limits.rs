//! What one client may take, and that others do not notice.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use poem::http::StatusCode;
use serde_json::{Value, json};
use vitrina_core::Classifier;
use vitrina_core::classify::{Categorizer, Classification, PhotoError};
use vitrina_core::memory::MemoryQueue;
use vitrina_core::queue::QueueOptions;
use vitrina_core::words::Vocabulary;
use vitrina_server::inference::{self, InferenceBackend};
use vitrina_server::limits::{Budgets, Limits, RateLimits};
use vitrina_server::metrics::Metrics;

use crate::served::{serve, with};
use crate::setup::{Setup, png, shop};

/// A rate of one a second, of which a hundred may come at once.
const SLOW: RateLimits = RateLimits::new()
    .searches(NonZeroU32::new(1))
    .suggestions(NonZeroU32::new(1))
    .photos(NonZeroU32::new(1))
    .administration(NonZeroU32::new(1));

fn search(filter: &Value) -> Value {
    json!({"query": "", "filter": filter})
}

#[tokio::test]
async fn filters_have_so_many_values_and_no_more() {
    let shop = shop().await;
    for field in ["categories", "brands"] {
        let status = async |count: usize| {
            let body = search(&json!({field: vec!["1"; count]}));
            shop.client.post("/search/text").body_json(&body).send().await.0.status()
        };
        assert_eq!(status(100).await, StatusCode::OK);
        assert_eq!(status(101).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(status(120_000).await.is_client_error());
    }
    for parameter in ["category", "brand"] {
        let status = async |path: &str, count: usize| {
            let query = vec![format!("{parameter}=1"); count].join("&");
            shop.client.get(format!("{path}?{query}")).send().await.0.status()
        };
        assert_eq!(status("/products", 100).await, StatusCode::OK);
        assert_eq!(status("/products", 101).await, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(status("/products/3/similar", 101).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let many = json!({"categories": [{"label": 4, "score": 0.9}], "filter": {"categories": vec!["1"; 101]}});
    let answer = shop.client.post("/search/prediction").body_json(&many).send().await;
    answer.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_body_that_does_not_come_holds_nobody_up() {
    let limits = Limits::default().connections_per_client(100).body_grace(Duration::from_secs(20));
    let served = with(limits).await;
    let mut stalled = Vec::new();
    for path in ["/search/image", "/search/text"] {
        for _ in 0..40 {
            let mut wire = served.connect().await;
            let length = if path == "/search/image" { 90_000 } else { 200_000 };
            let head = "Host: shop\r\nContent-Type: application/json";
            wire.send(format!("POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {length}\r\n\r\n")).await;
            stalled.push(wire);
        }
    }
    let mut wire = served.connect().await;
    assert_eq!(wire.post_json("/search/text", &json!({"query": "camiseta"})).await.status, 200);
    assert_eq!(wire.post_photo("/search/image", &png(4, 4)).await.status, 200);
    assert_eq!(served.rejected("slow-body"), 0, "they are all still there");
}

#[tokio::test]
async fn a_body_that_comes_too_slowly_is_refused() {
    let rate = Limits::default().body_rate(10_000).body_grace(Duration::from_millis(200));
    let whole = Limits::default().body_time(Duration::from_millis(200));
    for limits in [rate, whole] {
        let served = with(limits).await;
        let mut wire = served.connect().await;
        wire.send("POST /search/text HTTP/1.1\r\nHost: shop\r\nContent-Length: 50000\r\n\r\n{").await;
        let answer = wire.answer().await;
        assert_eq!((answer.status, &answer.body["type"]), (408, &json!("/problems/too-slow")));
        assert_eq!(served.rejected("slow-body"), 1);
    }
}

#[tokio::test]
async fn memory_is_charged_as_bytes_come_and_clients_have_a_share_of_it() {
    // Two of the largest uploads in all, of which a client gets one.
    let served = with(Limits::default().upload(100_000).upload_memory(0)).await;
    let upload = |sent: usize| {
        let head = "POST /search/image HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\n";
        [head.as_bytes(), &vec![0; sent]].concat()
    };
    let mut first = served.connect().await;
    first.send(upload(90_000)).await;
    let mut nothing = served.connect().await;
    nothing.send(upload(0)).await;
    // Until the bytes of the first have arrived, there is room for a second.
    let refused = loop {
        let mut second = served.connect().await;
        second.send(upload(90_000)).await;
        second.send(vec![0; 10_000]).await;
        let answer = second.answer().await;
        if answer.status == 429 {
            break answer;
        }
        assert_eq!(answer.status, 400, "no form");
    };
    assert!(refused.head.contains("retry-after"), "{}", refused.head);
    let mut small = served.connect().await;
    assert_eq!(small.post_json("/search/text", &json!({"query": ""})).await.status, 200, "JSON has its own");
    let mut other = served.connect_from(2).await;
    assert_eq!(other.post_photo("/search/image", &png(4, 4)).await.status, 200, "so have others");
}

#[tokio::test]
async fn who_asks_too_often_is_told_so_before_the_body_is_read() {
    let served = with(Limits::default().rates(SLOW)).await;
    let mut wire = served.connect().await;
    // Writing needs a key, which is asked for before: tests of keys have its own throttle.
    for path in ["/search/text", "/search/image"] {
        let refused = loop {
            wire.send(format!("POST {path} HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n{{}}")).await;
            let answer = wire.answer().await;
            if answer.status == 429 {
                break answer;
            }
            assert_eq!(answer.status, 400, "{answer:?}");
        };
        assert!(refused.head.contains("retry-after: 1"), "{}", refused.head);
        assert!(refused.head.contains("application/problem+json"), "{}", refused.head);
    }
    // The body of these never comes. A token may have come meanwhile, and then one is waited for.
    let mut refused = false;
    for _ in 0..10 {
        let mut waiting = served.connect().await;
        waiting.send("POST /search/text HTTP/1.1\r\nHost: shop\r\nContent-Length: 9999\r\n\r\n").await;
        let answer = tokio::time::timeout(Duration::from_secs(1), waiting.answer()).await;
        refused = answer.is_ok_and(|answer| answer.status == 429);
        if refused {
            break;
        }
    }
    assert!(refused);
    assert!(served.rejected("rate") >= 3);
    // Classes do not share, clients do not share, and health has no limit.
    assert_eq!(wire.request("GET /search/suggest?q=c HTTP/1.1", b"").await.status, 200);
    assert_eq!(wire.request("GET /health HTTP/1.1", b"").await.status, 200);
    let mut other = served.connect_from(2).await;
    assert_eq!(other.post_json("/search/text", &json!({"query": ""})).await.status, 200);
}

#[tokio::test]
async fn wrong_keys_behind_a_trusted_proxy_lock_their_own_client_out() {
    let limits = Limits::default().trusted_proxies("127.0.0.1".parse().unwrap());
    let key = "a long and secret key";
    let served = Setup { limits, admin_key: Some(key.into()), ..Setup::default() }.serve().await;
    let mut wire = served.connect().await;
    let mut delete = async |key: &str, client: &str| {
        let head = format!("DELETE /products/77 HTTP/1.1\r\nAuthorization: Bearer {key}");
        wire.request(&format!("{head}\r\nX-Forwarded-For: {client}"), b"").await.status
    };
    for _ in 0..10 {
        assert_eq!(delete("a wrong key", "198.51.100.1").await, 403);
    }
    assert_eq!(delete(key, "198.51.100.1").await, 429);
    assert_eq!(delete(key, "198.51.100.2").await, 404, "another customer of the same proxy");
}

#[tokio::test]
async fn customers_behind_a_trusted_proxy_are_told_apart() {
    let proxies = "127.0.0.1".parse().unwrap();
    let limits = Limits::default().rates(SLOW).trusted_proxies(proxies);
    let served = with(limits).await;
    let mut wire = served.connect().await;
    let mut suggest = async |client: &str| {
        let head = format!("GET /search/suggest?q=c HTTP/1.1\r\nX-Forwarded-For: {client}");
        wire.request(&head, b"").await.status
    };
    while suggest("198.51.100.1").await != 429 {}
    assert_eq!(suggest("6.6.6.6, 198.51.100.1").await, 429, "the left part is the client's own");
    assert_eq!(suggest("198.51.100.2").await, 200);
    // Somebody else's header does not count.
    let mut direct = served.connect_from(2).await;
    let mut forge = async |n: u8| {
        let head = format!("GET /search/suggest?q=c HTTP/1.1\r\nX-Forwarded-For: 198.51.100.{n}");
        direct.request(&head, b"").await.status
    };
    let mut refused = false;
    for n in 0..=255 {
        refused |= forge(n).await == 429;
    }
    assert!(refused);
}

#[tokio::test]
async fn costly_photos_count_several_times() {
    let served = with(Limits::default().rates(SLOW).upload(1 << 20)).await;
    let costly = png(5000, 4000);
    let mut wire = served.connect().await;
    let mut accepted = 0;
    while wire.post_photo("/search/image", &costly).await.status == 200 {
        accepted += 1;
    }
    assert!((4..10).contains(&accepted), "a hundred at 21 each, and one more a second: {accepted}");
    let mut other = served.connect_from(2).await;
    assert_eq!(other.post_photo("/search/image", &png(4, 4)).await.status, 200);
}

/// A classifier that waits for a lock.
struct Stuck(Arc<Mutex<()>>);

impl Classifier for Stuck {
    fn space(&self) -> vitrina_core::classify::EmbeddingSpace {
        vitrina_core::classify::EmbeddingSpace::default()
    }

    fn classify(&self, photos: &[&[u8]]) -> vitrina_core::Result<Vec<Result<Classification, PhotoError>>> {
        drop(self.0.lock());
        Ok(photos.iter().map(|_| Err(PhotoError::Unsupported)).collect())
    }
}

#[tokio::test]
#[allow(clippy::await_holding_lock)] // The classifier is on a thread of its own.
async fn every_request_has_a_deadline() {
    let lock = Arc::new(Mutex::new(()));
    let held = lock.lock().unwrap();
    let metrics = Arc::new(Metrics::default());
    let limits = Limits::default().request_time(Duration::from_millis(200));
    let budgets = Arc::new(Budgets::new(limits, metrics.clone()));
    let app = inference::app(InferenceBackend {
        queue: Arc::new(MemoryQueue::new(QueueOptions::default())),
        classifier: Arc::new(Stuck(lock.clone())),
        categorizer: Arc::new(Categorizer::new(&[], &Vocabulary::empty())),
        budgets: budgets.clone(),
        metrics: metrics.clone(),
    });
    let served = serve(app, budgets, metrics).await;
    let mut wire = served.connect().await;
    let answer = wire.post_photo("/infer/image", &png(4, 4)).await;
    assert_eq!(answer.status, 503);
    assert!(answer.head.contains("retry-after"), "{}", answer.head);
    assert_eq!(served.rejected("request-time"), 1);
    drop(held);
    while wire.post_photo("/infer/image", &png(4, 4)).await.status == 503 {}
}
