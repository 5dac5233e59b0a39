//! The trait of photo stores: the bytes of products' photos, by their content.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sha2::{Digest, Sha256};

use crate::photo::PhotoFormat;
use crate::{Error, Result};

/// The key of a stored photo: the SHA-256 of its bytes in hexadecimal, and the extension of its format.
///
/// Equal photos have equal keys, so what a key names never changes. No key is a path that leads anywhere else:
///
/// ```
/// use vitrina_core::photo::{PhotoFormat, PhotoKey};
///
/// let key = PhotoKey::of(b"the bytes of a photo", PhotoFormat::Jpeg);
/// assert_eq!(key.as_str().parse::<PhotoKey>()?, key);
/// assert!("../secret.jpg".parse::<PhotoKey>().is_err());
/// # Ok::<(), vitrina_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhotoKey(String);

impl PhotoKey {
    /// Computes the key of an encoded photo.
    pub fn of(photo: &[u8], format: PhotoFormat) -> Self {
        Self(format!("{:x}.{}", Sha256::digest(photo), format.extension()))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the format of the photo.
    pub fn format(&self) -> PhotoFormat {
        format_of(&self.0).unwrap_or(PhotoFormat::Jpeg)
    }
}

impl fmt::Display for PhotoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PhotoKey {
    type Err = Error;

    /// Parses a key.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) for what is no key, above all for paths.
    fn from_str(text: &str) -> Result<Self> {
        let missing = || Error::not_found("there is no such photo");
        format_of(text).map(|_| Self(text.to_owned())).ok_or_else(missing)
    }
}

/// The format of a key; `None` for what is no key.
fn format_of(key: &str) -> Option<PhotoFormat> {
    let (hash, extension) = key.split_once('.')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    PhotoFormat::ALL.into_iter().find(|format| is_hash && format.extension() == extension)
}

/// A stored photo on its way out of the store.
pub struct PhotoStream {
    /// Its size in bytes.
    pub size: u64,
    /// Its bytes, in chunks.
    pub chunks: BoxStream<'static, Result<Bytes>>,
}

impl PhotoStream {
    /// Reads all bytes.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a photo of more than `limit` bytes, and those of the store.
    pub async fn read(mut self, limit: u64) -> Result<Vec<u8>> {
        let too_large = || Error::invalid(format!("the photo is larger than {limit} bytes"));
        if self.size > limit {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunks.try_next().await? {
            if (bytes.len() + chunk.len()) as u64 > limit {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

impl fmt::Debug for PhotoStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhotoStream").field("size", &self.size).finish_non_exhaustive()
    }
}

/// An entry of [`PhotoStore::list`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPhoto {
    /// Its key.
    pub key: PhotoKey,
    /// When it was last put.
    pub put: SystemTime,
}

/// Stores the photos of products by their content.
///
/// # Contract
///
/// - A photo that was put is read by every process that shares the store, from the moment that [`put`](Self::put) returns
///   until it is deleted, whatever fails meanwhile.
/// - No reader sees a part of a photo.
/// - A store that cannot be reached returns [`Unavailable`](crate::ErrorKind::Unavailable) within seconds, and recovers by
///   itself.
#[async_trait]
pub trait PhotoStore: Send + Sync {
    /// Reports whether photos can be read and written now; for readiness checks.
    async fn ping(&self) -> Result<()>;

    /// Stores a photo under its key.
    ///
    /// - Putting a photo that is there succeeds, and counts as [put](ListedPhoto::put) now, at the latest ten minutes later
    ///   than the put before.
    async fn put(&self, key: &PhotoKey, photo: Bytes) -> Result<()>;

    /// Returns a photo; `None` if it is not there.
    async fn get(&self, key: &PhotoKey) -> Result<Option<PhotoStream>>;

    /// Deletes photos; deleting what is not there succeeds.
    async fn delete(&self, keys: &[PhotoKey]) -> Result<()>;

    /// Lists the photos in no order.
    ///
    /// - What is put or deleted meanwhile may be listed or not. What is no photo of ours is left out.
    fn list(&self) -> BoxStream<'_, Result<ListedPhoto>>;

    /// Returns the file of a photo, where photos are files of this machine; `None` as default.
    fn file(&self, key: &PhotoKey) -> Option<PathBuf> {
        let _ = key;
        None
    }
}
