//! A catalogue in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use super::requests::Requests;
use crate::catalog::{
    Change, Changes, Cursor, FeedPosition, ListQuery, ModifyProduct, Offers, Once, Page, PhotoEmbedding,
    ProductPhoto, RequestKey,
};
use crate::classify::{Embedding, EmbeddingSpace, PhotoSum};
use crate::photo::PhotoKey;
use crate::product::{CategoryContents, CategoryTree, OfferChange, ProductDraft, ProductRef};
use crate::{Catalog, Category, CategoryId, Error, Product, ProductId, Result};

/// A catalogue in memory; it forgets everything when it is dropped.
#[derive(Debug, Default)]
pub struct MemoryCatalog {
    state: Mutex<State>,
}

#[derive(Debug, Default, Clone)]
struct State {
    categories: CategoryTree,
    products: BTreeMap<ProductId, ProductDraft>,
    keys: BTreeMap<String, ProductId>,
    embeddings: BTreeMap<ProductId, BTreeMap<(PhotoKey, EmbeddingSpace), Embedding>>,
    query_photos: BTreeMap<EmbeddingSpace, PhotoSum>,
    highest_product: i64,
    requests: Requests,
    feed: BTreeMap<u64, Entry>,
    places: BTreeMap<Entry, u64>,
    position: u64,
}

/// The entries of the feed: each stands at the place of its last change.
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

    /// Brings the products of these categories anew.
    fn touch_products_of(&mut self, categories: &BTreeSet<CategoryId>) {
        let is_of = |draft: &ProductDraft| draft.categories.iter().any(|id| categories.contains(id));
        let of_category = self.products.iter().filter(|(_, draft)| is_of(draft));
        let ids: Vec<_> = of_category.map(|(id, _)| *id).collect();
        for id in ids {
            self.touch(Entry::Product(id));
        }
    }

    fn product(&self, id: ProductId) -> Option<Product> {
        let draft = self.products.get(&id)?.clone();
        let paths = draft.categories.iter().filter_map(|id| self.categories.path(*id).cloned()).collect();
        Some(draft.into_product(id, paths))
    }

    /// Stored photos without an embedding of this space, by product and key.
    fn lacking(&self, space: &EmbeddingSpace) -> impl Iterator<Item = ProductPhoto> {
        self.products.iter().flat_map(move |(id, draft)| {
            let known = self.embeddings.get(id);
            let has = |photo: &PhotoKey| {
                known.is_some_and(|known| known.contains_key(&(photo.clone(), space.clone())))
            };
            let mut lacking = draft.photo_keys();
            lacking.retain(|photo| !has(photo));
            lacking.sort();
            lacking.into_iter().map(move |photo| ProductPhoto { product: *id, photo })
        })
    }

    /// The embeddings of a product's photos.
    fn embeddings_of(&self, product: ProductId) -> Vec<PhotoEmbedding> {
        let known = self.embeddings.get(&product).into_iter().flatten();
        let stored = known.map(|((photo, _), embedding)| PhotoEmbedding {
            product,
            photo: photo.clone(),
            embedding: embedding.clone(),
        });
        stored.collect()
    }

    fn upsert_categories(&mut self, batch: &[Category]) -> Result<()> {
        let before = std::mem::take(&mut self.categories);
        self.categories = before.with(batch)?;
        let mut affected = BTreeSet::new();
        for category in batch {
            self.touch(Entry::Category(category.id));
            if before.get(category.id).is_some_and(|old| old != category) {
                affected.extend(self.categories.subtree(category.id));
            }
        }
        self.touch_products_of(&affected);
        Ok(())
    }

    fn delete_category(&mut self, id: CategoryId, contents: CategoryContents) -> Result<bool> {
        let before = std::mem::take(&mut self.categories);
        let Some(rest) = before.without(id, contents)? else {
            self.categories = before;
            return Ok(false);
        };
        let is_used = |draft: &ProductDraft| draft.categories.contains(&id);
        if let (CategoryContents::Refuse, Some(gone)) = (contents, before.get(id))
            && self.products.values().any(is_used)
        {
            return Err(crate::product::not_empty(gone));
        }
        let affected = BTreeSet::from_iter(before.subtree(id));
        self.categories = rest;
        self.touch(Entry::Category(id));
        before.children(Some(id)).iter().for_each(|child| self.touch(Entry::Category(*child)));
        self.touch_products_of(&affected);
        for draft in self.products.values_mut().filter(|draft| draft.categories.contains(&id)) {
            if let CategoryContents::MoveTo(target) = contents {
                let there = |category: &mut CategoryId| *category = target;
                draft.categories.iter_mut().filter(|category| **category == id).for_each(there);
            }
            let mut seen = BTreeSet::from([id]);
            draft.categories.retain(|category| seen.insert(*category));
        }
        Ok(true)
    }

    fn upsert_product(&mut self, draft: &ProductDraft) -> Result<ProductId> {
        let refused = |why: String| Error::invalid(format!("product `{}`: {why}", draft.name));
        draft.validate().map_err(|error| refused(error.to_string()))?;
        if let Some(id) = draft.categories.iter().find(|id| self.categories.get(**id).is_none()) {
            return Err(refused(format!("there is no category {}", id.0)));
        }
        let of_key = draft.key.as_ref().and_then(|key| self.keys.get(key).copied());
        if let Some(other) = of_key.filter(|other| draft.id.is_some_and(|id| id != *other)) {
            return Err(refused(format!("its key belongs to product {}", other.0)));
        }
        let id = draft.id.or(of_key).unwrap_or(ProductId(self.highest_product + 1));
        self.highest_product = self.highest_product.max(id.0);
        let old = self.products.insert(id, ProductDraft { id: Some(id), ..draft.clone() });
        if let Some(key) = old.and_then(|old| old.key) {
            self.keys.remove(&key);
        }
        if let Some(key) = &draft.key {
            self.keys.insert(key.clone(), id);
        }
        if let Some(known) = self.embeddings.get_mut(&id) {
            let photos = draft.photo_keys();
            known.retain(|(photo, _), _| photos.contains(photo));
        }
        self.touch(Entry::Product(id));
        Ok(id)
    }

    fn find(&self, which: &ProductRef) -> Option<ProductId> {
        match which {
            ProductRef::Id(id) => self.products.contains_key(id).then_some(*id),
            ProductRef::Key(key) => self.keys.get(key).copied(),
        }
    }

    fn change_offers(&mut self, changes: &[(ProductRef, OfferChange)]) -> Result<Vec<Option<ProductId>>> {
        let mut offers = Offers::default();
        for (which, change) in changes {
            let known = self.find(which).and_then(|id| self.products.get(&id).cloned());
            offers.change(which, change, known)?;
        }
        let (ids, changed) = offers.finish();
        for (_, draft) in &changed {
            self.upsert_product(draft)?;
        }
        Ok(ids)
    }

    /// Removes a product and returns whether it was there.
    fn delete_product(&mut self, id: ProductId) -> bool {
        let Some(gone) = self.products.remove(&id) else { return false };
        if let Some(key) = &gone.key {
            self.keys.remove(key);
        }
        self.embeddings.remove(&id);
        self.touch(Entry::Product(id));
        true
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
        Ok(state.categories.iter().cloned().collect())
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        self.write(|state| state.upsert_categories(categories))
    }

    async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<bool> {
        self.write(|state| state.delete_category(id, contents))
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        let state = lock(&self.state);
        Ok(ids.iter().filter_map(|id| state.product(*id)).collect())
    }

    async fn products_by_key(&self, keys: &[String]) -> Result<Vec<Product>> {
        let state = lock(&self.state);
        let ids = keys.iter().filter_map(|key| state.keys.get(key));
        Ok(ids.filter_map(|id| state.product(*id)).collect())
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

    async fn upsert_products_once(&self, drafts: &[ProductDraft], request: &RequestKey) -> Result<Once> {
        self.write(|state| {
            if let Some(ids) = state.requests.find(request)? {
                return Ok(Once { ids, repeated: true });
            }
            let ids = drafts.iter().map(|draft| state.upsert_product(draft)).collect::<Result<Vec<_>>>()?;
            state.requests.record(request, ids.clone());
            Ok(Once { ids, repeated: false })
        })
    }

    async fn recorded_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        lock(&self.state).requests.find(request)
    }

    async fn modify_product(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>> {
        self.write(|state| {
            let known = state.find(which);
            match (modify(known.and_then(|id| state.product(id)))?, known) {
                (Some(draft), _) => {
                    state.upsert_product(&ProductDraft { id: known.or(draft.id), ..draft }).map(Some)
                }
                (None, known) => {
                    known.map(|id| state.delete_product(id));
                    Ok(None)
                }
            }
        })
    }

    async fn change_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<Vec<Option<ProductId>>> {
        self.write(|state| state.change_offers(changes))
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        self.write(|state| Ok(ids.iter().filter(|id| state.delete_product(**id)).count() as u64))
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        self.write(|state| {
            for PhotoEmbedding { product, photo, embedding } in embeddings {
                let known = state.products.get(product);
                if known.is_some_and(|known| known.photo_keys().contains(photo)) {
                    let of_product = state.embeddings.entry(*product).or_default();
                    of_product.insert((photo.clone(), embedding.space().clone()), embedding.clone());
                    state.touch(Entry::Product(*product));
                }
            }
            Ok(())
        })
    }

    async fn without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>> {
        let state = lock(&self.state);
        let lacking = state.lacking(space).filter(|photo| after.is_none_or(|after| photo > after));
        Ok(lacking.take(limit).collect())
    }

    async fn count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64> {
        Ok(lock(&self.state).lacking(space).count() as u64)
    }

    async fn remove_superseded_embeddings(&self, space: &EmbeddingSpace, limit: usize) -> Result<u64> {
        self.write(|state| {
            let superseded = state.embeddings.iter().flat_map(|(id, known)| {
                let others = known.keys().filter(move |(photo, other)| {
                    other != space && known.contains_key(&(photo.clone(), space.clone()))
                });
                others.map(move |other| (*id, other.clone()))
            });
            let superseded: Vec<_> = superseded.take(limit).collect();
            for (id, other) in &superseded {
                state.embeddings.entry(*id).or_default().remove(other);
                state.touch(Entry::Product(*id));
            }
            Ok(superseded.len() as u64)
        })
    }

    async fn query_photos(&self, space: &EmbeddingSpace) -> Result<Option<PhotoSum>> {
        Ok(lock(&self.state).query_photos.get(space).cloned())
    }

    async fn add_query_photos(&self, added: &PhotoSum) -> Result<()> {
        let mut state = lock(&self.state);
        match state.query_photos.get_mut(&added.space) {
            Some(sum) => sum.merge(added),
            None => {
                state.query_photos.insert(added.space.clone(), added.clone());
            }
        }
        Ok(())
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        let state = lock(&self.state);
        let batch: Vec<_> = state.feed.range(since.0 + 1..).take(limit.max(1)).collect();
        let position = batch.last().map_or(since, |(position, _)| FeedPosition(**position));
        let change = |entry: &Entry| match *entry {
            Entry::Category(id) => {
                state.categories.get(id).cloned().map_or(Change::CategoryDeleted(id), Change::Category)
            }
            Entry::Product(id) => match state.product(id) {
                Some(product) => Change::of_product(product, state.embeddings_of(id)),
                None => Change::ProductDeleted(id),
            },
        };
        Ok(Changes { changes: batch.iter().map(|(_, entry)| change(entry)).collect(), position })
    }
}
