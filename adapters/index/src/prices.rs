//! Prices of products as they are now: the reduced price while it applies.

use std::sync::Arc;

use tantivy::columnar::Column;
use vitrina_core::Money;
use vitrina_core::product::{SalePrice, Timestamp};

use crate::columns::SegmentColumns;

/// The prices of one segment's documents, in minor units.
pub(crate) struct Prices {
    columns: Arc<SegmentColumns>,
    has_sales: bool,
    now: Timestamp,
}

impl Prices {
    pub(crate) fn of(columns: &Arc<SegmentColumns>) -> Self {
        Self { has_sales: columns.has_sales(), columns: columns.clone(), now: Timestamp::now() }
    }

    /// The price of a document now.
    pub(crate) fn at(&self, doc: u32) -> Option<i64> {
        self.reduced(doc).or_else(|| self.regular(doc))
    }

    /// The reduced price of a document, where it applies now.
    pub(crate) fn reduced(&self, doc: u32) -> Option<i64> {
        self.sale(doc).filter(|sale| sale.is_valid_at(self.now)).map(|sale| sale.price.minor())
    }

    /// The price of a document without its sale.
    pub(crate) fn regular(&self, doc: u32) -> Option<i64> {
        self.columns.price.first(doc)
    }

    /// Whether the price of a document is reduced now.
    pub(crate) fn is_reduced(&self, doc: u32) -> bool {
        self.reduced(doc).is_some()
    }

    /// The sale of a document, whenever it applies.
    pub(crate) fn sale(&self, doc: u32) -> Option<SalePrice> {
        let columns = self.has_sales.then_some(&self.columns)?;
        let price = Money::from_minor(columns.sale_price.first(doc)?);
        let moment = |column: &Column<i64>| column.first(doc).map(Timestamp);
        Some(SalePrice { price, from: moment(&columns.sale_from), until: moment(&columns.sale_until) })
    }
}
