//! Backends by the scheme of their URL.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use vitrina_core::keys::ApiKey;
use vitrina_core::memory::{MemoryCatalog, MemoryPhotos, MemoryQueue};
use vitrina_core::queue::QueueOptions;
use vitrina_core::{Catalog, Classifier, Error, KeyStore, PhotoStore, Result, TaskQueue};

use crate::ClassifierOptions;

type Opening<T> = Pin<Box<dyn Future<Output = Result<T>> + Send>>;
type Open<O, T> = Arc<dyn Fn(String, O) -> Opening<T> + Send + Sync>;
type Schemes<O, T> = BTreeMap<String, Open<O, T>>;

/// Schemes that the SDK has backends for, with the cargo feature that each needs.
const BUILT_IN: [(&str, &str); 7] = [
    ("sqlite", "sqlite"),
    ("mariadb", "mariadb"),
    ("mysql", "mariadb"),
    ("redis", "redis"),
    ("rediss", "redis"),
    ("s3", "s3"),
    ("onnx", "onnx"),
];

/// A catalogue, with the keys of API clients where its database holds them.
#[derive(Clone)]
pub struct CatalogBackend {
    /// The catalogue.
    pub catalog: Arc<dyn Catalog>,
    /// The keys of API clients.
    pub keys: Arc<dyn KeyStore>,
}

impl CatalogBackend {
    /// Creates a backend whose database holds no keys of API clients.
    pub fn new(catalog: Arc<dyn Catalog>) -> Self {
        Self { catalog, keys: Arc::new(NoKeys) }
    }

    /// Sets the store of API clients' keys.
    #[must_use]
    pub fn with_keys(mut self, keys: Arc<dyn KeyStore>) -> Self {
        self.keys = keys;
        self
    }
}

/// Opens catalogues, queues, photo stores and classifiers by the scheme of their URL.
///
/// [`Registry::default`] holds the backends that are compiled in: `memory:`, and by cargo feature `sqlite:`,
/// `mariadb:` and `mysql:`, `redis:` and `rediss:`, `s3:`, `onnx:`; photos in a folder (`file:`) always. Programs add their own, which replace those of the same scheme:
///
/// ```
/// use std::sync::Arc;
/// use vitrina::core::memory::MemoryCatalog;
/// use vitrina::{CatalogBackend, Registry, Shop};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let registry = Registry::default().catalog("json", |_url| async {
///     Ok(CatalogBackend::new(Arc::new(MemoryCatalog::new())))
/// });
/// # let data = tempfile::tempdir().unwrap();
/// let shop = Shop::builder().registry(registry).data_dir(data.path()).catalog("json:products.json").open().await?;
/// assert!(shop.categories().await?.is_empty());
/// # Ok::<(), vitrina::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Registry {
    catalogs: Schemes<(), CatalogBackend>,
    queues: Schemes<QueueOptions, Arc<dyn TaskQueue>>,
    photos: Schemes<(), Arc<dyn PhotoStore>>,
    classifiers: Schemes<ClassifierOptions, Arc<dyn Classifier>>,
}

/// Shows the schemes.
impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("catalogs", &self.catalogs.keys())
            .field("queues", &self.queues.keys())
            .field("photos", &self.photos.keys())
            .field("classifiers", &self.classifiers.keys())
            .finish()
    }
}

impl Default for Registry {
    fn default() -> Self {
        let registry = Self::empty()
            .catalog("memory", |_| async { Ok(CatalogBackend::new(Arc::new(MemoryCatalog::new()))) })
            .queue("memory", |_, options| async { Ok(Arc::new(MemoryQueue::new(options)) as _) })
            .photos("memory", |_| async { Ok(Arc::new(MemoryPhotos::new()) as _) })
            .photos("file", |url| async move { vitrina_storage::open(&url).await });
        #[cfg(any(feature = "sqlite", feature = "mariadb"))]
        let registry = sql(registry);
        #[cfg(feature = "redis")]
        let registry = redis(registry);
        #[cfg(feature = "s3")]
        let registry = registry.photos("s3", |url| async move { vitrina_storage::open(&url).await });
        #[cfg(feature = "onnx")]
        let registry = registry.classifier("onnx", crate::onnx::open);
        registry
    }
}

#[cfg(any(feature = "sqlite", feature = "mariadb"))]
fn sql(registry: Registry) -> Registry {
    let open = |url: String| async move {
        let (catalog, keys) = vitrina_sql::open_with_keys(&url).await?;
        Ok(CatalogBackend { catalog, keys })
    };
    #[cfg(feature = "sqlite")]
    let registry = registry.catalog("sqlite", open);
    #[cfg(feature = "mariadb")]
    let registry = registry.catalog("mariadb", open).catalog("mysql", open);
    registry
}

#[cfg(feature = "redis")]
fn redis(registry: Registry) -> Registry {
    use vitrina_redis::RedisQueue;

    let open = |url: String, options: QueueOptions| async move {
        let (url, prefix) = take_parameter(&url, "prefix");
        let prefix = prefix.as_deref().unwrap_or(RedisQueue::PREFIX);
        Ok(Arc::new(RedisQueue::open(&url, options, prefix)?) as _)
    };
    registry.queue("redis", open).queue("rediss", open)
}

/// Takes a parameter out of a URL's query: the URL without it, and its value.
#[cfg(feature = "redis")]
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let (taken, left): (Vec<_>, Vec<_>) =
        query.split('&').partition(|part| part.split('=').next() == Some(name));
    let value = taken.first().map(|part| part.split_once('=').map_or("", |(_, value)| value).to_owned());
    let base = base.to_owned();
    (if left.is_empty() { base } else { format!("{base}?{}", left.join("&")) }, value)
}

impl Registry {
    /// Creates a registry without any backend.
    pub fn empty() -> Self {
        Self {
            catalogs: BTreeMap::new(),
            queues: BTreeMap::new(),
            photos: BTreeMap::new(),
            classifiers: BTreeMap::new(),
        }
    }

    /// Adds catalogues of a scheme. `open` is called with the whole URL and brings the schema up to date.
    #[must_use]
    pub fn catalog<F, R>(mut self, scheme: &str, open: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = Result<CatalogBackend>> + Send + 'static,
    {
        self.catalogs.insert(scheme.to_owned(), Arc::new(move |url, ()| Box::pin(open(url))));
        self
    }

    /// Adds queues of a scheme. `open` is called with the whole URL; the server need not be up yet.
    #[must_use]
    pub fn queue<F, R>(mut self, scheme: &str, open: F) -> Self
    where
        F: Fn(String, QueueOptions) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Arc<dyn TaskQueue>>> + Send + 'static,
    {
        self.queues.insert(scheme.to_owned(), Arc::new(move |url, options| Box::pin(open(url, options))));
        self
    }

    /// Adds photo stores of a scheme. `open` is called with the whole URL; the store need not be reachable yet.
    #[must_use]
    pub fn photos<F, R>(mut self, scheme: &str, open: F) -> Self
    where
        F: Fn(String) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Arc<dyn PhotoStore>>> + Send + 'static,
    {
        self.photos.insert(scheme.to_owned(), Arc::new(move |url, ()| Box::pin(open(url))));
        self
    }

    /// Adds classifiers of a scheme. `open` is called with the whole URL.
    #[must_use]
    pub fn classifier<F, R>(mut self, scheme: &str, open: F) -> Self
    where
        F: Fn(String, ClassifierOptions) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Arc<dyn Classifier>>> + Send + 'static,
    {
        self.classifiers
            .insert(scheme.to_owned(), Arc::new(move |url, options| Box::pin(open(url, options))));
        self
    }

    /// Opens the catalogue of a URL.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a scheme that is not registered, and those of the backend.
    pub async fn open_catalog(&self, url: &str) -> Result<CatalogBackend> {
        find(&self.catalogs, "catalogue", url)?(url.to_owned(), ()).await
    }

    /// Opens the queue of a URL.
    ///
    /// # Errors
    /// As [`open_catalog`](Self::open_catalog).
    pub async fn open_queue(&self, url: &str, options: QueueOptions) -> Result<Arc<dyn TaskQueue>> {
        find(&self.queues, "queue", url)?(url.to_owned(), options).await
    }

    /// Opens the photo store of a URL.
    ///
    /// # Errors
    /// As [`open_catalog`](Self::open_catalog).
    pub async fn open_photos(&self, url: &str) -> Result<Arc<dyn PhotoStore>> {
        find(&self.photos, "store of photos", url)?(url.to_owned(), ()).await
    }

    /// Opens the classifier of a URL; a path without a scheme is that of `onnx:`.
    ///
    /// # Errors
    /// As [`open_catalog`](Self::open_catalog).
    pub async fn open_classifier(
        &self,
        url: &str,
        options: ClassifierOptions,
    ) -> Result<Arc<dyn Classifier>> {
        let url = if scheme(url).is_empty() { format!("onnx:{url}") } else { url.to_owned() };
        find(&self.classifiers, "classifier", &url)?(url, options).await
    }
}

/// The scheme of a URL; empty for what has none. A single letter is the drive of a path.
fn scheme(url: &str) -> &str {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    match url.split_once(':') {
        Some((scheme, _)) if scheme.len() > 1 && scheme.chars().all(plain) => scheme,
        _ => "",
    }
}

fn find<'a, O, T>(schemes: &'a Schemes<O, T>, kind: &str, url: &str) -> Result<&'a Open<O, T>> {
    let scheme = scheme(url);
    if let Some(open) = schemes.get(scheme) {
        return Ok(open);
    }
    // The rest of the URL may hold a password.
    let known = schemes.keys().map(|scheme| format!("`{scheme}:`")).collect::<Vec<_>>().join(", ");
    let feature = BUILT_IN.iter().find(|(built_in, _)| *built_in == scheme).map(|(_, feature)| feature);
    Err(Error::invalid(match feature {
        _ if scheme.is_empty() => {
            format!("the URL of the {kind} has no scheme: begin it with one of {known}")
        }
        Some(feature) if !is_compiled_in(feature) => format!(
            "`{scheme}:` is not compiled in: add the cargo feature `{feature}` to the crate `vitrina` (there are {known})"
        ),
        _ => format!("there is no {kind} for `{scheme}:`: use one of {known}, or register your own"),
    }))
}

fn is_compiled_in(feature: &str) -> bool {
    let features = [
        ("sqlite", cfg!(feature = "sqlite")),
        ("mariadb", cfg!(feature = "mariadb")),
        ("redis", cfg!(feature = "redis")),
        ("s3", cfg!(feature = "s3")),
        ("onnx", cfg!(feature = "onnx")),
    ];
    features.contains(&(feature, true))
}

/// The keys of API clients of a catalogue that holds none.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

#[async_trait]
impl KeyStore for NoKeys {
    async fn keys(&self) -> Result<Vec<ApiKey>> {
        Ok(Vec::new())
    }

    async fn add_key(&self, _: &ApiKey) -> Result<()> {
        Err(Error::invalid(
            "this catalogue holds no keys of API clients: use one on SQLite or MariaDB for them",
        ))
    }

    async fn revoke_key(&self, _: &str) -> Result<bool> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(url: &str) -> String {
        Registry::default().open_catalog(url).await.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[tokio::test]
    async fn a_scheme_that_is_unknown_or_left_out_says_what_to_do() {
        let unknown = refused("postgres://shop:secret@db/shop").await;
        assert!(unknown.contains("`postgres:`") && unknown.contains("`memory:`"), "{unknown}");
        assert!(!unknown.contains("secret"), "{unknown}");
        assert!(refused("catalog.sqlite").await.contains("no scheme"));
        if cfg!(not(feature = "mariadb")) {
            assert!(refused("mysql://db/shop").await.contains("cargo feature `mariadb`"));
        }
    }

    #[cfg(feature = "redis")]
    #[test]
    fn the_prefix_is_taken_out_of_the_url() {
        let (url, prefix) = take_parameter("redis://h/0?ssl-ca=a&prefix=shop2", "prefix");
        assert_eq!((url.as_str(), prefix.as_deref()), ("redis://h/0?ssl-ca=a", Some("shop2")));
        assert_eq!(take_parameter("redis://h/0?prefix=x", "prefix").0, "redis://h/0");
        assert_eq!(take_parameter("redis://h/0", "prefix"), ("redis://h/0".to_owned(), None));
    }
}
