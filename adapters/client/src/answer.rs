//! What a server answers, as plain values.

use std::collections::BTreeMap;
use std::fmt;

use vitrina_core::product::{
    Attribute, Availability, Codes, ProductRef, ProductVersion, SalePrice, Texts, Timestamp, Variant,
};
use vitrina_core::{Category, CategoryId, Money, ProductId};

/// Whether a server can do its work, dependency by dependency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// Whether everything that it needs is there.
    pub ready: bool,
    /// How each dependency (catalogue, queue, index, model) is: `ok`, or what is wrong with it.
    pub dependencies: BTreeMap<String, String>,
}

/// A product of the shop.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its number.
    pub id: ProductId,
    /// The shop's own stable key.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// A description in plain text; may be empty.
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs.
    pub price: Money,
    /// A reduced price, and when it applies.
    pub sale: Option<SalePrice>,
    /// The name of its category.
    pub category: Option<String>,
    /// The paths of its categories from the root, the main one first.
    pub categories: Vec<Vec<String>>,
    /// Pieces in stock; `None` where the shop does not count them.
    pub stock: Option<u32>,
    /// Whether it can be bought now.
    pub in_stock: bool,
    /// Availability, where the shop states it.
    pub availability: Option<Availability>,
    /// The URL of its photo, complete with host.
    pub photo_url: Option<String>,
    /// The URLs of all its photos, the main one first.
    pub photo_urls: Vec<String>,
    /// The URL of its page in the shop.
    pub link: Option<String>,
    /// Its codes.
    pub codes: Codes,
    /// Its attributes by name; every value is text.
    pub attributes: Vec<Attribute>,
    /// Tags.
    pub tags: Vec<String>,
    /// How popular it is, by the shop's own measure.
    pub popularity: Option<f64>,
    /// Its texts in further languages by ISO 639-1 code.
    pub translations: BTreeMap<String, Texts>,
    /// When the shop last changed it.
    pub updated_at: Option<Timestamp>,
    /// Its variants; the photo of one is a URL.
    pub variants: Vec<Variant>,
    /// The variant that the words, a code or the filter ask for, where they tell one, in an answer to words; in one to a photo
    /// or to a product the variant whose photo is the most similar.
    pub matched_variant: Option<Variant>,
    /// Its version, where it is the only product of the answer: for
    /// [`only_if`](crate::ProductWrite::only_if) of a later write.
    pub version: Option<ProductVersion>,
    /// The visual similarity of its photo, the best of all that it and its variants have, -1 to 1, in an answer to a photo or to
    /// a product.
    pub similarity: Option<f64>,
    /// The similarity in words, `nearly_same` or `similar`; `None` where the photos have little in common.
    pub resemblance: Option<String>,
    /// Where the words are in it, in an answer to words.
    pub highlights: Option<Highlights>,
}

/// Where the words of a query are in a product: pairs of start and end, in characters (Unicode code points).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlights {
    /// In the name.
    pub name: Vec<(usize, usize)>,
    /// In the description.
    pub description: Vec<(usize, usize)>,
}

/// A page of products.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductPage {
    /// What is on it.
    pub products: Vec<Product>,
    /// Where the next one begins; `None` on the last.
    pub next_cursor: Option<String>,
}

/// What a batch of changes did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OffersUpdated {
    /// How many of the changes found their product.
    pub updated: u64,
    /// The products of the others, which do not exist.
    pub missing: Vec<ProductRef>,
}

/// The answer to words.
#[derive(Debug, Clone, PartialEq)]
pub struct TextAnswer {
    /// The names of the categories that the words mean.
    pub categories: Vec<String>,
    /// The categories that the words point to with their scores, the likeliest first; with the first page by relevance.
    pub predictions: Vec<Prediction>,
    /// A page of products, the best first unless sorted otherwise.
    pub products: Vec<Product>,
    /// How many products there are on all pages together; at least, where `total_is_exact` is false.
    pub total: u64,
    /// Whether `total` is just so many.
    pub total_is_exact: bool,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
    /// The query with its misspelt words put right, where it seems misspelt.
    pub did_you_mean: Option<String>,
    /// What was read from the query beside the words that were looked for.
    pub understood: Vec<UnderstoodPart>,
    /// The words, as typed, that no product of the shop has.
    pub unknown: Vec<String>,
    /// The names of categories to search instead, when no product was found.
    pub instead: Vec<String>,
    /// The counts for narrowing down, where they were asked for.
    pub facets: Option<Facets>,
}

/// A part of a query that was understood and not looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct UnderstoodPart {
    /// `filler`, `max_price`, `min_price`, `price_range`, `cheap`, `expensive`, or `best`.
    pub kind: String,
    /// The words as typed.
    pub text: String,
    /// In [`Listing::ignore`](crate::Listing::ignore) it has the words looked for instead.
    pub token: String,
    /// The lowest price that it asks for.
    pub min_price: Option<Money>,
    /// The highest price that it asks for.
    pub max_price: Option<Money>,
}

/// How many of the products found have what; each count says how many there would be with this value in place of what the
/// filter asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facets {
    /// Categories, the most frequent first.
    pub categories: Vec<CategoryCount>,
    /// The most frequent brands, and how many products they have.
    pub brands: Vec<(String, u64)>,
    /// Ranges of prices that are not empty, the cheapest first.
    pub prices: Vec<PriceCount>,
    /// How many can be bought now.
    pub in_stock: u64,
    /// How many cannot.
    pub out_of_stock: u64,
    /// Attributes, those that most products have first.
    pub attributes: Vec<AttributeCounts>,
}

/// How many products have which value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeCounts {
    /// The attribute's name.
    pub name: String,
    /// The most frequent values, and how many products have them.
    pub values: Vec<(String, u64)>,
}

/// How many products are of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryCount {
    /// The category's number.
    pub label: CategoryId,
    /// The category's name.
    pub category: String,
    /// How many.
    pub count: u64,
}

/// How many products cost from `min` to `max`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceCount {
    /// The lowest price, inclusive.
    pub min: Money,
    /// The highest price, inclusive; `None` in the last range.
    pub max: Option<Money>,
    /// How many.
    pub count: u64,
}

/// How a half-typed query may go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suggestions {
    /// Whole queries that find something.
    pub queries: Vec<String>,
    /// Categories that are named so.
    pub categories: Vec<Category>,
    /// Products that have the words so far, the best first.
    pub products: Vec<Product>,
}

/// A category that a photo shows or that words point to.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The category's number.
    pub label: CategoryId,
    /// The category's name.
    pub category: String,
    /// How likely, 0 to 1.
    pub score: f64,
}

/// The answer to a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageAnswer {
    /// The names of the predicted categories, the likeliest first.
    pub categories: Vec<String>,
    /// The predictions with their scores; empty where the server does not send them.
    pub predictions: Vec<Prediction>,
    /// Whether the photo shows nothing that the shop sells; the products are the most similar ones all the same.
    pub not_sold: bool,
    /// Products of these categories, the most similar first.
    pub products: Vec<Product>,
}

/// How far a photo has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Progress {
    /// The server has it; it waits for a worker.
    Queued,
    /// A worker looks at it; quick workers are done before this is ever seen.
    Started,
}

impl Progress {
    /// `queued` or `started`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Started => "started",
        }
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
