//! Prices of products as they are now: the reduced price while it applies.

use tantivy::columnar::Column;
use tantivy::{SegmentReader, TantivyError};
use vitrina_core::Money;
use vitrina_core::product::{SalePrice, Timestamp};

use crate::schema::{PRICE, SALE_FROM, SALE_PRICE, SALE_UNTIL};

/// The prices of one segment's documents, in minor units.
pub(crate) struct Prices {
    regular: Column<i64>,
    sales: Option<Sales>,
    now: Timestamp,
}

struct Sales {
    price: Column<i64>,
    from: Column<i64>,
    until: Column<i64>,
}

impl Prices {
    pub(crate) fn of(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let columns = segment.fast_fields();
        let price = columns.i64(SALE_PRICE)?;
        let sales = if has_values(&price) {
            Some(Sales { price, from: columns.i64(SALE_FROM)?, until: columns.i64(SALE_UNTIL)? })
        } else {
            None
        };
        Ok(Self { regular: columns.i64(PRICE)?, sales, now: Timestamp::now() })
    }

    /// The price of a document now.
    pub(crate) fn at(&self, doc: u32) -> Option<i64> {
        let sale = self.sale(doc).filter(|sale| sale.is_valid_at(self.now));
        sale.map(|sale| sale.price.minor()).or_else(|| self.regular(doc))
    }

    /// The price of a document without its sale.
    pub(crate) fn regular(&self, doc: u32) -> Option<i64> {
        self.regular.first(doc)
    }

    /// Whether any document has a sale.
    pub(crate) fn has_sales(&self) -> bool {
        self.sales.is_some()
    }

    /// Whether the price of a document is reduced now.
    pub(crate) fn is_reduced(&self, doc: u32) -> bool {
        self.sale(doc).is_some_and(|sale| sale.is_valid_at(self.now))
    }

    /// The sale of a document, whenever it applies.
    pub(crate) fn sale(&self, doc: u32) -> Option<SalePrice> {
        let sales = self.sales.as_ref()?;
        let price = Money::from_minor(sales.price.first(doc)?);
        let moment = |column: &Column<i64>| column.first(doc).map(Timestamp);
        Some(SalePrice { price, from: moment(&sales.from), until: moment(&sales.until) })
    }
}

/// Returns whether any document of a segment has a sale, so that answers depend on the time.
pub(crate) fn has_sales(segment: &SegmentReader) -> bool {
    segment.fast_fields().i64(SALE_PRICE).is_ok_and(|column| has_values(&column))
}

fn has_values(column: &Column<i64>) -> bool {
    column.values.num_vals() > 0
}
