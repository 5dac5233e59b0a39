//! Walking through the products of a segment that have a query's words.
//!
//! Products with all words are found by leaping from one to the next along the rarest word; products with some by one pass
//! over all postings, a window of documents at a time, so that the work grows with the postings read.

use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError, Term};
use vitrina::CategoryId;

use crate::analysis::MAX_WEIGHT;
use crate::query::{Query, Word};
use crate::ranking::{WORD, unit};
use crate::schema::Fields;

/// How many documents are looked at together; a power of two.
const WINDOW: usize = 4096;

/// The postings of one variant, a block of them at a time.
struct List {
    postings: BlockSegmentPostings,
    /// Where in the block the present document is.
    at: usize,
    /// The points for each unit of weight.
    unit: f32,
}

impl List {
    fn doc(&self) -> DocId {
        self.postings.docs().get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn advance(&mut self) -> DocId {
        self.at += 1;
        if self.at == self.postings.block_len() {
            self.postings.advance();
            self.at = 0;
        }
        self.doc()
    }

    /// The first document from `target` on with `least` points.
    fn seek(&mut self, target: DocId, least: u32) -> DocId {
        if self.doc() < target {
            match self.postings.docs().last() {
                Some(last) if *last >= target => {
                    self.at += self.postings.docs()[self.at..].partition_point(|doc| *doc < target);
                }
                _ => self.at = self.postings.seek(target),
            }
        }
        let weight = if self.unit > 0.0 { (least as f32 / self.unit) as u32 } else { 0 };
        if weight > 1 {
            self.pass_over(weight);
        }
        self.doc()
    }

    /// Goes on to the next document, this one included, that has a weight of at least `weight`.
    fn pass_over(&mut self, weight: u32) {
        loop {
            // At the end there are no documents, but still the frequencies of the last block.
            if self.at >= self.postings.block_len() {
                return;
            }
            let ahead = &self.postings.freqs()[self.at..];
            if let Some(place) = ahead.iter().position(|frequency| *frequency >= weight) {
                self.at += place;
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
    }

    fn points(&self) -> u32 {
        let weight = self.postings.freqs().get(self.at).copied().unwrap_or_default();
        ((self.unit * weight as f32) as u32).max(1)
    }

    /// The most points that a document may have.
    fn most(&self) -> u32 {
        (self.unit * MAX_WEIGHT as f32) as u32 + 1
    }
}

/// The postings of one word: of all that may stand for it.
struct Lists {
    lists: Vec<List>,
    /// How many postings there are at most.
    cost: u64,
}

impl Lists {
    /// The first document from `target` on that has the word, with `least` points for it beside those of a word.
    fn seek(&mut self, target: DocId, least: u32) -> DocId {
        self.lists.iter_mut().map(|list| list.seek(target, least)).min().unwrap_or(TERMINATED)
    }

    /// The most points that the word may give a document.
    fn most(&self) -> u32 {
        WORD + self.lists.iter().map(List::most).max().unwrap_or_default()
    }

    /// The points for the word in `doc`, where all lists have been brought to: those of its best variant.
    fn points(&self, doc: DocId) -> u32 {
        let here = self.lists.iter().filter(|list| list.doc() == doc);
        WORD + here.map(List::points).max().unwrap_or_default()
    }
}

/// The postings of a query in one segment.
pub(crate) struct SegmentQuery {
    words: Vec<Lists>,
    meant: Vec<SegmentPostings>,
}

impl SegmentQuery {
    /// Opens the postings; `shares` says how much each word counts beside the others.
    pub(crate) fn open(
        segment: &SegmentReader,
        fields: &Fields,
        query: &Query,
        shares: &[f32],
        meant: &[CategoryId],
    ) -> Result<Self, TantivyError> {
        let inverted = segment.inverted_index(fields.words)?;
        let open = |(word, share): (&Word, &f32)| {
            let mut lists = Lists { lists: Vec::new(), cost: 0 };
            for variant in &word.variants {
                let term = Term::from_field_text(fields.words, &variant.text);
                let option = IndexRecordOption::WithFreqs;
                if let Some(postings) = inverted.read_block_postings(&term, option)? {
                    lists.cost += u64::from(postings.doc_freq());
                    lists.lists.push(List { postings, at: 0, unit: unit(*share, variant.worth) });
                }
            }
            Ok(lists)
        };
        let words = query.words.iter().zip(shares).map(open).collect::<Result<_, TantivyError>>()?;
        let mut shelves = Vec::new();
        for category in meant {
            let (field, term) = fields.category(*category);
            shelves.extend(segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?);
        }
        Ok(Self { words, meant: shelves })
    }

    /// Calls `found` with each document that has all words, in order, and its points. It answers how many points a document
    /// must have from then on to be worth telling of, or `None` to end.
    pub(crate) fn all(mut self, mut found: impl FnMut(DocId, u32) -> Option<u32>) {
        self.words.sort_by_key(|lists| lists.cost);
        let Some((rarest, others)) = self.words.split_first_mut() else { return };
        let most: u32 = others.iter().map(Lists::most).sum::<u32>() + WORD;
        let mut least = 0;
        let mut doc = rarest.seek(0, least);
        'next: while doc != TERMINATED {
            for other in &mut *others {
                let at = other.seek(doc, 0);
                if at > doc {
                    doc = rarest.seek(at, least);
                    continue 'next;
                }
            }
            let points = rarest.points(doc) + others.iter().map(|other| other.points(doc)).sum::<u32>();
            let Some(wanted) = found(doc, points) else { return };
            least = wanted.saturating_sub(most);
            doc = rarest.seek(doc + 1, least);
        }
    }

    /// Calls `found` with each document that has a word or is of a meant category, in order, and its points.
    pub(crate) fn any(mut self, window: &mut Window, mut found: impl FnMut(DocId, u32)) {
        while let Some(start) = self.next_doc() {
            window.start = start - start % WINDOW as u32;
            for lists in &mut self.words {
                for list in &mut lists.lists {
                    window.read(list);
                }
                window.end_word();
            }
            self.meant.iter_mut().for_each(|shelf| window.mark(shelf));
            window.drain(&mut found);
        }
    }

    /// The lowest document that has not been read yet.
    fn next_doc(&self) -> Option<DocId> {
        let lists = self.words.iter().flat_map(|lists| &lists.lists).map(List::doc);
        let docs = lists.chain(self.meant.iter().map(|shelf| shelf.doc()));
        docs.min().filter(|doc| *doc != TERMINATED)
    }
}

/// The documents that are looked at together. All zero between two windows.
pub(crate) struct Window {
    start: DocId,
    found: [u64; WINDOW / 64],
    points: Box<[u32; WINDOW]>,
    /// What the variants gave the documents for the present word, the best of them.
    word: Box<[u32; WINDOW]>,
    /// The places in `word` that are not zero.
    touched: Vec<u16>,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            start: 0,
            found: [0; WINDOW / 64],
            points: Box::new([0; WINDOW]),
            word: Box::new([0; WINDOW]),
            touched: Vec::new(),
        }
    }

    /// Reads a variant's postings up to the end of the window.
    fn read(&mut self, list: &mut List) {
        let end = self.start + WINDOW as u32;
        let mut doc = list.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            if self.word[place] == 0 {
                self.touched.push(place as u16);
            }
            self.word[place] = self.word[place].max(list.points());
            doc = list.advance();
        }
    }

    fn end_word(&mut self) {
        for place in self.touched.drain(..) {
            let place = usize::from(place);
            self.points[place] += WORD + std::mem::take(&mut self.word[place]);
            self.found[place / 64] |= 1 << (place % 64);
        }
    }

    /// Marks documents as found without points.
    fn mark(&mut self, postings: &mut SegmentPostings) {
        let end = self.start + WINDOW as u32;
        let mut doc = postings.doc();
        while doc < end {
            let place = (doc - self.start) as usize;
            self.found[place / 64] |= 1 << (place % 64);
            doc = postings.advance();
        }
    }

    fn drain(&mut self, found: &mut impl FnMut(DocId, u32)) {
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
