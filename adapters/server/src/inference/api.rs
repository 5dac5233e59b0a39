//! The endpoints of the inference service.

use std::sync::Arc;

use poem::Response;
use poem::endpoint::BoxEndpoint;
use poem::http::StatusCode;
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, Object, OpenApi, OpenApiService};
use vitrina_core::classify::Categorizer;
use vitrina_core::{Classifier, Error, TaskQueue};

use crate::api::problem::{Failure, Inferring, Problem};
use crate::api::upload::PhotoUpload;
use crate::api::wire::decimal;
use crate::http;
use crate::limits::Budgets;
use crate::metrics::Metrics;

/// What the inference service works with.
#[derive(Clone)]
pub struct InferenceBackend {
    /// The queue that its worker serves.
    pub queue: Arc<dyn TaskQueue>,
    /// The model.
    pub classifier: Arc<dyn Classifier>,
    /// From the model's labels to categories by number.
    pub categorizer: Arc<Categorizer>,
    /// What clients may take.
    pub budgets: Arc<Budgets>,
    /// The figures for `/metrics`.
    pub metrics: Arc<Metrics>,
}

/// How many categories are answered.
const CATEGORIES: usize = 3;

/// The process serves.
#[derive(Debug, Object)]
struct Health {
    /// Always `ok`.
    status: String,
}

/// Whether photos can be classified.
#[derive(Debug, Object)]
struct Readiness {
    /// `ready` or `not ready`.
    status: String,
    /// `ok`, or what is wrong with the queue.
    queue: String,
    /// The model.
    model: String,
}

#[derive(ApiResponse)]
enum ReadyResponse {
    /// Everything answers
    #[oai(status = 200)]
    Ready(Json<Readiness>),
    /// The queue does not answer
    #[oai(status = 503)]
    NotReady(Json<Readiness>),
}

/// A category that the photo shows.
#[derive(Debug, Object)]
struct InferredCategory {
    /// The category's number.
    label: i64,
    /// How likely, 0 to 1.
    confidence: f64,
}

/// What the photo shows.
#[derive(Debug, Object)]
struct Inferred {
    /// The likeliest categories, three at most.
    category: Vec<InferredCategory>,
}

struct InferenceApi {
    backend: InferenceBackend,
}

#[OpenApi]
impl InferenceApi {
    /// Does the process serve?
    #[oai(path = "/health", method = "get", operation_id = "health")]
    async fn health(&self) -> Json<Health> {
        Json(Health { status: "ok".into() })
    }

    /// Can photos be classified?
    #[oai(path = "/ready", method = "get", operation_id = "ready")]
    async fn ready(&self) -> ReadyResponse {
        let model = self.backend.classifier.space().to_string();
        match self.backend.queue.ping().await {
            Ok(()) => {
                ReadyResponse::Ready(Json(Readiness { status: "ready".into(), queue: "ok".into(), model }))
            }
            Err(error) => {
                let queue = error.to_string();
                ReadyResponse::NotReady(Json(Readiness { status: "not ready".into(), queue, model }))
            }
        }
    }

    /// Figures for Prometheus
    #[oai(path = "/metrics", method = "get", operation_id = "metrics")]
    async fn metrics(&self) -> PlainText<String> {
        self.backend.metrics.budgets(&self.backend.budgets.saturation());
        PlainText(self.backend.metrics.encode(self.backend.queue.depth().await.ok()))
    }

    /// Classifies a photo at once, without the queue; for tests
    #[oai(path = "/infer/image", method = "post", operation_id = "inferImage")]
    async fn infer(&self, upload: PhotoUpload) -> Result<Json<Inferred>, Problem<Inferring>> {
        self.classify(upload).await
    }

    /// The older path of `/infer/image`
    #[oai(path = "/infer/image/sync", method = "post", operation_id = "inferImageSync")]
    async fn infer_sync(&self, upload: PhotoUpload) -> Result<Json<Inferred>, Problem<Inferring>> {
        self.classify(upload).await
    }
}

impl InferenceApi {
    async fn classify(&self, upload: PhotoUpload) -> Result<Json<Inferred>, Problem<Inferring>> {
        let (photo, _) = upload.checked(self.backend.budgets.limits())?;
        let classifier = self.backend.classifier.clone();
        let permit = self.backend.budgets.classification().await;
        let results = tokio::task::spawn_blocking(move || {
            let _permit = permit; // also when nobody waits any more
            classifier.classify(&[photo.as_slice()])
        });
        let results = results
            .await
            .map_err(|error| Error::internal("the classifier gave no answer").with_source(error))??;
        let result =
            results.into_iter().next().ok_or_else(|| Error::internal("the classifier gave no answer"))?;
        let classification = result.map_err(|error| {
            Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", error.to_string())
        })?;
        let scores = self.backend.categorizer.of_photo(&classification).into_iter().take(CATEGORIES);
        let category = scores
            .map(|score| InferredCategory { label: score.category.0, confidence: decimal(score.score) })
            .collect();
        Ok(Json(Inferred { category }))
    }
}

/// The application of the inference service, with `/openapi.json` and `/docs`.
pub fn app(backend: InferenceBackend) -> BoxEndpoint<'static, Response> {
    let (metrics, budgets) = (backend.metrics.clone(), backend.budgets.clone());
    let service =
        OpenApiService::new(InferenceApi { backend }, "Vitrina inference", env!("CARGO_PKG_VERSION"));
    http::around(service, poem::Route::new(), metrics, budgets, Arc::default(), None)
}
