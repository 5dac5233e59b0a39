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

#[cfg(test)]
mod tests {
    use tantivy::Term;
    use tantivy::schema::IndexRecordOption;
    use vitrina::FeedPosition;

    use super::*;
    use crate::schema::schema;
    use crate::storage;

    /// The highest weight of a term that so many products have, and how many terms are kept then.
    fn heaviest_of(products: u32) -> (u32, usize) {
        let (_, fields) = schema();
        let index = storage::in_memory().unwrap();
        let mut writer = index.writer_with_num_threads::<tantivy::TantivyDocument>(1, 16 << 20).unwrap();
        for number in 0..products {
            let mut document = tantivy::TantivyDocument::default();
            let weight = char::from(b' ' + 1 + (number % 50) as u8);
            document.add_text(fields.words, format!("{weight}a\n"));
            writer.add_document(document).unwrap();
        }
        let mut commit = writer.prepare_commit().unwrap();
        commit.set_payload(&storage::payload(FeedPosition(1)));
        commit.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let segment = &searcher.segment_readers()[0];
        let inverted = segment.inverted_index(fields.words).unwrap();
        let term = Term::from_field_text(fields.words, "a");
        let read = || inverted.read_block_postings(&term, IndexRecordOption::WithFreqs).unwrap().unwrap();
        let heaviest = Heaviest::default();
        let first = heaviest.of(segment.segment_id(), "a", read());
        assert_eq!(heaviest.of(segment.segment_id(), "a", read()), first);
        let kept = heaviest.lock().values().map(HashMap::len).sum();
        (first, kept)
    }

    #[test]
    fn the_highest_is_found_and_kept_of_frequent_terms_alone() {
        assert_eq!(heaviest_of(7), (7, 0));
        assert_eq!(heaviest_of(LONG + 5), (50, 1));
    }
}
