//! An open shop, and what it answers.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use tokio::sync::{Mutex, MutexGuard, Semaphore};
use tokio::task::AbortHandle;
use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryPhotos, MemoryQueue};
use vitrina_core::product::ProductRef;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::{SearchOptions, Suggested};
use vitrina_core::{
    Catalog, Category, Classifier, KeyStore, PhotoStore, Product, ProductId, Result, SearchService,
};
use vitrina_photo::PhotoLimits;

use crate::background::Embedding;
use crate::once::Requests;
use crate::runtime::off_thread;
use crate::{List, NoKeys, Search, SearchPhoto, ShopBuilder, Similar};

/// A shop: products that are written, found by words and by photo.
///
/// Clones share one shop. All async methods need a tokio runtime, of any flavour; the model, the index and the file system
/// work on threads of their own. See the [crate's first page](crate) for an example.
#[derive(Clone)]
pub struct Shop {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) parts: ShopParts,
    /// Bounds how many photos are decoded and classified at a time.
    classifying: Arc<Semaphore>,
    /// Held while categories are looked up and created.
    categories: Mutex<()>,
    /// Requests that are carried out once, and now.
    requests: Requests,
    /// Embeds photos in the background.
    pub(crate) embedding: Embedding,
    /// Stops what follows the change feed.
    follower: OnceLock<AbortHandle>,
}

/// The parts of a [`Shop`], for programs that put them together by themselves.
#[derive(Clone)]
#[non_exhaustive]
pub struct ShopParts {
    /// The rules of search, over a catalogue, an index and a queue.
    pub service: Arc<SearchService>,
    /// The photos of products.
    pub photos: Arc<dyn PhotoStore>,
    /// The keys of API clients.
    pub keys: Arc<dyn KeyStore>,
    /// What classifies photos, or why there is nothing and what to do.
    pub classifier: Result<Arc<dyn Classifier>, String>,
    /// Whether workers elsewhere classify the photos of the queue.
    pub has_workers: bool,
    /// How large a photo may be.
    pub photo_limits: PhotoLimits,
    /// Where thumbnails are kept if the photos are no files of this machine; `None` keeps none.
    pub thumbnails: Option<PathBuf>,
}

impl ShopParts {
    /// Creates the parts of a shop without a classifier.
    pub fn new(service: Arc<SearchService>, photos: Arc<dyn PhotoStore>, keys: Arc<dyn KeyStore>) -> Self {
        let classifier = Err("this shop has no classifier".to_owned());
        Self {
            service,
            photos,
            keys,
            classifier,
            has_workers: false,
            photo_limits: PhotoLimits::default(),
            thumbnails: None,
        }
    }

    /// Sets what classifies photos.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Arc<dyn Classifier>) -> Self {
        self.classifier = Ok(classifier);
        self
    }

    /// Sets how large a photo may be.
    #[must_use]
    pub fn with_photo_limits(mut self, limits: PhotoLimits) -> Self {
        self.photo_limits = limits;
        self
    }
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classifier = self.classifier().as_ref().map(|classifier| classifier.space().to_string());
        f.debug_struct("Shop").field("classifier", &classifier).finish_non_exhaustive()
    }
}

impl Shop {
    /// Opens the shop in a data folder, which is created if it does not exist: the catalogue in a SQLite file, the photos
    /// beside it, the queue and the index in this process.
    ///
    /// Without a model the shop is searched by words; [`classifier`](Self::classifier) says why photos cannot be.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) for a folder that cannot be created or read, and those of the
    /// catalogue.
    pub async fn open(data_dir: impl AsRef<Path>) -> Result<Self> {
        Self::builder().data_dir(data_dir.as_ref()).open().await
    }

    /// Creates an empty shop in memory, with the reference implementations of the core and without a classifier: for tests
    /// and documentation.
    pub fn in_memory() -> Self {
        let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
        let (catalog, index) = (Arc::new(MemoryCatalog::new()), Arc::new(MemoryIndex::new()));
        let service = SearchService::new(catalog, index, queue, SearchOptions::default());
        Self::from_parts(ShopParts::new(Arc::new(service), Arc::new(MemoryPhotos::new()), Arc::new(NoKeys)))
    }

    /// Returns a builder, which opens a shop over other backends.
    pub fn builder() -> ShopBuilder {
        ShopBuilder::default()
    }

    /// Creates a shop of these parts.
    pub fn from_parts(parts: ShopParts) -> Self {
        let at_a_time = std::thread::available_parallelism().map_or(1, usize::from);
        let classifying = Arc::new(Semaphore::new(at_a_time));
        Self {
            inner: Arc::new(Inner {
                parts,
                classifying,
                categories: Mutex::new(()),
                requests: Requests::default(),
                embedding: Embedding::default(),
                follower: OnceLock::new(),
            }),
        }
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    pub(crate) fn from_inner(inner: Arc<Inner>) -> Self {
        Self { inner }
    }

    pub(crate) fn classifying(&self) -> &Arc<Semaphore> {
        &self.inner.classifying
    }

    pub(crate) fn followed_by(&self, task: AbortHandle) {
        if let Err(task) = self.inner.follower.set(task) {
            task.abort();
        }
    }

    pub(crate) async fn category_lock(&self) -> MutexGuard<'_, ()> {
        self.inner.categories.lock().await
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.inner.requests
    }

    pub(crate) fn thumbnail_folder(&self) -> Option<&Path> {
        self.inner.parts.thumbnails.as_deref()
    }

    pub(crate) fn has_workers(&self) -> bool {
        self.inner.parts.has_workers
    }

    pub(crate) fn catalog(&self) -> &Arc<dyn Catalog> {
        self.service().catalog()
    }

    /// Returns the rules of search; its futures may compute for some milliseconds on the calling thread.
    pub fn service(&self) -> &Arc<SearchService> {
        &self.inner.parts.service
    }

    /// Returns the store of products' photos.
    pub fn photos(&self) -> &Arc<dyn PhotoStore> {
        &self.inner.parts.photos
    }

    /// Returns the store of API clients' keys.
    pub fn keys(&self) -> &Arc<dyn KeyStore> {
        &self.inner.parts.keys
    }

    /// Returns what classifies photos in this process, or why there is nothing and what to do about it.
    pub fn classifier(&self) -> &Result<Arc<dyn Classifier>, String> {
        &self.inner.parts.classifier
    }

    /// Returns the bounds of photos that are put and searched with.
    pub fn photo_limits(&self) -> PhotoLimits {
        self.inner.parts.photo_limits
    }

    /// Searches products by words: `shop.search("zapatillas rojas").await?`.
    pub fn search(&self, text: impl Into<String>) -> Search<'_> {
        Search::new(self, text.into())
    }

    /// Searches products by an encoded photo (JPEG, PNG, WebP, GIF, BMP): `shop.search_photo(bytes).await?`.
    pub fn search_photo(&self, photo: impl Into<Vec<u8>>) -> SearchPhoto<'_> {
        SearchPhoto::new(self, photo.into())
    }

    /// Lists the products that look most like one.
    pub fn similar(&self, product: ProductId) -> Similar<'_> {
        Similar::new(self, product)
    }

    /// Lists the catalogue, a page at a time.
    pub fn list(&self) -> List<'_> {
        List::new(self)
    }

    /// Returns completions of a half-typed query: at most `limit` queries, categories and products.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a limit that is out of range, and those of the catalogue and the
    /// index.
    pub async fn suggest(&self, text: &str, limit: usize) -> Result<Suggested> {
        let (service, text) = (self.service().clone(), text.to_owned());
        off_thread(async move { service.suggest(&text, limit).await }).await
    }

    /// Returns all categories, by ID.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub async fn categories(&self) -> Result<Vec<Category>> {
        self.service().categories().await
    }

    /// Returns one product, by its ID or key.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound), and those of the catalogue.
    pub async fn product(&self, which: impl Into<ProductRef>) -> Result<Product> {
        let which = which.into();
        let found = match &which {
            ProductRef::Id(id) => return self.service().product(*id).await,
            ProductRef::Key(key) => self.catalog().products_by_key(std::slice::from_ref(key)).await?,
        };
        found.into_iter().next().ok_or_else(|| which.not_found())
    }

    /// Applies what changed in the catalogue, whoever wrote it, and returns how many changes there were.
    ///
    /// An open shop does so by itself every half second; a program that waits for the change of another need not wait that
    /// long.
    ///
    /// # Errors
    /// Those of the catalogue and the index; searches go on with what is known.
    pub async fn refresh(&self) -> Result<usize> {
        let service = self.service().clone();
        off_thread(async move { service.refresh().await }).await
    }

    /// Closes the shop for all its clones, and returns once its files and connections are released: for programs that move
    /// or replace the data folder. A shop that is dropped releases them too, but a moment later.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub async fn close(self) -> Result<()> {
        if let Some(follower) = self.inner.follower.get() {
            follower.abort();
        }
        self.catalog().close().await
    }
}
