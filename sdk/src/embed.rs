//! Embeddings of products' photos: computed by the classifier, stored with the catalogue.

use std::time::{Duration, Instant};

use vitrina_core::catalog::PhotoEmbedding;
use vitrina_core::classify::{Classification, PhotoError};
use vitrina_core::photo::PhotoKey;
use vitrina_core::{Error, Product, ProductId, Result};

use crate::Shop;
use crate::runtime::blocking;

/// How many photos are classified at a time.
const BATCH: usize = 16;

/// How many embeddings of former models are removed at a time.
const REMOVED: usize = 1000;

/// How often progress is logged.
const REPORT: Duration = Duration::from_secs(10);

impl Shop {
    /// Brings the catalogue into the classifier's embedding space: embeds the photos of all products that have no embedding
    /// of it yet, then removes those of other models for the same photos. Returns how many photos were embedded.
    ///
    /// Until it is done the embeddings of the former model stay and serve photos of their space. Photos at other URLs
    /// are left alone; one that cannot be read is logged and passed over, and its product keeps the embeddings that it has.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) without a classifier, and those of the catalogue and of the
    /// model; what was stored before stays, and the next call goes on from there.
    pub async fn embed_missing(&self) -> Result<usize> {
        let classifier = self.classifier().as_ref().map_err(Error::unavailable)?;
        let (catalog, space) = (self.catalog(), classifier.space());
        let lacking = catalog.count_without_embedding(&space).await?;
        let (mut embedded, mut seen, mut after) = (0, 0, ProductId(0));
        let mut reported = Instant::now();
        loop {
            let products = catalog.without_embedding(&space, after, BATCH).await?;
            let Some(last) = products.last() else { break };
            after = last.id;
            seen += products.len();
            let embeddings = self.embed(&products).await?;
            catalog.put_embeddings(&embeddings).await?;
            embedded += embeddings.len();
            if reported.elapsed() >= REPORT {
                tracing::info!(model = %space, done = seen, of = lacking, "embedding the photos of products");
                reported = Instant::now();
            }
        }
        if embedded > 0 {
            tracing::info!(model = %space, photos = embedded, "embedded the photos of products");
        }
        let mut superseded = 0;
        loop {
            match catalog.remove_superseded_embeddings(&space, REMOVED).await? {
                0 => break,
                removed => superseded += removed,
            }
        }
        if superseded > 0 {
            tracing::info!(model = %space, embeddings = superseded, "removed the embeddings of other models");
        }
        Ok(embedded)
    }

    /// Lets searches see what was written, then embeds the photos that are not embedded yet, if the shop has a classifier;
    /// returns how many were.
    pub(crate) async fn refresh_and_embed(&self) -> Result<usize> {
        self.refresh().await?;
        let embedded = if self.classifier().is_ok() { self.embed_missing().await? } else { 0 };
        if embedded > 0 {
            self.refresh().await?;
        }
        Ok(embedded)
    }

    async fn embed(&self, products: &[Product]) -> Result<Vec<PhotoEmbedding>> {
        let (mut ids, mut photos) = (Vec::new(), Vec::new());
        for product in products {
            match self.photo_of(product).await {
                Ok(Some(photo)) => {
                    ids.push(product.id);
                    photos.push(photo);
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(product = product.id.0, error = %error.chain(), "a product's photo cannot be used");
                }
            }
        }
        let mut embeddings = Vec::new();
        for (product, result) in ids.into_iter().zip(self.classify_all(photos).await?) {
            match result.map(|classification| classification.embedding) {
                Ok(Some(embedding)) => embeddings.push(PhotoEmbedding { product, embedding }),
                Ok(None) => {}
                Err(error) => tracing::warn!(product = product.0, %error, "a product's photo cannot be used"),
            }
        }
        Ok(embeddings)
    }

    /// The bytes of a product's photo, where the shop's store holds it.
    async fn photo_of(&self, product: &Product) -> Result<Option<Vec<u8>>> {
        let Some(key) = product.photo().and_then(|photo| photo.parse::<PhotoKey>().ok()) else {
            return Ok(None);
        };
        let missing = || Error::not_found(format!("the photo {key} is not in the store"));
        self.photo(&key).await?.ok_or_else(missing).map(Some)
    }

    /// Classifies photos on a blocking thread; at most as many calls at a time as there are processors.
    pub(crate) async fn classify_all(
        &self,
        photos: Vec<Vec<u8>>,
    ) -> Result<Vec<Result<Classification, PhotoError>>> {
        if photos.is_empty() {
            return Ok(Vec::new());
        }
        let classifier = self.classifier().clone().map_err(Error::unavailable)?;
        let permit = self.permit().await?;
        blocking(move || {
            let _permit = permit; // also when nobody waits any more
            let bytes: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
            classifier.classify(&bytes)
        })
        .await?
    }

    /// The right to decode or classify a photo.
    pub(crate) async fn permit(&self) -> Result<tokio::sync::OwnedSemaphorePermit> {
        let permit = self.classifying().clone().acquire_owned().await;
        permit.map_err(|error| Error::internal("the shop is closed").with_source(error))
    }
}
