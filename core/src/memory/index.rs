//! A search index in memory that reads everything on every query: for small shops and as the yardstick of the contract.

use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::text::{forms, same_word, words};
use crate::{
    CategoryId, CategoryScore, Change, Cursor, Embedding, FacetCounter, FeedPosition, Filter, Hit, Product,
    ProductId, Result, SearchIndex, Sort, Suggestions, TextHits, TextQuery, fair_shares,
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

/// How many of the best products tell the categories.
const BEST: usize = 50;

#[derive(Debug)]
struct Entry {
    product: Product,
    name: Vec<String>,
    rest: Vec<String>,
    embedding: Option<Embedding>,
}

impl Entry {
    /// Whether the product has a word, in its name and elsewhere.
    fn has(&self, word: &str) -> (bool, bool) {
        let has = |words: &[String]| words.iter().any(|known| same_word(known, word));
        (has(&self.name), has(&self.rest))
    }

    /// How well the product fits: 10 for each word of the query that it has, and a little more for one in the name.
    fn score(&self, query: &[String]) -> f32 {
        let worth = |word: &String| match self.has(word) {
            (true, _) => 10.5,
            (false, true) => 10.0,
            (false, false) => 0.0,
        };
        let score: f32 = query.iter().map(worth).sum();
        if score > 0.0 && !self.product.in_stock() { score - 0.01 } else { score }
    }

    /// How many of the words the product has.
    fn count(&self, query: &[String]) -> usize {
        query.iter().filter(|word| self.has(word) != (false, false)).count()
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
        let state = lock(&self.state);
        let asked = words(&query.text);
        let mut wanted = asked.clone();
        wanted.retain(|word| state.entries.values().any(|entry| entry.has(word) != (false, false)));
        let whole =
            |entry: &Entry| entry.count(&wanted) == wanted.len() && (asked.is_empty() || !wanted.is_empty());
        let passing = || state.entries.values().filter(|entry| query.filter.matches(&entry.product));
        let only_whole = query.sort != Sort::Relevance && passing().any(&whole);
        let mut found: Vec<(f32, &Product)> = passing()
            .filter_map(|entry| {
                let score = entry.score(&wanted);
                let category = entry.product.category.as_ref().map(|category| category.id);
                let meant = category.is_some_and(|id| query.meant.contains(&id));
                let some = score > 0.0 || meant || asked.is_empty();
                (if only_whole { whole(entry) } else { some }).then_some((score, &entry.product))
            })
            .collect();
        let place = |(score, product): &(f32, &Product)| match query.sort {
            Sort::Relevance => Cursor::after_score(*score, product.id),
            other => Cursor::after(other, product),
        };
        found.sort_by(|a, b| place(a).order(&place(b)));
        let total = found.len();
        let categories = match query.sort {
            Sort::Relevance if query.after.is_none() && !asked.is_empty() => shares(&found),
            _ => Vec::new(),
        };
        if let Some(after) = &query.after {
            found.retain(|hit| place(hit).order(after).is_gt());
        }
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(place);
        let hits = found.into_iter().map(|(score, product)| Hit { product: product.id, score }).collect();
        let facets = query.facets.then(|| {
            let mut counter = FacetCounter::default();
            let narrowed = passing().any(&whole);
            for entry in state.entries.values() {
                if if narrowed { whole(entry) } else { entry.score(&wanted) > 0.0 || asked.is_empty() } {
                    counter.count(&entry.product, &query.filter);
                }
            }
            counter.finish()
        });
        let matched = wanted.iter().flat_map(|word| forms(word)).collect();
        Ok(TextHits { hits, total, at_least: false, next, facets, did_you_mean: None, matched, categories })
    }

    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        let state = lock(&self.state);
        let mut before = words(text);
        let Some(last) = before.pop() else { return Ok(Suggestions::default()) };
        let mut endings: BTreeMap<&str, usize> = BTreeMap::new();
        let mut products = Vec::new();
        for entry in state.entries.values().filter(|entry| entry.count(&before) == before.len()) {
            let mut goes_on = entry.name.iter().filter(|word| word.starts_with(&last)).peekable();
            if goes_on.peek().is_some() && products.len() < limit {
                products.push(entry.product.id);
            }
            goes_on.for_each(|word| *endings.entry(word).or_default() += 1);
        }
        let mut endings: Vec<_> = endings.into_iter().collect();
        endings.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
        let whole = |word: &str| [before.as_slice(), &[word.to_owned()]].concat().join(" ");
        let queries = endings.into_iter().take(limit).map(|(word, _)| whole(word)).collect();
        Ok(Suggestions { queries, products })
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

    async fn looks(&self, limit: usize) -> Result<Vec<(CategoryId, Embedding)>> {
        let state = lock(&self.state);
        let mut shelves: BTreeMap<CategoryId, Vec<ProductId>> = BTreeMap::new();
        for (id, entry) in state.entries.iter().filter(|(_, entry)| entry.embedding.is_some()) {
            if let Some(category) = &entry.product.category {
                shelves.entry(category.id).or_default().push(*id);
            }
        }
        let chosen = fair_shares(shelves, limit).into_iter();
        Ok(chosen
            .filter_map(|(category, id)| Some((category, state.entries[&id].embedding.clone()?)))
            .collect())
    }
}

/// The shares of the categories in the products that fit as well as the best but for a word's place.
fn shares(found: &[(f32, &Product)]) -> Vec<CategoryScore> {
    let Some((best, _)) = found.first() else { return Vec::new() };
    let mut counts: BTreeMap<CategoryId, usize> = BTreeMap::new();
    let tier = found.iter().take(BEST).take_while(|(score, _)| *score > 0.0 && best - score < 9.0);
    for category in tier.filter_map(|(_, product)| product.category.as_ref()) {
        *counts.entry(category.id).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let share = |(category, count)| CategoryScore { category, score: count as f32 / all as f32 };
    let mut shares: Vec<_> = counts.into_iter().map(share).collect();
    shares.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
    shares
}
