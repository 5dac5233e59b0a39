//! Photos on their way, and what they show.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem_openapi::Object;
use serde_json::{Value, json};
use vitrina::{CategoryId, CategoryScore, Embedding, Error, LabelScore, PhotoAnswer, Recognition, Result};

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
#[derive(Debug, Object)]
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

/// A score for a category, by number; `confidence` is the older spelling of `score`.
#[derive(Debug, Object)]
pub struct CategoryScoreIn {
    /// The category's number.
    pub label: i64,
    /// How likely, 0 to 1.
    pub score: Option<f32>,
    /// The older spelling of `score`.
    pub confidence: Option<f32>,
}

/// A score for a class of the model.
#[derive(Debug, Object)]
pub struct LabelScoreIn {
    /// The class's id, such as the WordNet id `n04120489`.
    pub label: String,
    /// How likely, 0 to 1.
    pub score: f32,
}

/// What a photo shows, recognised by the browser itself.
#[derive(Debug, Object)]
pub struct PredictionSearch {
    /// The shop's categories with their scores.
    #[oai(default)]
    pub categories: Vec<CategoryScoreIn>,
    /// The model's classes with their scores; the server turns them into categories.
    #[oai(default)]
    pub labels: Vec<LabelScoreIn>,
    /// The photo's embedding: little-endian 32-bit floats in base64.
    pub embedding: Option<String>,
    /// Words that the products must be found by too.
    pub query: Option<String>,
    /// Which products may be in the answer.
    pub filter: Option<Filter>,
}

/// What was recognised as it is sent: labels with their scores, the embedding in base64.
pub fn recognized(recognition: &Recognition) -> (Vec<Value>, Option<String>) {
    let label = |label: &LabelScore| json!({"label": label.label, "score": label.score});
    let embedding = recognition.embedding.as_ref();
    (
        recognition.labels.iter().map(label).collect(),
        embedding.map(|embedding| STANDARD.encode(embedding.to_bytes())),
    )
}

/// What was recognised, from the parts that came over the wire.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) for too many scores, one that is no probability, or a bad embedding.
pub fn recognition(
    categories: Vec<CategoryScoreIn>,
    labels: Vec<LabelScoreIn>,
    embedding: Option<String>,
) -> Result<Recognition> {
    if categories.len().max(labels.len()) > Recognition::MAX_SCORES {
        return Err(Error::invalid(format!("at most {} scores are taken", Recognition::MAX_SCORES)));
    }
    let category = |given: CategoryScoreIn| {
        let score = given.score.or(given.confidence);
        let score = probability(score.ok_or_else(|| Error::invalid("a category needs a `score`"))?)?;
        Ok(CategoryScore { category: CategoryId(given.label), score })
    };
    let label = |given: LabelScoreIn| Ok(LabelScore { label: given.label, score: probability(given.score)? });
    let embedding = embedding.map(|text| {
        let bytes = STANDARD.decode(text).map_err(|_| Error::invalid("the embedding is no base64"))?;
        Embedding::from_bytes(&bytes)
    });
    Ok(Recognition {
        categories: categories.into_iter().map(category).collect::<Result<_>>()?,
        labels: labels.into_iter().map(label).collect::<Result<_>>()?,
        embedding: embedding.transpose()?,
    })
}

fn probability(score: f32) -> Result<f32> {
    if (0.0..=1.0).contains(&score) {
        return Ok(score);
    }
    Err(Error::invalid(format!("the score {score} is no probability: send 0 to 1")))
}
