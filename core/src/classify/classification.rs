//! What a classifier sees on a photo.

use crate::CategoryId;
use crate::classify::Embedding;

/// One class of the model and its probability.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelScore {
    /// The class's id; a WordNet id such as `n04120489` for ImageNet models.
    pub label: String,
    /// Its probability, 0 to 1.
    pub score: f32,
}

/// One category of the shop and how likely the photo shows it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CategoryScore {
    /// The category's number.
    pub category: CategoryId,
    /// Its probability, 0 to 1.
    pub score: f32,
}

/// What a photo shows: labels of the model, categories, an embedding.
///
/// A Vitrina worker or browser sends `labels`, which the server turns into the shop's categories as they are at that
/// moment; workers of other makes send `categories` of their own, which are then taken as they are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Classification {
    /// The model's classes, the likeliest first; those of negligible probability may be left out.
    pub labels: Vec<LabelScore>,
    /// The shop's categories, for senders that know them.
    pub categories: Vec<CategoryScore>,
    /// The photo's embedding, in the space of the model that made it.
    pub embedding: Option<Embedding>,
}

impl Classification {
    /// The most labels or categories that are kept of one classification, from whomever they come.
    pub const MAX_SCORES: usize = 1000;
}
