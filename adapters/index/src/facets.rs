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

/// The facets of one segment's documents.
pub(crate) struct SegmentFacets {
    columns: Arc<SegmentColumns>,
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
            columns,
        })
    }

    /// Counts a document in every facet that the rest of the filter leaves it in.
    pub(crate) fn count(&mut self, doc: u32, passes: Passes, counter: &mut FacetCounter) {
        let values = self.columns.facets();
        if (Passes { category: true, ..passes }).all() {
            values.categories.at(doc).iter().for_each(|place| self.by_category[*place as usize] += 1);
        }
        if (Passes { brand: true, ..passes }).all()
            && let Some(place) = values.brands.at(doc).first()
        {
            self.by_brand[*place as usize] += 1;
        }
        if (Passes { price: true, ..passes }).all() {
            counter.add_price(Money::from_minor(self.prices.at(doc).unwrap_or_default()));
        }
        if (Passes { stock: true, ..passes }).all() {
            counter.add_stock(values.in_stock[doc as usize]);
        }
        if let Some(attributes) = &mut self.attributes {
            attributes.count(doc, passes);
        }
    }

    /// Adds the segment's categories, and its brands and attributes by their names.
    pub(crate) fn finish(self, counter: &mut FacetCounter) -> Result<(), TantivyError> {
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
