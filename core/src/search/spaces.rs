//! Embedding spaces: which of them a shop answers in.

use std::borrow::Cow;
use std::sync::atomic::Ordering;

use super::SearchService;
use crate::classify::{Classification, Embedding};
use crate::index::EmbeddedProducts;
use crate::{ProductId, Result};

impl SearchService {
    /// The spaces that products are embedded in. The first, with most products, is the shop's: categories are learned in
    /// it, and embeddings of clients that name no space are taken for it. There are several while the catalogue is embedded
    /// anew after a change of model; each photo is compared within its own.
    ///
    /// # Errors
    /// Those of the index.
    pub async fn spaces(&self) -> Result<Vec<EmbeddedProducts>> {
        self.index.spaces().await
    }

    /// How many answers were given by labels alone because no product is embedded in the space of the photo's embedding.
    pub fn foreign_results(&self) -> u64 {
        self.foreign_results.load(Ordering::Relaxed)
    }

    /// The classification with its embedding in a space that products are embedded in, or without it.
    ///
    /// An embedding of the unnamed space is taken for one of the shop's space where it is as long as those.
    pub(super) async fn comparable<'a>(
        &self,
        classification: &'a Classification,
    ) -> Result<Cow<'a, Classification>> {
        let Some(embedding) = &classification.embedding else { return Ok(Cow::Borrowed(classification)) };
        let spaces = self.index.spaces().await?;
        let fits = |known: &EmbeddedProducts| {
            known.space == *embedding.space() && known.length == embedding.as_slice().len()
        };
        // In a shop without any embedding there is nothing to compare, whatever the space.
        if spaces.is_empty() || spaces.iter().any(fits) {
            return Ok(Cow::Borrowed(classification));
        }
        let shop = spaces
            .first()
            .filter(|shop| embedding.space().is_unnamed() && shop.length == embedding.as_slice().len());
        let embedding = shop.map(|shop| embedding.clone().in_space(shop.space.clone()));
        if embedding.is_none() {
            self.foreign_results.fetch_add(1, Ordering::Relaxed);
        }
        Ok(Cow::Owned(Classification { embedding, ..classification.clone() }))
    }

    /// The embedding of a product's photo, in the shop's space where it has one.
    pub(super) async fn embedding(&self, id: ProductId) -> Result<Option<Embedding>> {
        for known in self.index.spaces().await? {
            if let Some(embedding) = self.index.embedding(id, &known.space).await? {
                return Ok(Some(embedding));
            }
        }
        Ok(None)
    }
}
