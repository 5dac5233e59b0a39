//! Counts for narrowing an answer down.

use std::collections::BTreeMap;

use crate::{CategoryId, Filter, Money, Product};

/// How many brands are told of.
const MOST_BRANDS: usize = 20;

/// Where the ranges of prices begin, in major units: steps of 1, 2, 5.
const PRICE_STEPS: [i64; 13] = [0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/// How many of the products found have which category, brand, price and stock.
///
/// Each count says how many would be found if the filter asked for just this value in place of what it asks for now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// Categories, the most frequent first.
    pub categories: Vec<(CategoryId, usize)>,
    /// The most frequent brands, as a product of theirs writes them.
    pub brands: Vec<(String, usize)>,
    /// Ranges of prices that are not empty, the cheapest first.
    pub prices: Vec<PriceRange>,
    /// How many can be bought now.
    pub in_stock: usize,
    /// How many cannot.
    pub out_of_stock: usize,
}

/// The products from one price to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceRange {
    /// The lowest price, inclusive.
    pub min: Money,
    /// The highest price, inclusive; `None` in the last range.
    pub max: Option<Money>,
    /// How many.
    pub count: usize,
}

/// Which parts of a filter a product passes, and with that the facets that it counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passes {
    /// The categories asked for.
    pub category: bool,
    /// The brands asked for.
    pub brand: bool,
    /// The prices asked for.
    pub price: bool,
    /// Whether it can be bought, if that was asked for.
    pub stock: bool,
}

impl Passes {
    /// Whether all parts are passed.
    pub fn all(self) -> bool {
        self.category && self.brand && self.price && self.stock
    }
}

/// Counts facets product by product; indexes with millions of them use it over their own columns.
#[derive(Debug, Clone, Default)]
pub struct FacetCounter {
    categories: BTreeMap<CategoryId, usize>,
    brands: BTreeMap<String, (String, usize)>,
    prices: [usize; PRICE_STEPS.len()],
    stock: [usize; 2],
}

impl FacetCounter {
    /// Counts a product in every facet that the rest of the filter leaves it in.
    pub fn count(&mut self, product: &Product, filter: &Filter) {
        let part = |filter: Filter| filter.matches(product);
        let passes = Passes {
            category: part(Filter { categories: filter.categories.clone(), ..Filter::default() }),
            brand: part(Filter { brands: filter.brands.clone(), ..Filter::default() }),
            price: part(Filter {
                min_price: filter.min_price,
                max_price: filter.max_price,
                ..Filter::default()
            }),
            stock: part(Filter { in_stock: filter.in_stock, ..Filter::default() }),
        };
        if (Passes { category: true, ..passes }).all()
            && let Some(category) = &product.category
        {
            self.add_category(category.id, 1);
        }
        if (Passes { brand: true, ..passes }).all()
            && let Some(brand) = &product.brand
        {
            self.add_brand(brand, 1);
        }
        if (Passes { price: true, ..passes }).all() {
            self.add_price(product.price);
        }
        if (Passes { stock: true, ..passes }).all() {
            self.add_stock(product.in_stock());
        }
    }

    /// Adds products of a category.
    pub fn add_category(&mut self, category: CategoryId, count: usize) {
        *self.categories.entry(category).or_default() += count;
    }

    /// Adds products of a brand, whose case does not matter.
    pub fn add_brand(&mut self, brand: &str, count: usize) {
        let known = self.brands.entry(brand.to_lowercase()).or_insert_with(|| (brand.to_owned(), 0));
        known.1 += count;
        if brand < known.0.as_str() {
            brand.clone_into(&mut known.0);
        }
    }

    /// Adds a product of a price.
    pub fn add_price(&mut self, price: Money) {
        let range = PRICE_STEPS.iter().rposition(|step| price.minor() >= step * 100).unwrap_or(0);
        self.prices[range] += 1;
    }

    /// Adds a product that can be bought, or not.
    pub fn add_stock(&mut self, in_stock: bool) {
        self.stock[usize::from(in_stock)] += 1;
    }

    /// The counts.
    pub fn finish(self) -> Facets {
        let mut categories: Vec<_> = self.categories.into_iter().collect();
        categories.sort_by_key(|(id, count)| (std::cmp::Reverse(*count), *id));
        let mut brands: Vec<_> = self.brands.into_values().filter(|(name, _)| !name.is_empty()).collect();
        brands.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        brands.truncate(MOST_BRANDS);
        let ranges = self.prices.into_iter().enumerate().filter(|(_, count)| *count > 0);
        let prices = ranges.map(|(at, count)| PriceRange {
            min: Money::from_minor(PRICE_STEPS[at] * 100),
            max: PRICE_STEPS.get(at + 1).map(|next| Money::from_minor(next * 100 - 1)),
            count,
        });
        Facets {
            categories,
            brands,
            prices: prices.collect(),
            in_stock: self.stock[1],
            out_of_stock: self.stock[0],
        }
    }
}
