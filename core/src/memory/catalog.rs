//! A catalogue in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::{
    Catalog, Category, CategoryId, Change, Changes, Cursor, Error, FeedPosition, ListQuery, Page,
    PhotoEmbedding, Product, ProductDraft, ProductId, Result,
};

/// A catalogue in memory; it forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryCatalog {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone)]
struct State {
    categories: BTreeMap<CategoryId, String>,
    products: BTreeMap<ProductId, ProductDraft>,
    embeddings: BTreeMap<ProductId, PhotoEmbedding>,
    highest_product: i64,
    feed: BTreeMap<u64, Entry>,
    places: BTreeMap<Entry, u64>,
    position: u64,
}

/// What the feed tells about: each entry stands at the place of its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Category(CategoryId),
    Product(ProductId),
}

impl State {
    fn touch(&mut self, entry: Entry) {
        self.position += 1;
        if let Some(old) = self.places.insert(entry, self.position) {
            self.feed.remove(&old);
        }
        self.feed.insert(self.position, entry);
    }

    fn touch_products_of(&mut self, category: CategoryId) {
        let of_category = self.products.iter().filter(|(_, draft)| draft.category == Some(category));
        let ids: Vec<_> = of_category.map(|(id, _)| *id).collect();
        for id in ids {
            self.touch(Entry::Product(id));
        }
    }

    fn category(&self, id: CategoryId) -> Option<Category> {
        self.categories.get(&id).map(|name| Category { id, name: name.clone() })
    }

    fn product(&self, id: ProductId) -> Option<Product> {
        self.products.get(&id).map(|draft| Product {
            id,
            name: draft.name.clone(),
            description: draft.description.clone(),
            brand: draft.brand.clone(),
            price: draft.price,
            category: draft.category.and_then(|id| self.category(id)),
            stock: draft.stock,
            photo: draft.photo.clone(),
        })
    }

    fn upsert_category(&mut self, category: &Category) -> Result<()> {
        category.validate()?;
        let renamed = self.categories.insert(category.id, category.name.clone());
        self.touch(Entry::Category(category.id));
        if renamed.is_some_and(|old| old != category.name) {
            self.touch_products_of(category.id);
        }
        Ok(())
    }

    fn upsert_product(&mut self, draft: &ProductDraft) -> Result<ProductId> {
        draft.validate().map_err(|error| Error::invalid(format!("product `{}`: {error}", draft.name)))?;
        if let Some(id) = draft.category
            && !self.categories.contains_key(&id)
        {
            return Err(Error::invalid(format!("product `{}`: there is no category {}", draft.name, id.0)));
        }
        let id = draft.id.unwrap_or(ProductId(self.highest_product + 1));
        self.highest_product = self.highest_product.max(id.0);
        let old = self.products.insert(id, ProductDraft { id: Some(id), ..draft.clone() });
        if old.is_none_or(|old| old.photo != draft.photo) {
            self.embeddings.remove(&id);
        }
        self.touch(Entry::Product(id));
        Ok(id)
    }
}

impl MemoryCatalog {
    /// An empty catalogue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs a write on a copy, which becomes the state only when all of it succeeded.
    fn write<T>(&self, change: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = lock(&self.state);
        let mut copy = state.clone();
        let answer = change(&mut copy)?;
        *state = copy;
        Ok(answer)
    }
}

#[async_trait]
impl Catalog for MemoryCatalog {
    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        let state = lock(&self.state);
        Ok(state.categories.keys().filter_map(|id| state.category(*id)).collect())
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        self.write(|state| {
            categories.iter().try_for_each(|category| state.upsert_category(category))?;
            let names: BTreeSet<_> = state.categories.values().collect();
            if names.len() < state.categories.len() {
                return Err(Error::invalid("two categories would have the same name"));
            }
            Ok(())
        })
    }

    async fn delete_category(&self, id: CategoryId) -> Result<bool> {
        self.write(|state| {
            let there = state.categories.remove(&id).is_some();
            if there {
                state.touch(Entry::Category(id));
                state.touch_products_of(id);
                for draft in state.products.values_mut().filter(|draft| draft.category == Some(id)) {
                    draft.category = None;
                }
            }
            Ok(there)
        })
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        let state = lock(&self.state);
        Ok(ids.iter().filter_map(|id| state.product(*id)).collect())
    }

    async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        let state = lock(&self.state);
        let all = state.products.keys().filter_map(|id| state.product(*id));
        let mut found: Vec<_> = all.filter(|product| query.filter.matches(product)).collect();
        let place = |product: &Product| Cursor::after(query.sort, product);
        found.sort_by(|a, b| place(a).order(&place(b)));
        if let Some(after) = &query.after {
            found.retain(|product| place(product).order(after).is_gt());
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(|last| Cursor::after(query.sort, last));
        Ok(Page { items: found, next })
    }

    async fn count(&self) -> Result<u64> {
        Ok(lock(&self.state).products.len() as u64)
    }

    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        self.write(|state| drafts.iter().map(|draft| state.upsert_product(draft)).collect())
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        self.write(|state| {
            let mut deleted = 0;
            for id in ids {
                if state.products.remove(id).is_some() {
                    state.embeddings.remove(id);
                    state.touch(Entry::Product(*id));
                    deleted += 1;
                }
            }
            Ok(deleted)
        })
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        self.write(|state| {
            for embedding in embeddings {
                if state.products.contains_key(&embedding.product) {
                    state.embeddings.insert(embedding.product, embedding.clone());
                    state.touch(Entry::Product(embedding.product));
                }
            }
            Ok(())
        })
    }

    async fn without_embedding(&self, model: &str, after: ProductId, limit: usize) -> Result<Vec<Product>> {
        let state = lock(&self.state);
        let lacking = state.products.iter().filter(|(id, draft)| {
            let known = state.embeddings.get(id).is_some_and(|embedding| embedding.model == model);
            **id > after && draft.photo.is_some() && !known
        });
        Ok(lacking.filter_map(|(id, _)| state.product(*id)).take(limit).collect())
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        let state = lock(&self.state);
        let stretch: Vec<_> = state.feed.range(since.0 + 1..).take(limit.max(1)).collect();
        let position = stretch.last().map_or(since, |(position, _)| FeedPosition(**position));
        let change = |entry: &Entry| match *entry {
            Entry::Category(id) => state.category(id).map_or(Change::CategoryDeleted(id), Change::Category),
            Entry::Product(id) => match state.product(id) {
                Some(product) => {
                    let embedding = state.embeddings.get(&id).map(|stored| stored.embedding.clone());
                    Change::Product { product, embedding }
                }
                None => Change::ProductDeleted(id),
            },
        };
        Ok(Changes { changes: stretch.iter().map(|(_, entry)| change(entry)).collect(), position })
    }
}
