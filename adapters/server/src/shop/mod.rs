//! A shop put together: catalogue, index, queue, model and photos, for the server and for the engine in the process.

mod checkout;
mod demo;
mod embed;
mod import;
mod photos;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vitrina::memory::MemoryQueue;
use vitrina::{
    Classifier, Error, QueueOptions, Remembering, Result, SearchOptions, SearchService, Synonyms, TaskQueue,
    Vocabulary,
};
use vitrina_index::TantivyIndex;
use vitrina_onnx::{OnnxClassifier, OnnxOptions};
use vitrina_redis::RedisQueue;

pub use demo::fill_with_demo;
pub use embed::embed_missing;
pub use import::{ImportReport, ProductLine, import_file, import_lines};
pub use photos::{PhotoStore, StoredPhoto};

/// The words and labels by which categories are known unless told otherwise.
const VOCABULARY: &str = include_str!("../../../../data/vocabulary.json");

/// What words may be called too unless told otherwise.
const SYNONYMS: &str = include_str!("../../../../data/synonyms.json");

/// How many photos a process knows again without asking the model.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// Which shop to open.
#[derive(Debug, Clone)]
pub struct ShopConfig {
    /// The catalogue's address; `None` for a SQLite file in the data folder.
    pub catalog: Option<String>,
    /// The folder for the SQLite file, the index and the photos; made where it is missing.
    pub data_dir: PathBuf,
    /// The folder of the model; `None` looks for the one of the checkout.
    pub model: Option<PathBuf>,
    /// Which of the model's files to use; `None` takes the faster one on this processor.
    pub precision: Option<String>,
    /// The ONNX Runtime library; `None` looks for the one of the checkout.
    pub onnxruntime: Option<PathBuf>,
    /// A file with a vocabulary of the shop's own.
    pub vocabulary: Option<PathBuf>,
    /// A file with synonyms of the shop's own.
    pub synonyms: Option<PathBuf>,
    /// A predicted category is kept when its score is above this, 0 to 1.
    pub confidence_threshold: f32,
    /// The queue's address; `None` for one inside this process.
    pub queue_url: Option<String>,
    /// The bounds of the queue.
    pub queue: QueueOptions,
}

impl ShopConfig {
    /// The embedded default over a data folder.
    pub fn embedded(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            catalog: None,
            data_dir: data_dir.into(),
            model: None,
            precision: None,
            onnxruntime: None,
            vocabulary: None,
            synonyms: None,
            confidence_threshold: SearchOptions::default().confidence_threshold,
            queue_url: None,
            queue: QueueOptions::default(),
        }
    }
}

/// An open shop.
pub struct Shop {
    /// Its rules; fresh as of the moment it was opened.
    pub service: Arc<SearchService>,
    /// The photos of its products.
    pub photos: PhotoStore,
    /// What recognises photos, or why there is nothing.
    pub classifier: Result<Arc<dyn Classifier>, String>,
}

impl Shop {
    /// Opens a shop, making what is missing.
    ///
    /// A model that is not found leaves a shop that can be searched by words; one that is named but cannot be opened is an
    /// error.
    ///
    /// # Errors
    /// [`Invalid`](vitrina::ErrorKind::Invalid) for a wrong configuration, and those of the catalogue.
    pub async fn open(config: &ShopConfig) -> Result<Self> {
        if !(0.0..=1.0).contains(&config.confidence_threshold) {
            return Err(Error::invalid("the confidence threshold must be 0 to 1"));
        }
        std::fs::create_dir_all(&config.data_dir).map_err(|error| {
            let folder = config.data_dir.display();
            Error::invalid(format!("the data folder {folder} cannot be made")).with_source(error)
        })?;
        let url = config.catalog.clone().unwrap_or_else(|| default_catalog(&config.data_dir));
        let catalog = vitrina_sql::open(&url).await?;
        let (model, library) = (config.model.as_deref(), config.onnxruntime.as_deref());
        let classifier = open_classifier(model, config.precision.clone(), library).await?;
        let index = TantivyIndex::in_memory()?.with_synonyms(synonyms(config.synonyms.as_deref())?);
        let index = Arc::new(index);
        let queue = open_queue(config.queue_url.as_deref(), config.queue.clone())?;
        let options = SearchOptions {
            confidence_threshold: config.confidence_threshold,
            vocabulary: vocabulary(config.vocabulary.as_deref())?,
            ..SearchOptions::default()
        };
        let service = Arc::new(SearchService::new(catalog, index, queue, options));
        service.refresh().await?;
        let photos = PhotoStore::new(config.data_dir.join("photos"));
        Ok(Self { service, photos, classifier })
    }
}

fn default_catalog(data_dir: &Path) -> String {
    format!("sqlite:{}", data_dir.join("catalog.sqlite").display())
}

/// The queue of an address: `memory:` (or none) in this process, or `redis://…`.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) for an address of another kind.
pub(crate) fn open_queue(url: Option<&str>, options: QueueOptions) -> Result<Arc<dyn TaskQueue>> {
    match url.map(|url| url.split(':').next().unwrap_or("")) {
        None | Some("memory") => Ok(Arc::new(MemoryQueue::new(options))),
        Some("redis") => Ok(Arc::new(RedisQueue::open(url.unwrap_or_default(), options, "vitrina")?)),
        Some(_) => Err(Error::invalid("the queue is `memory:` or `redis://HOST:PORT`")),
    }
}

/// The vocabulary of a file, or the built-in one.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) when it cannot be read.
pub(crate) fn vocabulary(file: Option<&Path>) -> Result<Vocabulary> {
    let Some(file) = file else { return Vocabulary::from_json(VOCABULARY) };
    let unreadable = |error| {
        Error::invalid(format!("the vocabulary {} cannot be read", file.display())).with_source(error)
    };
    Vocabulary::from_json(&std::fs::read_to_string(file).map_err(unreadable)?)
}

/// The synonyms of a file, or the built-in ones.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) when they cannot be read.
pub(crate) fn synonyms(file: Option<&Path>) -> Result<Synonyms> {
    let Some(file) = file else { return Synonyms::from_json(SYNONYMS) };
    let unreadable =
        |error| Error::invalid(format!("the synonyms {} cannot be read", file.display())).with_source(error);
    Synonyms::from_json(&std::fs::read_to_string(file).map_err(unreadable)?)
}

/// Opens a model: the one that is named, else the one of the checkout; the inner error says why there is none.
///
/// # Errors
/// When a model that was named cannot be opened.
pub(crate) async fn open_classifier(
    model: Option<&Path>,
    precision: Option<String>,
    onnxruntime: Option<&Path>,
) -> Result<Result<Arc<dyn Classifier>, String>> {
    let named = model.map(|path| if path.is_file() { parent(path) } else { path.to_path_buf() });
    let Some(directory) = named.or_else(checkout::default_model) else {
        return Ok(Err("no model was found: run `make build`, or name its folder with --model".into()));
    };
    let library = onnxruntime.map(Path::to_path_buf);
    let options = OnnxOptions { library, precision, ..OnnxOptions::default() };
    let open = move || OnnxClassifier::open(directory, options);
    let opened = tokio::task::spawn_blocking(open).await;
    let opened =
        opened.map_err(|error| Error::internal("the model could not be opened").with_source(error))?;
    match opened {
        Ok(classifier) => Ok(Ok(Arc::new(Remembering::new(Arc::new(classifier), REMEMBERED)))),
        Err(error) if model.is_some() => Err(error),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "photos cannot be searched");
            Ok(Err(error.to_string()))
        }
    }
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
