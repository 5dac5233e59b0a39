//! Photos on their way, and what they show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem_openapi::Object;
use serde::Serialize;
use serde_json::{Value, json};
use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, LabelScore};
use vitrina_core::search::PhotoAnswer;
use vitrina_core::{Error, Result};

use super::scores::{CategoryScoreIn, LabelScoreIn, split};
use super::{Filter, Prediction, Product};

/// A task that was taken in.
#[derive(Debug, Object)]
pub struct TaskAccepted {
    /// Ask for the result at `/tasks/{task_id}/result`.
    pub task_id: String,
}

/// A task that has not ended.
#[derive(Debug, Object)]
pub struct TaskPending {
    /// Always `pending`.
    pub status: String,
    /// `queued`, or `started` once a worker has it.
    pub stage: String,
}

/// The answer to a photo.
#[derive(Debug, Object, Serialize)]
pub struct TaskResult {
    /// Always `completed`.
    pub status: String,
    /// The predicted categories, the likeliest first.
    pub categories: Vec<String>,
    /// Products of these categories, the most similar first.
    pub products: Vec<Product>,
    /// The predicted categories with their scores.
    pub predictions: Vec<Prediction>,
    /// Whether the photo shows nothing that the shop sells: there are no predictions, and the products are those that look
    /// most like it all the same.
    pub not_sold: bool,
}

impl From<PhotoAnswer> for TaskResult {
    fn from(answer: PhotoAnswer) -> Self {
        let predictions: Vec<_> = answer.predictions.into_iter().map(Prediction::from).collect();
        Self {
            status: "completed".into(),
            categories: predictions.iter().map(|prediction| prediction.category.clone()).collect(),
            products: answer.products.into_iter().map(Product::from).collect(),
            predictions,
            not_sold: answer.not_sold,
        }
    }
}

/// What a photo shows, classified by the browser itself.
#[derive(Debug, Object)]
pub struct PredictionSearch {
    /// The shop's categories with their scores.
    #[oai(default, nullable)]
    pub categories: Vec<CategoryScoreIn>,
    /// The model's classes with their scores; the server turns them into categories.
    #[oai(default, nullable)]
    pub labels: Vec<LabelScoreIn>,
    /// The photo's embedding: little-endian 32-bit floats in base64.
    #[oai(nullable)]
    pub embedding: Option<String>,
    /// The model that made the embedding, with its version, such as `efficientnet_lite0/1`; the shop's own unless given.
    /// Where it is another, the answer goes by the labels alone.
    #[oai(nullable)]
    pub model: Option<String>,
    /// Words that the products must be found by too.
    #[oai(nullable)]
    pub query: Option<String>,
    /// Which products may be in the answer.
    #[oai(nullable)]
    pub filter: Option<Filter>,
}

/// A classification as it is sent: labels with their scores, the embedding in base64 and the model that made it.
pub fn classified(classification: &Classification) -> Value {
    let label = |label: &LabelScore| json!({"label": label.label, "score": label.score});
    let labels: Vec<_> = classification.labels.iter().map(label).collect();
    let Some(embedding) = &classification.embedding else { return json!({"labels": labels}) };
    let mut sent = json!({"labels": labels, "embedding": STANDARD.encode(embedding.to_bytes())});
    if !embedding.space().is_unnamed() {
        sent["model"] = embedding.space().as_str().into();
    }
    sent
}

/// Returns the classification in a request.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for too many scores, one that is no probability, a bad embedding, or a bad
/// name of its model.
pub fn classification(
    categories: Vec<CategoryScoreIn>,
    labels: Vec<LabelScoreIn>,
    embedding: Option<String>,
    model: Option<String>,
) -> Result<Classification> {
    if categories.len().max(labels.len()) > Classification::MAX_SCORES {
        return Err(Error::invalid(format!("at most {} scores are taken", Classification::MAX_SCORES)));
    }
    let (categories, mut named) = split(categories)?;
    for label in labels {
        named.push(label.read()?);
    }
    let embedding = embedding.map(|text| {
        let bytes = STANDARD.decode(text).map_err(|_| Error::invalid("the embedding is no base64"))?;
        Embedding::from_bytes(&bytes)
    });
    let space = EmbeddingSpace::new(model.unwrap_or_default())?;
    let embedding = embedding.transpose()?.map(|embedding| embedding.in_space(space));
    Ok(Classification { categories, labels: named, embedding })
}
