//! Facets counted over the columns of segments.

use tantivy::columnar::{Column, StrColumn};
use tantivy::{SegmentReader, TantivyError};
use vitrina_core::index::{FacetCounter, Passes};
use vitrina_core::{CategoryId, Money};

use crate::attributes::AttributeCounts;
use crate::filter::Wanted;
use crate::prices::Prices;
use crate::schema::{BRAND, CATEGORY_ID, IN_STOCK};

/// The facets of one segment's documents.
pub(crate) struct SegmentFacets {
    categories: Column<i64>,
    prices: Prices,
    stock: Column<bool>,
    brands: Option<StrColumn>,
    /// How many have the brand of each place in the segment's dictionary.
    by_brand: Vec<usize>,
    attributes: Option<AttributeCounts>,
}

impl SegmentFacets {
    pub(crate) fn new(
        wanted: &Wanted,
        segment: &SegmentReader,
        has_attributes: bool,
    ) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let brands = columns.str(BRAND)?;
        let by_brand = vec![0; brands.as_ref().map_or(0, |brands| brands.num_terms())];
        let attributes = has_attributes.then(|| AttributeCounts::new(&wanted.attributes, segment));
        Ok(Self {
            categories: columns.i64(CATEGORY_ID)?,
            prices: Prices::of(segment)?,
            stock: columns.bool(IN_STOCK)?,
            brands,
            by_brand,
            attributes: attributes.transpose()?,
        })
    }

    /// Counts a document in every facet that the rest of the filter leaves it in.
    pub(crate) fn count(&mut self, doc: u32, passes: Passes, counter: &mut FacetCounter) {
        if (Passes { category: true, ..passes }).all() {
            let categories = self.categories.values_for_doc(doc);
            categories.for_each(|category| counter.add_category(CategoryId(category), 1));
        }
        if (Passes { brand: true, ..passes }).all()
            && let Some(place) = self.brands.as_ref().and_then(|brands| brands.ords().first(doc))
        {
            self.by_brand[place as usize] += 1;
        }
        if (Passes { price: true, ..passes }).all() {
            counter.add_price(Money::from_minor(self.prices.at(doc).unwrap_or_default()));
        }
        if (Passes { stock: true, ..passes }).all() {
            counter.add_stock(self.stock.first(doc) == Some(true));
        }
        if let Some(attributes) = &mut self.attributes {
            attributes.count(doc, passes);
        }
    }

    /// Gives the segment's brands their names.
    pub(crate) fn finish(self, counter: &mut FacetCounter) -> Result<(), TantivyError> {
        self.attributes.map(|attributes| attributes.finish(counter)).transpose()?;
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
