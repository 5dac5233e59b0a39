//! Categories by name or ID: the one place that resolves them.

use std::collections::HashMap;

use vitrina_core::product::{CategoryChange, CategoryContents, CategoryTree};
use vitrina_core::text::fold;
use vitrina_core::{Category, CategoryId, Error, Result};

use crate::Shop;

impl Shop {
    /// Returns the categories of these names or paths (`Hogar > Cocina`), without case and accents, or IDs in digits, in
    /// their order. Of several categories with one name the one nearest to the root is meant.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming one that does not exist, and those of the catalogue.
    pub async fn category_ids<S: AsRef<str>>(&self, wanted: &[S]) -> Result<Vec<CategoryId>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let known = Known::new(self.categories().await?);
        wanted.iter().map(|wanted| known.find(wanted.as_ref())).collect()
    }

    /// Creates a category, or renames the one of this ID, which stays where it is.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for an invalid name or ID, or a name that another category beside it
    /// has, and those of the catalogue.
    pub async fn put_category(&self, id: CategoryId, name: &str) -> Result<Category> {
        let known = self.categories().await?.into_iter().find(|category| category.id == id);
        let mut category = known.unwrap_or_else(|| Category::new(id, ""));
        category.name = name.to_owned();
        self.upsert_category(category).await
    }

    /// Creates a category, or replaces the one of this ID: its name, its translations, and the category that it is below.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for an invalid name or ID, a name that another category beside it has,
    /// or a parent that is missing or below it, and those of the catalogue.
    pub async fn upsert_category(&self, mut category: Category) -> Result<Category> {
        category.name = category.name.trim().to_owned();
        self.catalog().upsert_categories(std::slice::from_ref(&category)).await?;
        self.refresh().await?;
        Ok(category)
    }

    /// Changes a category: its name, the category that it is below, its translations. It keeps its products and all
    /// categories below it.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound), and as [`upsert_category`](Self::upsert_category).
    pub async fn update_category(&self, id: CategoryId, change: CategoryChange) -> Result<Category> {
        let changing = self.category_lock().await;
        let known = self.categories().await?.into_iter().find(|category| category.id == id);
        let known = known.ok_or_else(|| unknown(id))?;
        let changed = self.upsert_category(change.apply(known)).await;
        drop(changing);
        changed
    }

    /// Deletes a category; `contents` says what becomes of its products and of the categories below it.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound); [`Conflict`](vitrina_core::ErrorKind::Conflict) when it is not empty
    /// and has to be; [`Invalid`](vitrina_core::ErrorKind::Invalid) when a category would meet another one of its name, or
    /// there is no such category to move to; and those of the catalogue.
    pub async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<()> {
        if !self.catalog().delete_category(id, contents).await? {
            return Err(unknown(id));
        }
        self.refresh().await.map(|_| ())
    }

    /// Returns the IDs of categories by their paths from the root, without case and accents. Those that do not exist are
    /// created if `create` is set; if not, a path of one name or ID stands for a category at any level.
    pub(crate) async fn resolve_or_create<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p Vec<String>>,
        create: bool,
    ) -> Result<Resolved> {
        // Two writers in this process must not create one category twice.
        let _writing = self.category_lock().await;
        let mut known = Known::new(self.categories().await?);
        let (mut ids, mut fresh) = (HashMap::new(), Vec::new());
        for path in paths {
            if ids.contains_key(path) {
                continue;
            }
            let id = match (known.at(path), create) {
                (Some(id), _) => id,
                (None, true) => known.create(path, &mut fresh),
                (None, false) => known.find(&path.join(" > "))?,
            };
            ids.insert(path.clone(), id);
        }
        if !fresh.is_empty() {
            self.catalog().upsert_categories(&fresh).await?;
        }
        Ok(Resolved { ids, created: fresh.len() })
    }
}

fn unknown(id: CategoryId) -> Error {
    Error::not_found(format!("there is no category {}", id.0))
}

/// Categories by path, after those that were missing have been created.
pub(crate) struct Resolved {
    pub(crate) ids: HashMap<Vec<String>, CategoryId>,
    pub(crate) created: usize,
}

/// The categories of a shop, by folded names.
struct Known {
    below: HashMap<(Option<CategoryId>, String), CategoryId>,
    by_name: HashMap<String, CategoryId>,
    by_id: HashMap<String, CategoryId>,
    highest: i64,
}

impl Known {
    fn new(categories: Vec<Category>) -> Self {
        let highest = categories.iter().map(|category| category.id.0).max().unwrap_or(0);
        let tree = CategoryTree::new(categories);
        let mut known =
            Self { below: HashMap::new(), by_name: HashMap::new(), by_id: HashMap::new(), highest };
        let mut level = vec![None];
        while !level.is_empty() {
            let mut next = Vec::new();
            for parent in level {
                for category in tree.children(parent).iter().filter_map(|id| tree.get(*id)) {
                    let name = fold(&category.name);
                    known.by_id.insert(category.id.0.to_string(), category.id);
                    known.by_name.entry(name.clone()).or_insert(category.id);
                    known.below.entry((parent, name)).or_insert(category.id);
                    next.push(Some(category.id));
                }
            }
            level = next;
        }
        known
    }

    /// The category at a path from the root.
    fn at<S: AsRef<str>>(&self, path: &[S]) -> Option<CategoryId> {
        let mut at = None;
        for name in path {
            at = Some(*self.below.get(&(at, fold(name.as_ref().trim())))?);
        }
        at
    }

    /// Creates what is missing of a path.
    fn create(&mut self, path: &[String], fresh: &mut Vec<Category>) -> CategoryId {
        let mut at = None;
        for name in path {
            let id = *self.below.entry((at, fold(name))).or_insert_with(|| {
                self.highest += 1;
                let id = CategoryId(self.highest);
                fresh.push(Category { parent: at, ..Category::new(id, name.clone()) });
                id
            });
            at = Some(id);
        }
        at.unwrap_or(CategoryId(self.highest))
    }

    fn find(&self, wanted: &str) -> Result<CategoryId> {
        let path: Vec<_> = wanted.split('>').collect();
        let at_path = || self.at(&path);
        let found = self.by_name.get(&fold(wanted)).or_else(|| self.by_id.get(wanted)).copied();
        found.or_else(at_path).ok_or_else(|| {
            Error::invalid(format!("there is no category `{wanted}`: see the list of categories"))
        })
    }
}
