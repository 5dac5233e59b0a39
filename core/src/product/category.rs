//! Categories and the tree that they form.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::within;
use crate::{Error, Result};

/// The ID of a category in the shop's catalogue; `label` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub i64);

/// A category of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Category {
    /// Its ID.
    pub id: CategoryId,
    /// Its name as customers read it, such as `Zapatos`.
    pub name: String,
    /// The category that it is part of; `None` at the root.
    pub parent: Option<CategoryId>,
    /// Its names in further languages by ISO 639-1 code (`en`); `name` is in the shop's own.
    pub translations: BTreeMap<String, String>,
}

impl Category {
    /// The longest name in characters, so that every catalogue can hold it.
    pub const MAX_NAME: usize = 255;
    /// The most levels of a tree.
    pub const MAX_DEPTH: usize = 16;
    /// The most translations of a name.
    pub const MAX_TRANSLATIONS: usize = 50;

    /// Creates a category at the root.
    pub fn new(id: CategoryId, name: impl Into<String>) -> Self {
        Self { id, name: name.into(), parent: None, translations: BTreeMap::new() }
    }

    /// Creates a category below another one.
    pub fn below(parent: CategoryId, id: CategoryId, name: impl Into<String>) -> Self {
        Self { parent: Some(parent), ..Self::new(id, name) }
    }

    /// Checks what no catalogue may hold.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when an ID is below 1, or a name is empty or too long.
    pub fn validate(&self) -> Result<()> {
        if self.id.0 < 1 || self.parent.is_some_and(|parent| parent.0 < 1) {
            return Err(Error::invalid("a category's id must be 1 or more"));
        }
        if self.name.trim().is_empty() {
            return Err(Error::invalid("a category needs a name"));
        }
        within("category name", self.name.chars().count(), Self::MAX_NAME)?;
        within("number of translations", self.translations.len(), Self::MAX_TRANSLATIONS)?;
        for (language, name) in &self.translations {
            super::check_language(language)?;
            within("category name", name.chars().count(), Self::MAX_NAME)?;
        }
        Ok(())
    }
}

/// What becomes of the products of a category that is deleted, and of the categories below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CategoryContents {
    /// There may be none: a category that is not empty is not deleted.
    #[default]
    Refuse,
    /// The products stay without it, and the categories below it move up to its parent.
    Release,
    /// Both move to this category.
    MoveTo(CategoryId),
}

/// A change of a category: what it does not name stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CategoryChange {
    /// Its name.
    pub name: Option<String>,
    /// The category that it is to be part of; `Some(None)` for the root.
    pub parent: Option<Option<CategoryId>>,
    /// Its names in further languages, all of them.
    pub translations: Option<BTreeMap<String, String>>,
}

impl CategoryChange {
    /// Creates a change of the name.
    pub fn rename(name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..Self::default() }
    }

    /// Creates a move below another category, or to the root.
    pub fn move_to(parent: Option<CategoryId>) -> Self {
        Self { parent: Some(parent), ..Self::default() }
    }

    /// The category after the change.
    pub fn apply(self, category: Category) -> Category {
        Category {
            id: category.id,
            name: self.name.unwrap_or(category.name),
            parent: self.parent.unwrap_or(category.parent),
            translations: self.translations.unwrap_or(category.translations),
        }
    }
}

/// A category with those above it, from the root down; shared, as many products have the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CategoryPath {
    /// Never empty.
    categories: Arc<[Category]>,
}

impl CategoryPath {
    /// The category itself, the last of the path.
    pub fn category(&self) -> &Category {
        &self.categories[self.categories.len() - 1]
    }

    /// Every category of the path, from the root down.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.categories.iter()
    }

    /// About how much memory it takes, in bytes, where no other product shares it.
    pub(crate) fn memory(&self) -> usize {
        let names = |category: &Category| -> usize {
            let translated = category.translations.values().map(|name| name.len() + 3 * size_of::<String>());
            size_of_val(category) + category.name.len() + translated.sum::<usize>()
        };
        size_of::<Self>() + self.iter().map(names).sum::<usize>()
    }

    /// The names from the root down: `["Hogar", "Cocina", "Hornos"]`.
    pub fn names(&self) -> Vec<String> {
        self.iter().map(|category| category.name.clone()).collect()
    }
}

impl From<Category> for CategoryPath {
    /// The path of a category at the root.
    fn from(category: Category) -> Self {
        Self { categories: [category].into() }
    }
}

/// The categories of a shop as a tree.
#[derive(Debug, Clone, Default)]
pub struct CategoryTree {
    paths: BTreeMap<CategoryId, CategoryPath>,
    children: BTreeMap<Option<CategoryId>, Vec<CategoryId>>,
}

impl CategoryTree {
    /// Creates the tree of these categories. A category whose parent is missing stands at the root, and so does one of
    /// each cycle that another program wrote.
    pub fn new(categories: impl IntoIterator<Item = Category>) -> Self {
        let known: BTreeMap<_, _> = categories.into_iter().map(|category| (category.id, category)).collect();
        let mut tree = Self::default();
        for (id, category) in &known {
            let mut path = vec![category.clone()];
            let mut seen = BTreeSet::from([*id]);
            let mut at = category;
            while let Some(parent) = at.parent.and_then(|parent| known.get(&parent)) {
                if path.len() == Category::MAX_DEPTH || !seen.insert(parent.id) {
                    break;
                }
                path.push(parent.clone());
                at = parent;
            }
            path.reverse();
            let parent = path.len().checked_sub(2).map(|above| path[above].id);
            tree.children.entry(parent).or_default().push(*id);
            tree.paths.insert(*id, CategoryPath { categories: path.into() });
        }
        tree
    }

    /// The category of this ID.
    pub fn get(&self, id: CategoryId) -> Option<&Category> {
        self.paths.get(&id).map(CategoryPath::category)
    }

    /// The path of a category from the root down.
    pub fn path(&self, id: CategoryId) -> Option<&CategoryPath> {
        self.paths.get(&id)
    }

    /// Every category, by ID.
    pub fn iter(&self) -> impl Iterator<Item = &Category> {
        self.paths.values().map(CategoryPath::category)
    }

    /// The categories right below one, or at the root, by ID.
    pub fn children(&self, parent: Option<CategoryId>) -> &[CategoryId] {
        self.children.get(&parent).map_or(&[], Vec::as_slice)
    }

    /// A category and all below it, at every level.
    pub fn subtree(&self, id: CategoryId) -> Vec<CategoryId> {
        let mut found = vec![id];
        let mut seen = BTreeSet::from([id]);
        let mut at = 0;
        while let Some(parent) = found.get(at) {
            let children = self.children(Some(*parent)).iter().filter(|child| seen.insert(**child));
            let children: Vec<_> = children.copied().collect();
            found.extend(children);
            at += 1;
        }
        found
    }

    /// The category of this path of names from the root, compared without case and accents.
    pub fn find<S: AsRef<str>>(&self, names: &[S]) -> Option<CategoryId> {
        let mut at = None;
        for name in names {
            let wanted = crate::text::fold(name.as_ref().trim());
            let named = |id: &&CategoryId| {
                self.get(**id).is_some_and(|category| crate::text::fold(&category.name) == wanted)
            };
            at = Some(*self.children(at).iter().find(named)?);
        }
        at
    }

    /// The tree after a batch of categories was written into this one.
    ///
    /// Names that were double before (a database that was taken over may hold such) only stand in the way of a batch that
    /// names one of them.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when a category is invalid, its parent is missing or below it, the tree would
    /// be deeper than [`Category::MAX_DEPTH`], or two categories with the same parent would have the same name.
    pub fn with(&self, batch: &[Category]) -> Result<Self> {
        batch.iter().try_for_each(Category::validate)?;
        let mut all: BTreeMap<CategoryId, Category> =
            self.iter().map(|category| (category.id, category.clone())).collect();
        all.extend(batch.iter().map(|category| (category.id, category.clone())));
        let mut named: HashMap<_, usize> = HashMap::new();
        for category in all.values() {
            *named.entry((category.parent, category.name.as_str())).or_default() += 1;
        }
        for category in batch {
            check_ancestors(&all, category)?;
            let now = &all[&category.id];
            if named[&(now.parent, now.name.as_str())] > 1 {
                let message = format!("two categories would have the same name, `{}`", now.name);
                return Err(Error::invalid(message));
            }
        }
        let deepest = Self::new(all.into_values());
        let is_too_deep = |path: &CategoryPath| {
            path.categories.len() == Category::MAX_DEPTH
                && path.categories.first().is_some_and(|top| top.parent.is_some())
        };
        match deepest.paths.values().find(|path| is_too_deep(path)) {
            Some(path) => Err(Error::invalid(format!(
                "category `{}` would be deeper than {} levels",
                path.category().name,
                Category::MAX_DEPTH
            ))),
            None => Ok(deepest),
        }
    }

    /// The tree without a category, whose children go where `contents` says; `None` where it is missing.
    ///
    /// # Errors
    /// [`Conflict`](crate::ErrorKind::Conflict) when it has children and these are to be refused;
    /// [`Invalid`](crate::ErrorKind::Invalid) when they are to move to a category that is missing, the category itself, or
    /// below it, and when one would meet another category of its name there.
    pub fn without(&self, id: CategoryId, contents: CategoryContents) -> Result<Option<Self>> {
        let Some(gone) = self.get(id) else { return Ok(None) };
        let children = self.children(Some(id));
        let parent = match contents {
            CategoryContents::Refuse if !children.is_empty() => return Err(not_empty(gone)),
            CategoryContents::Refuse | CategoryContents::Release => gone.parent,
            CategoryContents::MoveTo(target) => {
                if self.get(target).is_none() {
                    return Err(Error::invalid(format!("there is no category {} to move to", target.0)));
                }
                if self.subtree(id).contains(&target) {
                    let message =
                        format!("category {} goes with category {}: move to another", target.0, id.0);
                    return Err(Error::invalid(message));
                }
                Some(target)
            }
        };
        let rest: Vec<_> = self.iter().filter(|category| category.id != id).cloned().collect();
        let moved = children.iter().filter_map(|child| self.get(*child));
        let moved: Vec<_> = moved.map(|child| Category { parent, ..child.clone() }).collect();
        Self::new(rest).with(&moved).map(Some)
    }
}

/// The refusal to delete a category that is not empty.
pub fn not_empty(category: &Category) -> Error {
    let message = format!(
        "category {} (`{}`) has products or categories in it: say where they move, or delete them first",
        category.id.0, category.name
    );
    Error::conflict(message)
}

fn check_ancestors(all: &BTreeMap<CategoryId, Category>, category: &Category) -> Result<()> {
    let mut at = category;
    let mut seen = BTreeSet::from([category.id]);
    while let Some(parent) = at.parent {
        let Some(above) = all.get(&parent) else {
            let message = format!("category `{}`: there is no category {}", category.name, parent.0);
            return Err(Error::invalid(message));
        };
        if !seen.insert(parent) {
            return Err(Error::invalid(format!("category `{}` would be below itself", category.name)));
        }
        at = above;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn category(id: i64, name: &str, parent: i64) -> Category {
        let parent = (parent > 0).then_some(CategoryId(parent));
        Category { parent, ..Category::new(CategoryId(id), name) }
    }

    fn kitchen() -> CategoryTree {
        CategoryTree::new([
            category(1, "Hogar", 0),
            category(2, "Cocina", 1),
            category(3, "Hornos", 2),
            category(4, "Jardín", 1),
        ])
    }

    #[test]
    fn paths_and_subtrees_follow_the_parents() {
        let tree = kitchen();
        assert_eq!(tree.path(CategoryId(3)).unwrap().names(), ["Hogar", "Cocina", "Hornos"]);
        assert_eq!(tree.subtree(CategoryId(2)), [CategoryId(2), CategoryId(3)]);
        assert_eq!(tree.find(&["hogar", "JARDIN"]), Some(CategoryId(4)));
        assert_eq!(tree.find(&["Cocina"]), None);
    }

    #[test]
    fn names_are_unique_below_one_parent_and_old_doubles_do_not_stand_in_the_way() {
        let tree = CategoryTree::new([
            category(1, "a", 0),
            category(2, "b", 0),
            category(3, "x", 0),
            category(4, "x", 0),
        ]);
        assert!(tree.with(&[category(1, "b", 0), category(2, "a", 0)]).is_ok());
        assert!(tree.with(&[category(1, "b", 0)]).is_err());
        assert!(tree.with(&[category(1, "b", 2)]).is_ok());
        assert!(tree.with(&[category(3, "x", 0)]).is_err());
        assert!(tree.with(&[category(3, "y", 0)]).is_ok());
    }

    #[test]
    fn a_tree_has_no_cycle_no_gap_and_an_end() {
        let tree = kitchen();
        assert!(tree.with(&[category(1, "Hogar", 3)]).is_err());
        assert!(tree.with(&[category(1, "Hogar", 1)]).is_err());
        assert!(tree.with(&[category(5, "Sillas", 77)]).is_err());
        let deep = |levels: i64| (1..=levels).map(|id| category(id, "a", id - 1)).collect::<Vec<_>>();
        assert!(CategoryTree::default().with(&deep(16)).is_ok());
        assert!(CategoryTree::default().with(&deep(17)).is_err());
        let cycle = CategoryTree::new([category(1, "a", 2), category(2, "b", 1)]);
        assert_eq!(cycle.iter().count(), 2);
    }

    #[test]
    fn children_of_a_removed_category_move_up() {
        let release = CategoryContents::Release;
        let tree = kitchen().without(CategoryId(2), release).unwrap().unwrap();
        assert_eq!(tree.path(CategoryId(3)).unwrap().names(), ["Hogar", "Hornos"]);
        assert!(kitchen().without(CategoryId(9), release).unwrap().is_none());
        let clash = kitchen().with(&[category(5, "Jardín", 2)]).unwrap();
        assert!(clash.without(CategoryId(2), release).is_err());
        let garden = CategoryContents::MoveTo(CategoryId(4));
        let tree = kitchen().without(CategoryId(2), garden).unwrap().unwrap();
        assert_eq!(tree.path(CategoryId(3)).unwrap().names(), ["Hogar", "Jardín", "Hornos"]);
        for wrong in [2, 3, 9] {
            let wrong = CategoryContents::MoveTo(CategoryId(wrong));
            assert!(kitchen().without(CategoryId(2), wrong).is_err());
        }
        let refused = kitchen().without(CategoryId(2), CategoryContents::Refuse).unwrap_err();
        assert_eq!(refused.kind(), crate::ErrorKind::Conflict);
        assert!(kitchen().without(CategoryId(3), CategoryContents::Refuse).unwrap().is_some());
    }
}
