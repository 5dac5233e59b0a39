//! Orders and pages: which of the products found are on this page.

use std::collections::BinaryHeap;

use tantivy::columnar::{Column, StrColumn, TermOrdHit};
use tantivy::{SegmentReader, TantivyError};
use vitrina::{Cursor, CursorKey, Error, Hit, ProductId, Result, Sort, TextHits};

use crate::ranking::score;
use crate::schema::{ID, NAME_KEY, PRICE, key};

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
    best: Vec<(Place, u32)>,
    total: usize,
}

impl PageBuilder {
    /// A page of `limit` products in this order, after this cursor.
    pub(crate) fn new(sort: Sort, limit: usize, after: Option<&Cursor>) -> Result<Self> {
        let after = after.map(|cursor| place_of(cursor, sort)).transpose()?;
        Ok(Self { sort, limit, after, best: Vec::new(), total: 0 })
    }

    /// Makes ready for the products of one segment.
    pub(crate) fn segment(&self, segment: &SegmentReader) -> Result<SegmentPage, TantivyError> {
        let columns = segment.fast_fields();
        let keys = match self.sort {
            Sort::Relevance => Keys::Points,
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
            room: self.limit + 1,
            best: BinaryHeap::new(),
            total: 0,
        })
    }

    /// Takes over what a segment has found.
    pub(crate) fn add(&mut self, page: SegmentPage) -> Result<(), TantivyError> {
        self.total += page.total;
        for (number, id, points) in page.best {
            let key = match &page.keys {
                Keys::Name(Some(column)) => {
                    let mut text = String::new();
                    column.ord_to_str(number, &mut text)?;
                    Key::Text(text)
                }
                _ => Key::Number(number),
            };
            self.best.push(((key, id), points));
        }
        self.best.sort_unstable();
        self.best.truncate(self.limit + 1);
        Ok(())
    }

    /// The page.
    pub(crate) fn finish(mut self) -> TextHits {
        let more = self.best.len() > self.limit;
        self.best.truncate(self.limit);
        let next =
            self.best.last().filter(|_| more).map(|((key, id), points)| self.cursor(key, *id, *points));
        let hit = |((_, id), points): &(Place, u32)| Hit { product: ProductId(*id), score: score(*points) };
        TextHits { hits: self.best.iter().map(hit).collect(), total: self.total, next }
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
    Points,
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
    /// Key, product and points; the worst on top.
    best: BinaryHeap<(u64, i64, u32)>,
    total: usize,
}

impl SegmentPage {
    /// Counts a product that was found, and keeps it if it is among the best after the cursor.
    pub(crate) fn offer(&mut self, doc: u32, points: u32) {
        self.total += 1;
        let key = match &self.keys {
            Keys::Points => best_first(score(points)),
            Keys::Newest => !ordered(self.id(doc)),
            Keys::Price { column, dearest_first } => {
                let price = ordered(column.first(doc).unwrap_or_default());
                if *dearest_first { !price } else { price }
            }
            Keys::Name(column) => column.as_ref().and_then(|column| column.ords().first(doc)).unwrap_or(0),
        };
        let full = self.best.len() >= self.room;
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
        self.best.push((key, id, points));
    }

    fn id(&self, doc: u32) -> i64 {
        self.ids.first(doc).unwrap_or_default()
    }
}
