//! Why products rank where they do.

use poem_openapi::Object;
use serde::Serialize;

/// The terms of a product's score, which is their sum.
#[derive(Debug, Object, Serialize)]
pub struct Explanation {
    /// The product's number.
    pub id: i64,
    /// The score: 1 and more for products with all words that are needed.
    pub score: f64,
    /// What each word of the query adds, in its order.
    pub words: Vec<WordScore>,
    /// What else changes the score.
    pub boosts: Vec<Boost>,
}

/// What a word of the query adds to a product's score.
#[derive(Debug, Object, Serialize)]
pub struct WordScore {
    /// The word as typed.
    pub word: String,
    /// The word of the product that stands for it, as it is indexed; null where the product lacks it.
    #[oai(nullable)]
    pub matched: Option<String>,
    /// Where it is: `name`, `category`, `brand`, `description`.
    pub fields: Vec<String>,
    /// What the match is worth beside the word as typed, which is worth 1.
    pub worth: f64,
    /// How much the word counts beside the other words, out of 1.
    pub share: f64,
    /// Whether a product without it lacks a word of the query.
    pub needed: bool,
    /// What it adds.
    pub score: f64,
}

/// A term of a score that belongs to no word.
#[derive(Debug, Object, Serialize)]
pub struct Boost {
    /// `all_words`, `category`, `product_type`, `not_accessory`, `price`, `popularity`, `sale`, `newness`, `boost`, `out_of_stock`, or
    /// `unwanted`.
    pub kind: String,
    /// What it adds; negative for what it takes.
    pub score: f64,
}

impl From<vitrina_core::index::Explanation> for Explanation {
    fn from(explanation: vitrina_core::index::Explanation) -> Self {
        let score = rounded(explanation.score());
        let word = |word: vitrina_core::index::WordScore| WordScore {
            word: word.word,
            matched: word.matched,
            fields: word.fields.into_iter().map(|field| field.name().to_owned()).collect(),
            worth: rounded(word.worth),
            share: rounded(word.share),
            needed: word.is_needed,
            score: rounded(word.score),
        };
        let boost = |boost: vitrina_core::index::Boost| Boost {
            kind: boost.kind.name().to_owned(),
            score: rounded(boost.score),
        };
        Self {
            id: explanation.product.0,
            score,
            words: explanation.words.into_iter().map(word).collect(),
            boosts: explanation.boosts.into_iter().map(boost).collect(),
        }
    }
}

/// To five decimals, below which scores are not told apart.
fn rounded(score: f32) -> f64 {
    (f64::from(score) * 1e5).round() / 1e5
}
