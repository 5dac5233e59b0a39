//! Walking through the products of a segment that have a query's words.
//!
//! Products with all words are found by leaping from one to the next along the rarest word, or, where even that one is in
//! many, a window of documents at a time, like those with some words: the postings are then read one after the other. Once
//! there is a page of products, postings that cannot bring a better one are passed over (MaxScore: Turtle & Flood, 1995).

use tantivy::postings::{BlockSegmentPostings, SegmentPostings};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError, Term};
use vitrina::CategoryId;

use crate::query::{Query, Reader, Word};
use crate::ranking::{WORD, unit};
use crate::window::Window;

/// From what part of all documents on the rarest word is in many.
const MANY: f32 = 1.0 / 32.0;

/// The postings of one variant, a block of them at a time.
pub(crate) struct List {
    postings: BlockSegmentPostings,
    /// Where in the block the present document is.
    at: usize,
    /// The points for each weight, up to the highest that there is.
    points: Box<[u32]>,
}

impl List {
    fn new(postings: BlockSegmentPostings, highest: u32, unit: f32) -> Self {
        let points = (0..=highest).map(|weight| ((unit * weight as f32) as u32).max(1));
        Self { postings, at: 0, points: points.collect() }
    }

    fn doc(&self) -> DocId {
        self.postings.docs().get(self.at).copied().unwrap_or(TERMINATED)
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
        if least > 1 {
            self.pass_over(self.points.partition_point(|points| *points < least) as u32);
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

    /// Tells of each document before `end`, with its points.
    pub(crate) fn read(&mut self, end: DocId, mut tell: impl FnMut(DocId, u32)) {
        let points = &*self.points;
        loop {
            let (docs, weights) = (self.postings.docs(), self.postings.freqs());
            let (Some(docs), Some(weights)) = (docs.get(self.at..), weights.get(self.at..)) else { return };
            let here = if docs.last().is_some_and(|last| *last < end) {
                docs.len()
            } else {
                docs.partition_point(|doc| *doc < end)
            };
            for (doc, weight) in docs[..here].iter().zip(weights) {
                tell(*doc, points.get(*weight as usize).copied().unwrap_or(1));
            }
            self.at += here;
            if self.at < self.postings.block_len() || here == 0 {
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
    }

    fn present(&self) -> u32 {
        let weight = self.postings.freqs().get(self.at).copied().unwrap_or_default();
        self.points.get(weight as usize).copied().unwrap_or(1)
    }

    /// The most points that a document may have.
    fn most(&self) -> u32 {
        self.points.last().copied().unwrap_or(1)
    }
}

/// The postings of one word: of all that may stand for it.
pub(crate) struct Lists {
    pub(crate) lists: Vec<List>,
    /// How many postings there are at most, and in what part of all documents.
    cost: u64,
    pub(crate) density: f32,
}

impl Lists {
    /// The first document from `target` on that has the word, with `least` points for it beside those of a word.
    pub(crate) fn seek(&mut self, target: DocId, least: u32) -> DocId {
        self.lists.iter_mut().map(|list| list.seek(target, least)).min().unwrap_or(TERMINATED)
    }

    /// The most points that the word may give a document.
    pub(crate) fn most(&self) -> u32 {
        WORD + self.lists.iter().map(List::most).max().unwrap_or_default()
    }

    /// The points for the word in `doc`, where all lists have been brought to: those of its best variant.
    pub(crate) fn points(&self, doc: DocId) -> u32 {
        let here = self.lists.iter().filter(|list| list.doc() == doc);
        WORD + here.map(List::present).max().unwrap_or_default()
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
        reader: &Reader<'_>,
        query: &Query,
        shares: &[f32],
        meant: &[CategoryId],
    ) -> Result<Self, TantivyError> {
        let fields = reader.fields;
        let inverted = segment.inverted_index(fields.words)?;
        let open = |(word, share): (&Word, &f32)| {
            let mut lists = Lists { lists: Vec::new(), cost: 0, density: 0.0 };
            for variant in &word.variants {
                let term = Term::from_field_text(fields.words, &variant.text);
                let option = IndexRecordOption::WithFreqs;
                let Some(info) = inverted.get_term_info(&term)? else { continue };
                let read = || inverted.read_block_postings_from_terminfo(&info, option);
                let highest = reader.heaviest.of(segment.segment_id(), &variant.text, read()?);
                lists.cost += u64::from(info.doc_freq);
                lists.lists.push(List::new(read()?, highest, unit(*share, variant.worth)));
            }
            lists.density = lists.cost as f32 / segment.max_doc().max(1) as f32;
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

    /// Calls `found` with each document that has all words, in order, and its points, if it has those that are wanted. It
    /// answers how many points are wanted from then on, or `None` to end.
    pub(crate) fn all(
        mut self,
        window: &mut Window,
        wanted: u32,
        mut found: impl FnMut(DocId, u32) -> Option<u32>,
    ) {
        self.words.sort_by_key(|lists| lists.cost);
        match self.words.first() {
            Some(rarest) if rarest.density > MANY => self.all_in_windows(window, wanted, &mut found),
            Some(_) => self.all_by_leaps(wanted, &mut found),
            None => {}
        }
    }

    fn all_by_leaps(mut self, wanted: u32, found: &mut impl FnMut(DocId, u32) -> Option<u32>) {
        let Some((rarest, others)) = self.words.split_first_mut() else { return };
        let most: u32 = others.iter().map(Lists::most).sum::<u32>() + WORD;
        let mut least = wanted.saturating_sub(most);
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

    fn all_in_windows(
        mut self,
        window: &mut Window,
        mut wanted: u32,
        found: &mut impl FnMut(DocId, u32) -> Option<u32>,
    ) {
        let whole = self.words.len() as u32 * WORD;
        self.leave_out(wanted);
        let mut start = 0;
        while let Some(doc) = self.words.iter_mut().map(|lists| lists.seek(start, 0)).max()
            && doc != TERMINATED
        {
            window.open(doc);
            let mut rest: u32 = self.words.iter().map(Lists::most).sum();
            for (at, lists) in self.words.iter_mut().enumerate() {
                let before = (at as u32 * WORD).max(wanted.saturating_sub(rest));
                rest -= lists.most();
                match at {
                    0 => window.read_word(lists, 0, wanted.saturating_sub(rest + WORD)),
                    _ => window.look_up(lists, before),
                }
            }
            start = window.end();
            let mut go_on = true;
            window.drain(|doc, points| {
                if points >= whole.max(wanted) && go_on {
                    let answer = found(doc, points);
                    wanted = answer.unwrap_or(wanted);
                    go_on = answer.is_some();
                }
            });
            if !go_on {
                return;
            }
            self.leave_out(wanted);
        }
    }

    /// Leaves out the variants with which no document comes to the points wanted.
    fn leave_out(&mut self, wanted: u32) {
        let most: Vec<_> = self.words.iter().map(Lists::most).collect();
        let sum: u32 = most.iter().sum();
        for (lists, most) in self.words.iter_mut().zip(most) {
            let least = wanted.saturating_sub(sum - most);
            lists.lists.retain(|list| WORD + list.most() >= least);
        }
    }

    /// Calls `found` with each document that has a word or is of a meant category, in order, and its points, if it has
    /// those that are wanted. It answers how many points are wanted from then on.
    pub(crate) fn any(
        mut self,
        window: &mut Window,
        mut wanted: u32,
        mut found: impl FnMut(DocId, u32) -> u32,
    ) {
        self.words.sort_by_key(|lists| (lists.most(), std::cmp::Reverse(lists.cost)));
        let mut start = 0;
        loop {
            // The first words, which give least, need not be looked for where all of them together are not enough.
            let sum: u32 = self.words.iter().map(Lists::most).sum();
            let mut sum_of_few = 0;
            let few = self.words.iter().take_while(|lists| {
                sum_of_few += lists.most();
                sum_of_few < wanted
            });
            let few = few.count();
            let (few, many) = self.words.split_at_mut(few);
            let mut sum_of_few: u32 = few.iter().map(Lists::most).sum();
            if wanted > 0 {
                self.meant.clear();
            }
            let next = many.iter_mut().map(|lists| lists.seek(start, 0));
            let shelves = self.meant.iter().map(|shelf| shelf.doc());
            let Some(doc) = next.chain(shelves).min().filter(|doc| *doc != TERMINATED) else { return };
            window.open(doc);
            for lists in many {
                window.read_word(lists, 0, wanted.saturating_sub(sum - lists.most() + WORD));
            }
            for lists in few.iter_mut().rev() {
                let before = wanted.saturating_sub(sum_of_few);
                sum_of_few -= lists.most();
                window.look_up(lists, before);
            }
            self.meant.iter_mut().for_each(|shelf| window.mark(shelf));
            start = window.end();
            window.drain(|doc, points| {
                if points >= wanted {
                    wanted = found(doc, points);
                }
            });
        }
    }
}
