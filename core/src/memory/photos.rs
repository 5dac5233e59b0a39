//! Photos in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};

use crate::photo::{ListedPhoto, PhotoKey, PhotoStream};
use crate::{PhotoStore, Result};

/// A [`PhotoStore`] that forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryPhotos {
    photos: Mutex<BTreeMap<PhotoKey, (Bytes, SystemTime)>>,
}

impl MemoryPhotos {
    /// Creates an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn photos(&self) -> MutexGuard<'_, BTreeMap<PhotoKey, (Bytes, SystemTime)>> {
        super::lock(&self.photos)
    }
}

#[async_trait]
impl PhotoStore for MemoryPhotos {
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn put(&self, key: &PhotoKey, photo: Bytes) -> Result<()> {
        self.photos().insert(key.clone(), (photo, SystemTime::now()));
        Ok(())
    }

    async fn get(&self, key: &PhotoKey) -> Result<Option<PhotoStream>> {
        let found = self.photos().get(key).map(|(photo, _)| photo.clone());
        Ok(found.map(|photo| PhotoStream {
            size: photo.len() as u64,
            chunks: stream::once(async move { Ok(photo) }).boxed(),
        }))
    }

    async fn delete(&self, keys: &[PhotoKey]) -> Result<()> {
        let mut photos = self.photos();
        keys.iter().for_each(|key| drop(photos.remove(key)));
        Ok(())
    }

    fn list(&self) -> BoxStream<'_, Result<ListedPhoto>> {
        let listed: Vec<_> = self
            .photos()
            .iter()
            .map(|(key, (_, put))| Ok(ListedPhoto { key: key.clone(), put: *put }))
            .collect();
        stream::iter(listed).boxed()
    }
}
