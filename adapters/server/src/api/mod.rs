//! The endpoints, a file for each group of them, and what goes over the wire.

mod admin;
mod catalog;
mod health;
mod params;
pub mod problem;
mod search;
mod tasks;
pub(crate) mod upload;
mod webhook;
pub mod wire;
mod words;

use std::sync::Arc;

use poem_openapi::{OpenApiService, Tags};
use vitrina::{Classifier, SearchService};
use vitrina_onnx::PhotoLimits;

use crate::metrics::Metrics;
use crate::shop::PhotoStore;

pub use problem::Failure;

use catalog::CatalogApi;
use health::HealthApi;
use search::SearchApi;
use tasks::TasksApi;
use webhook::WebhookApi;
pub use webhook::WebhookSecret;
pub(crate) use webhook::optional_secret;

/// What the endpoints work on.
#[derive(Clone)]
pub struct Backend {
    /// The shop.
    pub service: Arc<SearchService>,
    /// The photos of its products.
    pub photos: PhotoStore,
    /// What recognises the photos of products, where there is a model here.
    pub classifier: Option<Arc<dyn Classifier>>,
    /// The key of the administration endpoints; `None` turns them off.
    pub admin_key: Option<String>,
    /// Whether photos can be recognised here or by workers elsewhere.
    pub model: ModelState,
    /// The largest upload in bytes.
    pub max_upload: usize,
    /// How large an uploaded picture may be.
    pub photo_limits: PhotoLimits,
    /// The secret that webhook calls must be signed with.
    pub webhook_secret: Option<WebhookSecret>,
    /// How many photos one client may send a second, if that is limited.
    pub uploads_per_second: Option<std::num::NonZeroU32>,
    /// The figures for `/metrics`.
    pub metrics: Arc<Metrics>,
    /// Set once the server is told to stop: it takes no new photos, and finishes those it has.
    pub draining: Arc<std::sync::atomic::AtomicBool>,
}

/// Who recognises photos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// The worker inside this process, with this model.
    Inside(String),
    /// Workers elsewhere.
    Elsewhere,
    /// Nobody: no model was found; the reason says what to do.
    Missing(String),
}

#[derive(Tags)]
enum ApiTags {
    /// Finding products by words or by a photo.
    Search,
    /// What the shop sells.
    Catalogue,
    /// Photos that are being recognised.
    Tasks,
    /// What the shop's own people do; needs the administration key.
    Administration,
    /// Is it alive, is it ready, how is it doing.
    Health,
}

type Api = (HealthApi, CatalogApi, SearchApi, TasksApi, WebhookApi);

/// The API with its OpenAPI document.
pub fn service(backend: &Backend) -> OpenApiService<Api, ()> {
    let api = (
        HealthApi { backend: backend.clone() },
        CatalogApi { backend: backend.clone() },
        SearchApi::new(backend.clone()),
        TasksApi { backend: backend.clone() },
        WebhookApi { backend: backend.clone() },
    );
    OpenApiService::new(api, "Vitrina", env!("CARGO_PKG_VERSION"))
        .description("Product search by words and by photo. / Búsqueda de productos por palabras y por foto.")
        .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0"))
}
