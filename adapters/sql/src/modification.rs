//! What a modification of one product writes, alike for both databases.

use vitrina_core::catalog::ModifyProduct;
use vitrina_core::product::ProductDraft;
use vitrina_core::{Product, ProductId, Result};

/// Deletes a product by ID.
pub(crate) const DELETE: &str = "DELETE FROM product WHERE id = ?";

/// What is to be written once a product was read.
pub(crate) enum Modification {
    Write(Box<ProductDraft>),
    Delete(ProductId),
    Nothing,
}

/// Returns what `modify` makes of a product; one that exists keeps its ID.
pub(crate) fn of(known: Option<Product>, modify: &ModifyProduct<'_>) -> Result<Modification> {
    let id = known.as_ref().map(|product| product.id);
    Ok(match (modify(known)?, id) {
        (Some(draft), _) => Modification::Write(Box::new(ProductDraft { id: id.or(draft.id), ..draft })),
        (None, Some(id)) => Modification::Delete(id),
        (None, None) => Modification::Nothing,
    })
}
