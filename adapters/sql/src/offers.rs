//! Changes of prices, sales and stock, alike for both databases but for their statements.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use vitrina_core::catalog::Offers;
use vitrina_core::product::{OfferChange, ProductDraft, ProductRef};
use vitrina_core::{ProductId, Result};

use crate::details::Details;
use crate::rows::ProductRow;

/// How many changes are read and written by a statement.
pub(crate) const ROWS: usize = 500;

/// The keys that changes name.
pub(crate) fn keys(changes: &[(ProductRef, OfferChange)]) -> Vec<&str> {
    let keys = changes.iter().filter_map(|(which, _)| match which {
        ProductRef::Key(key) => Some(key.as_str()),
        ProductRef::Id(_) => None,
    });
    keys.collect()
}

/// The products that changes name, by ID.
pub(crate) fn ids(
    changes: &[(ProductRef, OfferChange)],
    owners: &HashMap<String, ProductId>,
) -> BTreeSet<ProductId> {
    changes.iter().filter_map(|(which, _)| id(which, owners)).collect()
}

fn id(which: &ProductRef, owners: &HashMap<String, ProductId>) -> Option<ProductId> {
    match which {
        ProductRef::Id(id) => Some(*id),
        ProductRef::Key(key) => owners.get(key).copied(),
    }
}

/// Changes the products of rows; returns their IDs in the order of the changes, and what is to be written.
pub(crate) fn change(
    changes: &[(ProductRef, OfferChange)],
    owners: &HashMap<String, ProductId>,
    rows: Vec<ProductRow>,
) -> Result<(Vec<Option<ProductId>>, Vec<Value>)> {
    let drafts = rows.into_iter().map(ProductRow::into_draft);
    let known: HashMap<_, _> = drafts.filter_map(|draft| Some((draft.id?, draft))).collect();
    let mut offers = Offers::default();
    for (which, change) in changes {
        let known = id(which, owners).and_then(|id| known.get(&id));
        // A key may have gone to another product since its owner was looked up.
        let is_named = |draft: &&ProductDraft| match which {
            ProductRef::Key(key) => draft.key.as_ref() == Some(key),
            ProductRef::Id(_) => true,
        };
        offers.change(which, change, known.filter(is_named).cloned())?;
    }
    let (ids, changed) = offers.finish();
    Ok((ids, changed.iter().map(|(before, after)| row(before, after)).collect()))
}

/// A product as the statements read it: ID, price, sale price, beginning and end of the sale, stock, whether it is available
/// by more than its stock, and the details where they change.
fn row(before: &ProductDraft, after: &ProductDraft) -> Value {
    // Nothing at all is written as an empty object: null leaves the column as it is.
    let details = || Details::of(after).unwrap_or_else(|| "{}".into());
    json!([
        after.id.map(|id| id.0),
        after.price.minor(),
        after.sale.map(|sale| sale.price.minor()),
        after.sale.and_then(|sale| sale.from).map(|from| from.0),
        after.sale.and_then(|sale| sale.until).map(|until| until.0),
        after.stock,
        after.stated_in_stock().map(u8::from),
        (before.availability != after.availability).then(details),
    ])
}
