//! What is checked and worked out before anything is written.

use std::collections::{BTreeSet, HashMap, HashSet};

use vitrina_core::catalog::Filter;
use vitrina_core::product::ProductDraft;
use vitrina_core::{CategoryId, Error, ProductId, Result};

/// Checks a batch of products against the categories that exist.
pub(crate) fn check_products(drafts: &[ProductDraft], categories: &HashSet<i64>) -> Result<()> {
    for draft in drafts {
        draft.validate().map_err(|error| refused(draft, error))?;
        if let Some(id) = draft.categories.iter().find(|id| !categories.contains(&id.0)) {
            return Err(refused(draft, format!("there is no category {}", id.0)));
        }
    }
    Ok(())
}

fn refused(draft: &ProductDraft, why: impl std::fmt::Display) -> Error {
    Error::invalid(format!("product `{}`: {why}", draft.name))
}

/// The categories that a batch names, as a JSON list.
pub(crate) fn categories(drafts: &[ProductDraft]) -> String {
    let ids: BTreeSet<_> = drafts.iter().flat_map(|draft| &draft.categories).map(|id| id.0).collect();
    serde_json::Value::from_iter(ids).to_string()
}

/// The keys of a batch.
pub(crate) fn keys(drafts: &[ProductDraft]) -> Vec<&str> {
    drafts.iter().filter_map(|draft| draft.key.as_deref()).collect()
}

/// The product that a draft is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Target {
    /// The product of this ID, which may not exist yet.
    Id(ProductId),
    /// A new product: that of the first draft in this place that has the same key.
    New(usize),
}

/// Finds the products that drafts are for, by ID and else by key.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) where a draft has an ID and the key of another product.
pub(crate) fn targets(drafts: &[ProductDraft], owners: &HashMap<String, ProductId>) -> Result<Vec<Target>> {
    let mut of_keys: HashMap<&str, Target> =
        owners.iter().map(|(key, id)| (key.as_str(), Target::Id(*id))).collect();
    let mut targets = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.iter().enumerate() {
        let own = draft.id.map(Target::Id);
        let target = match draft.key.as_deref() {
            None => own.unwrap_or(Target::New(place)),
            Some(key) => {
                let known = *of_keys.entry(key).or_insert(own.unwrap_or(Target::New(place)));
                if own.is_some_and(|own| own != known) {
                    return Err(refused(draft, format!("its key `{key}` belongs to another product")));
                }
                known
            }
        };
        targets.push(target);
    }
    Ok(targets)
}

/// The places of the drafts that count: of several for one product the last.
pub(crate) fn last_of_each(targets: &[Target]) -> Vec<usize> {
    let mut seen = HashSet::new();
    let mut places: Vec<_> = (0..targets.len()).rev().filter(|place| seen.insert(targets[*place])).collect();
    places.reverse();
    places
}

/// Refuses what a listing of the database cannot filter by.
pub(crate) fn check_filter(filter: &Filter) -> Result<()> {
    if filter.attributes.is_empty() {
        return Ok(());
    }
    Err(Error::invalid("the catalogue does not filter by attributes: search with an empty query instead"))
}

/// The categories of a filter, which are those with all below them.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for more of them than a statement takes.
pub(crate) fn within_bound(ids: Vec<i64>) -> Result<Vec<CategoryId>> {
    const MOST: usize = 10_000;
    if ids.len() > MOST {
        return Err(Error::invalid(format!("the filter's categories have more than {MOST} below them")));
    }
    Ok(ids.into_iter().map(CategoryId).collect())
}

/// The categories of products beside their main ones: product, category, and place among the product's categories.
pub(crate) fn further_categories<'d>(
    drafts: impl IntoIterator<Item = (ProductId, &'d ProductDraft)>,
) -> Vec<[i64; 3]> {
    let further = |(id, draft): (ProductId, &'d ProductDraft)| {
        let categories = draft.categories.iter().enumerate().skip(1);
        categories.map(move |(position, category)| [id.0, category.0, position as i64])
    };
    drafts.into_iter().flat_map(further).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(id: Option<i64>, key: &str) -> ProductDraft {
        let key = (!key.is_empty()).then(|| key.to_owned());
        ProductDraft { id: id.map(ProductId), key, ..ProductDraft::default() }
    }

    #[test]
    fn a_key_leads_to_one_product() {
        let owners = HashMap::from([("a".to_owned(), ProductId(7))]);
        let drafts =
            [draft(None, "a"), draft(None, "b"), draft(Some(7), "a"), draft(None, "b"), draft(None, "")];
        let found = targets(&drafts, &owners).unwrap();
        let seven = Target::Id(ProductId(7));
        assert_eq!(found, [seven, Target::New(1), seven, Target::New(1), Target::New(4)]);
        assert_eq!(last_of_each(&found), [2, 3, 4]);
        for bad in [vec![draft(Some(8), "a")], vec![draft(Some(1), "c"), draft(Some(2), "c")]] {
            assert!(targets(&bad, &owners).is_err());
        }
        let later = [draft(Some(9), "n"), draft(None, "n")];
        assert_eq!(targets(&later, &owners).unwrap(), [Target::Id(ProductId(9)); 2]);
    }
}
