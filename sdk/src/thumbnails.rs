//! Thumbnails of products' photos, made once and kept in a folder of this machine.

use std::io::{self, Write};
use std::path::PathBuf;

use vitrina_core::photo::PhotoKey;
use vitrina_core::{Error, Result};
use vitrina_photo::{ThumbnailFormat, thumbnail};

use crate::Shop;

/// The widths that thumbnails are made in, in pixels: a list's row, a card on a phone, a card on a sharp screen, a page's
/// whole width.
pub const THUMBNAIL_WIDTHS: [u32; 4] = [160, 320, 640, 1280];

/// The folder of the thumbnails, beside the photos where these are files. What is in it can be deleted at any time.
pub(crate) const FOLDER: &str = "thumbnails";

impl Shop {
    /// Returns a thumbnail that was made before; `None` where there is none yet.
    pub async fn stored_thumbnail(
        &self,
        key: &PhotoKey,
        width: u32,
        format: ThumbnailFormat,
    ) -> Option<Vec<u8>> {
        tokio::fs::read(self.thumbnail_path(key, width, format)?).await.ok()
    }

    /// Makes a thumbnail of a photo and keeps it. A folder that cannot be written does not keep it from being returned.
    ///
    /// Decodes a photo, within the bounds of the shop: not for async threads.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a photo that cannot be decoded.
    pub fn make_thumbnail(
        &self,
        key: &PhotoKey,
        photo: &[u8],
        width: u32,
        format: ThumbnailFormat,
    ) -> Result<Vec<u8>> {
        let made = thumbnail(photo, width, format, self.photo_limits());
        let made = made.map_err(|error| Error::invalid(format!("the photo has no thumbnail: {error}")))?;
        if let Some(path) = self.thumbnail_path(key, width, format)
            && let Err(error) = keep(&path, &made)
        {
            tracing::debug!(%error, "a thumbnail could not be kept");
        }
        Ok(made)
    }

    fn thumbnail_path(&self, key: &PhotoKey, width: u32, format: ThumbnailFormat) -> Option<PathBuf> {
        let folder = match self.photos().file(key) {
            Some(photo) => photo.parent()?.join(FOLDER),
            None => self.thumbnail_folder()?.to_path_buf(),
        };
        let hash = key.as_str().split('.').next()?;
        Some(folder.join(format!("{hash}-{width}.{}", format.extension())))
    }
}

/// Writes a file so that no reader sees half of it. It is derived, so a power cut may take it.
fn keep(path: &std::path::Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
    part.write_all(bytes)?;
    part.persist(path)?;
    Ok(())
}
