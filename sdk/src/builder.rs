//! Options of a shop, and the opening of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use vitrina_core::index::RankingWeights;
use vitrina_core::queue::QueueOptions;
use vitrina_core::search::SearchOptions;
use vitrina_core::{Classifier, Error, ErrorKind, PhotoStore, Result, SearchService, TaskQueue};
use vitrina_photo::PhotoLimits;

use crate::runtime::blocking;
use crate::thumbnails::FOLDER;
use crate::{
    CatalogBackend, ClassifierOptions, IndexLocation, Registry, Shop, ShopParts, built_in_lexicon, model,
    synonyms, vocabulary,
};

/// How often an open shop looks for changes of its catalogue by default.
const REFRESH: Duration = Duration::from_millis(500);

/// Opens a [`Shop`] over backends of your choice.
///
/// ```no_run
/// # async fn open() -> vitrina::Result<()> {
/// let shop = vitrina::Shop::builder()
///     .catalog("mysql://shop:secret@db/shop")
///     .queue("redis://cache/0?prefix=shop")
///     .data_dir("/var/lib/shop")
///     .open()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct ShopBuilder {
    registry: Registry,
    data_dir: PathBuf,
    catalog: Option<String>,
    queue: Option<String>,
    queue_options: QueueOptions,
    photos: Option<String>,
    model: Option<String>,
    classifier: ClassifierOptions,
    vocabulary: Option<PathBuf>,
    synonyms: Option<PathBuf>,
    ranking: RankingWeights,
    confidence_threshold: f32,
    photo_limits: PhotoLimits,
    refresh_every: Option<Duration>,
    index: IndexLocation,
    catches_up_in_background: bool,
}

impl Default for ShopBuilder {
    fn default() -> Self {
        Self {
            registry: Registry::default(),
            data_dir: PathBuf::from("vitrina-data"),
            catalog: None,
            queue: None,
            queue_options: QueueOptions::default(),
            photos: None,
            model: None,
            classifier: ClassifierOptions::default(),
            vocabulary: None,
            synonyms: None,
            ranking: RankingWeights::default(),
            confidence_threshold: SearchOptions::default().confidence_threshold,
            photo_limits: PhotoLimits::default(),
            refresh_every: Some(REFRESH),
            index: IndexLocation::default(),
            catches_up_in_background: false,
        }
    }
}

impl ShopBuilder {
    /// Sets the backends that URLs may name; default: those that are compiled in.
    pub fn registry(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// Sets the folder of what the embedded backends write; default: `vitrina-data`. It is created if it does not exist.
    pub fn data_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data_dir = folder.into();
        self
    }

    /// Sets the catalogue's URL; default: `sqlite:` with `catalog.sqlite` in the data folder.
    pub fn catalog(mut self, url: impl Into<String>) -> Self {
        self.catalog = Some(url.into());
        self
    }

    /// Sets the queue's URL; default: `memory:`, within this process.
    ///
    /// `redis://HOST:PORT/DB?prefix=NAME` shares a Redis among several shops, each with a prefix of its own.
    pub fn queue(mut self, url: impl Into<String>) -> Self {
        self.queue = Some(url.into());
        self
    }

    /// Sets the bounds of the queue.
    pub fn queue_options(mut self, options: QueueOptions) -> Self {
        self.queue_options = options;
        self
    }

    /// Sets the URL of the store of products' photos; default: `file:` with `photos` in the data folder.
    ///
    /// Servers on several machines share one: `s3://BUCKET/PREFIX` with the cargo feature `s3`, whose keys and endpoint are
    /// those of the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT`), a network folder, or a store of your own in the registry.
    pub fn photos(mut self, url: impl Into<String>) -> Self {
        self.photos = Some(url.into());
        self
    }

    /// Sets the folder of the model, or the URL of a classifier; default: the folder that `find_model`
    /// finds. One that is named and cannot be opened is an error.
    pub fn model(mut self, folder: impl AsRef<Path>) -> Self {
        self.model = Some(folder.as_ref().display().to_string());
        self
    }

    /// Sets how the classifier is opened.
    pub fn classifier_options(mut self, options: ClassifierOptions) -> Self {
        self.classifier = options;
        self
    }

    /// Sets a file with the words and labels by which categories are known (JSON); default: the built-in vocabulary.
    pub fn vocabulary(mut self, file: impl Into<PathBuf>) -> Self {
        self.vocabulary = Some(file.into());
        self
    }

    /// Sets a file with synonyms (JSON); default: the built-in ones.
    pub fn synonyms(mut self, file: impl Into<PathBuf>) -> Self {
        self.synonyms = Some(file.into());
        self
    }

    /// Sets how much popularity, sales, newness and boosts of brands and categories count in the order of products; default: a
    /// little popularity alone, which orders products that fit alike.
    pub fn ranking(mut self, weights: RankingWeights) -> Self {
        self.ranking = weights;
        self
    }

    /// Sets the score above which a predicted category is kept, 0 to 1; default: 0.1.
    pub fn confidence_threshold(mut self, score: f32) -> Self {
        self.confidence_threshold = score;
        self
    }

    /// Sets how large photos may be.
    pub fn photo_limits(mut self, limits: PhotoLimits) -> Self {
        self.photo_limits = limits;
        self
    }

    /// Sets where the search index is kept; default: in the folder `index` of the data folder.
    pub fn index(mut self, location: IndexLocation) -> Self {
        self.index = location;
        self
    }

    /// Lets [`open`](Self::open) return before the index has caught up with the catalogue and the model is open. Photos wait for
    /// the model; until
    /// [`SearchService::is_fresh`] returns true, searches find what is indexed.
    pub fn catch_up_in_background(mut self) -> Self {
        self.catches_up_in_background = true;
        self
    }

    /// Sets how often the shop looks for changes that others write to its catalogue; default: every 500 ms. `None`
    /// leaves that to [`Shop::refresh`].
    pub fn refresh_every(mut self, interval: Option<Duration>) -> Self {
        self.refresh_every = interval;
        self
    }

    /// Returns the URL of the catalogue that is opened.
    pub fn catalog_url(&self) -> String {
        let default = || format!("sqlite:{}", self.data_dir.join("catalog.sqlite").display());
        self.catalog.clone().unwrap_or_else(default)
    }

    /// Opens the catalogue alone, with the keys of API clients.
    ///
    /// # Errors
    /// Those of the registry and of the catalogue.
    pub async fn open_catalog(&self) -> Result<CatalogBackend> {
        create(&self.data_dir).await?;
        self.registry.open_catalog(&self.catalog_url()).await
    }

    /// Opens the queue alone.
    ///
    /// # Errors
    /// Those of the registry and of the queue.
    pub async fn open_queue(&self) -> Result<Arc<dyn TaskQueue>> {
        let url = self.queue.as_deref().unwrap_or("memory:");
        self.registry.open_queue(url, self.queue_options.clone()).await
    }

    /// Opens the store of products' photos alone.
    ///
    /// # Errors
    /// Those of the registry and of the store.
    pub async fn open_photos(&self) -> Result<Arc<dyn PhotoStore>> {
        let default = || format!("file:{}", self.data_dir.join("photos").display());
        self.registry.open_photos(&self.photos.clone().unwrap_or_else(default)).await
    }

    /// Opens the classifier alone; the inner error says why there is none and what to do.
    ///
    /// # Errors
    /// Those of a model that was named.
    pub async fn open_classifier(&self) -> Result<Result<Arc<dyn Classifier>, String>> {
        let data_dir = Some(self.data_dir.as_path());
        let mut options = self.classifier.clone();
        options.in_background |= self.catches_up_in_background;
        model::open(&self.registry, self.model.as_deref(), options, data_dir).await
    }

    /// Opens the shop.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for options that are wrong, and those of the backends.
    pub async fn open(self) -> Result<Shop> {
        if !(0.0..=1.0).contains(&self.confidence_threshold) {
            return Err(Error::invalid("the confidence threshold must be 0 to 1"));
        }
        let CatalogBackend { catalog, keys } = self.open_catalog().await?;
        let identity = catalog.identity().await?;
        let (own_synonyms, own_vocabulary) = (self.synonyms.clone(), self.vocabulary.clone());
        let (location, data_dir) = (self.index.clone(), self.data_dir.clone());
        let ranking = self.ranking.clone();
        let read = move || {
            let lexicon = built_in_lexicon()?;
            let index = location.open(&data_dir, identity.as_deref(), &lexicon)?;
            let index = index.with_synonyms(synonyms(own_synonyms.as_deref())?).with_lexicon(lexicon.clone());
            let index = index.with_ranking(&ranking)?;
            Result::Ok((Arc::new(index), vocabulary(own_vocabulary.as_deref())?, lexicon))
        };
        // The model and the index take longest, each on a thread of its own.
        let read = async { blocking(read).await? };
        let (classifier, queue, photos, (index, vocabulary, lexicon)) =
            tokio::try_join!(self.open_classifier(), self.open_queue(), self.open_photos(), read)?;
        let options = SearchOptions::default()
            .confidence_threshold(self.confidence_threshold)
            .vocabulary(vocabulary)
            .center(classifier.as_ref().ok().and_then(|classifier| classifier.center()))
            .lexicon(lexicon);
        let service = Arc::new(SearchService::new(catalog, index, queue, options));
        let has_workers = self.queue.as_deref().is_some_and(|url| !url.starts_with("memory:"));
        let parts = ShopParts::new(service, photos, keys);
        let shop = Shop::from_parts(ShopParts {
            classifier,
            has_workers,
            photo_limits: self.photo_limits,
            thumbnails: Some(self.data_dir.join(FOLDER)),
            ..parts
        });
        if !self.catches_up_in_background {
            shop.refresh().await?;
        }
        if let Some(interval) = self.refresh_every {
            shop.keep_fresh(interval);
        }
        Ok(shop)
    }
}

/// Creates the data folder.
async fn create(folder: &Path) -> Result<()> {
    tokio::fs::create_dir_all(folder).await.map_err(|error| {
        let message = format!("the data folder {} cannot be created", folder.display());
        Error::new(ErrorKind::Unavailable, message).with_source(error)
    })
}
