//! A search index in memory that reads everything on every query: for small shops and as the yardstick of the contract.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::text::{same_word, words};
use crate::{
    Change, Cursor, Embedding, FeedPosition, Filter, Hit, Product, ProductId, Result, SearchIndex, Sort,
    TextHits, TextQuery,
};

/// A search index in memory; its work grows with the number of products.
#[derive(Debug, Default)]
pub struct MemoryIndex {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: BTreeMap<ProductId, Entry>,
    position: FeedPosition,
}

#[derive(Debug)]
struct Entry {
    product: Product,
    name: Vec<String>,
    rest: Vec<String>,
    embedding: Option<Embedding>,
}

impl Entry {
    /// How well the product fits: 10 for each word of the query that it has, and a little more for one in the name.
    fn score(&self, query: &[String]) -> f32 {
        let has = |words: &[String], word: &str| words.iter().any(|known| same_word(known, word));
        let worth = |word: &String| match (has(&self.name, word), has(&self.rest, word)) {
            (true, _) => 10.5,
            (false, true) => 10.0,
            (false, false) => 0.0,
        };
        query.iter().map(worth).sum()
    }
}

impl MemoryIndex {
    /// An empty index.
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl SearchIndex for MemoryIndex {
    async fn position(&self) -> Result<FeedPosition> {
        Ok(lock(&self.state).position)
    }

    async fn apply(&self, changes: &[Change], position: FeedPosition) -> Result<()> {
        let mut state = lock(&self.state);
        for change in changes {
            match change {
                Change::Product { product, embedding } => {
                    let category = product.category.as_ref().map_or("", |category| &category.name);
                    let brand = product.brand.as_deref().unwrap_or("");
                    let entry = Entry {
                        name: words(&product.name),
                        rest: words(&format!("{category} {brand} {}", product.description)),
                        product: product.clone(),
                        embedding: embedding.clone(),
                    };
                    state.entries.insert(product.id, entry);
                }
                Change::ProductDeleted(id) => {
                    state.entries.remove(id);
                }
                Change::Category(_) | Change::CategoryDeleted(_) => {}
            }
        }
        state.position = position;
        Ok(())
    }

    async fn text(&self, query: &TextQuery) -> Result<TextHits> {
        let wanted = words(&query.text);
        let state = lock(&self.state);
        let passing = state.entries.values().filter(|entry| query.filter.matches(&entry.product));
        let mut found: Vec<(f32, &Product)> = passing
            .filter_map(|entry| {
                let score = entry.score(&wanted);
                let category = entry.product.category.as_ref().map(|category| category.id);
                let meant = category.is_some_and(|id| query.meant.contains(&id));
                (score > 0.0 || meant || wanted.is_empty()).then_some((score, &entry.product))
            })
            .collect();
        let place = |(score, product): &(f32, &Product)| match query.sort {
            Sort::Relevance => Cursor::after_score(*score, product.id),
            other => Cursor::after(other, product),
        };
        found.sort_by(|a, b| place(a).order(&place(b)));
        let total = found.len();
        if let Some(after) = &query.after {
            found.retain(|hit| place(hit).order(after).is_gt());
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(place);
        let hits = found.into_iter().map(|(score, product)| Hit { product: product.id, score }).collect();
        Ok(TextHits { hits, total, next })
    }

    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>> {
        let state = lock(&self.state);
        let passing = state.entries.values().filter(|entry| filter.matches(&entry.product));
        let scored = passing.filter_map(|entry| {
            let other = entry.embedding.as_ref()?;
            let same_length = other.as_slice().len() == embedding.as_slice().len();
            same_length.then(|| Hit { product: entry.product.id, score: embedding.cosine(other) })
        });
        let mut hits: Vec<_> = scored.collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        hits.truncate(limit);
        Ok(hits)
    }

    async fn embedding(&self, product: ProductId) -> Result<Option<Embedding>> {
        Ok(lock(&self.state).entries.get(&product).and_then(|entry| entry.embedding.clone()))
    }
}
