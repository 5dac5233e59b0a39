//! Explanations of a ranking: why a product that was found by words stands where it does.

use crate::ProductId;

/// The terms of a product's score. The score of the hit is their sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// The product.
    pub product: ProductId,
    /// What each word of the query adds, in the order of the query; words that the product lacks add 0.
    pub words: Vec<WordScore>,
    /// What else changes the score, without what changes nothing.
    pub boosts: Vec<Boost>,
}

impl Explanation {
    /// The sum of all terms.
    pub fn score(&self) -> f32 {
        let words = self.words.iter().map(|word| word.score);
        words.chain(self.boosts.iter().map(|boost| boost.score)).sum()
    }
}

/// What a word of the query adds to a product's score.
#[derive(Debug, Clone, PartialEq)]
pub struct WordScore {
    /// The word as it was typed.
    pub word: String,
    /// The word of the product that stands for it, in the form that is indexed; `None` where the product lacks it.
    pub matched: Option<String>,
    /// What that is worth beside the word as typed, which is worth 1: less for synonyms, corrections and other forms.
    pub worth: f32,
    /// How much the word counts beside the other words, out of 1 together: rare words and those that name products count more.
    pub share: f32,
    /// Whether a product must have it to be a whole match.
    pub is_needed: bool,
    /// The texts of the product that have it.
    pub fields: Vec<TextField>,
    /// What it adds.
    pub score: f32,
}

/// A text of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextField {
    /// The name.
    Name,
    /// The name of its category.
    Category,
    /// The brand.
    Brand,
    /// The description.
    Description,
}

impl TextField {
    /// The name of the field, as clients read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Category => "category",
            Self::Brand => "brand",
            Self::Description => "description",
        }
    }
}

/// A term of a score that belongs to no word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Boost {
    /// What it is for.
    pub kind: BoostKind,
    /// What it adds; negative for what it takes.
    pub score: f32,
}

/// What a product gains or loses score for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BoostKind {
    /// It has all words that are needed.
    AllWords,
    /// It is of a category that the words ask for.
    Category,
    /// It is of the kind of product that the words ask for.
    ProductType,
    /// It is no accessory, where none is asked for.
    NotAccessory,
    /// Its price is at the end that the words prefer.
    Price,
    /// It is popular.
    Popularity,
    /// Its price is reduced now.
    Sale,
    /// It is new.
    Newness,
    /// The shop boosts its brand or category.
    Boost,
    /// It is out of stock.
    OutOfStock,
    /// It has something that the query does not want.
    Unwanted,
}

impl BoostKind {
    /// The name of the kind, as clients read it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllWords => "all_words",
            Self::Category => "category",
            Self::ProductType => "product_type",
            Self::NotAccessory => "not_accessory",
            Self::Price => "price",
            Self::Popularity => "popularity",
            Self::Sale => "sale",
            Self::Newness => "newness",
            Self::Boost => "boost",
            Self::OutOfStock => "out_of_stock",
            Self::Unwanted => "unwanted",
        }
    }
}
