//! Vitrina's [`PhotoStore`] on object stores, by [object_store].
//!
//! [`open`] opens a folder by its URL, `file:PATH`, and with the cargo feature `s3` a bucket, `s3://BUCKET/PREFIX`;
//! [`ObjectPhotos::new`] takes any other object store.
//!
//! Photos are named after their content ([`PhotoKey`](vitrina_core::photo::PhotoKey)), so equal photos are stored once. A put that has
//! returned survives a power cut: files and their folder are synchronized to the disk.
//!
//! ```
//! use vitrina_core::photo::{PhotoFormat, PhotoKey};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! # let folder = tempfile::tempdir().unwrap();
//! let store = vitrina_storage::open(&format!("file:{}", folder.path().display())).await?;
//! let key = PhotoKey::of(b"the bytes of a photo", PhotoFormat::Jpeg);
//! store.put(&key, "the bytes of a photo".into()).await?;
//! let photo = store.get(&key).await?.expect("it was put");
//! assert_eq!(photo.read(1000).await?, b"the bytes of a photo");
//! # Ok::<(), vitrina_core::Error>(())
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod photos;
#[cfg(feature = "s3")]
mod s3;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use vitrina_core::{Error, PhotoStore, Result};

pub use photos::ObjectPhotos;

/// Opens the store that `url` names; it need not be reachable yet. The options of S3 are those of the environment (`AWS_…`).
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a URL that is not understood, and
/// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) for a folder that cannot be created.
pub async fn open(url: &str) -> Result<Arc<dyn PhotoStore>> {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    match scheme {
        "file" => Ok(Arc::new(ObjectPhotos::in_folder(rest.strip_prefix("//").unwrap_or(rest)).await?)),
        #[cfg(feature = "s3")]
        "s3" => Ok(Arc::new(ObjectPhotos::in_s3(url, environment())?)),
        _ => Err(Error::invalid(
            "the store of photos is `file:PATH`, or `s3://BUCKET/PREFIX` with the cargo feature `s3`",
        )),
    }
}

/// The variables of the environment that are text.
#[cfg(feature = "s3")]
fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl ObjectPhotos {
    /// Opens the store in a folder, which is created if it does not exist.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) if it cannot be created.
    pub async fn in_folder(folder: impl AsRef<Path>) -> Result<Self> {
        let folder: PathBuf = folder.as_ref().to_path_buf();
        let unusable = |error: Box<dyn std::error::Error + Send + Sync>| {
            let shown = folder.display();
            Error::unavailable(format!("the folder {shown} of photos cannot be used")).with_source(error)
        };
        tokio::fs::create_dir_all(&folder).await.map_err(|error| unusable(error.into()))?;
        let root = tokio::fs::canonicalize(&folder).await.map_err(|error| unusable(error.into()))?;
        let store = LocalFileSystem::new_with_prefix(&root).map_err(|error| unusable(error.into()))?;
        Ok(Self::new(Arc::new(store.with_fsync(true)), "").with_folder(root))
    }
}
