//! The inference service over HTTP.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::test::TestClient;
use serde_json::json;
use vitrina_core::classify::{Categorizer, Classification, LabelScore};
use vitrina_core::memory::{MemoryClassifier, MemoryQueue};
use vitrina_core::queue::QueueOptions;
use vitrina_core::words::Vocabulary;
use vitrina_core::{Category, CategoryId};
use vitrina_server::inference::{InferenceBackend, app};
use vitrina_server::limits::{Budgets, Limits};
use vitrina_server::metrics::Metrics;

use crate::setup::{Client, VOCABULARY, form, png};

/// A service that knows the picture of 4 by 4 pixels: a shoe.
fn service() -> Client {
    let label = |label: &str, score| LabelScore { label: label.into(), score };
    let labels = vec![label("n04120489", 0.9), label("n03595614", 0.05)];
    let shoe = Classification { labels, ..Classification::default() };
    let category = |(id, name): (i64, &str)| Category::new(CategoryId(id), name);
    let categories: Vec<_> = [(4, "Zapatos"), (1, "Camisetas")].map(category).into();
    let metrics = Arc::new(Metrics::default());
    let limits = Limits::default().upload(100_000);
    TestClient::new(app(InferenceBackend {
        queue: Arc::new(MemoryQueue::new(QueueOptions::default())),
        classifier: Arc::new(MemoryClassifier::new().knowing(png(4, 4), shoe)),
        categorizer: Arc::new(Categorizer::new(&categories, &Vocabulary::from_json(VOCABULARY).unwrap())),
        budgets: Arc::new(Budgets::new(limits, metrics.clone())),
        metrics,
    }))
}

#[tokio::test]
async fn a_photo_is_classified_at_once() {
    for path in ["/infer/image", "/infer/image/", "/infer/image/sync"] {
        let answer = service().post(path).multipart(form(png(4, 4))).send().await;
        answer.assert_status_is_ok();
        let answer = answer.json().await;
        let category = answer.value().object().get("category").object_array();
        assert_eq!(category[0].get("label").i64(), 4);
        assert!((0.9..1.0).contains(&category[0].get("confidence").f64()));
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_as_the_contract_says() {
    let service = service();
    for (photo, status) in [
        (b"no picture".to_vec(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (vec![0; 200_000], StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = service.post("/infer/image").multipart(form(photo)).send().await;
        answer.assert_status(status);
        answer.assert_content_type("application/problem+json");
    }
    service.post("/infer/image").body("no form").send().await.assert_status(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn it_reports_its_state() {
    let service = service();
    service.get("/health").send().await.assert_json(json!({"status": "ok"})).await;
    let ready = service.get("/ready").send().await;
    ready.assert_json(json!({"status": "ready", "queue": "ok", "model": "memory"})).await;
    let metrics = service.get("/metrics").send().await.0.into_body().into_string().await.unwrap();
    assert!(metrics.contains(r#"vitrina_tasks{stage="queued"} 0"#), "{metrics}");
    let document = service.get("/openapi.json").send().await.json().await;
    document.value().object().get("paths").object().get("/infer/image");
}
