//! What goes over the wire: the objects of the HTTP contract, made from the domain's types.

mod admin;
mod photo;
mod text;

use poem_openapi::{Enum, Object};
use vitrina::SimilarProduct;

pub use admin::{CategoryIn, ProductBatch, ProductIn, ProductNumbers};
pub use photo::{
    CategoryScoreIn, LabelScoreIn, PredictionSearch, TaskAccepted, TaskPending, TaskResult, recognition,
    recognized,
};
pub use text::{Suggestions, TextAnswer, TextSearch};

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
    /// Where the words are in it; in answers to words only.
    #[oai(skip_serializing_if_is_none)]
    pub highlights: Option<text::Highlights>,
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
            highlights: None,
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
            highlights: None,
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

/// A category that a photo shows or that words point to.
#[derive(Debug, Object)]
pub struct Prediction {
    /// The category's number.
    pub label: i64,
    /// Its name.
    pub category: String,
    /// How likely, 0 to 1.
    pub score: f64,
}

impl From<vitrina::Prediction> for Prediction {
    fn from(prediction: vitrina::Prediction) -> Self {
        Self {
            label: prediction.category.id.0,
            category: prediction.category.name,
            score: decimal(prediction.score),
        }
    }
}

/// A score with the digits that mean something: widened as it is, 0.93 would go out as 0.9300000071525574.
pub(crate) fn decimal(score: f32) -> f64 {
    (f64::from(score) * 1e6).round() / 1e6
}
