//! The highest weight that a term has in a segment: what no product there can exceed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::postings::BlockSegmentPostings;

/// From how many postings on what was read is kept: fewer are read faster than they are looked up.
const LONG: u32 = 4_096;

/// How many terms are kept; then all are forgotten, those of segments that are gone among them.
const TERMS: usize = 20_000;

/// The highest weights of the frequent terms that were asked for. Segments do not change, but for products that are
/// removed: a bound stays one.
#[derive(Default)]
pub(crate) struct Heaviest(Mutex<HashMap<SegmentId, HashMap<String, u32>>>);

impl Heaviest {
    /// The highest weight in these postings, which are those of `term` in `segment`, from their beginning.
    pub(crate) fn of(&self, segment: SegmentId, term: &str, postings: BlockSegmentPostings) -> u32 {
        if postings.doc_freq() < LONG {
            return highest(postings);
        }
        if let Some(known) = self.lock().get(&segment).and_then(|terms| terms.get(term)) {
            return *known;
        }
        let weight = highest(postings);
        let mut known = self.lock();
        if known.values().map(HashMap::len).sum::<usize>() >= TERMS {
            known.clear();
        }
        known.entry(segment).or_default().insert(term.to_owned(), weight);
        weight
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SegmentId, HashMap<String, u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn highest(mut postings: BlockSegmentPostings) -> u32 {
    let mut highest = 0;
    while postings.block_len() > 0 {
        highest = postings.freqs().iter().copied().max().unwrap_or(0).max(highest);
        postings.advance();
    }
    highest
}
