//! A small shop in memory, behind the real app.

use std::io::Write;
use std::sync::OnceLock;

use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode, Uri};
use poem::{Endpoint, Request, Response};
use tokio::runtime::Runtime;
use vitrina::sources::run::{self, ImportOptions};
use vitrina::sources::{FileOptions, FileSource};
use vitrina_core::product::ProductDraft;
use vitrina_core::{Category, CategoryId, Money, ProductId, SearchService};
use vitrina_photo::{Channels, Crop, Input, Resample};
use vitrina_server::api::Backend;
use vitrina_server::http::app;

/// The app, with one task in its queue.
pub(crate) struct Server {
    app: BoxEndpoint<'static, Response>,
    task: String,
}

impl Server {
    /// The server of this process.
    pub(crate) fn get() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| block_on(Self::open()))
    }

    async fn open() -> Self {
        let backend = Backend::in_memory();
        fill(backend.shop.service()).await.expect("a shop in memory");
        let task = backend.shop.service().submit_photo(Vec::new()).await.expect("room for a photo");
        Self { app: app(backend), task: task.to_string() }
    }

    /// A task that has not ended, or has ended by this input or one before.
    pub(crate) fn task(&self) -> String {
        self.task.clone()
    }

    /// Sends a request with a body of this content type; panics where the answer is one that must not be.
    pub(crate) fn send(&self, method: Method, path: &str, body: Option<(&str, &[u8])>) {
        let Ok(uri) = path.parse::<Uri>() else { return };
        let request = Request::builder().method(method).uri(uri);
        let request = match body {
            Some((content_type, body)) => request.content_type(content_type).body(body.to_vec()),
            None => request.finish(),
        };
        let response = block_on(self.app.get_response(request));
        let status = response.status();
        assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        if status.is_client_error() {
            assert_eq!(response.content_type(), Some("application/problem+json"), "{path}: {status}");
        }
    }
}

/// Waits for what the server does.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().build().expect("a runtime")
    });
    runtime.block_on(work)
}

async fn fill(service: &SearchService) -> vitrina_core::Result<()> {
    let category = |(id, name): (i64, &str)| Category::new(CategoryId(id), name);
    let categories = [(1, "Camisetas"), (4, "Zapatos"), (6, "Otros")].map(category);
    service.catalog().upsert_categories(&categories).await?;
    let draft = |(id, name, category): (i64, &str, i64)| ProductDraft {
        id: Some(ProductId(id)),
        name: name.into(),
        brand: Some("Zancada".into()),
        price: Money::from_minor(id * 995),
        categories: vec![CategoryId(category)],
        stock: u32::try_from(id - 1).ok(),
        ..ProductDraft::default()
    };
    let products = [(1, "Camiseta roja", 1), (2, "Zapatilla de correr", 4), (3, "Taza", 6)].map(draft);
    service.catalog().upsert_products(&products).await?;
    service.refresh().await.map(|_| ())
}

/// Imports a feed into a shop of its own.
pub(crate) async fn import(ending: &str, feed: &[u8]) {
    let mut file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile().expect("a file");
    file.write_all(feed).expect("room on the disk");
    // A feed names photos by path: none may be found outside the folder, and none is in it.
    let folder = tempfile::tempdir().expect("a folder");
    let shop = Backend::in_memory().shop;
    let Ok(mut source) = FileSource::open(file.path(), FileOptions::default()).await else { return };
    let target = shop.import_target().photo_folder(Some(folder.path().to_owned()));
    let options = ImportOptions::default();
    let run = run::import(&mut source, &target, &options, &mut std::io::sink(), &|_| {}).await;
    let stored = shop.service().catalog().count().await.expect("a catalogue in memory");
    assert_eq!(stored, run.new, "products that nobody wrote: {run:?}");
}

/// The input of a model of 8 by 8 pixels.
pub(crate) fn small_input() -> Input {
    Input {
        name: "images".into(),
        width: 8,
        height: 8,
        channels: Channels::Rgb,
        resample: Resample::Bilinear,
        crop: Crop::None,
        scale: 1.0,
        mean: [0.0; 3],
        std: [1.0; 3],
    }
}
