//! Facets counted over the columns of segments.

use std::sync::Arc;

use tantivy::TantivyError;
use vitrina_core::index::{FacetCounter, Passes};
use vitrina_core::{CategoryId, Money};

use crate::attributes::AttributeCounts;
use crate::columns::SegmentColumns;
use crate::facet_columns::name_counted;
use crate::filter::Wanted;
use crate::prices::Prices;

/// How many documents are counted together, one facet after the other: the processor reads ahead in one column at a time.
const TOGETHER: usize = 1024;

/// The facets of one segment's documents.
pub(crate) struct SegmentFacets {
    columns: Arc<SegmentColumns>,
    /// Documents that pass the whole filter, not counted yet.
    found: Vec<u32>,
    prices: Prices,
    /// How many have each category and each brand, by their places in the segment.
    by_category: Vec<u32>,
    by_brand: Vec<u32>,
    attributes: Option<AttributeCounts>,
}

impl SegmentFacets {
    pub(crate) fn new(
        wanted: &Wanted,
        columns: Arc<SegmentColumns>,
        has_attributes: bool,
    ) -> Result<Self, TantivyError> {
        let attributes = has_attributes.then(|| AttributeCounts::new(&wanted.attributes, columns.clone()));
        Ok(Self {
            prices: Prices::of(&columns),
            by_category: vec![0; columns.facets().category_ids.len()],
            by_brand: vec![0; columns.brands.as_ref().map_or(0, |brands| brands.num_terms())],
            attributes: attributes.transpose()?,
            found: Vec::with_capacity(TOGETHER),
            columns,
        })
    }

    /// Counts a document in every facet that the rest of the filter leaves it in.
    pub(crate) fn count(&mut self, doc: u32, passes: Passes, counter: &mut FacetCounter) {
        if passes.all() {
            self.found.push(doc);
            if self.found.len() == TOGETHER {
                self.count_found(counter);
            }
            return;
        }
        if (Passes { category: true, ..passes }).all() {
            self.count_categories(&[doc]);
        }
        if (Passes { brand: true, ..passes }).all() {
            self.count_brands(&[doc]);
        }
        if (Passes { price: true, ..passes }).all() {
            self.count_prices(&[doc], counter);
        }
        if (Passes { stock: true, ..passes }).all() {
            counter.add_stock(self.columns.facets().in_stock[doc as usize]);
        }
        if let Some(attributes) = &mut self.attributes {
            attributes.count(doc, passes);
        }
    }

    /// Counts the documents that pass the whole filter in every facet.
    fn count_found(&mut self, counter: &mut FacetCounter) {
        let mut found = std::mem::take(&mut self.found);
        self.count_categories(&found);
        self.count_brands(&found);
        self.count_prices(&found, counter);
        let in_stock = &self.columns.facets().in_stock;
        found.iter().for_each(|doc| counter.add_stock(in_stock[*doc as usize]));
        if let Some(attributes) = &mut self.attributes {
            found.iter().for_each(|doc| attributes.count(*doc, Passes::ALL));
        }
        found.clear();
        self.found = found;
    }

    fn count_categories(&mut self, docs: &[u32]) {
        let categories = &self.columns.facets().categories;
        for place in docs.iter().flat_map(|doc| categories.at(*doc)) {
            self.by_category[*place as usize] += 1;
        }
    }

    fn count_brands(&mut self, docs: &[u32]) {
        let brands = &self.columns.facets().brands;
        for place in docs.iter().filter_map(|doc| brands.at(*doc).first()) {
            self.by_brand[*place as usize] += 1;
        }
    }

    fn count_prices(&self, docs: &[u32], counter: &mut FacetCounter) {
        let regular = &self.columns.facets().prices;
        for doc in docs {
            let price = self.prices.reduced(*doc).unwrap_or(regular[*doc as usize]);
            counter.add_price(Money::from_minor(price));
        }
    }

    /// Adds the segment's categories, and its brands and attributes by their names.
    pub(crate) fn finish(mut self, counter: &mut FacetCounter) -> Result<(), TantivyError> {
        self.count_found(counter);
        for (id, count) in self.columns.facets().category_ids.iter().zip(&self.by_category) {
            if *count > 0 {
                counter.add_category(CategoryId(*id), *count as usize);
            }
        }
        self.attributes.map(|attributes| attributes.finish(counter)).transpose()?;
        match &self.columns.brands {
            Some(brands) => {
                name_counted(brands, &self.by_brand, |name, count| counter.add_brand(name, count))
            }
            None => Ok(()),
        }
    }
}
