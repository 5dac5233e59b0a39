//! Words that customers type, and what they find.

use poem_openapi::{Enum, Object};
use serde::Serialize;
use vitrina_core::SearchService;
use vitrina_core::search::{Suggested, WordAnswer};

use super::explanation::Explanation;
use super::facets::FacetsAsked;
use super::{Category, Filter, Prediction, Product, Sort};

/// How many brands the counts name; the others are found by a search among their values.
const MOST_BRANDS: usize = 20;

/// What a customer typed.
#[derive(Debug, Object)]
#[oai(example)]
pub struct TextSearch {
    /// The words; empty lists all products.
    pub query: String,
    /// Which products.
    #[oai(nullable)]
    pub filter: Option<Filter>,
    /// In what order.
    #[oai(nullable)]
    pub sort: Option<Sort>,
    /// How many, 1 to 100, or 0 for `total` and `facets` alone; 24 without it. An empty query without a limit and a page returns
    /// up to 1,000 products, as long as their texts stay below 4 MiB.
    #[oai(nullable)]
    pub limit: Option<u64>,
    /// The `next_cursor` of the page before.
    #[oai(nullable)]
    pub cursor: Option<String>,
    /// Which page of `limit` products, from 1 on, in place of `cursor`; it begins within the first 1,000 products.
    #[oai(nullable)]
    pub page: Option<u64>,
    /// Which facets to count, that is how many of the products found have which category, brand, price, stock and attributes:
    /// `true` for all, or the names of some: `category`, `brand`, `price`, or an attribute's. Those that are not named are empty
    /// in the answer.
    #[oai(default, nullable)]
    pub facets: FacetsAsked,
    /// Whether to explain the scores of the first 20 products.
    #[oai(default, nullable)]
    pub explain: bool,
    /// Tokens of `understood` that are to be looked for as words instead.
    #[oai(default)]
    pub ignore: Vec<String>,
    /// What positions in `highlights` count; `code_points` unless given.
    #[oai(nullable)]
    pub highlight_units: Option<HighlightUnits>,
}

impl poem_openapi::types::Example for TextSearch {
    fn example() -> Self {
        Self {
            query: "camiseta deportiva roja".into(),
            filter: None,
            sort: None,
            limit: None,
            cursor: None,
            page: None,
            facets: FacetsAsked::default(),
            explain: false,
            ignore: Vec::new(),
            highlight_units: None,
        }
    }
}

/// The answer to words.
#[derive(Debug, Object, Serialize)]
pub struct TextAnswer {
    /// The categories whose keywords appear, the one with most matches first; where none appears, those that the best
    /// products are of.
    pub categories: Vec<String>,
    /// A page of products, the best first.
    pub products: Vec<Product>,
    /// How many products there are on all pages; at least, where `total_is_exact` is false.
    pub total: u64,
    /// Whether `total` is just so many.
    pub total_is_exact: bool,
    /// Send it as `cursor` for the next page; null on the last.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
    /// The categories that the words point to, the likeliest first; with the first page in the order of relevance.
    pub predictions: Vec<Prediction>,
    /// The query with its misspelt words put right, where it seems misspelt.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub did_you_mean: Option<String>,
    /// What was read from the query beside the words that were looked for.
    pub understood: Vec<UnderstoodPart>,
    /// The words, as typed, that no product of the shop has.
    pub unknown: Vec<String>,
    /// Categories to search instead, when no product was found.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instead: Vec<String>,
    /// The counts for narrowing down, where they were asked for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facets: Option<Facets>,
    /// Why the first products stand where they do, in their order, where that was asked for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanations: Option<Vec<Explanation>>,
}

impl TextAnswer {
    /// The answer of this service, which knows the names that facets go by.
    pub fn new(answer: WordAnswer, service: &SearchService, units: HighlightUnits) -> Self {
        let found = |((product, places), variant): ((vitrina_core::Product, _), Option<usize>)| {
            let variant = variant.and_then(|place| product.variants.get(place).cloned());
            Product { matched_variant: variant.map(Into::into), ..highlighted(product, &places, units) }
        };
        let products = answer.products.into_iter().zip(answer.highlights).zip(answer.variants);
        let explanations: Vec<_> = answer.explanations.into_iter().map(Explanation::from).collect();
        Self {
            explanations: (!explanations.is_empty()).then_some(explanations),
            categories: names(answer.categories),
            products: products.map(found).collect(),
            total: answer.total as u64,
            total_is_exact: !answer.at_least,
            next_cursor: answer.next.map(|next| next.encode()),
            predictions: answer.predicted.into_iter().map(Prediction::from).collect(),
            did_you_mean: answer.did_you_mean,
            understood: answer.understood.into_iter().map(UnderstoodPart::from).collect(),
            unknown: answer.unknown,
            instead: names(answer.instead),
            facets: answer.facets.map(|facets| Facets::new(facets, service)),
        }
    }
}

/// A part of a query that was understood and not looked for.
#[derive(Debug, Object, Serialize)]
pub struct UnderstoodPart {
    /// `filler`, `max_price`, `min_price`, `price_range`, `cheap`, `expensive`, `best`, or `without`.
    pub kind: String,
    /// The words as typed.
    pub text: String,
    /// Send it in `ignore` to have the words looked for instead.
    pub token: String,
    /// The lowest price that it asks for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_price: Option<f64>,
    /// The highest price that it asks for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_price: Option<f64>,
}

impl From<vitrina_core::words::UnderstoodPart> for UnderstoodPart {
    fn from(part: vitrina_core::words::UnderstoodPart) -> Self {
        let (min, max) = part.intent.prices();
        Self {
            kind: part.intent.name().to_owned(),
            text: part.text,
            token: part.token,
            min_price: min.map(vitrina_core::Money::to_major),
            max_price: max.map(vitrina_core::Money::to_major),
        }
    }
}

/// What positions in a text count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[oai(rename_all = "snake_case")]
pub enum HighlightUnits {
    /// Unicode code points, as Python and Rust count characters.
    #[default]
    CodePoints,
    /// UTF-16 code units, as JavaScript counts them.
    Utf16,
}

impl HighlightUnits {
    /// The length of a text in these units.
    pub(super) fn count(self, text: &str) -> u32 {
        let length = match self {
            Self::CodePoints => text.chars().count(),
            Self::Utf16 => text.encode_utf16().count(),
        };
        u32::try_from(length).unwrap_or(u32::MAX)
    }
}

/// Where the words of a query are in a product: pairs of start and end, in the units that were asked for.
#[derive(Debug, Object, Serialize)]
pub struct Highlights {
    /// In the name.
    pub name: Vec<Vec<u32>>,
    /// In the description.
    pub description: Vec<Vec<u32>>,
}

fn highlighted(
    product: vitrina_core::Product,
    places: &vitrina_core::search::Highlights,
    units: HighlightUnits,
) -> Product {
    let places = match units {
        HighlightUnits::CodePoints => places.in_characters(&product),
        HighlightUnits::Utf16 => places.in_utf16(&product),
    };
    let [name, description] = places.map(pairs);
    let highlights = Highlights { name, description };
    Product { highlights: Some(highlights), ..Product::from(product) }
}

fn pairs(places: Vec<(usize, usize)>) -> Vec<Vec<u32>> {
    places.into_iter().map(|(start, end)| vec![start as u32, end as u32]).collect()
}

/// How many of the products found have what; each count says how many there would be with this value in place of what the
/// filter asks for.
#[derive(Debug, Object, Serialize)]
pub struct Facets {
    /// Categories, the most frequent first.
    pub categories: Vec<CategoryCount>,
    /// The most frequent brands.
    pub brands: Vec<BrandCount>,
    /// Ranges of prices that are not empty, the cheapest first.
    pub prices: Vec<PriceCount>,
    /// How many can be bought now.
    pub in_stock: u64,
    /// How many cannot.
    pub out_of_stock: u64,
    /// Attributes, those that most products have first.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<AttributeCounts>,
    /// The range of the prices.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<FacetStats>,
}

/// How many products have the values of an attribute.
#[derive(Debug, Object, Serialize)]
pub struct AttributeCounts {
    /// The attribute.
    pub name: String,
    /// Its values, the most frequent first.
    pub values: Vec<ValueCount>,
}

/// How many products have a value.
#[derive(Debug, Object, Serialize)]
pub struct ValueCount {
    /// The value, as `attributes` of a filter takes it.
    pub value: String,
    /// How many.
    pub count: u64,
}

/// Ranges of numbers.
#[derive(Debug, Object, Serialize)]
pub struct FacetStats {
    /// The prices, whatever prices the filter asks for.
    pub price: NumberRange,
}

/// A range of numbers.
#[derive(Debug, Object, Serialize)]
pub struct NumberRange {
    /// The lowest.
    pub min: f64,
    /// The highest.
    pub max: f64,
}

/// How many products are of a category.
#[derive(Debug, Object, Serialize)]
pub struct CategoryCount {
    /// The category's number.
    pub label: i64,
    /// Its name.
    pub category: String,
    /// Its name and those of the categories above it, from the root; left out for a category at the root.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
    /// How many, with those of the categories below it.
    pub count: u64,
}

/// How many products are of a brand.
#[derive(Debug, Object, Serialize)]
pub struct BrandCount {
    /// The brand.
    pub brand: String,
    /// How many.
    pub count: u64,
}

/// How many products cost from `min` to `max`.
#[derive(Debug, Object, Serialize)]
pub struct PriceCount {
    /// The lowest price, inclusive: `min_price` of a filter.
    pub min: f64,
    /// The highest price, inclusive: `max_price` of a filter; null in the last range.
    #[oai(nullable)]
    pub max: Option<f64>,
    /// How many.
    pub count: u64,
}

impl Facets {
    fn new(facets: vitrina_core::index::Facets, service: &SearchService) -> Self {
        let category = |(id, count): (vitrina_core::CategoryId, usize)| {
            let category = service.category(id)?;
            let path = category.parent.map(|_| service.category_path(id)).unwrap_or_default();
            Some(CategoryCount { label: id.0, category: category.name, path, count: count as u64 })
        };
        let attribute = |facet: vitrina_core::index::AttributeFacet| AttributeCounts {
            name: facet.name,
            values: facet
                .values
                .into_iter()
                .map(|(value, count)| ValueCount { value, count: count as u64 })
                .collect(),
        };
        let price = |range: vitrina_core::index::PriceRange| PriceCount {
            min: range.min.to_major(),
            max: range.max.map(|max| max.to_major()),
            count: range.count as u64,
        };
        Self {
            categories: facets.categories.into_iter().filter_map(category).collect(),
            brands: facets
                .brands
                .into_iter()
                .take(MOST_BRANDS)
                .map(|(brand, count)| BrandCount { brand, count: count as u64 })
                .collect(),
            prices: facets.prices.into_iter().map(price).collect(),
            in_stock: facets.in_stock as u64,
            out_of_stock: facets.out_of_stock as u64,
            attributes: facets.attributes.into_iter().map(attribute).collect(),
            stats: facets.price_span.map(|(min, max)| FacetStats {
                price: NumberRange { min: min.to_major(), max: max.to_major() },
            }),
        }
    }
}

/// How a half-typed query may go on.
#[derive(Debug, Object, Serialize)]
pub struct Suggestions {
    /// Whole queries that find something.
    pub queries: Vec<String>,
    /// Categories that are named so.
    pub categories: Vec<Category>,
    /// Products that have the words so far, the best first.
    pub products: Vec<Product>,
}

impl From<Suggested> for Suggestions {
    fn from(suggested: Suggested) -> Self {
        let category = Category::from;
        Self {
            queries: suggested.queries,
            categories: suggested.categories.into_iter().map(category).collect(),
            products: suggested.products.into_iter().map(Product::from).collect(),
        }
    }
}

fn names(categories: Vec<vitrina_core::Category>) -> Vec<String> {
    categories.into_iter().map(|category| category.name).collect()
}
