//! Facets counted over the columns of segments.

use tantivy::columnar::{Column, StrColumn};
use tantivy::{SegmentReader, TantivyError};
use vitrina::{CategoryId, FacetCounter, Money, Passes};

use crate::schema::{BRAND, CATEGORY_ID, IN_STOCK, PRICE};

/// The facets of one segment's documents.
pub(crate) struct SegmentFacets {
    categories: Column<i64>,
    prices: Column<i64>,
    stock: Column<bool>,
    brands: Option<StrColumn>,
    /// How many have the brand of each place in the segment's dictionary.
    by_brand: Vec<usize>,
}

impl SegmentFacets {
    pub(crate) fn new(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let brands = columns.str(BRAND)?;
        let by_brand = vec![0; brands.as_ref().map_or(0, |brands| brands.num_terms())];
        Ok(Self {
            categories: columns.i64(CATEGORY_ID)?,
            prices: columns.i64(PRICE)?,
            stock: columns.bool(IN_STOCK)?,
            brands,
            by_brand,
        })
    }

    /// Counts a document in every facet that the rest of the filter leaves it in.
    pub(crate) fn count(&mut self, doc: u32, passes: Passes, counter: &mut FacetCounter) {
        if (Passes { category: true, ..passes }).all()
            && let Some(category) = self.categories.first(doc)
        {
            counter.add_category(CategoryId(category), 1);
        }
        if (Passes { brand: true, ..passes }).all()
            && let Some(place) = self.brands.as_ref().and_then(|brands| brands.ords().first(doc))
        {
            self.by_brand[place as usize] += 1;
        }
        if (Passes { price: true, ..passes }).all() {
            counter.add_price(Money::from_minor(self.prices.first(doc).unwrap_or_default()));
        }
        if (Passes { stock: true, ..passes }).all() {
            counter.add_stock(self.stock.first(doc) == Some(true));
        }
    }

    /// Gives the segment's brands their names.
    pub(crate) fn finish(self, counter: &mut FacetCounter) -> Result<(), TantivyError> {
        let Some(brands) = self.brands else { return Ok(()) };
        let mut name = String::new();
        for (place, count) in self.by_brand.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            name.clear();
            brands.ord_to_str(place as u64, &mut name)?;
            counter.add_brand(&name, count);
        }
        Ok(())
    }
}
