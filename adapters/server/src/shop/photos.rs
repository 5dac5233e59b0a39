//! The photos of products, as files named after their content.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use vitrina::{Error, Result};
use vitrina_onnx::{PhotoFormat, PhotoLimits, inspect};

/// The largest product photo in bytes.
const MAX_PHOTO: u64 = 32 << 20;

/// A photo with its media type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPhoto {
    /// The encoded photo.
    pub bytes: Vec<u8>,
    /// Its media type, such as `image/jpeg`.
    pub content_type: &'static str,
}

/// A folder of photos. A photo's key is the SHA-256 of its bytes with the ending of its format, so equal photos are kept
/// once and what a key names never changes.
#[derive(Debug, Clone)]
pub struct PhotoStore {
    folder: PathBuf,
}

impl PhotoStore {
    /// The store in this folder, which is made when the first photo comes.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Keeps a photo and answers its key.
    ///
    /// # Errors
    /// [`Invalid`](vitrina::ErrorKind::Invalid) when it is no picture of an accepted format, or the folder cannot be written.
    pub fn put(&self, bytes: &[u8]) -> Result<String> {
        let info =
            inspect(bytes, PhotoLimits::default()).map_err(|error| Error::invalid(error.to_string()))?;
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let key = format!("{hash}.{}", info.format.extension());
        let path = self.folder.join(&key);
        if path.is_file() {
            return Ok(key);
        }
        let written = std::fs::create_dir_all(&self.folder).and_then(|()| write_whole(&path, bytes));
        let folder = self.folder.display();
        written.map_err(|error| {
            Error::invalid(format!("photos cannot be written to {folder}")).with_source(error)
        })?;
        Ok(key)
    }

    /// The photo of a key; `None` for what is no key of ours or is not there.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub async fn read(&self, key: &str) -> io::Result<Option<StoredPhoto>> {
        let (Some(content_type), Some(path)) = (content_type(key), self.path(key)) else { return Ok(None) };
        match tokio::fs::read(path).await {
            Ok(bytes) => Ok(Some(StoredPhoto { bytes, content_type })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the photo of a key lies; `None` for what is no key of ours.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        content_type(key).map(|_| self.folder.join(key))
    }
}

/// The media type of a key; `None` for what is no key, above all for paths.
fn content_type(key: &str) -> Option<&'static str> {
    let (hash, ending) = key.split_once('.')?;
    let is_hash = hash.len() == 64 && hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let formats =
        [PhotoFormat::Jpeg, PhotoFormat::Png, PhotoFormat::WebP, PhotoFormat::Gif, PhotoFormat::Bmp];
    let format = formats.into_iter().find(|format| format.extension() == ending)?;
    is_hash.then(|| format.media_type())
}

/// Writes a file so that no reader sees half of it.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, path)
}

/// Reads a photo's file within the bound.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) when it is missing, unreadable or too large.
pub(super) fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let unreadable = |error| Error::invalid(format!("the photo {shown} cannot be read")).with_source(error);
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_PHOTO {
        return Err(Error::invalid(format!("the photo {shown} is larger than {MAX_PHOTO} bytes")));
    }
    std::fs::read(path).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOT: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";

    #[tokio::test]
    async fn a_photo_is_kept_under_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let store = PhotoStore::new(folder.path().join("photos"));
        let key = store.put(DOT).unwrap();
        assert_eq!(store.put(DOT).unwrap(), key);
        let photo = store.read(&key).await.unwrap().unwrap();
        assert_eq!((photo.bytes.as_slice(), photo.content_type), (DOT, "image/gif"));
        assert!(store.put(b"<svg onload=alert(1)>").is_err());
    }

    #[tokio::test]
    async fn only_keys_of_ours_are_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret.jpg"), "x").unwrap();
        let store = PhotoStore::new(folder.path().join("photos"));
        for key in [
            "../secret.jpg",
            "secret.jpg",
            "",
            ".",
            "%2e%2e",
            &"a".repeat(64),
            &format!("{}.exe", "a".repeat(64)),
        ] {
            assert_eq!(store.read(key).await.unwrap(), None, "{key}");
        }
        assert_eq!(store.read(&format!("{}.jpg", "a".repeat(64))).await.unwrap(), None);
    }
}
