//! Filters as they are applied while searching.

use tantivy::columnar::Column;
use tantivy::{SegmentReader, TantivyError};
use vitrina::{Filter, Passes, Product};

use crate::schema::{BRAND_KEY, CATEGORY_ID, IN_STOCK, PRICE, key};

/// A [`Filter`] made ready: sorted for searching in it, and folded.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    categories: Vec<i64>,
    brands: Vec<String>,
    prices: Option<(i64, i64)>,
    in_stock: bool,
}

impl Wanted {
    pub(crate) fn new(filter: &Filter) -> Self {
        let mut categories: Vec<_> = filter.categories.iter().map(|id| id.0).collect();
        categories.sort_unstable();
        let mut brands: Vec<_> = filter.brands.iter().map(|brand| key(brand)).collect();
        brands.sort_unstable();
        let bounded = filter.min_price.is_some() || filter.max_price.is_some();
        let min = filter.min_price.map_or(i64::MIN, |price| price.minor());
        let max = filter.max_price.map_or(i64::MAX, |price| price.minor());
        Self { categories, brands, prices: bounded.then_some((min, max)), in_stock: filter.in_stock }
    }

    /// Whether every product passes.
    pub(crate) fn wants_all(&self) -> bool {
        self.categories.is_empty() && self.brands.is_empty() && self.prices.is_none() && !self.in_stock
    }

    /// Whether what is known of a product passes.
    pub(crate) fn matches(&self, facts: &Facts) -> bool {
        let category = facts.category;
        (self.categories.is_empty() || category.is_some_and(|id| self.categories.binary_search(&id).is_ok()))
            && self.prices.is_none_or(|(min, max)| (min..=max).contains(&facts.price))
            && (!self.in_stock || facts.in_stock)
            && (self.brands.is_empty()
                || self.brands.binary_search_by(|brand| brand.as_str().cmp(&facts.brand)).is_ok())
    }
}

/// What filters ask of a product.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) category: Option<i64>,
    /// Without case; empty where there is none.
    pub(crate) brand: Box<str>,
    pub(crate) price: i64,
    pub(crate) in_stock: bool,
}

impl From<&Product> for Facts {
    fn from(product: &Product) -> Self {
        Self {
            category: product.category.as_ref().map(|category| category.id.0),
            brand: key(product.brand.as_deref().unwrap_or("")).into(),
            price: product.price.minor(),
            in_stock: product.in_stock(),
        }
    }
}

/// A filter over the columns of one segment.
pub(crate) struct SegmentFilter<'a> {
    categories: Option<(Column<i64>, &'a [i64])>,
    brands: Option<Brands>,
    prices: Option<(Column<i64>, i64, i64)>,
    stock: Option<Column<bool>>,
}

/// The brands that pass, by their places in the segment's dictionary.
struct Brands {
    column: Option<Column<u64>>,
    places: Vec<u64>,
    none_passes: bool,
}

impl<'a> SegmentFilter<'a> {
    pub(crate) fn new(wanted: &'a Wanted, segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let categories = match wanted.categories.as_slice() {
            [] => None,
            ids => Some((columns.i64(CATEGORY_ID)?, ids)),
        };
        let prices = match wanted.prices {
            None => None,
            Some((min, max)) => Some((columns.i64(PRICE)?, min, max)),
        };
        let stock = if wanted.in_stock { Some(columns.bool(IN_STOCK)?) } else { None };
        let brands =
            if wanted.brands.is_empty() { None } else { Some(Brands::new(&wanted.brands, segment)?) };
        Ok(Self { categories, brands, prices, stock })
    }

    /// Whether a document of the segment passes.
    pub(crate) fn matches(&self, doc: u32) -> bool {
        self.price(doc) && self.stock(doc) && self.category(doc) && self.brand(doc)
    }

    /// Which parts of the filter a document of the segment passes.
    pub(crate) fn passes(&self, doc: u32) -> Passes {
        Passes {
            category: self.category(doc),
            brand: self.brand(doc),
            price: self.price(doc),
            stock: self.stock(doc),
        }
    }

    fn price(&self, doc: u32) -> bool {
        self.prices.as_ref().is_none_or(|(column, min, max)| {
            column.first(doc).is_some_and(|price| (*min..=*max).contains(&price))
        })
    }

    fn stock(&self, doc: u32) -> bool {
        self.stock.as_ref().is_none_or(|column| column.first(doc) == Some(true))
    }

    fn category(&self, doc: u32) -> bool {
        self.categories.as_ref().is_none_or(|(column, wanted)| {
            column.first(doc).is_some_and(|id| wanted.binary_search(&id).is_ok())
        })
    }

    fn brand(&self, doc: u32) -> bool {
        self.brands.as_ref().is_none_or(|brands| brands.matches(doc))
    }
}

impl Brands {
    fn new(wanted: &[String], segment: &SegmentReader) -> Result<Self, TantivyError> {
        let none_passes = wanted.iter().any(String::is_empty);
        let Some(column) = segment.fast_fields().str(BRAND_KEY)? else {
            return Ok(Self { column: None, places: Vec::new(), none_passes });
        };
        let (dictionary, column) = column.into_parts();
        let mut places = Vec::new();
        for brand in wanted {
            places.extend(dictionary.term_ord(brand)?);
        }
        places.sort_unstable();
        Ok(Self { column: Some(column), places, none_passes })
    }

    fn matches(&self, doc: u32) -> bool {
        match self.column.as_ref().and_then(|column| column.first(doc)) {
            Some(place) => self.places.binary_search(&place).is_ok(),
            None => self.none_passes,
        }
    }
}
