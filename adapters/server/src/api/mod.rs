//! The endpoints, a file for each group of them, and what goes over the wire.

mod admin;
mod body;
mod by_key;
mod catalog;
mod categories;
mod document;
mod export;
mod health;
mod imports;
pub(crate) mod once;
mod params;
mod photos;
pub mod problem;
mod search;
mod storefront;
mod tasks;
pub(crate) mod upload;
mod versions;
mod webhook;
pub mod wire;
mod written;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use poem_openapi::{OpenApiService, Tags};
use vitrina::Shop;

use crate::access::Access;
use crate::events::EventCounts;
use crate::imports::Imports;
use crate::limits::{Budgets, Limits};
use crate::metrics::Metrics;

pub use document::Document;
pub use problem::Failure;

use by_key::ByKeyApi;
use catalog::CatalogApi;
use categories::CategoriesApi;
use export::ExportApi;
use health::HealthApi;
use imports::ImportsApi;
use photos::PhotosApi;
use search::SearchApi;
use storefront::StorefrontApi;
pub(crate) use tasks::LONGEST_POLL;
use tasks::TasksApi;
use webhook::WebhookApi;
pub use webhook::WebhookSecret;
pub(crate) use webhook::optional_secret;

/// What the endpoints work on.
#[derive(Clone)]
pub struct Backend {
    /// The shop.
    pub shop: Shop,
    /// Who may call what.
    pub access: Arc<Access>,
    /// Whether photos can be classified here or by workers elsewhere.
    pub model: ModelState,
    /// What clients may take.
    pub budgets: Arc<Budgets>,
    /// The secret that webhook calls must be signed with.
    pub webhook_secret: Option<WebhookSecret>,
    /// What visitors clicked on, counted by day.
    pub events: Arc<EventCounts>,
    /// Imports that run, and those that were recorded.
    pub imports: Arc<Imports>,
    /// The figures for `/metrics`.
    pub metrics: Arc<Metrics>,
    /// Set once the server is to stop: it takes no new photos, and finishes those it has.
    pub draining: Arc<AtomicBool>,
}

impl Backend {
    /// An empty shop in memory that takes photos for workers elsewhere, without any key or secret: for the document, and for
    /// tests, which set other fields as they need them.
    pub fn in_memory() -> Self {
        let metrics = Arc::new(Metrics::default());
        Self {
            shop: Shop::in_memory(),
            access: Arc::default(),
            model: ModelState::Elsewhere,
            budgets: Arc::new(Budgets::new(Limits::default(), metrics.clone())),
            webhook_secret: None,
            events: Arc::default(),
            imports: Arc::new(Imports::new("vitrina-data/imports")),
            metrics,
            draining: Arc::new(AtomicBool::new(false)),
        }
    }
}

/// Who classifies photos.
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
    /// Photos that are being classified.
    Tasks,
    /// What the shop's own people do; needs the administration key.
    Administration,
    /// Is it alive, is it ready, how is it doing.
    Health,
}

type Api = (
    HealthApi,
    (CatalogApi, ByKeyApi, CategoriesApi, ExportApi),
    PhotosApi,
    ImportsApi,
    SearchApi,
    StorefrontApi,
    TasksApi,
    WebhookApi,
);

/// The endpoints of health and metrics alone.
pub(crate) fn operations(backend: Backend) -> OpenApiService<HealthApi, ()> {
    OpenApiService::new(HealthApi { backend }, "Vitrina operations", env!("CARGO_PKG_VERSION"))
}

/// The API with its OpenAPI document.
pub fn service(backend: &Backend) -> OpenApiService<Api, ()> {
    let api = (
        HealthApi { backend: backend.clone() },
        (
            CatalogApi { backend: backend.clone() },
            ByKeyApi { backend: backend.clone() },
            CategoriesApi { backend: backend.clone() },
            ExportApi { backend: backend.clone() },
        ),
        PhotosApi { backend: backend.clone() },
        ImportsApi { backend: backend.clone() },
        SearchApi { backend: backend.clone() },
        StorefrontApi { backend: backend.clone() },
        TasksApi { backend: backend.clone() },
        WebhookApi { backend: backend.clone() },
    );
    OpenApiService::new(api, "Vitrina", env!("CARGO_PKG_VERSION"))
        .description("Product search by words and by photo. / Búsqueda de productos por palabras y por foto.")
        .license(poem_openapi::LicenseObject::new("MIT OR Apache-2.0"))
}
