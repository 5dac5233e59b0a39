//! Orders and pages: which of the products found are on this page.

use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::columnar::{StrColumn, TermOrdHit};
use vitrina_core::catalog::{Cursor, CursorKey, Sort};
use vitrina_core::classify::CategoryScore;
use vitrina_core::index::{Hit, TextHits};
use vitrina_core::{CategoryId, Error, ProductId, Result};

use crate::asked::{Asked, SegmentAsked};
use crate::columns::SegmentColumns;
use crate::prices::Prices;
use crate::ranking::{WHOLE, score, settled};
use crate::schema::key;
use crate::signals::{SegmentSignals, Signals};

/// How many of the best products the categories of a query are predicted from.
const PREDICTING: usize = 50;

/// How many products are counted one by one; beyond, those that cannot come on the page are passed over.
pub(crate) const COUNTED: usize = 1_000;

/// The key of a product in the order asked for: lower comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(u64),
    Text(String),
}

/// The place of a product in the order asked for.
type Place = (Key, i64);

/// Gathers a page out of what is found, segment by segment.
pub(crate) struct PageBuilder<'a> {
    sort: Sort,
    /// How many products come before the page,
    skip: usize,
    /// and how many those and the page's are.
    reach: usize,
    after: Option<Place>,
    asked: &'a Asked,
    signals: &'a Signals,
    best: Vec<Found>,
    total: usize,
}

/// A product that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    place: Place,
    points: u32,
    category: Option<i64>,
}

impl<'a> PageBuilder<'a> {
    /// A page of `limit` products in this order, after this cursor and `skip` more, of a query that asks for these kinds,
    /// by these signals.
    pub(crate) fn new(
        sort: Sort,
        skip: usize,
        limit: usize,
        after: Option<&Cursor>,
        (asked, signals): (&'a Asked, &'a Signals),
    ) -> Result<Self> {
        let after = after.map(|cursor| place_of(cursor, sort)).transpose()?;
        Ok(Self { sort, skip, reach: skip + limit, after, asked, signals, best: Vec::new(), total: 0 })
    }

    /// Whether there is a page's worth and more.
    pub(crate) fn is_full(&self) -> bool {
        self.best.len() > self.reach
    }

    /// How many products were found so far, before the cursor too.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Whether the categories of the query are predicted by the best products.
    fn predicts_categories(&self) -> bool {
        self.sort == Sort::Relevance && self.after.is_none() && self.skip == 0
    }

    /// How many products are kept.
    fn room(&self) -> usize {
        let predicts = self.predicts_categories() && self.asked.predicted.is_empty();
        if predicts { (self.reach + 1).max(PREDICTING) } else { self.reach + 1 }
    }

    /// Makes ready for the products of the segment at `place`.
    pub(crate) fn segment(
        &self,
        place: usize,
        columns: &Arc<SegmentColumns>,
    ) -> Result<SegmentPage<'a>, TantivyError> {
        let keys = match self.sort {
            Sort::Relevance => Keys::Points {
                asked: self.asked.in_segment(place, columns),
                signals: self.signals.in_segment(columns, self.asked.newest())?,
                weights: self.signals,
            },
            Sort::Newest => Keys::Newest,
            Sort::PriceAscending => Keys::Price { prices: Prices::of(columns), dearest_first: false },
            Sort::PriceDescending => Keys::Price { prices: Prices::of(columns), dearest_first: true },
            Sort::Name => Keys::Name(columns.names.clone()),
        };
        let after = match &self.after {
            None => None,
            Some((Key::Number(number), id)) => Some((*number, *id)),
            Some((Key::Text(text), id)) => Some(match &keys {
                Keys::Name(Some(column)) => match column.dictionary().term_ord_or_next(text)? {
                    TermOrdHit::Exact(place) => (place, *id),
                    TermOrdHit::Next(place) => (place, i64::MIN),
                },
                _ => (u64::MAX, i64::MAX),
            }),
        };
        Ok(SegmentPage {
            keys,
            columns: columns.clone(),
            after,
            room: self.room(),
            best: BinaryHeap::new(),
            total: 0,
            before: self.total,
            worst: self.best.get(self.room() - 1).map(|worst| worst.points),
        })
    }

    /// Takes over what a segment has found.
    pub(crate) fn add(&mut self, page: SegmentPage<'_>) -> Result<(), TantivyError> {
        self.total += page.total;
        for (number, id, points, doc) in page.best {
            let category = match &page.keys {
                Keys::Points { .. } if self.predicts_categories() => page.columns.categories.first(doc),
                _ => None,
            };
            let key = match &page.keys {
                Keys::Name(Some(column)) => {
                    let mut text = String::new();
                    column.ord_to_str(number, &mut text)?;
                    Key::Text(text)
                }
                _ => Key::Number(number),
            };
            self.best.push(Found { place: (key, id), points, category });
        }
        self.best.sort_unstable();
        self.best.truncate(self.room());
        Ok(())
    }

    /// The page.
    pub(crate) fn finish(mut self) -> TextHits {
        let categories = if self.asked.predicted.is_empty() { self.categories() } else { self.predicted() };
        let more = self.best.len() > self.reach;
        self.best.truncate(self.reach);
        let next = self.best.last().filter(|_| more).map(|last| {
            let (key, id) = &last.place;
            self.cursor(key, *id, last.points)
        });
        let hit = |found: &Found| Hit { product: ProductId(found.place.1), score: score(found.points) };
        let hits = self.best.iter().skip(self.skip).map(hit).collect();
        TextHits { hits, total: self.total, next, categories, ..TextHits::default() }
    }

    /// The categories that the query asks for.
    fn predicted(&self) -> Vec<CategoryScore> {
        if self.predicts_categories() { self.asked.predicted.clone() } else { Vec::new() }
    }

    /// The shares of the categories in the best products that are whole matches as the best is; earlier ones count more.
    fn categories(&self) -> Vec<CategoryScore> {
        let mut shares: BTreeMap<i64, f32> = BTreeMap::new();
        let whole = self.best.first().is_some_and(|best| best.points >= WHOLE);
        let best = self.best.iter().take_while(|found| found.points > 0 && (found.points >= WHOLE) == whole);
        for (rank, found) in best.enumerate() {
            if let Some(category) = found.category {
                *shares.entry(category).or_default() += 1.0 / (rank as f32 + 5.0);
            }
        }
        let sum: f32 = shares.values().sum();
        let share = |(id, share)| CategoryScore { category: CategoryId(id), score: share / sum };
        let mut scores: Vec<_> = shares.into_iter().map(share).collect();
        scores.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
        scores
    }

    fn cursor(&self, key: &Key, id: i64, points: u32) -> Cursor {
        let key = match (self.sort, key) {
            (Sort::Relevance, _) => return Cursor::after_score(score(points), ProductId(id)),
            (_, Key::Text(text)) => CursorKey::Name(text.clone()),
            (Sort::PriceAscending, Key::Number(number)) => CursorKey::Price(signed(*number)),
            (Sort::PriceDescending, Key::Number(number)) => CursorKey::Price(signed(!*number)),
            (_, Key::Number(_)) => CursorKey::Id,
        };
        Cursor { sort: self.sort, key, id }
    }
}

/// The place that a cursor names.
fn place_of(cursor: &Cursor, sort: Sort) -> Result<Place> {
    let key = match (sort, &cursor.key) {
        _ if cursor.sort != sort => None,
        (Sort::Relevance, CursorKey::Score(bits)) => Some(Key::Number(best_first(f32::from_bits(*bits)))),
        (Sort::PriceAscending, CursorKey::Price(price)) => Some(Key::Number(ordered(*price))),
        (Sort::PriceDescending, CursorKey::Price(price)) => Some(Key::Number(!ordered(*price))),
        (Sort::Name, CursorKey::Name(name)) => Some(Key::Text(key(name))),
        (Sort::Newest, CursorKey::Id) => Some(Key::Number(!ordered(cursor.id))),
        _ => None,
    };
    let key = key
        .ok_or_else(|| Error::invalid("the cursor belongs to another sort: ask for the first page again"))?;
    Ok((key, cursor.id))
}

/// Scores are not negative, so their bits are in their order.
fn best_first(score: f32) -> u64 {
    u64::from(!score.to_bits())
}

/// A signed number as an unsigned one in the same order.
fn ordered(number: i64) -> u64 {
    tantivy::i64_to_u64(number)
}

fn signed(number: u64) -> i64 {
    tantivy::u64_to_i64(number)
}

/// Where a segment's keys come from.
#[allow(clippy::large_enum_variant)] // One for a segment and search: nothing is gained by an allocation.
enum Keys<'a> {
    Points { asked: SegmentAsked<'a>, signals: SegmentSignals<'a>, weights: &'a Signals },
    Newest,
    Price { prices: Prices, dearest_first: bool },
    Name(Option<StrColumn>),
}

/// The best products of one segment.
pub(crate) struct SegmentPage<'a> {
    keys: Keys<'a>,
    columns: Arc<SegmentColumns>,
    after: Option<(u64, i64)>,
    room: usize,
    /// Key, product, points and document; the worst on top.
    best: BinaryHeap<(u64, i64, u32, u32)>,
    total: usize,
    /// How many products other segments have.
    before: usize,
    /// The points of the last that is kept of other segments, where there is a page of them.
    worst: Option<u32>,
}

impl SegmentPage<'_> {
    /// Counts a product that was found, and keeps it if it is among the best after the cursor.
    pub(crate) fn offer(&mut self, doc: u32, points: u32) {
        self.total += 1;
        let full = self.best.len() >= self.room;
        let mut points = points;
        let key = match &self.keys {
            Keys::Points { asked, signals, weights } => {
                if full
                    && self.best.peek().is_some_and(|worst| {
                        worst.0 < best_first(score(points + asked.most() + signals.most()))
                    })
                {
                    return;
                }
                let gain = asked.gain(doc) + signals.gain(doc);
                points = settled(points, gain, self.columns.in_stock.first(doc) == Some(true), weights);
                best_first(score(points))
            }
            Keys::Newest => !ordered(self.id(doc)),
            Keys::Price { prices, dearest_first } => {
                let price = ordered(prices.at(doc).unwrap_or_default());
                if *dearest_first { !price } else { price }
            }
            Keys::Name(column) => column.as_ref().and_then(|column| column.ords().first(doc)).unwrap_or(0),
        };
        let beaten =
            |place: (u64, i64)| full && self.best.peek().is_some_and(|worst| (worst.0, worst.1) < place);
        if beaten((key, i64::MIN)) || self.after.is_some_and(|(after, _)| key < after) {
            return;
        }
        let id = self.id(doc);
        if self.after.is_some_and(|after| (key, id) <= after) || beaten((key, id)) {
            return;
        }
        if full {
            self.best.pop();
        }
        self.best.push((key, id, points, doc));
    }

    /// The points that a product must have for its words to come on the page; 0 as long as all are counted.
    pub(crate) fn least(&self) -> u32 {
        let Keys::Points { asked, signals, .. } = &self.keys else { return 0 };
        if self.before + self.total < COUNTED {
            return 0;
        }
        let here = self.best.peek().filter(|_| self.best.len() >= self.room).map(|worst| worst.2);
        here.max(self.worst).unwrap_or(0).saturating_sub(asked.most() + signals.most())
    }

    fn id(&self, doc: u32) -> i64 {
        self.columns.ids.first(doc).unwrap_or_default()
    }
}
