//! Orders and pages: which of the products found are on this page.

use std::collections::{BTreeMap, BinaryHeap};

use tantivy::columnar::{Column, StrColumn, TermOrdHit};
use tantivy::{SegmentReader, TantivyError};
use vitrina::{CategoryId, CategoryScore, Cursor, CursorKey, Error, Hit, ProductId, Result, Sort, TextHits};

use crate::ranking::{MEANT, WORD, score, settled};
use crate::schema::{CATEGORY_ID, ID, IN_STOCK, NAME_KEY, PRICE, key};

/// How many of the best products tell the categories of a query.
const TELLING: usize = 50;

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
pub(crate) struct PageBuilder {
    sort: Sort,
    limit: usize,
    after: Option<Place>,
    meant: Vec<i64>,
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

impl PageBuilder {
    /// A page of `limit` products in this order, after this cursor; `meant` are the categories that the query means, sorted.
    pub(crate) fn new(
        sort: Sort,
        limit: usize,
        after: Option<&Cursor>,
        meant: &[CategoryId],
    ) -> Result<Self> {
        let after = after.map(|cursor| place_of(cursor, sort)).transpose()?;
        let meant = meant.iter().map(|id| id.0).collect();
        Ok(Self { sort, limit, after, meant, best: Vec::new(), total: 0 })
    }

    /// Whether there is a page's worth and more.
    pub(crate) fn is_full(&self) -> bool {
        self.best.len() > self.limit
    }

    /// How many products were found so far, before the cursor too.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Whether the best products tell the categories of the query.
    fn tells(&self) -> bool {
        self.sort == Sort::Relevance && self.after.is_none()
    }

    /// How many products are kept.
    fn room(&self) -> usize {
        if self.tells() { (self.limit + 1).max(TELLING) } else { self.limit + 1 }
    }

    /// Makes ready for the products of one segment.
    pub(crate) fn segment(&self, segment: &SegmentReader) -> Result<SegmentPage, TantivyError> {
        let columns = segment.fast_fields();
        let keys = match self.sort {
            Sort::Relevance => Keys::Points {
                stock: columns.bool(IN_STOCK)?,
                categories: columns.i64(CATEGORY_ID)?,
                meant: self.meant.clone(),
            },
            Sort::Newest => Keys::Newest,
            Sort::PriceAscending => Keys::Price { column: columns.i64(PRICE)?, dearest_first: false },
            Sort::PriceDescending => Keys::Price { column: columns.i64(PRICE)?, dearest_first: true },
            Sort::Name => Keys::Name(columns.str(NAME_KEY)?),
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
            ids: columns.i64(ID)?,
            after,
            room: self.room(),
            best: BinaryHeap::new(),
            total: 0,
            before: self.total,
            worst: self.best.get(self.room() - 1).map(|worst| worst.points),
        })
    }

    /// Takes over what a segment has found.
    pub(crate) fn add(&mut self, page: SegmentPage) -> Result<(), TantivyError> {
        self.total += page.total;
        for (number, id, points, doc) in page.best {
            let category = match &page.keys {
                Keys::Points { categories, .. } if self.tells() => categories.first(doc),
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
        let categories = self.categories();
        let more = self.best.len() > self.limit;
        self.best.truncate(self.limit);
        let next = self.best.last().filter(|_| more).map(|last| {
            let (key, id) = &last.place;
            self.cursor(key, *id, last.points)
        });
        let hit = |found: &Found| Hit { product: ProductId(found.place.1), score: score(found.points) };
        let hits = self.best.iter().map(hit).collect();
        TextHits { hits, total: self.total, next, categories, ..TextHits::default() }
    }

    /// The shares of the categories in the best products that have as many words as the best; earlier ones count more.
    fn categories(&self) -> Vec<CategoryScore> {
        let mut shares: BTreeMap<i64, f32> = BTreeMap::new();
        let words = self.best.first().map_or(0, |best| best.points / WORD);
        let telling = self.best.iter().take_while(|found| found.points / WORD == words && words > 0);
        for (rank, found) in telling.enumerate() {
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
enum Keys {
    Points { stock: Column<bool>, categories: Column<i64>, meant: Vec<i64> },
    Newest,
    Price { column: Column<i64>, dearest_first: bool },
    Name(Option<StrColumn>),
}

/// The best products of one segment.
pub(crate) struct SegmentPage {
    keys: Keys,
    ids: Column<i64>,
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

impl SegmentPage {
    /// Counts a product that was found, and keeps it if it is among the best after the cursor.
    pub(crate) fn offer(&mut self, doc: u32, points: u32) {
        self.total += 1;
        let full = self.best.len() >= self.room;
        let mut points = points;
        let key = match &self.keys {
            Keys::Points { stock, categories, meant } => {
                let most = if meant.is_empty() { points } else { points + MEANT };
                if full && self.best.peek().is_some_and(|worst| worst.0 < best_first(score(most))) {
                    return;
                }
                let is_meant = !meant.is_empty()
                    && categories.first(doc).is_some_and(|id| meant.binary_search(&id).is_ok());
                points = settled(points, is_meant, stock.first(doc) == Some(true));
                best_first(score(points))
            }
            Keys::Newest => !ordered(self.id(doc)),
            Keys::Price { column, dearest_first } => {
                let price = ordered(column.first(doc).unwrap_or_default());
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
        let Keys::Points { meant, .. } = &self.keys else { return 0 };
        if self.before + self.total < COUNTED {
            return 0;
        }
        let here = self.best.peek().filter(|_| self.best.len() >= self.room).map(|worst| worst.2);
        let worst = here.max(self.worst).unwrap_or(0);
        if meant.is_empty() { worst } else { worst.saturating_sub(MEANT) }
    }

    fn id(&self, doc: u32) -> i64 {
        self.ids.first(doc).unwrap_or_default()
    }
}
