//! What is checked before anything is written.

use std::collections::{BTreeMap, HashSet};

use vitrina::{Category, CategoryId, Error, ProductDraft, Result};

/// Checks a batch of products against the numbers of the categories that exist.
pub(crate) fn check_products(drafts: &[ProductDraft], categories: &HashSet<i64>) -> Result<()> {
    for draft in drafts {
        draft.validate().map_err(|error| Error::invalid(format!("product `{}`: {error}", draft.name)))?;
        if let Some(id) = draft.category
            && !categories.contains(&id.0)
        {
            return Err(Error::invalid(format!("product `{}`: there is no category {}", draft.name, id.0)));
        }
    }
    Ok(())
}

/// Checks a batch of categories against those that exist.
///
/// Names that were double before (a database that was taken over may hold such) only stand in the way of a batch that
/// names one of them.
pub(crate) fn check_categories(existing: Vec<Category>, batch: &[Category]) -> Result<()> {
    batch.iter().try_for_each(Category::validate)?;
    let mut names: BTreeMap<CategoryId, String> =
        existing.into_iter().map(|category| (category.id, category.name)).collect();
    names.extend(batch.iter().map(|category| (category.id, category.name.clone())));
    for category in batch {
        let name = &names[&category.id];
        if names.iter().any(|(id, other)| *id != category.id && other == name) {
            return Err(Error::invalid(format!("two categories would have the same name, `{name}`")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(id: i64, name: &str) -> Category {
        Category { id: CategoryId(id), name: name.into() }
    }

    #[test]
    fn names_may_be_swapped_within_a_batch_and_old_doubles_do_not_stand_in_the_way() {
        let existing = vec![category(1, "a"), category(2, "b"), category(3, "x"), category(4, "x")];
        assert!(check_categories(existing.clone(), &[category(1, "b"), category(2, "a")]).is_ok());
        assert!(check_categories(existing.clone(), &[category(1, "b")]).is_err());
        assert!(check_categories(existing.clone(), &[category(3, "x")]).is_err());
        assert!(check_categories(existing, &[category(3, "y")]).is_ok());
    }
}
