//! The kinds of products that a shop has, estimated from the catalogue alone.
//!
//! Products of one category whose names have the same first head word (`vitrina_core::naming`) are of one kind: `Funda` and
//! `Portátil` are kinds of the category `Informática`. How surely a word names each kind is the mean, over the kind's
//! products, of how surely it names them (`analysis.rs`).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::columnar::StrColumn;
use tantivy::index::SegmentId;
use tantivy::postings::Postings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, Searcher, SegmentReader, TERMINATED, TantivyError, Term};
use vitrina_core::CategoryId;
use vitrina_core::words::Lexicon;

use crate::analysis::MAX_WEIGHT;
use crate::columns::SegmentColumns;
use crate::prices::Prices;
use crate::schema::{Fields, KIND, KIND_SEPARATOR};

/// How many kinds are kept of each word: those that it names most.
const KEPT: usize = 256;

/// Of how many words is kept what they name; then all is forgotten.
const WORDS: usize = 20_000;

/// Products of one category that are called alike.
#[derive(Debug)]
pub(crate) struct Kind {
    /// The place of its category among [`Kinds::categories`].
    pub(crate) category: u32,
    /// Whether its products are accessories, parts or consumables.
    pub(crate) is_accessory: bool,
    /// Whether the names of its products have no head.
    is_headless: bool,
    /// How many products are of it,
    pub(crate) products: u32,
    /// and their lowest and highest price in minor units, reduced ones included whenever they apply.
    pub(crate) prices: (i64, i64),
}

/// What a word names: the sum of how surely it names the products of each kind, in steps of [`MAX_WEIGHT`].
#[derive(Debug, Default)]
pub(crate) struct Named {
    /// Sorted by kind.
    pub(crate) kinds: Vec<(u32, u64)>,
    /// The sum over all kinds, those left out too.
    pub(crate) sum: u64,
}

/// The kinds of one state of the index.
#[derive(Default)]
pub(crate) struct Kinds {
    state: u64,
    kinds: Vec<Kind>,
    categories: Vec<Option<CategoryId>>,
    /// For each category how many products it has, and how many of them have no head.
    headless: Vec<(u32, u32)>,
    /// For each kind twice the place of its category, and one more where its products are no accessories: what scoring reads of
    /// each product lies together.
    things: Vec<u32>,
    segments: Vec<(Arc<[u32]>, Arc<SegmentKinds>)>,
    known: HashMap<SegmentId, Arc<SegmentKinds>>,
    named: Mutex<HashMap<String, Arc<Named>>>,
}

/// The kinds of one segment, by their places in its dictionary.
pub(crate) struct SegmentKinds {
    deleted: u32,
    /// For each document the place of its kind.
    docs: Box<[u32]>,
    names: Vec<Box<str>>,
    products: Vec<u32>,
    prices: Vec<(i64, i64)>,
    has_sales: bool,
    /// The highest ID.
    newest: i64,
}

impl Kinds {
    /// The kinds of this state; what `before` knows of segments that have not changed is taken over.
    pub(crate) fn of(searcher: &Searcher, before: &Self, lexicon: &Lexicon) -> Result<Self, TantivyError> {
        let mut here = Vec::new();
        for segment in searcher.segment_readers() {
            let known = before.known.get(&segment.segment_id());
            here.push(match known.filter(|known| known.deleted == segment.num_deleted_docs()) {
                Some(known) => known.clone(),
                None => Arc::new(SegmentKinds::read(segment)?),
            });
        }
        // Each segment's names are in order: the sort merges them.
        let mut names: Vec<&str> =
            here.iter().flat_map(|segment| segment.names.iter().map(AsRef::as_ref)).collect();
        names.sort();
        names.dedup();
        let mut kinds = Self { state: searcher.generation().generation_id(), ..Self::default() };
        for name in &names {
            let (category, head) = name.split_once(KIND_SEPARATOR).unwrap_or(("", name));
            let category = category.parse().ok().map(CategoryId);
            if kinds.categories.last() != Some(&category) || kinds.kinds.is_empty() {
                kinds.categories.push(category);
                kinds.headless.push((0, 0));
            }
            kinds.kinds.push(Kind {
                category: kinds.categories.len() as u32 - 1,
                is_accessory: lexicon.is_accessory(head),
                is_headless: head.is_empty(),
                products: 0,
                prices: (i64::MAX, i64::MIN),
            });
        }
        for segment in &here {
            let place = |name: &str| names.binary_search(&name).unwrap_or_default() as u32;
            let places: Arc<[u32]> = segment.names.iter().map(|name| place(name)).collect();
            for ((kind, products), prices) in places.iter().zip(&segment.products).zip(&segment.prices) {
                let kind = &mut kinds.kinds[*kind as usize];
                kind.products += products;
                kind.prices = (kind.prices.0.min(prices.0), kind.prices.1.max(prices.1));
                let (all, headless) = &mut kinds.headless[kind.category as usize];
                *all += products;
                *headless += if kind.is_headless { *products } else { 0 };
            }
            kinds.segments.push((places, segment.clone()));
        }
        let thing = |kind: &Kind| {
            let is_accessory = kind.is_accessory && !kinds.is_headless(kind.category);
            kind.category * 2 + u32::from(!is_accessory)
        };
        kinds.things = kinds.kinds.iter().map(thing).collect();
        let ids = searcher.segment_readers().iter().map(|segment| segment.segment_id());
        kinds.known = ids.zip(here).collect();
        Ok(kinds)
    }

    /// Whether these are the kinds of this state.
    pub(crate) fn are_of(&self, searcher: &Searcher) -> bool {
        self.state == searcher.generation().generation_id()
            && self.segments.len() == searcher.segment_readers().len()
    }

    /// The highest ID of a product.
    pub(crate) fn newest(&self) -> i64 {
        self.segments.iter().map(|(_, segment)| segment.newest).max().unwrap_or_default()
    }

    /// Whether any product has a sale, so that answers depend on the time.
    pub(crate) fn has_sales(&self) -> bool {
        self.segments.iter().any(|(_, segment)| segment.has_sales)
    }

    pub(crate) fn is_newer_than(&self, other: &Self) -> bool {
        self.state >= other.state
    }

    pub(crate) fn kind(&self, kind: u32) -> &Kind {
        &self.kinds[kind as usize]
    }

    /// The categories of the kinds; `None` for products without one.
    pub(crate) fn categories(&self) -> &[Option<CategoryId>] {
        &self.categories
    }

    /// Whether most names of a category have no head.
    pub(crate) fn is_headless(&self, category: u32) -> bool {
        let (all, headless) = self.headless[category as usize];
        headless * 2 > all
    }

    /// How many kinds there are.
    pub(crate) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// The place of a kind's category, and whether its products are no accessories.
    pub(crate) fn thing(&self, kind: u32) -> (u32, bool) {
        let thing = self.things[kind as usize];
        (thing / 2, thing % 2 == 1)
    }

    /// The kinds of a segment by their places in its dictionary, and the place of each document's kind.
    pub(crate) fn in_segment(&self, segment: usize) -> (&[u32], &[u32]) {
        let (places, known) = &self.segments[segment];
        (places, &known.docs)
    }

    /// What a word, in one of its forms, names.
    pub(crate) fn named(
        &self,
        searcher: &Searcher,
        fields: &Fields,
        word: &str,
    ) -> Result<Arc<Named>, TantivyError> {
        let lock = || self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(word) {
            return Ok(known.clone());
        }
        let named = Arc::new(self.read_named(searcher, fields, word)?);
        let mut all = lock();
        if all.len() >= WORDS {
            all.clear();
        }
        all.insert(word.to_owned(), named.clone());
        Ok(named)
    }

    fn read_named(&self, searcher: &Searcher, fields: &Fields, word: &str) -> Result<Named, TantivyError> {
        let term = Term::from_field_text(fields.heads, word);
        let mut sums: HashMap<u32, u64> = HashMap::new();
        for (at, segment) in searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(fields.heads)?;
            let (places, docs) = self.in_segment(at);
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::WithFreqs)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                let place = docs.get(postings.doc() as usize);
                let kind = place.and_then(|place| places.get(*place as usize));
                if let Some(kind) = kind.filter(|_| !segment.is_deleted(postings.doc())) {
                    *sums.entry(*kind).or_default() += u64::from(postings.term_freq());
                }
                postings.advance();
            }
        }
        let sum = sums.values().sum();
        let mut kinds: Vec<_> = sums.into_iter().collect();
        kinds.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        kinds.truncate(KEPT);
        kinds.sort_unstable();
        Ok(Named { kinds, sum })
    }

    /// How surely a word names a kind whose products it names with this sum, from 0 to 1.
    pub(crate) fn mean(&self, kind: u32, sum: f32) -> f32 {
        let most = self.kind(kind).products.max(1) as f32 * MAX_WEIGHT as f32;
        (sum / most).min(1.0)
    }
}

impl SegmentKinds {
    fn read(segment: &SegmentReader) -> Result<Self, TantivyError> {
        let column = segment.fast_fields().str(KIND)?;
        let names = column.as_ref().map(names).transpose()?.unwrap_or_default();
        let columns = Arc::new(SegmentColumns::open(segment)?);
        let prices = Prices::of(&columns);
        let place = |doc| column.as_ref().and_then(|column| column.ords().first(doc));
        let docs = (0..segment.max_doc()).map(|doc| place(doc).map_or(u32::MAX, |place| place as u32));
        let mut read = Self {
            deleted: segment.num_deleted_docs(),
            docs: docs.collect(),
            products: vec![0; names.len()],
            prices: vec![(i64::MAX, i64::MIN); names.len()],
            has_sales: columns.has_sales(),
            newest: 0,
            names,
        };
        for doc in segment.doc_ids_alive() {
            read.newest = read.newest.max(columns.ids.first(doc).unwrap_or_default());
            let (place, price) = (read.docs[doc as usize] as usize, prices.regular(doc).unwrap_or_default());
            let Some(known) = read.prices.get_mut(place) else { continue };
            read.products[place] += 1;
            let reduced = prices.sale(doc).map_or(price, |sale| sale.price.minor());
            *known = (known.0.min(price).min(reduced), known.1.max(price));
        }
        Ok(read)
    }
}

/// The names in a column's dictionary, in order.
fn names(column: &StrColumn) -> Result<Vec<Box<str>>, TantivyError> {
    let mut names = Vec::with_capacity(column.num_terms());
    let mut name = String::new();
    for place in 0..column.num_terms() as u64 {
        column.ord_to_str(place, &mut name)?;
        names.push(name.as_str().into());
    }
    Ok(names)
}
