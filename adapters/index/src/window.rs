//! The documents of a segment that are looked at together.

use tantivy::postings::SegmentPostings;
use tantivy::{DocId, DocSet};

use crate::matching::Lists;
use crate::ranking::WORD;

/// How many documents are looked at together; a power of two.
const WINDOW: usize = 4096;

/// How many times as long looking up a document takes as reading on to the next.
const SEEK: f32 = 8.0;

/// A stretch of documents with the points that they have so far. All zero between two stretches.
pub(crate) struct Window {
    start: DocId,
    found: [u64; WINDOW / 64],
    points: Box<[u32; WINDOW]>,
    /// What the variants gave the documents for the present word, the best of them.
    word: Box<[u32; WINDOW]>,
    /// The places in `word` that are not zero, a bit each.
    touched: [u64; WINDOW / 64],
    /// Places that are looked up; empty between two words.
    places: Vec<u16>,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            found: [0; WINDOW / 64],
            points: Box::new([0; WINDOW]),
            word: Box::new([0; WINDOW]),
            touched: [0; WINDOW / 64],
            places: Vec::new(),
        }
    }

    /// Goes on to the stretch that holds `doc`.
    pub(crate) fn open(&mut self, doc: DocId) {
        self.start = doc - doc % WINDOW as u32;
    }

    /// The first document behind the stretch.
    pub(crate) fn end(&self) -> DocId {
        self.start + WINDOW as u32
    }

    /// Gives the documents that have `before` points already, and for this word at least `least`, their points for it.
    pub(crate) fn read_word(&mut self, lists: &mut Lists, before: u32, least: u32) {
        let (start, end) = (self.start, self.end());
        lists.seek(start, 0);
        let (points, found) = (&mut *self.points, &mut self.found);
        if let [list] = lists.lists.as_mut_slice() {
            // Without other variants, what it gives is what counts.
            return list.read(end, move |doc, given| {
                let place = (doc - start) as usize % WINDOW;
                if given >= least && points[place] >= before {
                    points[place] += WORD + given;
                    found[place / 64] |= 1 << (place % 64);
                }
            });
        }
        for list in &mut lists.lists {
            let (points, word, touched) = (&*points, &mut *self.word, &mut self.touched);
            list.read(end, move |doc, given| {
                let place = (doc - start) as usize % WINDOW;
                if given >= least && points[place] >= before {
                    word[place] = given.max(word[place]);
                    touched[place / 64] |= 1 << (place % 64);
                }
            });
        }
        for (block, bits) in self.touched.iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            self.found[block] |= left;
            while left != 0 {
                let place = block * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                self.points[place] += WORD + std::mem::take(&mut self.word[place]);
            }
        }
    }

    /// Gives the documents that were found and have `before` points their points for a word, without finding others.
    pub(crate) fn look_up(&mut self, lists: &mut Lists, before: u32) {
        let mut places = std::mem::take(&mut self.places);
        for (block, bits) in self.found.iter().enumerate() {
            let mut left = *bits;
            while left != 0 {
                let place = block * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                if self.points[place] >= before {
                    places.push(place as u16);
                }
            }
        }
        if places.len() as f32 * SEEK < lists.density * WINDOW as f32 {
            for place in &places {
                let doc = self.start + u32::from(*place);
                if lists.seek(doc, 0) == doc {
                    self.points[usize::from(*place)] += lists.points(doc);
                }
            }
        } else {
            self.read_word(lists, before.max(1), 0);
        }
        places.clear();
        self.places = places;
    }

    /// Marks documents as found without points.
    pub(crate) fn mark(&mut self, postings: &mut SegmentPostings) {
        let end = self.end();
        let mut doc = postings.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            self.found[place / 64] |= 1 << (place % 64);
            doc = postings.advance();
        }
    }

    /// Tells of the documents that were found, in order, with their points.
    pub(crate) fn drain(&mut self, mut found: impl FnMut(DocId, u32)) {
        for (block, bits) in self.found.iter_mut().enumerate() {
            let mut left = std::mem::take(bits);
            while left != 0 {
                let place = block * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                found(self.start + place as u32, std::mem::take(&mut self.points[place]));
            }
        }
    }
}
