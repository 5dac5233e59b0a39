//! The documents of a segment that are looked at together.

use tantivy::postings::SegmentPostings;
use tantivy::{DocId, DocSet};

use crate::list::Lists;
use crate::ranking::WHOLE;

/// How many documents are looked at together; a power of two.
pub(crate) const SIZE: usize = 4096;

/// How many of them are passed over together where none has enough points.
pub(crate) const GROUP: usize = 64;

/// A block of documents with what they have so far. All zero between two blocks. Whole blocks are computed with
/// rather than what is found there, as processors take many documents at a time then.
pub(crate) struct Window {
    start: DocId,
    /// How many of the needed words each document has,
    words: Box<[u16; SIZE]>,
    /// and the points that these give beside those of a word.
    points: Box<[u16; SIZE]>,
    /// What the variants of the present word give, the best of them.
    best: Box<[u16; SIZE]>,
    /// The documents that are found without a word, a bit each.
    marked: [u64; SIZE / GROUP],
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            words: Box::new([0; SIZE]),
            points: Box::new([0; SIZE]),
            best: Box::new([0; SIZE]),
            marked: [0; SIZE / GROUP],
        }
    }

    /// Goes on to the block that holds `doc`.
    pub(crate) fn open(&mut self, doc: DocId) {
        self.start = doc - doc % SIZE as DocId;
    }

    /// The first document behind the block.
    pub(crate) fn end(&self) -> DocId {
        self.start + SIZE as DocId
    }

    /// Gives the documents their points for a word, and counts it where it is needed.
    pub(crate) fn read(&mut self, lists: &mut Lists) {
        lists.seek(self.start);
        let needed = lists.is_needed;
        for list in &mut lists.lists {
            list.read(self.start, &mut self.best);
        }
        let found = self.words.iter_mut().zip(&mut *self.points).zip(&mut *self.best);
        for ((words, points), best) in found {
            *words += u16::from(needed && *best > 0);
            *points += *best;
            *best = 0;
        }
    }

    /// Marks documents as found without points.
    pub(crate) fn mark(&mut self, postings: &mut SegmentPostings) {
        let end = self.end();
        let mut doc = postings.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            self.marked[place / GROUP] |= 1 << (place % GROUP);
            doc = postings.advance();
        }
    }

    /// Reports the documents with the points that are wanted, in order, and of those that were marked; `needed` is how many
    /// words a whole match has.
    pub(crate) fn drain(&mut self, needed: u16, wanted: u32, mut found: impl FnMut(DocId, u32)) {
        let wanted = wanted.max(1);
        let groups = self.words.chunks_exact(GROUP).zip(self.points.chunks_exact(GROUP));
        for (at, ((words, points), marked)) in groups.zip(&mut self.marked).enumerate() {
            let marked = std::mem::take(marked);
            if marked == 0 && !may_reach(words, points, needed, wanted) {
                continue;
            }
            let points = words.iter().zip(points).map(|(words, points)| sum(*words, *points, needed));
            for (place, points) in points.enumerate() {
                if points >= wanted || marked & 1 << place != 0 {
                    found(self.start + (at * GROUP + place) as DocId, points);
                }
            }
        }
        self.words.fill(0);
        self.points.fill(0);
    }
}

/// Where no word is needed, what has points is a whole match; a place without any holds no document that was found.
fn sum(words: u16, points: u16, needed: u16) -> u32 {
    let whole = words >= needed && (needed > 0 || points > 0);
    (if whole { WHOLE } else { 0 }) + u32::from(points)
}

/// Whether a document may have the points wanted, reckoned quickly.
fn may_reach(words: &[u16], points: &[u16], needed: u16, wanted: u32) -> bool {
    let most = |numbers: &[u16]| numbers.iter().copied().max().unwrap_or_default();
    sum(most(words), most(points), needed) >= wanted
}
