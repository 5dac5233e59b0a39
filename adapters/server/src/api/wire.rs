//! What goes over the wire: the objects of the HTTP contract, made from the domain's types.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem_openapi::{Enum, Object};
use vitrina::{
    CategoryId, CategoryScore, Embedding, Error, LabelScore, PhotoAnswer, Recognition, Result, SimilarProduct,
};

use super::words::Words;

/// A category of the shop.
#[derive(Debug, Object)]
#[oai(example)]
pub struct Category {
    /// Its number; the `label` of predictions.
    pub id: i64,
    /// Its name.
    pub name: String,
}

impl poem_openapi::types::Example for Category {
    fn example() -> Self {
        Self { id: 1, name: "Camisetas".into() }
    }
}

/// All categories.
#[derive(Debug, Object)]
pub struct Categories {
    /// By number.
    pub categories: Vec<Category>,
}

/// A product of the shop.
#[derive(Debug, Object)]
#[oai(example)]
pub struct Product {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is, in plain text.
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs, with two decimals.
    pub price: f64,
    /// The name of its category.
    pub category: Option<String>,
    /// The number of its category.
    pub category_id: Option<i64>,
    /// Pieces in stock; null where the shop does not count them.
    pub stock: Option<u32>,
    /// Whether it can be bought now.
    pub in_stock: bool,
    /// Where its photo is: a path of this server or an address.
    pub photo: Option<String>,
    /// How alike its photo looks, -1 to 1; in answers to photos only.
    #[oai(skip_serializing_if_is_none)]
    pub similarity: Option<f64>,
}

impl poem_openapi::types::Example for Product {
    fn example() -> Self {
        Self {
            id: 1,
            name: "Camiseta deportiva roja".into(),
            description: "Camiseta transpirable para correr.".into(),
            brand: Some("Zancada".into()),
            price: 12.99,
            category: Some("Camisetas".into()),
            category_id: Some(1),
            stock: Some(25),
            in_stock: true,
            photo: None,
            similarity: None,
        }
    }
}

impl From<vitrina::Product> for Product {
    fn from(product: vitrina::Product) -> Self {
        let in_stock = product.in_stock();
        let photo = product.photo.map(|photo| {
            let elsewhere = photo.starts_with("http://") || photo.starts_with("https://");
            if elsewhere { photo } else { format!("/photos/{photo}") }
        });
        Self {
            id: product.id.0,
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price.to_major(),
            category_id: product.category.as_ref().map(|category| category.id.0),
            category: product.category.map(|category| category.name),
            stock: product.stock,
            in_stock,
            photo,
            similarity: None,
        }
    }
}

impl From<SimilarProduct> for Product {
    fn from(similar: SimilarProduct) -> Self {
        Self { similarity: similar.similarity.map(decimal), ..Self::from(similar.product) }
    }
}

/// A page of products.
#[derive(Debug, Object)]
pub struct ProductPage {
    /// The products of this page.
    pub products: Vec<Product>,
    /// Send it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// Products that look alike.
#[derive(Debug, Object)]
pub struct SimilarProducts {
    /// The most similar first.
    pub products: Vec<Product>,
}

/// The order of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Sort {
    /// The best first; without words, as the shop numbered them.
    Relevance,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
    /// By name.
    Name,
    /// The newest first.
    Newest,
}

impl From<Sort> for vitrina::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Relevance => Self::Relevance,
            Sort::PriceAsc => Self::PriceAscending,
            Sort::PriceDesc => Self::PriceDescending,
            Sort::Name => Self::Name,
            Sort::Newest => Self::Newest,
        }
    }
}

/// Which products may be in an answer.
#[derive(Debug, Default, Object)]
pub struct Filter {
    /// Any of these categories, by name or number.
    #[oai(default)]
    pub categories: Vec<String>,
    /// Any of these brands.
    #[oai(default)]
    pub brands: Vec<String>,
    /// The lowest price.
    pub min_price: Option<f64>,
    /// The highest price.
    pub max_price: Option<f64>,
    /// Only what can be bought now.
    #[oai(default)]
    pub in_stock: bool,
}

/// What a customer typed.
#[derive(Debug, Object)]
#[oai(example)]
pub struct TextSearch {
    /// The words; empty lists all products.
    pub query: Words,
    /// Which products.
    pub filter: Option<Filter>,
    /// In what order.
    pub sort: Option<Sort>,
    /// How many, 1 to 100.
    pub limit: Option<u64>,
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl poem_openapi::types::Example for TextSearch {
    fn example() -> Self {
        Self {
            query: Words("camiseta deportiva roja".into()),
            filter: None,
            sort: None,
            limit: None,
            cursor: None,
        }
    }
}

/// The answer to words.
#[derive(Debug, Object)]
pub struct TextAnswer {
    /// The categories whose keywords appear, the one with most matches first.
    pub categories: Vec<String>,
    /// A page of products, the best first.
    pub products: Vec<Product>,
    /// How many products there are on all pages.
    pub total: u64,
    /// Send it as `cursor` for the next page; null on the last.
    pub next_cursor: Option<String>,
}

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

/// A category that a photo shows.
#[derive(Debug, Object)]
pub struct Prediction {
    /// The category's number.
    pub label: i64,
    /// Its name.
    pub category: String,
    /// How likely, 0 to 1.
    pub score: f64,
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
}

impl From<PhotoAnswer> for TaskResult {
    fn from(answer: PhotoAnswer) -> Self {
        let prediction = |prediction: vitrina::Prediction| Prediction {
            label: prediction.category.id.0,
            category: prediction.category.name,
            score: decimal(prediction.score),
        };
        let predictions: Vec<_> = answer.predictions.into_iter().map(prediction).collect();
        Self {
            status: "completed".into(),
            categories: predictions.iter().map(|prediction| prediction.category.clone()).collect(),
            products: answer.products.into_iter().map(Product::from).collect(),
            predictions,
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
}

/// A score with the digits that mean something: widened as it is, 0.93 would go out as 0.9300000071525574.
pub(crate) fn decimal(score: f32) -> f64 {
    (f64::from(score) * 1e6).round() / 1e6
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
