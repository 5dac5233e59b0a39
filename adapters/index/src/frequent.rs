//! What is kept in memory of terms that many products have.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::index::SegmentId;
use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, SegmentReader};

use crate::analysis::MAX_WEIGHT;

/// From how many postings on what was read is kept: fewer are read faster than they are looked up.
const LONG: u32 = 512;

/// From what part of a segment's documents on a term's weights are kept, one byte a document: reading these takes less time
/// than unpacking the postings.
const DENSE: u32 = 8;

/// How many terms are kept, and of how many the weights; then all are forgotten.
const TERMS: usize = 20_000;
const COLUMNS: usize = 256;

/// The weight of a term in each document of a segment, 0 where it has none.
pub(crate) type Column = Arc<[u8]>;

/// What is known of a term in a segment.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// The highest weight that a document has: what no product there can exceed.
    pub(crate) highest: u8,
    /// All weights, of a term that very many have.
    pub(crate) column: Option<Column>,
}

/// What is known of the frequent terms that were asked for. Segments do not change, but for products that are removed: a
/// bound stays one.
#[derive(Default)]
pub(crate) struct Frequent(Mutex<HashMap<SegmentId, HashMap<String, Known>>>);

impl Frequent {
    /// What is known of `term` in `segment`, where so many documents have it; its postings are read where they must be.
    pub(crate) fn of(
        &self,
        segment: &SegmentReader,
        term: &str,
        doc_freq: u32,
        read: impl FnOnce() -> io::Result<BlockSegmentPostings>,
    ) -> io::Result<Known> {
        if doc_freq < LONG {
            return Ok(Known { highest: highest(read()?), column: None });
        }
        let id = segment.segment_id();
        if let Some(known) = self.lock().get(&id).and_then(|terms| terms.get(term)) {
            return Ok(known.clone());
        }
        let known = if doc_freq >= segment.max_doc() / DENSE {
            let column = column(read()?, segment.max_doc());
            Known { highest: column.iter().copied().max().unwrap_or_default(), column: Some(column) }
        } else {
            Known { highest: highest(read()?), column: None }
        };
        let mut all = self.lock();
        let terms = all.values().map(HashMap::len).sum::<usize>();
        let columns =
            || all.values().flat_map(HashMap::values).filter(|known| known.column.is_some()).count();
        if terms >= TERMS || known.column.is_some() && columns() >= COLUMNS {
            all.clear();
        }
        all.entry(id).or_default().insert(term.to_owned(), known.clone());
        Ok(known)
    }

    /// Forgets what belongs to segments that are gone.
    pub(crate) fn keep(&self, here: &HashSet<SegmentId>) {
        self.lock().retain(|segment, _| here.contains(segment));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<SegmentId, HashMap<String, Known>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn highest(mut postings: BlockSegmentPostings) -> u8 {
    let mut highest = 0;
    while postings.block_len() > 0 {
        highest = postings.freqs().iter().copied().max().unwrap_or(0).max(highest);
        postings.advance();
    }
    weight(highest)
}

fn column(mut postings: BlockSegmentPostings, documents: DocId) -> Column {
    let mut column = vec![0; documents as usize];
    while postings.block_len() > 0 {
        for (doc, frequency) in postings.docs().iter().zip(postings.freqs()) {
            column[*doc as usize] = weight(*frequency);
        }
        postings.advance();
    }
    column.into()
}

/// A weight, from the frequency in whose place it is stored.
pub(crate) fn weight(frequency: u32) -> u8 {
    frequency.min(MAX_WEIGHT) as u8
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tantivy::schema::IndexRecordOption;
    use tantivy::{Index, Searcher, TantivyDocument, Term};
    use vitrina_core::catalog::FeedPosition;

    use super::*;
    use crate::schema::schema;
    use crate::storage;

    /// An index in which so many products have the term `a`, with weights from 1 to 50, and as many others have not.
    fn index_of(products: u32) -> Index {
        let (_, fields) = schema();
        let index = storage::in_memory().unwrap();
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 16 << 20).unwrap();
        for number in 0..2 * products {
            let mut document = TantivyDocument::default();
            let weight = char::from(b' ' + 1 + (number / 2 % 50) as u8);
            let word = if number % 2 == 0 { 'a' } else { 'b' };
            document.add_text(fields.words, format!("{weight}{word}\n"));
            writer.add_document(document).unwrap();
        }
        let mut commit = writer.prepare_commit().unwrap();
        commit.set_payload(&storage::Source::new("").payload(FeedPosition(1)));
        commit.commit().unwrap();
        index
    }

    /// What is known of the term, asked for twice, and how often its postings were read.
    fn known(frequent: &Frequent, searcher: &Searcher) -> (Known, usize) {
        let (_, fields) = schema();
        let segment = searcher.segment_reader(0);
        let inverted = segment.inverted_index(fields.words).unwrap();
        let info = inverted.get_term_info(&Term::from_field_text(fields.words, "a")).unwrap().unwrap();
        let reads = Cell::new(0);
        let read = || {
            reads.set(reads.get() + 1);
            inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)
        };
        let first = frequent.of(segment, "a", info.doc_freq, read).unwrap();
        let second = frequent.of(segment, "a", info.doc_freq, read).unwrap();
        assert_eq!((first.highest, &first.column), (second.highest, &second.column));
        (first, reads.get())
    }

    #[test]
    fn what_many_have_is_read_once() {
        let frequent = Frequent::default();
        let searcher = index_of(7).reader().unwrap().searcher();
        let (few, reads) = known(&frequent, &searcher);
        assert_eq!((few.highest, few.column.is_some(), reads), (7, false, 2));
        let searcher = index_of(LONG + 5).reader().unwrap().searcher();
        let (many, reads) = known(&frequent, &searcher);
        assert_eq!((many.highest, reads), (50, 1));
        let column = many.column.unwrap();
        assert_eq!(column.len(), 2 * (LONG as usize + 5));
        assert_eq!(column[..6], [1, 0, 2, 0, 3, 0]);
    }

    #[test]
    fn segments_that_are_gone_are_forgotten() {
        let frequent = Frequent::default();
        let searcher = index_of(LONG).reader().unwrap().searcher();
        assert_eq!(known(&frequent, &searcher).1, 1);
        frequent.keep(&HashSet::from([searcher.segment_reader(0).segment_id()]));
        assert_eq!(known(&frequent, &searcher).1, 0);
        frequent.keep(&HashSet::new());
        assert_eq!(known(&frequent, &searcher).1, 1);
    }
}
