//! The postings of a query's words in a segment: which documents have a word, and its weight.

use std::io;

use tantivy::postings::BlockSegmentPostings;
use tantivy::{DocId, TERMINATED};

use crate::frequent::{Column, Known, weight};
use crate::ranking::{both, points};
use crate::window::SIZE;

/// The postings of one variant.
pub(crate) struct List {
    postings: Postings,
    /// The points for a unit of weight, as [`points`] takes them.
    step: u16,
    highest: u8,
}

/// Where they are read from.
enum Postings {
    /// From the index, a block of documents at a time; `at` is the place of the present one in the block.
    Blocks { blocks: Box<BlockSegmentPostings>, at: usize },
    /// From memory, where the variant's weight is kept for each document.
    Column { weights: Column, doc: DocId },
}

impl List {
    /// Opens the postings of a variant of which this is known; `read` reads them where they must be.
    pub(crate) fn open(
        known: Known,
        step: u16,
        read: impl FnOnce() -> io::Result<BlockSegmentPostings>,
    ) -> io::Result<Self> {
        let postings = match known.column {
            Some(weights) => Postings::Column { doc: has(&weights, 0), weights },
            None => Postings::Blocks { blocks: Box::new(read()?), at: 0 },
        };
        Ok(Self { postings, step, highest: known.highest })
    }

    /// The first document from `target` on.
    fn seek(&mut self, target: DocId) -> DocId {
        match &mut self.postings {
            Postings::Blocks { blocks, at } => {
                go_to(blocks, at, target);
                blocks.docs().get(*at).copied().unwrap_or(TERMINATED)
            }
            Postings::Column { weights, doc } => {
                *doc = has(weights, target.max(*doc));
                *doc
            }
        }
    }

    /// Raises what the documents from `start` on have in `best` to the points of this list.
    pub(crate) fn read(&mut self, start: DocId, best: &mut [u16; SIZE]) {
        let step = self.step;
        match &mut self.postings {
            Postings::Column { weights, .. } => {
                let weights = weights.get(start as usize..).unwrap_or_default();
                for (best, weight) in best.iter_mut().zip(weights) {
                    *best = points(*weight, step).max(*best);
                }
            }
            Postings::Blocks { .. } => self.each(start + SIZE as DocId, |doc, points| {
                let best = &mut best[(doc - start) as usize % SIZE];
                *best = points.max(*best);
            }),
        }
    }

    /// Tells of each document before `end` with its points, where postings are read from the index.
    pub(crate) fn each(&mut self, end: DocId, mut visit: impl FnMut(DocId, u16)) {
        let Postings::Blocks { blocks, at } = &mut self.postings else { return };
        while let Some(docs) = blocks.docs().get(*at..).filter(|docs| !docs.is_empty()) {
            let here = docs.partition_point(|doc| *doc < end);
            for (doc, frequency) in docs[..here].iter().zip(&blocks.freqs()[*at..]) {
                visit(*doc, points(weight(*frequency), self.step));
            }
            *at += here;
            if *at < blocks.block_len() {
                return;
            }
            blocks.advance();
            *at = 0;
        }
    }

    /// Adds the points of this list to those of the documents from `start` on that have some, and takes all from those
    /// without the word. Answers `false` where postings are read from the index: nothing was done.
    pub(crate) fn keep(&self, start: DocId, sums: &mut [u16; SIZE]) -> bool {
        let Postings::Column { weights, .. } = &self.postings else { return false };
        let weights = weights.get(start as usize..).unwrap_or_default();
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum = both(*sum, points(*weight, self.step));
        }
        true
    }

    /// The points for a document, none if it does not have the variant.
    fn at(&mut self, doc: DocId) -> u16 {
        let weight = match &mut self.postings {
            Postings::Column { weights, .. } => weights.get(doc as usize).copied(),
            Postings::Blocks { blocks, at } => {
                go_to(blocks, at, doc);
                let here = blocks.docs().get(*at) == Some(&doc);
                here.then(|| weight(blocks.freqs()[*at]))
            }
        };
        points(weight.unwrap_or(0), self.step)
    }

    /// The most points that a document may have.
    pub(crate) fn most(&self) -> u32 {
        points(self.highest, self.step).into()
    }
}

/// Goes on to the first document from `target` on.
fn go_to(blocks: &mut BlockSegmentPostings, at: &mut usize, target: DocId) {
    if blocks.docs().get(*at).is_some_and(|doc| *doc < target) {
        match blocks.docs().last() {
            Some(last) if *last >= target => {
                *at += blocks.docs()[*at..].partition_point(|doc| *doc < target);
            }
            _ => *at = blocks.seek(target),
        }
    }
}

/// The first document from `target` on with a weight.
fn has(weights: &[u8], target: DocId) -> DocId {
    let ahead = weights.get(target as usize..).unwrap_or_default();
    let place = ahead.iter().position(|weight| *weight > 0);
    place.map_or(TERMINATED, |place| target + place as DocId)
}

/// The postings of one word: of all that may stand for it.
#[derive(Default)]
pub(crate) struct Lists {
    pub(crate) lists: Vec<List>,
    /// How many postings there are at most.
    pub(crate) cost: u64,
    /// Whether a product that lacks the word is no whole match.
    pub(crate) is_needed: bool,
    /// And about how many of them in [`SIZE`] documents.
    pub(crate) near: usize,
}

impl Lists {
    /// The first document from `target` on that has the word.
    pub(crate) fn seek(&mut self, target: DocId) -> DocId {
        self.lists.iter_mut().map(|list| list.seek(target)).min().unwrap_or(TERMINATED)
    }

    /// Whether very many have the word.
    pub(crate) fn has_column(&self) -> bool {
        self.lists.iter().any(|list| matches!(list.postings, Postings::Column { .. }))
    }

    /// The most points that the word may give a document beside those of a word.
    pub(crate) fn most(&self) -> u32 {
        self.lists.iter().map(List::most).max().unwrap_or_default()
    }

    /// The points of a document for the word: those of its best variant, none if it has none.
    pub(crate) fn at(&mut self, doc: DocId) -> u16 {
        self.lists.iter_mut().map(|list| list.at(doc)).max().unwrap_or_default()
    }
}
