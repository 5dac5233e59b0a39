//! Where products are imported to.

use async_trait::async_trait;
use vitrina_core::{NewProduct, ProductId, Result};

/// What became of a product, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It was created.
    New,
    /// It was changed, in these fields.
    Changed(Vec<String>),
    /// It is stored as it is.
    Unchanged,
    /// No catalogue may hold it.
    Refused {
        /// The field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A value that was left out of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The place of the product in the batch, from 0.
    pub place: usize,
    /// The field.
    pub field: String,
    /// The value.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PutBatch {
    /// What became of each product, in their order.
    pub outcomes: Vec<Put>,
    /// Values without which products came in, such as photos that cannot be read.
    pub left_out: Vec<LeftOut>,
}

/// A product that is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProduct {
    /// Its ID.
    pub id: ProductId,
    /// Its key.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
}

/// A shop that products are imported to.
///
/// # Contract
///
/// - A batch is written whole or not at all, without the products that are refused.
/// - Writing what is stored already changes nothing and wakes nobody.
#[async_trait]
pub trait ImportTarget: Send + Sync {
    /// Writes products by their keys, unless `dry_run`, and returns what became of each, in their order.
    ///
    /// # Errors
    /// When the shop cannot be read or written.
    async fn put(&self, products: Vec<NewProduct>, dry_run: bool) -> Result<PutBatch>;

    /// Lists stored products with IDs above `after`, by ID, at most `limit`.
    ///
    /// # Errors
    /// When the shop cannot be read.
    async fn list(&self, after: ProductId, limit: usize) -> Result<Vec<StoredProduct>>;

    /// Removes products and returns how many were there.
    ///
    /// # Errors
    /// When the shop cannot be written.
    async fn remove(&self, ids: &[ProductId]) -> Result<u64>;
}
