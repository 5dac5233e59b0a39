//! Is it alive, is it ready, how is it doing.

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
    /// Who recognises photos.
    model: String,
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
    #[oai(path = "/health", method = "get")]
    async fn health(&self) -> Json<Health> {
        Json(Health { status: "ok".into() })
    }

    /// Does everything answer that this server depends on?
    #[oai(path = "/ready", method = "get")]
    async fn ready(&self) -> ReadyResponse {
        let service = &self.backend.service;
        let said =
            |answer: vitrina::Result<()>| answer.map_or_else(|error| error.to_string(), |()| "ok".into());
        let draining = self.backend.draining.load(std::sync::atomic::Ordering::Relaxed);
        let queue =
            if draining { "the server is about to stop".into() } else { said(service.queue().ping().await) };
        let dependencies = Dependencies {
            catalogue: said(service.catalog().ping().await),
            queue,
            index: said(service.index().position().await.map(|_| ())),
            model: match &self.backend.model {
                ModelState::Inside(_) | ModelState::Elsewhere => "ok".into(),
                ModelState::Missing(reason) => reason.clone(),
            },
        };
        let all = [&dependencies.catalogue, &dependencies.queue, &dependencies.index, &dependencies.model];
        if all.iter().all(|line| *line == "ok") {
            ReadyResponse::Ready(Json(Readiness { status: "ready".into(), dependencies }))
        } else {
            ReadyResponse::NotReady(Json(Readiness { status: "not ready".into(), dependencies }))
        }
    }

    /// Figures for Prometheus
    #[oai(path = "/metrics", method = "get")]
    async fn metrics(&self) -> PlainText<String> {
        let depth = self.backend.service.queue().depth().await.ok();
        PlainText(self.backend.metrics.encode(depth))
    }
}
