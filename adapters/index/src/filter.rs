//! Filters as they are applied while searching.

use std::collections::HashSet;
use std::sync::Arc;

use tantivy::{Searcher, TantivyError};
use vitrina_core::catalog::Filter;
use vitrina_core::index::{AttributePass, Passes};
use vitrina_core::product::{SalePrice, Timestamp};
use vitrina_core::{Product, ProductId};

use crate::attributes::{SegmentAttributes, WantedAttributes};
use crate::columns::{Columns, SegmentColumns};
use crate::prices::Prices;
use crate::schema::{categories, key};

/// A [`Filter`] made ready: sorted for searching in it, and folded.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    categories: Vec<i64>,
    brands: Vec<String>,
    prices: Option<(i64, i64)>,
    /// The moment at which sales have to apply.
    now: Timestamp,
    in_stock: bool,
    pub(crate) attributes: WantedAttributes,
    /// The products that have the attributes, where they were looked up in the columns.
    has_attributes: Option<HashSet<i64>>,
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
        Self {
            categories,
            brands,
            prices: bounded.then_some((min, max)),
            now: Timestamp::now(),
            in_stock: filter.in_stock,
            attributes: WantedAttributes::new(filter),
            has_attributes: None,
        }
    }

    /// The same for vectors, which know no attributes: with the products that have them.
    pub(crate) fn with_products(
        mut self,
        searcher: &Searcher,
        columns: &Columns,
    ) -> Result<Self, TantivyError> {
        if self.attributes.is_empty() {
            return Ok(self);
        }
        let mut products = HashSet::new();
        for segment in searcher.segment_readers() {
            let columns = columns.of(segment)?;
            let filter = SegmentAttributes::new(&self.attributes, &columns)?;
            let passing = segment.doc_ids_alive().filter(|doc| filter.passes(*doc) == AttributePass::All);
            products.extend(passing.filter_map(|doc| columns.ids.first(doc)));
        }
        self.has_attributes = Some(products);
        Ok(self)
    }

    /// Whether every product passes.
    pub(crate) fn wants_all(&self) -> bool {
        self.categories.is_empty()
            && self.brands.is_empty()
            && self.prices.is_none()
            && !self.in_stock
            && self.attributes.is_empty()
    }

    /// Whether what is known of a product passes.
    pub(crate) fn matches(&self, product: ProductId, facts: &Facts) -> bool {
        let is_wanted = |id: &i64| self.categories.binary_search(id).is_ok();
        (self.categories.is_empty() || facts.categories.iter().any(is_wanted))
            && self.has_attributes.as_ref().is_none_or(|products| products.contains(&product.0))
            && self.prices.is_none_or(|(min, max)| (min..=max).contains(&facts.price_at(self.now)))
            && (!self.in_stock || facts.in_stock)
            && (self.brands.is_empty()
                || self.brands.binary_search_by(|brand| brand.as_str().cmp(&facts.brand)).is_ok())
    }
}

/// What filters ask of a product.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// With those above them, the main one first; shared by products of the same ones.
    pub(crate) categories: Arc<[i64]>,
    /// Without case; empty where there is none.
    pub(crate) brand: Box<str>,
    /// The regular price.
    pub(crate) price: i64,
    pub(crate) sale: Option<Box<SalePrice>>,
    pub(crate) in_stock: bool,
}

impl Facts {
    fn price_at(&self, moment: Timestamp) -> i64 {
        let sale = self.sale.as_ref().filter(|sale| sale.is_valid_at(moment));
        sale.map_or(self.price, |sale| sale.price.minor())
    }
}

impl From<&Product> for Facts {
    fn from(product: &Product) -> Self {
        Self {
            categories: categories(product).into(),
            brand: key(product.brand.as_deref().unwrap_or("")).into(),
            price: product.price.minor(),
            sale: product.sale.map(Box::new),
            in_stock: product.in_stock(),
        }
    }
}

/// A filter over the columns of one segment.
pub(crate) struct SegmentFilter<'a> {
    wanted: &'a Wanted,
    wants_all: bool,
    columns: Arc<SegmentColumns>,
    brands: Option<Brands>,
    prices: Option<(Prices, i64, i64)>,
    attributes: SegmentAttributes,
}

/// The brands that pass, by their places in the segment's dictionary.
struct Brands {
    places: Vec<u64>,
    none_passes: bool,
}

impl<'a> SegmentFilter<'a> {
    pub(crate) fn new(wanted: &'a Wanted, columns: &Arc<SegmentColumns>) -> Result<Self, TantivyError> {
        let brands = match wanted.brands.as_slice() {
            [] => None,
            brands => Some(Brands::new(brands, columns)?),
        };
        Ok(Self {
            wanted,
            wants_all: wanted.wants_all(),
            brands,
            prices: wanted.prices.map(|(min, max)| (Prices::of(columns), min, max)),
            attributes: SegmentAttributes::new(&wanted.attributes, columns)?,
            columns: columns.clone(),
        })
    }

    /// Whether a document of the segment passes.
    pub(crate) fn matches(&self, doc: u32) -> bool {
        self.price(doc)
            && self.stock(doc)
            && self.category(doc)
            && self.brand(doc)
            && self.attributes.passes(doc) == AttributePass::All
    }

    /// Which parts of the filter a document of the segment passes.
    pub(crate) fn passes(&self, doc: u32) -> Passes {
        if self.wants_all {
            return Passes::ALL;
        }
        Passes {
            category: self.category(doc),
            brand: self.brand(doc),
            price: self.price(doc),
            stock: self.stock(doc),
            attributes: self.attributes.passes(doc),
        }
    }

    fn price(&self, doc: u32) -> bool {
        self.prices.as_ref().is_none_or(|(column, min, max)| {
            column.at(doc).is_some_and(|price| (*min..=*max).contains(&price))
        })
    }

    fn stock(&self, doc: u32) -> bool {
        !self.wanted.in_stock || self.columns.in_stock.first(doc) == Some(true)
    }

    fn category(&self, doc: u32) -> bool {
        let wanted = &self.wanted.categories;
        let is_wanted = |id: i64| wanted.binary_search(&id).is_ok();
        wanted.is_empty() || self.columns.categories.values_for_doc(doc).any(is_wanted)
    }

    fn brand(&self, doc: u32) -> bool {
        let place = || self.columns.brand_keys.as_ref()?.ords().first(doc);
        self.brands.as_ref().is_none_or(|brands| match place() {
            Some(place) => brands.places.binary_search(&place).is_ok(),
            None => brands.none_passes,
        })
    }
}

impl Brands {
    fn new(wanted: &[String], columns: &SegmentColumns) -> Result<Self, TantivyError> {
        let mut places = Vec::new();
        if let Some(column) = &columns.brand_keys {
            for brand in wanted {
                places.extend(column.dictionary().term_ord(brand)?);
            }
        }
        places.sort_unstable();
        Ok(Self { places, none_passes: wanted.iter().any(String::is_empty) })
    }
}
