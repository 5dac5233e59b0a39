//! Requests that are carried out once: what both databases share.

use vitrina_core::catalog::RequestKey;
use vitrina_core::product::Timestamp;
use vitrina_core::{Error, ProductId, Result};

use crate::from_row::from_row;

/// The record of a request, by its scope and key.
pub(crate) const FIND: &str =
    "SELECT fingerprint, products, created FROM vitrina_request WHERE scope = ? AND request_key = ?";

/// Forgets what is older than a request may be.
pub(crate) const FORGET_OLD: &str = "DELETE FROM vitrina_request WHERE created <= ?";

/// Forgets the oldest of a scope, beyond a number of them.
pub(crate) const FORGET_OLDEST: &str = "DELETE FROM vitrina_request WHERE scope = ? AND id <= (SELECT id FROM \
     (SELECT id FROM vitrina_request WHERE scope = ? ORDER BY id DESC LIMIT 1 OFFSET ?) AS oldest)";

from_row! {
    /// A row of `vitrina_request`.
    pub(crate) struct RequestRow {
        fingerprint: Vec<u8>,
        products: String,
        created: i64,
    }
}

impl RequestRow {
    /// The products that the request wrote; `None` where it is forgotten, or being carried out by this transaction.
    ///
    /// # Errors
    /// Those of [`RequestKey::check`].
    pub(crate) fn written(self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        if self.products.is_empty() || Timestamp(self.created) <= request.forgotten_until() {
            return Ok(None);
        }
        request.check(&self.fingerprint)?;
        let ids: Vec<i64> = serde_json::from_str(&self.products)
            .map_err(|error| Error::internal("the record of a request cannot be read").with_source(error))?;
        Ok(Some(ids.into_iter().map(ProductId).collect()))
    }
}

/// Products as [`RequestRow::written`] reads them.
pub(crate) fn products(ids: &[ProductId]) -> String {
    serde_json::Value::from_iter(ids.iter().map(|id| id.0)).to_string()
}

/// How many requests of a scope stay, as the databases take it.
pub(crate) fn most() -> i64 {
    i64::try_from(RequestKey::MOST).unwrap_or(i64::MAX)
}
