//! A search index in memory that reads everything on every query: for small shops and as the yardstick of the contract.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use async_trait::async_trait;

use super::lock;
use crate::catalog::{Change, Cursor, FeedPosition, Filter, PhotoEmbedding, Sort};
use crate::classify::{CategoryScore, Embedding, EmbeddingSpace};
use crate::index::{
    Boost, BoostKind, CodePart, EmbeddedProducts, Explanation, FacetCounter, Hit, MAX_EXPLAINED, PhotoMatch,
    Suggestions, TextHits, TextQuery, WordScore, code_parts, fair_shares,
};
use crate::text::{forms, same_word, words};
use crate::{CategoryId, Product, ProductId, Result, SearchIndex};

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

/// What a product that is out of stock loses.
const OUT_OF_STOCK: f32 = 0.01;

/// How many of the best products the categories are predicted from.
const BEST: usize = 50;

#[derive(Debug)]
struct Entry {
    product: Product,
    name: Vec<String>,
    rest: Vec<String>,
    codes: BTreeSet<String>,
    embeddings: Vec<PhotoEmbedding>,
}

/// A word of a query, and the parts of the query with it that may be codes.
#[derive(Debug, Clone)]
struct Sought {
    word: String,
    codes: Vec<CodePart>,
}

/// The words of a query.
fn sought(query: &str) -> Vec<Sought> {
    let parts = code_parts(query);
    let with = |word: &String| -> Vec<CodePart> {
        let has = |part: &&CodePart| part.has_digit && words(&query[part.span.clone()]).contains(word);
        parts.iter().filter(has).cloned().collect()
    };
    words(query).into_iter().map(|word| Sought { codes: with(&word), word }).collect()
}

impl Entry {
    fn is_main(&self, stored: &PhotoEmbedding) -> bool {
        self.product.photo() == Some(stored.photo.as_str())
    }

    /// The embedding of the main photo.
    fn embedding(&self, space: &EmbeddingSpace) -> Option<&Embedding> {
        let of_main = self.embeddings.iter().filter(|stored| self.is_main(stored));
        of_main.map(|stored| &stored.embedding).find(|embedding| embedding.space() == space)
    }

    /// The most similar photo.
    fn best_photo(&self, wanted: &Embedding) -> Option<PhotoMatch> {
        let comparable = self.embeddings.iter().filter(|stored| stored.embedding.is_comparable(wanted));
        // Of equal ones the last counts: the first photo.
        let matches = comparable.rev().map(|stored| PhotoMatch {
            photo: (!self.is_main(stored)).then(|| stored.photo.clone()),
            similarity: wanted.cosine(&stored.embedding),
        });
        matches.max_by(|a, b| a.similarity.total_cmp(&b.similarity))
    }

    /// Whether the product has a word, in its name and elsewhere.
    fn has(&self, sought: &Sought) -> (bool, bool) {
        let has = |words: &[String]| words.iter().any(|known| same_word(known, &sought.word));
        let is_code = || sought.codes.iter().any(|part| self.codes.iter().any(|code| part.names(code)));
        (has(&self.name), has(&self.rest) || is_code())
    }

    /// How well the product fits: 10 for each word of the query that it has, and a little more for one in the name.
    fn score(&self, query: &[Sought]) -> f32 {
        let score: f32 = query.iter().map(|word| self.worth(word)).sum();
        if score > 0.0 && !self.product.in_stock() { score - OUT_OF_STOCK } else { score }
    }

    fn worth(&self, word: &Sought) -> f32 {
        match self.has(word) {
            (true, _) => 10.5,
            (false, true) => 10.0,
            (false, false) => 0.0,
        }
    }

    /// The terms of [`score`](Self::score).
    fn explain(&self, query: &[Sought]) -> Explanation {
        let word = |word: &Sought| {
            let has = self.has(word) != (false, false);
            WordScore {
                word: word.word.clone(),
                matched: has.then(|| word.word.clone()),
                worth: if has { 1.0 } else { 0.0 },
                share: 1.0 / query.len() as f32,
                is_needed: true,
                fields: Vec::new(),
                score: self.worth(word),
            }
        };
        let lost = (self.count(query) > 0 && !self.product.in_stock()).then_some(OUT_OF_STOCK);
        let boosts = lost.map(|lost| Boost { kind: BoostKind::OutOfStock, score: -lost });
        Explanation {
            product: self.product.id,
            words: query.iter().map(word).collect(),
            boosts: boosts.into_iter().collect(),
        }
    }

    /// How many of the words the product has.
    fn count(&self, query: &[Sought]) -> usize {
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
                Change::Product { product, embeddings } => {
                    let category: Vec<_> = product.categories.iter().flat_map(|path| path.names()).collect();
                    let attributes: Vec<_> = product.attribute_values().map(|(_, value)| value).collect();
                    let codes = product.all_codes().map(str::to_owned).collect();
                    let more = [category, attributes, product.tags.clone(), codes].concat().join(" ");
                    let brand = product.brand.as_deref().unwrap_or("");
                    let entry = Entry {
                        name: words(&product.name),
                        rest: words(&format!("{more} {brand} {}", product.description)),
                        product: product.clone(),
                        codes: product.code_keys(),
                        embeddings: embeddings.clone(),
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

    async fn clear(&self) -> Result<()> {
        *lock(&self.state) = State::default();
        Ok(())
    }

    async fn text(&self, query: &TextQuery) -> Result<TextHits> {
        let state = lock(&self.state);
        let asked = sought(&query.text);
        let mut wanted = asked.clone();
        wanted.retain(|word| state.entries.values().any(|entry| entry.has(word) != (false, false)));
        let whole =
            |entry: &Entry| entry.count(&wanted) == wanted.len() && (asked.is_empty() || !wanted.is_empty());
        let without: Vec<_> = query.without.iter().flat_map(|word| sought(word)).collect();
        let wanted_entry = |entry: &&Entry| entry.count(&without) == 0;
        let entries = || state.entries.values().filter(wanted_entry);
        let passing = || entries().filter(|entry| query.filter.matches(&entry.product));
        let only_whole = (query.all_words || query.sort != Sort::Relevance) && passing().any(&whole);
        let is_found = |entry: &Entry| {
            let meant = entry.product.categories.iter().any(|path| query.meant.contains(&path.category().id));
            let some = entry.score(&wanted) > 0.0 || meant || asked.is_empty();
            if only_whole { whole(entry) } else { some }
        };
        let mut found: Vec<(f32, &Product)> = passing()
            .filter(|entry| is_found(entry))
            .map(|entry| (entry.score(&wanted), &entry.product))
            .collect();
        let place = |(score, product): &(f32, &Product)| match query.sort {
            Sort::Relevance => Cursor::after_score(*score, product.id),
            other => Cursor::after(other, product),
        };
        found.sort_by(|a, b| place(a).order(&place(b)));
        let total = found.len();
        let categories = match query.sort {
            Sort::Relevance if query.after.is_none() && query.skip == 0 && !asked.is_empty() => {
                shares(&found)
            }
            _ => Vec::new(),
        };
        if let Some(after) = &query.after {
            found.retain(|hit| place(hit).order(after).is_gt());
        }
        found.drain(..query.skip.min(found.len()));
        let more = found.len() > query.limit && query.limit > 0;
        found.truncate(query.limit);
        let next = found.last().filter(|_| more).map(place);
        let explained = found.iter().filter_map(|(_, product)| state.entries.get(&product.id));
        let explained = explained.take(if query.explain { MAX_EXPLAINED } else { 0 });
        let explanations = explained.map(|entry| entry.explain(&wanted)).collect();
        let hits: Vec<_> =
            found.into_iter().map(|(score, product)| Hit { product: product.id, score }).collect();
        let facets = query.facets.is_any().then(|| {
            let mut counter = FacetCounter::new(query.facets.clone());
            let found = entries().filter(|entry| is_found(entry));
            found.for_each(|entry| counter.count(&entry.product, &query.filter));
            counter.finish()
        });
        let matched = wanted.iter().flat_map(|sought| forms(&sought.word)).collect();
        Ok(TextHits { hits, total, next, facets, matched, categories, explanations, ..TextHits::default() })
    }

    async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        let state = lock(&self.state);
        let mut before = sought(text);
        let Some(Sought { word: last, .. }) = before.pop() else { return Ok(Suggestions::default()) };
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
        let begun: String = before.iter().map(|sought| format!("{} ", sought.word)).collect();
        let whole = |word: &str| format!("{begun}{word}");
        let queries = endings.into_iter().take(limit).map(|(word, _)| whole(word)).collect();
        Ok(Suggestions { queries, products })
    }

    async fn similar(&self, embedding: &Embedding, filter: &Filter, limit: usize) -> Result<Vec<Hit>> {
        let state = lock(&self.state);
        let passing = state.entries.values().filter(|entry| filter.matches(&entry.product));
        let scored = passing.filter_map(|entry| {
            Some(Hit { product: entry.product.id, score: entry.best_photo(embedding)?.similarity })
        });
        let mut hits: Vec<_> = scored.collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        hits.truncate(limit);
        Ok(hits)
    }

    async fn best_photos(
        &self,
        embedding: &Embedding,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>> {
        let state = lock(&self.state);
        let known = products.iter().filter_map(|id| Some((*id, state.entries.get(id)?)));
        Ok(known.filter_map(|(id, entry)| Some((id, entry.best_photo(embedding)?))).collect())
    }

    async fn embedding(&self, product: ProductId, space: &EmbeddingSpace) -> Result<Option<Embedding>> {
        Ok(lock(&self.state).entries.get(&product).and_then(|entry| entry.embedding(space).cloned()))
    }

    async fn spaces(&self) -> Result<Vec<EmbeddedProducts>> {
        let mut counts: BTreeMap<(EmbeddingSpace, usize), usize> = BTreeMap::new();
        let state = lock(&self.state);
        for entry in state.entries.values() {
            let embeddings = entry.embeddings.iter().map(|stored| &stored.embedding);
            let kinds = embeddings.map(|embedding| (embedding.space().clone(), embedding.as_slice().len()));
            BTreeSet::from_iter(kinds).into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
        }
        let counts = counts.into_iter();
        let mut spaces: Vec<_> =
            counts.map(|((space, length), products)| EmbeddedProducts { space, length, products }).collect();
        spaces.sort_by_key(|space| std::cmp::Reverse(space.products));
        Ok(spaces)
    }

    async fn sample_embeddings(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<Vec<(CategoryId, Embedding)>> {
        let state = lock(&self.state);
        let mut categories: BTreeMap<CategoryId, Vec<ProductId>> = BTreeMap::new();
        for (id, entry) in state.entries.iter().filter(|(_, entry)| entry.embedding(space).is_some()) {
            if let Some(category) = entry.product.category() {
                categories.entry(category.id).or_default().push(*id);
            }
        }
        let chosen = fair_shares(categories, limit).into_iter();
        Ok(chosen
            .filter_map(|(category, id)| Some((category, state.entries[&id].embedding(space).cloned()?)))
            .collect())
    }
}

/// The shares of the categories in the products that fit as well as the best but for a word's place.
fn shares(found: &[(f32, &Product)]) -> Vec<CategoryScore> {
    let Some((best, _)) = found.first() else { return Vec::new() };
    let mut counts: BTreeMap<CategoryId, usize> = BTreeMap::new();
    let tier = found.iter().take(BEST).take_while(|(score, _)| *score > 0.0 && best - score < 9.0);
    for category in tier.filter_map(|(_, product)| product.category()) {
        *counts.entry(category.id).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    let share = |(category, count)| CategoryScore { category, score: count as f32 / all as f32 };
    let mut shares: Vec<_> = counts.into_iter().map(share).collect();
    shares.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
    shares
}
