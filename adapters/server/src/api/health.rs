//! Is it alive, is it ready, how is it doing.

use poem::Request;
use poem_openapi::payload::{Json, PlainText};
use poem_openapi::{ApiResponse, Object, OpenApi};

use super::{ApiTags, Backend, ModelState};

/// The process serves.
#[derive(Debug, Object)]
struct Health {
    /// Always `ok`.
    status: String,
}

/// Whether requests can be answered.
#[derive(Debug, Object)]
struct Readiness {
    /// `ready` or `not ready`.
    status: String,
    /// What this server depends on: `ok`, or what is wrong.
    dependencies: Dependencies,
}

/// A line for each thing that this server depends on: `ok`, or what is wrong.
#[derive(Debug, Object)]
struct Dependencies {
    /// The catalogue's database.
    catalogue: String,
    /// The queue of photos.
    queue: String,
    /// The search index.
    index: String,
    /// Who classifies photos.
    model: String,
    /// The folder of products' photos.
    photos: String,
}

#[derive(ApiResponse)]
enum ReadyResponse {
    /// Everything answers
    #[oai(status = 200)]
    Ready(Json<Readiness>),
    /// Something does not answer; the rest goes on
    #[oai(status = 503)]
    NotReady(Json<Readiness>),
}

pub struct HealthApi {
    pub(super) backend: Backend,
}

#[OpenApi(tag = "ApiTags::Health")]
impl HealthApi {
    /// Does the process serve?
    #[oai(path = "/health", method = "get", operation_id = "health")]
    async fn health(&self) -> Json<Health> {
        Json(Health { status: "ok".into() })
    }

    /// Does everything answer that this server depends on?
    ///
    /// What is wrong in detail is for this machine and for keys of the scope `metrics`; others read `unavailable`.
    #[oai(path = "/ready", method = "get", operation_id = "ready")]
    async fn ready(&self, request: &Request) -> ReadyResponse {
        let service = self.backend.shop.service();
        let client = self.backend.budgets.client(request);
        let detailed = self.backend.access.may_see_details(request, client);
        let shown = |reason: String| if detailed { reason } else { "unavailable".into() };
        let said = |answer: vitrina_core::Result<()>| {
            answer.map_or_else(|error| shown(error.to_string()), |()| "ok".into())
        };
        let draining = self.backend.draining.load(std::sync::atomic::Ordering::Relaxed);
        let queue =
            if draining { "the server is about to stop".into() } else { said(service.queue().ping().await) };
        let dependencies = Dependencies {
            catalogue: said(service.catalog().ping().await),
            queue,
            index: match service.index().position().await {
                Ok(position) if !service.is_fresh() => {
                    format!("the index is being built: it is at position {} of the change feed", position.0)
                }
                answer => said(answer.map(|_| ())),
            },
            model: match &self.backend.model {
                ModelState::Inside(_) | ModelState::Elsewhere => "ok".into(),
                ModelState::Missing(reason) => shown(reason.clone()),
            },
            photos: said(self.backend.shop.photos().ping().await),
        };
        let Dependencies { catalogue, queue, index, model, photos } = &dependencies;
        let all = [catalogue, queue, index, model, photos];
        if all.iter().all(|line| *line == "ok") {
            ReadyResponse::Ready(Json(Readiness { status: "ready".into(), dependencies }))
        } else {
            ReadyResponse::NotReady(Json(Readiness { status: "not ready".into(), dependencies }))
        }
    }

    /// Figures for Prometheus
    #[oai(path = "/metrics", method = "get", operation_id = "metrics")]
    async fn metrics(&self) -> PlainText<String> {
        let service = self.backend.shop.service();
        let depth = service.queue().depth().await.ok();
        if let Ok(spaces) = service.spaces().await {
            self.backend.metrics.embeddings(&spaces, service.foreign_results());
        }
        self.backend.metrics.budgets(&self.backend.budgets.saturation());
        PlainText(self.backend.metrics.encode(depth))
    }
}
