//! A classifier that knows photos by heart.

use std::collections::HashMap;

use crate::classify::{Classification, EmbeddingSpace, PhotoError};
use crate::{Classifier, Result};

/// A classifier that knows certain photos byte for byte and can read no other; for the quick start and for tests of what
/// stands around a classifier.
#[derive(Debug, Clone)]
pub struct MemoryClassifier {
    known: HashMap<Vec<u8>, Classification>,
    space: EmbeddingSpace,
}

impl Default for MemoryClassifier {
    fn default() -> Self {
        Self { known: HashMap::new(), space: EmbeddingSpace::new("memory").unwrap_or_default() }
    }
}

impl MemoryClassifier {
    /// A classifier that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same classifier with embeddings of this space; by default they are of the space `memory`.
    #[must_use]
    pub fn in_space(mut self, space: EmbeddingSpace) -> Self {
        self.space = space;
        self
    }

    /// The same classifier, knowing one more photo.
    #[must_use]
    pub fn knowing(mut self, photo: impl Into<Vec<u8>>, classification: Classification) -> Self {
        self.known.insert(photo.into(), classification);
        self
    }
}

impl Classifier for MemoryClassifier {
    fn space(&self) -> EmbeddingSpace {
        self.space.clone()
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        let classified = |photo: &&[u8]| {
            let known = self.known.get(*photo).cloned().ok_or(PhotoError::Unsupported)?;
            let embedding = known.embedding.map(|embedding| embedding.in_space(self.space.clone()));
            Ok(Classification { embedding, ..known })
        };
        Ok(photos.iter().map(classified).collect())
    }
}
