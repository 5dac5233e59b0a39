//! The documents of a segment that are looked at together.

use tantivy::postings::SegmentPostings;
use tantivy::{DocId, DocSet};

use crate::list::Lists;
use crate::ranking::WHOLE;

/// How many documents are looked at together; a power of two.
pub(crate) const SIZE: usize = 4096;

/// How many of them are passed over together where none has enough points.
pub(crate) const GROUP: usize = 64;

/// Where a word is in more of them than this, all are computed with rather than those that have it, as processors take many
/// documents at a time then.
const MANY: usize = SIZE / 8;

/// A block of documents with what they have so far. All zero between two blocks.
pub(crate) struct Window {
    start: DocId,
    /// How many of the needed words each document has,
    words: Box<[u16; SIZE]>,
    /// and the points that these give beside those of a word.
    points: Box<[u16; SIZE]>,
    /// What the variants of the present word give, the best of them.
    best: Box<[u16; SIZE]>,
    /// The documents that were found, a bit each,
    found: [u64; SIZE / GROUP],
    /// but for those of words that very many have.
    has_more: bool,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            words: Box::new([0; SIZE]),
            points: Box::new([0; SIZE]),
            best: Box::new([0; SIZE]),
            found: [0; SIZE / GROUP],
            has_more: false,
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
        let needed = u16::from(lists.is_needed);
        if lists.near > MANY || lists.has_column() {
            self.has_more = true;
            for list in &mut lists.lists {
                list.read(self.start, &mut self.best);
            }
            let found = self.words.iter_mut().zip(&mut *self.points).zip(&mut *self.best);
            for ((words, points), best) in found {
                *words += if *best > 0 { needed } else { 0 };
                *points += *best;
                *best = 0;
            }
            return;
        }
        let (start, end) = (self.start, self.end());
        let mut found = [0; SIZE / GROUP];
        for list in &mut lists.lists {
            let best = &mut *self.best;
            list.each(end, |doc, points| {
                let place = (doc - start) as usize % SIZE;
                best[place] = points.max(best[place]);
                found[place / GROUP] |= 1 << (place % GROUP);
            });
        }
        for (group, found) in found.into_iter().enumerate() {
            self.found[group] |= found;
            for place in places(group, found) {
                self.words[place] += needed;
                self.points[place] += std::mem::take(&mut self.best[place]);
            }
        }
    }

    /// Marks documents as found without points.
    pub(crate) fn mark(&mut self, postings: &mut SegmentPostings) {
        let end = self.end();
        let mut doc = postings.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            self.found[place / GROUP] |= 1 << (place % GROUP);
            doc = postings.advance();
        }
    }

    /// Reports the documents with the points that are wanted, in order; all that were found where none are. `needed` is how many words a
    /// whole match has.
    pub(crate) fn drain(&mut self, needed: u16, wanted: u32, mut visit: impl FnMut(DocId, u32)) {
        if std::mem::take(&mut self.has_more) {
            return self.drain_all(needed, wanted, visit);
        }
        for group in 0..SIZE / GROUP {
            for place in places(group, std::mem::take(&mut self.found[group])) {
                let words = std::mem::take(&mut self.words[place]);
                let points = sum(words, std::mem::take(&mut self.points[place]), needed);
                if points >= wanted {
                    visit(self.start + place as DocId, points);
                }
            }
        }
    }

    fn drain_all(&mut self, needed: u16, wanted: u32, mut visit: impl FnMut(DocId, u32)) {
        let groups = self.words.chunks_exact(GROUP).zip(self.points.chunks_exact(GROUP));
        for (at, ((words, points), found)) in groups.zip(&mut self.found).enumerate() {
            let marked = if wanted == 0 { *found } else { 0 };
            *found = 0;
            if marked == 0 && !may_reach(words, points, needed, wanted.max(1)) {
                continue;
            }
            let points = words.iter().zip(points).map(|(words, points)| sum(*words, *points, needed));
            for (place, points) in points.enumerate() {
                if points >= wanted.max(1) || marked & 1 << place != 0 {
                    visit(self.start + (at * GROUP + place) as DocId, points);
                }
            }
        }
        self.words.fill(0);
        self.points.fill(0);
    }
}

/// The places in a block of the bits that are set, those of one group.
pub(crate) fn places(group: usize, mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| group * GROUP + bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        place
    })
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
