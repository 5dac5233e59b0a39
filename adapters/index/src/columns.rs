//! The columns of segments that searches read, opened once.
//!
//! Opening a column looks it up in the segment's dictionary of columns and unpacks its header, and a search reads several of
//! every segment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tantivy::columnar::{Column, StrColumn};
use tantivy::index::SegmentId;
use tantivy::{SegmentReader, TantivyError};

use crate::facet_columns::{FacetColumns, Places};
use crate::schema::{
    ATTRIBUTES, BRAND, BRAND_KEY, CATEGORY_ID, ID, IN_STOCK, NAME_KEY, POPULARITY, PRICE, SALE_FROM,
    SALE_PRICE, SALE_UNTIL,
};

/// The columns of the segments that were searched. Segments do not change, but for products that are removed.
#[derive(Default)]
pub(crate) struct Columns(Mutex<HashMap<SegmentId, Arc<SegmentColumns>>>);

impl Columns {
    /// The columns of a segment.
    pub(crate) fn of(&self, segment: &SegmentReader) -> Result<Arc<SegmentColumns>, TantivyError> {
        let mut known = self.lock();
        if let Some(columns) = known.get(&segment.segment_id()) {
            return Ok(columns.clone());
        }
        let columns = Arc::new(SegmentColumns::open(segment)?);
        known.insert(segment.segment_id(), columns.clone());
        Ok(columns)
    }

    /// Forgets what belongs to segments that are gone.
    pub(crate) fn keep(&self, here: &HashSet<SegmentId>) {
        self.lock().retain(|segment, _| here.contains(segment));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SegmentId, Arc<SegmentColumns>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The columns of one segment; those of texts are missing where no document has any.
pub(crate) struct SegmentColumns {
    pub(crate) ids: Column<i64>,
    /// With those above them, the main one first.
    pub(crate) categories: Column<i64>,
    pub(crate) in_stock: Column<bool>,
    pub(crate) popularity: Column<f64>,
    /// In minor units.
    pub(crate) price: Column<i64>,
    pub(crate) sale_price: Column<i64>,
    pub(crate) sale_from: Column<i64>,
    pub(crate) sale_until: Column<i64>,
    pub(crate) names: Option<StrColumn>,
    /// The brands as shops write them.
    pub(crate) brands: Option<StrColumn>,
    /// The brands without case.
    pub(crate) brand_keys: Option<StrColumn>,
    pub(crate) attributes: Option<StrColumn>,
    facets: OnceLock<FacetColumns>,
    attribute_places: OnceLock<Places>,
}

impl SegmentColumns {
    /// Opens the columns of a segment.
    pub(crate) fn open(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        Ok(Self {
            ids: columns.i64(ID)?,
            categories: columns.i64(CATEGORY_ID)?,
            in_stock: columns.bool(IN_STOCK)?,
            popularity: columns.f64(POPULARITY)?,
            price: columns.i64(PRICE)?,
            sale_price: columns.i64(SALE_PRICE)?,
            sale_from: columns.i64(SALE_FROM)?,
            sale_until: columns.i64(SALE_UNTIL)?,
            names: columns.str(NAME_KEY)?,
            brands: columns.str(BRAND)?,
            brand_keys: columns.str(BRAND_KEY)?,
            attributes: columns.str(ATTRIBUTES)?,
            facets: OnceLock::new(),
            attribute_places: OnceLock::new(),
        })
    }

    /// Whether any document has a sale.
    pub(crate) fn has_sales(&self) -> bool {
        self.sale_price.values.num_vals() > 0
    }

    /// Whether any document has a popularity.
    pub(crate) fn has_popularity(&self) -> bool {
        self.popularity.values.num_vals() > 0
    }

    /// What facets are counted by, read when it is first asked for.
    pub(crate) fn facets(&self) -> &FacetColumns {
        self.facets.get_or_init(|| FacetColumns::of(self))
    }

    /// The attributes of each document as places in their dictionary, read when they are first asked for.
    pub(crate) fn attribute_places(&self) -> &Places {
        let places = || Places::of_terms(self.ids.num_docs(), self.attributes.as_ref());
        self.attribute_places.get_or_init(places)
    }
}
