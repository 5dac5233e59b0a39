//! Photos of products: stripped, stored by content, removed when no product has them any more.

use std::collections::HashSet;
use std::path::{Component, Path};
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use vitrina_core::catalog::{ListQuery, MAX_LIMIT};
use vitrina_core::photo::PhotoKey;
use vitrina_core::{Error, Product, Result};
use vitrina_photo::{PublishedPhoto, publish};

use crate::Shop;
use crate::runtime::blocking;

/// The largest photo of a product in bytes.
const MAX_PHOTO: u64 = 32 << 20;

/// The youngest that a photo may be which is removed: one that was stored just now may be on its way into the catalogue.
const YOUNGEST: Duration = Duration::from_secs(3600);

/// How many photos are deleted at a time.
const DELETED: usize = 500;

impl Shop {
    /// Deletes the photos that no product has, and returns how many: those that were last put longer ago than `age`, of
    /// which less than an hour counts as an hour.
    ///
    /// The store must be this shop's alone: photos of another shop are unused here.
    ///
    /// # Errors
    /// Those of the catalogue and of the store; what was deleted before stays deleted.
    pub async fn delete_unused_photos(&self, age: Duration) -> Result<usize> {
        let before = SystemTime::now().checked_sub(age.max(YOUNGEST)).unwrap_or(SystemTime::UNIX_EPOCH);
        let used = self.used_photos().await?;
        let (mut listed, mut unused) = (self.photos().list(), Vec::new());
        while let Some(photo) = listed.next().await.transpose()? {
            if photo.put < before && !used.contains(&photo.key) {
                unused.push(photo.key);
            }
        }
        drop(listed);
        for keys in unused.chunks(DELETED) {
            self.photos().delete(keys).await?;
        }
        Ok(unused.len())
    }

    /// Returns the bytes of a product's photo; `None` if the store does not have it.
    ///
    /// # Errors
    /// Those of the store, and of a photo that is larger than any that is put.
    pub async fn photo(&self, key: &PhotoKey) -> Result<Option<Vec<u8>>> {
        match self.photos().get(key).await? {
            Some(photo) => photo.read(MAX_PHOTO).await.map(Some),
            None => Ok(None),
        }
    }

    /// The keys of all products' photos.
    async fn used_photos(&self) -> Result<HashSet<PhotoKey>> {
        let (mut used, mut query) = (HashSet::new(), ListQuery::default().limit(MAX_LIMIT));
        loop {
            let page = self.catalog().list(&query).await?;
            used.extend(page.items.iter().flat_map(Product::photo_keys));
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(used),
            }
        }
    }

    /// Stores a photo that is stripped already, and returns its key.
    pub(crate) async fn store(&self, photo: PublishedPhoto) -> Result<String> {
        let key = PhotoKey::of(&photo.bytes, photo.format);
        self.photos().put(&key, photo.bytes.into()).await?;
        Ok(key.to_string())
    }
}

/// Strips a photo of everything but its picture, off the async threads.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a photo that cannot be used, with the
/// [`PhotoError`](vitrina_core::classify::PhotoError) as its source.
pub(crate) async fn publish_photo(shop: &Shop, photo: Vec<u8>) -> Result<PublishedPhoto> {
    let (limits, permit) = (shop.photo_limits(), shop.permit().await?);
    let published = blocking(move || {
        let _permit = permit; // also when nobody waits any more
        publish(&photo, limits)
    });
    published.await?.map_err(|error| Error::invalid(error.to_string()).with_source(error))
}

/// Reads a photo's file within the bound.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is missing, unreadable or too large.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let unreadable = |error| Error::invalid(format!("the photo {shown} cannot be read")).with_source(error);
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_PHOTO {
        return Err(Error::invalid(format!("the photo {shown} is larger than {MAX_PHOTO} bytes")));
    }
    std::fs::read(path).map_err(unreadable)
}

/// Returns a path that does not lead out of its folder.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for every other path.
pub(crate) fn inner(path: &Path) -> Result<&Path> {
    if path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Ok(path);
    }
    Err(Error::invalid(format!("the photo `{}` leads out of the folder of photos", path.display())))
}
