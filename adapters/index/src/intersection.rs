//! The documents of a block of a segment that have all words.

use tantivy::DocId;

use crate::list::Lists;
use crate::ranking::both;
use crate::window::{GROUP, SIZE, places};

/// How many times as long looking up a document takes as reading on to the next.
const SEEK: usize = 16;

/// The documents that have all words so far. Where the first word is rare they are listed, and the other words are looked
/// up for each; where it is in very many, whole blocks are computed with, as processors take many documents at a time
/// then.
pub(crate) struct Intersection {
    start: DocId,
    /// Those, with their points beside those of words.
    few: Vec<(DocId, u16)>,
    /// Whether they are in `many` instead: the points of each document of the block, zero where a word is missing.
    is_many: bool,
    many: Box<[u16; SIZE]>,
    /// What the variants of the present word give, the best of them; all zero between two words,
    best: Box<[u16; SIZE]>,
    /// and so are the bits of those that are not zero, where they are visited.
    touched: [u64; SIZE / GROUP],
}

impl Intersection {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            few: Vec::new(),
            is_many: false,
            many: Box::new([0; SIZE]),
            best: Box::new([0; SIZE]),
            touched: [0; SIZE / GROUP],
        }
    }

    /// The first document behind the block.
    pub(crate) fn end(&self) -> DocId {
        self.start + SIZE as DocId
    }

    /// Takes the documents of the block that holds `doc` and have the first word, with `least` points for it.
    pub(crate) fn begin(&mut self, doc: DocId, lists: &mut Lists, least: u16) {
        self.start = doc - doc % SIZE as DocId;
        lists.seek(self.start);
        self.is_many = lists.has_column();
        self.few.clear();
        if self.is_many {
            self.many.fill(0);
            return lists.lists.iter_mut().for_each(|list| list.read(self.start, &mut self.many));
        }
        let (start, end) = (self.start, self.end());
        if let [list] = lists.lists.as_mut_slice() {
            let few = &mut self.few;
            return list.each(end, |doc, points| {
                if points >= least {
                    few.push((doc, points));
                }
            });
        }
        for list in &mut lists.lists {
            let (best, touched) = (&mut *self.best, &mut self.touched);
            list.each(end, |doc, points| {
                let place = (doc - start) as usize % SIZE;
                best[place] = points.max(best[place]);
                touched[place / GROUP] |= 1 << (place % GROUP);
            });
        }
        for (group, bits) in self.touched.iter_mut().enumerate() {
            for place in places(group, std::mem::take(bits)) {
                let points = std::mem::take(&mut self.best[place]);
                if points >= least {
                    self.few.push((start + place as DocId, points));
                }
            }
        }
    }

    /// Keeps the documents that have the next word too, and `least` points with it.
    pub(crate) fn keep(&mut self, lists: &mut Lists, least: u16) {
        if self.is_many {
            lists.seek(self.start);
            let best = match lists.lists.as_mut_slice() {
                [list] if list.keep(self.start, &mut self.many) => return,
                lists => {
                    lists.iter_mut().for_each(|list| list.read(self.start, &mut self.best));
                    &mut *self.best
                }
            };
            for (points, best) in self.many.iter_mut().zip(best) {
                *points = both(*points, *best);
                *best = 0;
            }
        } else if lists.has_column() || self.few.len() * SEEK < lists.near {
            self.few.retain_mut(|(doc, points)| {
                *points = both(*points, lists.at(*doc));
                *points >= least.max(1)
            });
        } else {
            lists.seek(self.start);
            lists.lists.iter_mut().for_each(|list| list.read(self.start, &mut self.best));
            self.few.retain_mut(|(doc, points)| {
                *points = both(*points, self.best[(*doc - self.start) as usize % SIZE]);
                *points >= least.max(1)
            });
            self.best.fill(0);
        }
    }

    /// Adds the points of a word that is not needed to the documents that have it.
    pub(crate) fn raise(&mut self, lists: &mut Lists) {
        if !self.is_many {
            return self.few.iter_mut().for_each(|(doc, points)| *points += lists.at(*doc));
        }
        lists.seek(self.start);
        lists.lists.iter_mut().for_each(|list| list.read(self.start, &mut self.best));
        for (points, best) in self.many.iter_mut().zip(&mut *self.best) {
            *points += if *points == 0 { 0 } else { *best };
            *best = 0;
        }
    }

    /// Reports the documents that are left and have `least` points, in order.
    pub(crate) fn visit(&self, least: u16, mut found: impl FnMut(DocId, u16)) {
        let least = least.max(1);
        if !self.is_many {
            let few = self.few.iter().filter(|(_, points)| *points >= least);
            return few.for_each(|(doc, points)| found(*doc, *points));
        }
        for (group, points) in self.many.chunks_exact(GROUP).enumerate() {
            if points.iter().copied().max().unwrap_or_default() >= least {
                let first = self.start + (group * GROUP) as DocId;
                let docs = (first..).zip(points).filter(|(_, points)| **points >= least);
                docs.for_each(|(doc, points)| found(doc, *points));
            }
        }
    }
}
