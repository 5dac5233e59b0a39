//! Words that customers type, and what they find.

use poem_openapi::Object;
use vitrina::{SearchService, Suggested, WordAnswer};

use super::{Category, Filter, Prediction, Product, Sort};
use crate::api::words::Words;

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
    /// Whether to count facets: how many of the products found have which category, brand, price and stock.
    #[oai(default)]
    pub facets: bool,
}

impl poem_openapi::types::Example for TextSearch {
    fn example() -> Self {
        Self {
            query: Words("camiseta deportiva roja".into()),
            filter: None,
            sort: None,
            limit: None,
            cursor: None,
            facets: false,
        }
    }
}

/// The answer to words.
#[derive(Debug, Object)]
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
    pub next_cursor: Option<String>,
    /// The categories that the words point to, the likeliest first; with the first page in the order of relevance.
    pub predictions: Vec<Prediction>,
    /// The query with its misspelt words put right, where it seems misspelt.
    #[oai(skip_serializing_if_is_none)]
    pub did_you_mean: Option<String>,
    /// Where to look instead, when no product was found.
    #[oai(skip_serializing_if_is_empty)]
    pub instead: Vec<String>,
    /// The counts for narrowing down, where they were asked for.
    #[oai(skip_serializing_if_is_none)]
    pub facets: Option<Facets>,
}

impl TextAnswer {
    /// The answer of this service, which knows the names that facets go by.
    pub fn new(answer: WordAnswer, service: &SearchService) -> Self {
        Self {
            categories: names(answer.categories),
            products: answer.products.into_iter().zip(answer.highlights).map(highlighted).collect(),
            total: answer.total as u64,
            total_is_exact: !answer.at_least,
            next_cursor: answer.next.map(|next| next.encode()),
            predictions: answer.predicted.into_iter().map(Prediction::from).collect(),
            did_you_mean: answer.did_you_mean,
            instead: names(answer.instead),
            facets: answer.facets.map(|facets| Facets::new(facets, service)),
        }
    }
}

/// Where the words of a query are in a product: pairs of start and end, in characters (Unicode code points).
#[derive(Debug, Object)]
pub struct Highlights {
    /// In the name.
    pub name: Vec<Vec<u32>>,
    /// In the description.
    pub description: Vec<Vec<u32>>,
}

fn highlighted((product, places): (vitrina::Product, vitrina::Highlights)) -> Product {
    let [name, description] = places.in_characters(&product).map(pairs);
    let highlights = Highlights { name, description };
    Product { highlights: Some(highlights), ..Product::from(product) }
}

fn pairs(places: Vec<(usize, usize)>) -> Vec<Vec<u32>> {
    places.into_iter().map(|(start, end)| vec![start as u32, end as u32]).collect()
}

/// How many of the products found have what; each count says how many there would be with this value in place of what the
/// filter asks for.
#[derive(Debug, Object)]
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
}

/// How many products are of a category.
#[derive(Debug, Object)]
pub struct CategoryCount {
    /// The category's number.
    pub label: i64,
    /// Its name.
    pub category: String,
    /// How many.
    pub count: u64,
}

/// How many products are of a brand.
#[derive(Debug, Object)]
pub struct BrandCount {
    /// The brand.
    pub brand: String,
    /// How many.
    pub count: u64,
}

/// How many products cost from `min` to `max`.
#[derive(Debug, Object)]
pub struct PriceCount {
    /// The lowest price, inclusive: `min_price` of a filter.
    pub min: f64,
    /// The highest price, inclusive: `max_price` of a filter; null in the last range.
    pub max: Option<f64>,
    /// How many.
    pub count: u64,
}

impl Facets {
    fn new(facets: vitrina::Facets, service: &SearchService) -> Self {
        let category = |(id, count): (vitrina::CategoryId, usize)| {
            let category = service.category(id)?.name;
            Some(CategoryCount { label: id.0, category, count: count as u64 })
        };
        let price = |range: vitrina::PriceRange| PriceCount {
            min: range.min.to_major(),
            max: range.max.map(|max| max.to_major()),
            count: range.count as u64,
        };
        Self {
            categories: facets.categories.into_iter().filter_map(category).collect(),
            brands: facets
                .brands
                .into_iter()
                .map(|(brand, count)| BrandCount { brand, count: count as u64 })
                .collect(),
            prices: facets.prices.into_iter().map(price).collect(),
            in_stock: facets.in_stock as u64,
            out_of_stock: facets.out_of_stock as u64,
        }
    }
}

/// How a half-typed query may go on.
#[derive(Debug, Object)]
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
        let category = |category: vitrina::Category| Category { id: category.id.0, name: category.name };
        Self {
            queries: suggested.queries,
            categories: suggested.categories.into_iter().map(category).collect(),
            products: suggested.products.into_iter().map(Product::from).collect(),
        }
    }
}

fn names(categories: Vec<vitrina::Category>) -> Vec<String> {
    categories.into_iter().map(|category| category.name).collect()
}
