//! Photos as objects.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt};
use vitrina_core::photo::{ListedPhoto, PhotoKey, PhotoStream};
use vitrina_core::{Error, PhotoStore, Result};

/// How long ago a photo must have been put for another put to write it again: half of what the contract promises.
const RENEWED: Duration = Duration::from_secs(300);

/// Photos up to this size are read in one piece.
const PIECE: u64 = 1 << 20;

/// How much must be free before a store that refused a photo counts as usable again, in bytes.
const RESERVE: usize = 1 << 20;

/// The object that is written to try whether photos can be written again; no photo has such a name.
const PROBE: &str = ".vitrina-probe";

/// A name that comes after those of all photos, which begin with a hexadecimal digit.
const LAST: &str = "z";

/// A [`PhotoStore`] over any [`ObjectStore`].
pub struct ObjectPhotos {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    folder: Option<PathBuf>,
    /// Whether the last write failed.
    failed: AtomicBool,
}

impl fmt::Debug for ObjectPhotos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectPhotos").field("store", &self.store.to_string()).finish_non_exhaustive()
    }
}

impl ObjectPhotos {
    /// Creates a store of the objects below `prefix`, which is empty for all of them.
    pub fn new(store: Arc<dyn ObjectStore>, prefix: &str) -> Self {
        Self { store, prefix: Path::from(prefix), folder: None, failed: AtomicBool::new(false) }
    }

    pub(crate) fn with_folder(mut self, folder: PathBuf) -> Self {
        self.folder = Some(folder);
        self
    }

    fn path(&self, name: &str) -> Path {
        self.prefix.clone().join(name)
    }

    /// The prefix to list by; `None` for everything.
    fn listed(&self) -> Option<&Path> {
        Some(&self.prefix).filter(|prefix| !prefix.as_ref().is_empty())
    }

    async fn write(&self, path: &Path, bytes: Bytes) -> Result<()> {
        let written = self.store.put(path, bytes.into()).await;
        self.failed.store(written.is_err(), Ordering::Relaxed);
        written.map(|_| ()).map_err(|error| {
            let why = "the disk may be full or read-only, or the object store is down; the log says more";
            Error::unavailable(format!("photos of products cannot be written: {why}")).with_source(error)
        })
    }

    /// Whether a photo is there and was put so recently that it need not be written again.
    async fn is_fresh(&self, path: &Path) -> bool {
        let Ok(there) = self.store.head(path).await else { return false };
        let put = SystemTime::from(there.last_modified);
        SystemTime::now().duration_since(put).is_ok_and(|age| age < RENEWED)
    }
}

fn unreadable(error: StoreError) -> Error {
    Error::unavailable("photos of products cannot be read for now").with_source(error)
}

#[async_trait]
impl PhotoStore for ObjectPhotos {
    async fn ping(&self) -> Result<()> {
        let probe = self.path(PROBE);
        if self.failed.load(Ordering::Relaxed) {
            self.write(&probe, vec![0; RESERVE].into()).await?;
            // It is overwritten by the next one where it stays.
            let _ = self.store.delete(&probe).await;
            return Ok(());
        }
        if self.folder.is_some() {
            return match self.store.head(&probe).await {
                Ok(_) | Err(StoreError::NotFound { .. }) => Ok(()),
                Err(error) => Err(unreadable(error)),
            };
        }
        // A bucket that does not exist looks like an object that does not; a list of what comes after all photos distinguishes them.
        let mut listed = self.store.list_with_offset(self.listed(), &self.path(LAST));
        listed.try_next().await.map(|_| ()).map_err(unreadable)
    }

    async fn put(&self, key: &PhotoKey, photo: Bytes) -> Result<()> {
        let path = self.path(key.as_str());
        if self.is_fresh(&path).await {
            return Ok(());
        }
        self.write(&path, photo).await
    }

    async fn get(&self, key: &PhotoKey) -> Result<Option<PhotoStream>> {
        let found = match self.store.get(&self.path(key.as_str())).await {
            Ok(found) => found,
            Err(StoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(unreadable(error)),
        };
        let size = found.meta.size;
        let chunks = if size <= PIECE {
            let bytes = found.bytes().await.map_err(unreadable)?;
            stream::once(async move { Ok(bytes) }).boxed()
        } else {
            found.into_stream().map_err(unreadable).boxed()
        };
        Ok(Some(PhotoStream { size, chunks }))
    }

    async fn delete(&self, keys: &[PhotoKey]) -> Result<()> {
        let paths: Vec<_> = keys.iter().map(|key| Ok(self.path(key.as_str()))).collect();
        let mut deleted = self.store.delete_stream(stream::iter(paths).boxed());
        while let Some(path) = deleted.next().await {
            match path {
                Ok(_) | Err(StoreError::NotFound { .. }) => {}
                Err(error) => {
                    return Err(Error::unavailable("photos of products cannot be deleted").with_source(error));
                }
            }
        }
        Ok(())
    }

    fn list(&self) -> BoxStream<'_, Result<ListedPhoto>> {
        let listed = self.store.list(self.listed()).try_filter_map(|object| async move {
            let key = object.location.filename().and_then(|name| name.parse::<PhotoKey>().ok());
            Ok(key.map(|key| ListedPhoto { key, put: object.last_modified.into() }))
        });
        listed.map_err(unreadable).boxed()
    }

    fn file(&self, key: &PhotoKey) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(key.as_str()))
    }
}
