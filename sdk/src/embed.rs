//! Embeddings of products' photos: computed by the classifier, stored with the catalogue.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use vitrina_core::catalog::{PhotoEmbedding, ProductPhoto};
use vitrina_core::classify::{Classification, Embedding, PhotoError};
use vitrina_core::photo::PhotoKey;
use vitrina_core::product::PhotoSource;
use vitrina_core::{Error, ProductId, Result};

use crate::Shop;
use crate::photos::publish_photo;
use crate::runtime::blocking;

/// How many photos are classified at a time.
const BATCH: usize = 16;

/// How many embeddings of former models are removed at a time.
const REMOVED: usize = 1000;

/// How often progress is logged.
const REPORT: Duration = Duration::from_secs(10);

impl Shop {
    /// Brings the catalogue into the classifier's embedding space: embeds all photos of products and of their variants that
    /// have no embedding of it yet, then removes those of other models for the same photos. Returns how many photos were
    /// embedded.
    ///
    /// Until it is done the embeddings of the former model stay and serve photos of their space. Photos at other URLs
    /// are left alone; one that cannot be read is logged and passed over, and keeps the embeddings that it has.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) without a classifier, and those of the catalogue and of the
    /// model; what was stored before stays, and the next call goes on from there.
    pub async fn embed_missing(&self) -> Result<usize> {
        let classifier = self.classifier().as_ref().map_err(Error::unavailable)?;
        let (catalog, space) = (self.catalog(), classifier.space());
        let lacking = catalog.count_without_embedding(&space).await?;
        let (mut embedded, mut seen, mut after) = (0, 0, None);
        let mut reported = Instant::now();
        loop {
            let photos = catalog.without_embedding(&space, after.as_ref(), BATCH).await?;
            let Some(last) = photos.last() else { break };
            after = Some(last.clone());
            seen += photos.len();
            let embeddings = self.embed(photos).await?;
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

    /// Embeds photos that come as bytes, if the shop has a classifier, before they are stored: what cannot be read must not
    /// become a product's photo. Of their bytes only the picture is left.
    pub(crate) async fn embed_new(
        &self,
        photos: Vec<&mut PhotoSource>,
    ) -> Result<HashMap<PhotoKey, Embedding>> {
        let mut embedded = HashMap::new();
        if self.classifier().is_err() {
            return Ok(embedded);
        }
        for photo in photos {
            let PhotoSource::Bytes(bytes) = photo else { continue };
            let published = publish_photo(self, std::mem::take(bytes)).await?;
            bytes.clone_from(&published.bytes);
            let key = PhotoKey::of(&published.bytes, published.format);
            if !embedded.contains_key(&key)
                && let Some(embedding) = self.classify(published.bytes).await?.embedding
            {
                embedded.insert(key, embedding);
            }
        }
        Ok(embedded)
    }

    /// Stores the embeddings of a product's new photos, and embeds those of `added` that are not among them: these were in the
    /// store already. What cannot be embedded now is left to [`embed_missing`](Self::embed_missing).
    pub(crate) async fn put_embedded(
        &self,
        product: ProductId,
        embedded: HashMap<PhotoKey, Embedding>,
        mut added: Vec<PhotoKey>,
    ) -> Result<()> {
        added.retain(|photo| !embedded.contains_key(photo));
        let new = embedded.into_iter();
        let new = new.map(|(photo, embedding)| PhotoEmbedding { product, photo, embedding });
        let mut embeddings: Vec<_> = new.collect();
        if self.classifier().is_ok() {
            for added in added.chunks(BATCH) {
                let photos = added.iter().map(|photo| ProductPhoto { product, photo: photo.clone() });
                match self.embed(photos.collect()).await {
                    Ok(more) => embeddings.extend(more),
                    Err(error) => {
                        tracing::warn!(product = product.0, error = %error.chain(), "photos wait to be embedded");
                    }
                }
            }
        }
        match embeddings.as_slice() {
            [] => Ok(()),
            embeddings => self.catalog().put_embeddings(embeddings).await,
        }
    }

    /// The embeddings of these photos; one that several products have is read and classified once.
    async fn embed(&self, photos: Vec<ProductPhoto>) -> Result<Vec<PhotoEmbedding>> {
        let mut products: BTreeMap<PhotoKey, Vec<ProductId>> = BTreeMap::new();
        for ProductPhoto { product, photo } in photos {
            products.entry(photo).or_default().push(product);
        }
        let (mut owned, mut photos) = (Vec::new(), Vec::new());
        for (key, products) in products {
            match self.stored_photo(&key).await {
                Ok(photo) => {
                    owned.push((key, products));
                    photos.push(photo);
                }
                Err(error) => {
                    let product = products[0].0;
                    tracing::warn!(product, error = %error.chain(), "a product's photo cannot be used");
                }
            }
        }
        let mut embeddings = Vec::new();
        for ((photo, products), result) in owned.into_iter().zip(self.classify_all(photos).await?) {
            match result.map(|classification| classification.embedding) {
                Ok(Some(embedding)) => embeddings.extend(products.into_iter().map(|product| {
                    PhotoEmbedding { product, photo: photo.clone(), embedding: embedding.clone() }
                })),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(product = products[0].0, %photo, %error, "a product's photo cannot be used");
                }
            }
        }
        Ok(embeddings)
    }

    /// The bytes of a photo that the shop's store should hold.
    async fn stored_photo(&self, key: &PhotoKey) -> Result<Vec<u8>> {
        let missing = || Error::not_found(format!("the photo {key} is not in the store"));
        self.photo(key).await?.ok_or_else(missing)
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
