//! Configuration of the search service.

use crate::classify::Embedding;
use crate::words::{Lexicon, Vocabulary};

/// Configuration of a [`SearchService`](crate::SearchService).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SearchOptions {
    /// A predicted category is kept when its score is above this, 0 to 1.
    pub confidence_threshold: f32,
    /// The words and labels by which categories are known.
    pub vocabulary: Vocabulary,
    /// How customers say what they want beside the product.
    pub lexicon: Lexicon,
    /// How many products an answer to a photo holds.
    pub photo_limit: usize,
    /// The [`Classifier::center`](crate::Classifier::center) of the shop's model.
    pub center: Option<Embedding>,
    /// The size in bytes of the cache of product details.
    pub product_memory: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            confidence_threshold: 0.1,
            vocabulary: Vocabulary::empty(),
            lexicon: Lexicon::empty(),
            photo_limit: 24,
            center: None,
            product_memory: 32 << 20,
        }
    }
}

impl SearchOptions {
    /// Sets the score, 0 to 1, above which a predicted category is kept.
    #[must_use]
    pub fn confidence_threshold(mut self, confidence_threshold: f32) -> Self {
        self.confidence_threshold = confidence_threshold;
        self
    }

    /// Sets the vocabulary of categories.
    #[must_use]
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = vocabulary;
        self
    }

    /// Sets the lexicon: how customers write prices, negations and requests.
    #[must_use]
    pub fn lexicon(mut self, lexicon: Lexicon) -> Self {
        self.lexicon = lexicon;
        self
    }

    /// Sets how many products the answer to a photo holds.
    #[must_use]
    pub fn photo_limit(mut self, photo_limit: usize) -> Self {
        self.photo_limit = photo_limit;
        self
    }

    /// Sets the center of the model's embeddings, [`Classifier::center`](crate::Classifier::center).
    #[must_use]
    pub fn center(mut self, center: Option<Embedding>) -> Self {
        self.center = center;
        self
    }

    /// Sets the size in bytes of the cache of product details.
    #[must_use]
    pub fn product_memory(mut self, product_memory: usize) -> Self {
        self.product_memory = product_memory;
        self
    }
}
