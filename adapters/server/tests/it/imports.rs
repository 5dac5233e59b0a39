//! Files of products over HTTP.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use poem::Body;
use poem::http::StatusCode;
use poem::test::{TestForm, TestFormField};
use serde_json::Value;
use tokio::sync::Semaphore;
use vitrina::{NoKeys, Shop, ShopParts};
use vitrina_core::catalog::{Change, FeedPosition, Filter};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::index::{EmbeddedProducts, Hit, PhotoMatch, Suggestions, TextHits, TextQuery};
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryPhotos, MemoryQueue};
use vitrina_core::product::ProductDraft;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::SearchOptions;
use vitrina_core::{CategoryId, ProductId, Result, SearchIndex, SearchService};
use vitrina_import::fetch::{FetchLog, FetchedPhoto};
use vitrina_server::http::app;

use crate::setup::{Client, Setup, TestShop};

const KEY: &str = "Bearer a long and secret key";

async fn open() -> TestShop {
    Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() }.open().await
}

async fn send(shop: &TestShop, query: &str, file: &str) -> poem::test::TestResponse {
    send_to(&shop.client, query, file).await
}

pub(crate) async fn send_to(client: &Client, query: &str, file: &str) -> poem::test::TestResponse {
    let field = TestFormField::bytes(file.as_bytes().to_vec()).filename("productos.csv").name("file");
    let request = client.post(format!("/products/import{query}")).header("Authorization", KEY);
    request.multipart(TestForm::new().field(field)).send().await
}

async fn ended(shop: &TestShop) -> Value {
    ended_at(&shop.client).await
}

/// The last import, once none is going on.
pub(crate) async fn ended_at(client: &Client) -> Value {
    loop {
        let listed = client.get("/imports").header("Authorization", KEY).send().await;
        listed.assert_status_is_ok();
        let listed: Value = listed.json().await.value().deserialize();
        if listed.get("running").is_none() {
            return listed["imports"][0].clone();
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_file_is_imported_in_the_background_and_what_became_of_it_is_listed() {
    let shop = open().await;
    let rows = "key;nombre;precio;categoría\nT1;Tetera;34,90 €;Cocina > Té\nT2;Taza;;Cocina\n";
    // The products of these tests are some of the demo's.
    let begun = send(&shop, "?replace_demo=true", rows).await;
    begun.assert_status(StatusCode::ACCEPTED);
    let begun: Value = begun.json().await.value().deserialize();
    assert_eq!(begun["source"], "CSV (semicolons, UTF-8)");
    let run = ended(&shop).await;
    assert_eq!((run["new"].as_u64(), run["refused"].as_u64()), (Some(1), Some(1)), "{run}");
    assert_eq!(run["problems"][0]["position"], "line 3");
    let body = serde_json::json!({"query": "tetera"});
    let found: Value =
        shop.client.post("/search/text").body_json(&body).send().await.json().await.value().deserialize();
    assert_eq!(found["products"][0]["name"], "Tetera");
    send(&shop, "", rows).await.assert_status(StatusCode::ACCEPTED);
    assert_eq!(ended(&shop).await["unchanged"], 1);
}

#[tokio::test]
async fn what_is_no_file_of_products_is_refused_at_once() {
    let shop = open().await;
    for (query, file) in [
        ("", "hola\n"),
        ("?format=excel", "nombre;precio\nA;1\n"),
        ("?max_removals=7", "nombre;precio\nA;1\n"),
    ] {
        let answer = send(&shop, query, file).await;
        assert!(answer.0.status().is_client_error(), "{query} {file}: {}", answer.0.status());
    }
    let field = TestFormField::bytes(b"nombre;precio\nA;1\n".to_vec()).filename("a.csv").name("file");
    let without = shop.client.post("/products/import").multipart(TestForm::new().field(field)).send().await;
    assert!(without.0.status().is_client_error());
    shop.client.get("/imports").send().await.assert_status(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn photos_that_were_fetched_stay_when_their_file_is_sent_again() {
    let setup = Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() };
    let (backend, folder) = setup.backend().await;
    let (shop, client) = (backend.shop.clone(), Client::new(app(backend)));
    let rows = "key;nombre;precio;foto\nT1;Tetera;34,90;https://cdn.example/t1.jpg\n";
    send_to(&client, "?replace_demo=true", rows).await.assert_status(StatusCode::ACCEPTED);
    ended_at(&client).await;
    // Another process fetches the photo: the product has its key now.
    let key = shop.product(ProductId(3)).await.unwrap().photos[0].clone();
    let log = FetchLog::open(folder.path().join("imports/photos.jsonl")).unwrap();
    log.record(
        "https://cdn.example/t1.jpg",
        FetchedPhoto { key: Some(key.clone()), ..FetchedPhoto::default() },
    )
    .unwrap();
    let stored = shop.service().catalog().products_by_key(&["T1".to_owned()]).await.unwrap().remove(0);
    let draft = ProductDraft { photos: vec![key.clone()], ..stored.into() };
    shop.service().catalog().upsert_products(&[draft]).await.unwrap();
    send_to(&client, "", rows).await.assert_status(StatusCode::ACCEPTED);
    let run = ended_at(&client).await;
    assert_eq!((run["unchanged"].as_u64(), run["changed"].as_u64()), (Some(1), Some(0)), "{run}");
    let stored = shop.service().catalog().products_by_key(&["T1".to_owned()]).await.unwrap().remove(0);
    assert_eq!(stored.photos, [key]);
}

/// An index that takes nothing before the test lets it, and then panics if it is to.
struct Held {
    index: MemoryIndex,
    let_go: Arc<Semaphore>,
    panics: Arc<AtomicBool>,
}

#[async_trait]
impl SearchIndex for Held {
    async fn position(&self) -> Result<FeedPosition> {
        self.index.position().await
    }

    async fn apply(&self, changes: &[Change], position: FeedPosition) -> Result<()> {
        self.let_go.acquire().await.unwrap().forget();
        assert!(!self.panics.load(Ordering::Relaxed), "the test wants it so");
        self.index.apply(changes, position).await
    }

    async fn clear(&self) -> Result<()> {
        self.index.clear().await
    }

    async fn text(&self, query: &TextQuery) -> Result<TextHits> {
        self.index.text(query).await
    }

    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        self.index.suggest(text, limit).await
    }

    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>> {
        self.index.similar(embedding, filter, limit).await
    }

    async fn best_photos(
        &self,
        embedding: &Embedding,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>> {
        self.index.best_photos(embedding, products).await
    }

    async fn embedding(&self, product: ProductId, space: &EmbeddingSpace) -> Result<Option<Embedding>> {
        self.index.embedding(product, space).await
    }

    async fn spaces(&self) -> Result<Vec<EmbeddedProducts>> {
        self.index.spaces().await
    }

    async fn sample_embeddings(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<Vec<(CategoryId, Embedding)>> {
        self.index.sample_embeddings(space, limit).await
    }
}

/// An app over such an index, with what lets it go on and what makes it panic.
async fn held() -> (Client, Arc<Semaphore>, Arc<AtomicBool>, tempfile::TempDir) {
    let setup = Setup { admin_key: Some("a long and secret key".into()), ..Setup::default() };
    let (mut backend, folder) = setup.backend().await;
    let (let_go, panics) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicBool::new(false)));
    let index = Held { index: MemoryIndex::new(), let_go: let_go.clone(), panics: panics.clone() };
    let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let catalog = Arc::new(MemoryCatalog::new());
    let service = Arc::new(SearchService::new(catalog, Arc::new(index), queue, SearchOptions::default()));
    let parts = ShopParts::new(service, Arc::new(MemoryPhotos::default()), Arc::new(NoKeys));
    backend.shop = Shop::from_parts(parts);
    (Client::new(app(backend)), let_go, panics, folder)
}

#[tokio::test]
async fn while_an_import_runs_another_is_refused_before_its_file_is_read() {
    let (client, let_go, ..) = held().await;
    send_to(&client, "", "nombre;precio\nA;1\n").await.assert_status(StatusCode::ACCEPTED);
    let endless = futures_util::stream::pending::<std::io::Result<Vec<u8>>>();
    let request = client.post("/products/import").header("Authorization", KEY);
    let request =
        request.content_type("multipart/form-data; boundary=x").body(Body::from_bytes_stream(endless));
    let answer = request.send().await;
    answer.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    let problem: Value = answer.json().await.value().deserialize();
    assert!(problem["detail"].as_str().unwrap().contains("another import runs"), "{problem}");
    let_go.add_permits(100);
    ended_at(&client).await;
    send_to(&client, "", "nombre;precio\nA;2\n").await.assert_status(StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_index_that_panics_does_not_keep_the_next_import_from_running() {
    let (client, let_go, panics, _folder) = held().await;
    panics.store(true, Ordering::Relaxed);
    let_go.add_permits(100);
    send_to(&client, "", "nombre;precio\nA;1\n").await.assert_status(StatusCode::ACCEPTED);
    assert_eq!(ended_at(&client).await["new"], 1);
    panics.store(false, Ordering::Relaxed);
    send_to(&client, "", "nombre;precio\nA;1\nB;2\n").await.assert_status(StatusCode::ACCEPTED);
    assert_eq!(ended_at(&client).await["new"], 1);
}
