//! A small shop behind the real app, over the implementations in memory.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use poem::Response;
use poem::endpoint::BoxEndpoint;
use poem::test::{TestClient, TestForm, TestFormField, TestJson};
use tempfile::TempDir;
use vitrina::{NoKeys, PhotoLimits, Shop, ShopParts};
use vitrina_core::catalog::PhotoEmbedding;
use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, LabelScore};
use vitrina_core::memory::{MemoryCatalog, MemoryClassifier, MemoryIndex, MemoryQueue};
use vitrina_core::photo::PhotoKey;
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::{QueueOptions, Stop, WorkerOptions};
use vitrina_core::search::SearchOptions;
use vitrina_core::words::{Lexicon, Vocabulary};
use vitrina_core::{Catalog, Category, CategoryId, KeyStore, Money, ProductId, SearchService, Worker};
use vitrina_photo::publish;
use vitrina_server::access::{Access, AdminKey, WebhookAccess};
use vitrina_server::api::{Backend, ModelState, WebhookSecret};
use vitrina_server::http::app;
use vitrina_server::imports::Imports;
use vitrina_server::limits::{Budgets, Limits};
use vitrina_server::metrics::Metrics;

pub const VOCABULARY: &str = include_str!("../../../../data/vocabulary.json");
const LEXICON: &str = include_str!("../../../../data/lexicon.json");
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The model that embedded the shop's photos.
pub const MODEL: &str = "m/1";

pub type Client = TestClient<BoxEndpoint<'static, Response>>;

/// What a test may want otherwise.
pub struct Setup {
    pub queue: QueueOptions,
    pub webhook_secret: Option<WebhookSecret>,
    pub model: ModelState,
    pub limits: Limits,
    pub admin_key: Option<String>,
    pub webhook: WebhookAccess,
    pub require_key: bool,
    pub origins: Vec<String>,
    pub keys: Option<Arc<dyn KeyStore>>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            queue: QueueOptions::default(),
            webhook_secret: None,
            model: ModelState::Elsewhere,
            limits: Limits::default().upload(100_000),
            admin_key: None,
            webhook: WebhookAccess::Local,
            require_key: false,
            origins: Vec::new(),
            keys: None,
        }
    }
}

/// A shop with its app; a worker runs only when a test starts one.
pub struct TestShop {
    pub client: Client,
    pub service: Arc<SearchService>,
    pub shop: Shop,
    _folder: TempDir,
}

pub async fn shop() -> TestShop {
    Setup::default().open().await
}

impl Setup {
    pub async fn open(self) -> TestShop {
        let (backend, folder) = self.backend().await;
        let shop = backend.shop.clone();
        let service = shop.service().clone();
        TestShop { client: TestClient::new(app(backend)), service, shop, _folder: folder }
    }

    /// The shop before it has an app.
    pub async fn backend(self) -> (Backend, TempDir) {
        let catalog = Arc::new(MemoryCatalog::new());
        let names = ["Camisetas", "Teléfonos", "Pantalones", "Zapatos", "Portátiles", "Otros"];
        let category = |(id, name): (i64, &str)| Category::new(CategoryId(id), name);
        catalog.upsert_categories(&(1..).zip(names).map(category).collect::<Vec<_>>()).await.unwrap();
        let draft = |id: i64, name: &str, category: i64, minor: i64| ProductDraft {
            id: Some(ProductId(id)),
            name: name.into(),
            categories: vec![CategoryId(category)],
            price: Money::from_minor(minor),
            ..ProductDraft::default()
        };
        let folder = tempfile::tempdir().unwrap();
        let photos =
            vitrina_storage::open(&format!("file:{}", folder.path().join("photos").display())).await.unwrap();
        let published = publish(&png(2, 2), PhotoLimits::default()).unwrap();
        let key = PhotoKey::of(&published.bytes, published.format);
        photos.put(&key, published.bytes.into()).await.unwrap();
        let photo = vec![key.to_string()];
        let drafts = [
            ProductDraft {
                brand: Some("Zancada".into()),
                stock: Some(3),
                ..draft(1, "Camiseta deportiva roja", 1, 1299)
            },
            ProductDraft { stock: Some(0), ..draft(2, "Camiseta azul", 1, 995) },
            ProductDraft { photos: photo.clone(), ..draft(3, "Zapatilla de correr", 4, 5990) },
            ProductDraft { photos: photo, ..draft(4, "Bota de piel", 4, 8950) },
            draft(5, "Taza", 6, 700),
        ];
        catalog.upsert_products(&drafts).await.unwrap();
        let embeddings = [(3, [1.0, 0.0]), (4, [0.0, 1.0])].map(|(id, numbers)| PhotoEmbedding {
            product: ProductId(id),
            photo: key.clone(),
            embedding: Embedding::new(numbers.to_vec()).unwrap().in_space(space(MODEL)),
        });
        catalog.put_embeddings(&embeddings).await.unwrap();
        let options = SearchOptions::default()
            .vocabulary(Vocabulary::from_json(VOCABULARY).unwrap())
            .lexicon(Lexicon::from_json(LEXICON).unwrap());
        let queue = Arc::new(MemoryQueue::new(self.queue));
        let service = Arc::new(SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, options));
        service.refresh().await.unwrap();
        let access = Access {
            admin_key: self.admin_key.map(|key| AdminKey::new(&key).unwrap()),
            webhook: if self.webhook_secret.is_some() { WebhookAccess::Signed } else { self.webhook },
            require_key: self.require_key,
            origins: self.origins,
            ..Access::default()
        };
        if let Some(store) = &self.keys {
            access.keys.refresh(&**store).await.unwrap();
        }
        let metrics = Arc::new(Metrics::default());
        let backend = Backend {
            shop: Shop::from_parts(
                ShopParts::new(service, photos, Arc::new(NoKeys))
                    .with_classifier(Arc::new(classifier()))
                    .with_photo_limits(self.limits.photo),
            ),
            access: Arc::new(access),
            model: self.model,
            budgets: Arc::new(Budgets::new(self.limits, metrics.clone())),
            webhook_secret: self.webhook_secret,
            events: Arc::default(),
            imports: Arc::new(Imports::new(folder.path().join("imports"))),
            metrics: metrics.clone(),
            draining: Arc::new(AtomicBool::new(false)),
        };
        (backend, folder)
    }
}

impl TestShop {
    /// Runs a worker that knows the shoe photo, until the queue is empty.
    pub async fn work(&self) {
        let classifier = Arc::new(classifier());
        let options = WorkerOptions::default().lanes(1).drain(true);
        let stop = Stop::new();
        stop.stop();
        Worker::new(self.service.queue().clone(), classifier, options).run(&stop).await;
    }

    /// Sends a photo and answers its task.
    pub async fn send(&self, photo: Vec<u8>) -> String {
        let answer = self.client.post("/search/image").multipart(form(photo)).send().await;
        answer.assert_status_is_ok();
        let task = answer.json().await;
        task.value().object().get("task_id").string().to_owned()
    }
}

/// The space of this name.
pub fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

/// The shop's model, which knows the shoe photo.
fn classifier() -> MemoryClassifier {
    MemoryClassifier::new().in_space(space(MODEL)).knowing(png(4, 4), shoe())
}

/// What is classified on the shoe photo, `png(4, 4)`.
fn shoe() -> Classification {
    Classification {
        labels: vec![
            LabelScore { label: "n04120489".into(), score: 0.9 },
            LabelScore { label: "n03595614".into(), score: 0.05 },
        ],
        embedding: Some(Embedding::new(vec![0.2, 1.0]).unwrap()),
        ..Classification::default()
    }
}

pub fn form(photo: Vec<u8>) -> TestForm {
    TestForm::new().field(TestFormField::bytes(photo).name("file").filename("photo.png"))
}

/// A real PNG of this size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

pub fn names(json: &TestJson, field: &str) -> Vec<String> {
    let values = json.value().object().get(field).array();
    values.iter().map(|value| value.string().to_owned()).collect()
}

pub fn product_ids(json: &TestJson) -> Vec<i64> {
    let products = json.value().object().get("products").object_array();
    products.iter().map(|product| product.get("id").i64()).collect()
}
