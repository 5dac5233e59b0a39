//! Walking through the products of a segment that have a query's words.
//!
//! A block of documents at a time is looked at, or one document where few can come. Once there is a page of products,
//! variants and words that cannot bring a better one are left out (MaxScore: Turtle & Flood, 1995).

use tantivy::postings::SegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentOrdinal, TERMINATED, TantivyError};
use vitrina_core::CategoryId;

use crate::intersection::Intersection;
use crate::list::{List, Lists};
use crate::query::{Query, Reader, Word};
use crate::ranking::{WHOLE, step};
use crate::window::{SIZE, Window};

/// Where no more than this part of all documents can come, they are looked at one by one. The points wanted only grow, so
/// it stays so.
const FEW: f32 = 1.0 / 128.0;

/// The postings of a query in one segment.
pub(crate) struct SegmentQuery {
    words: Vec<Lists>,
    meant: Vec<SegmentPostings>,
    documents: DocId,
}

impl SegmentQuery {
    /// Opens the postings; `shares` says how much each word counts beside the others.
    pub(crate) fn open(
        segment: SegmentOrdinal,
        reader: &Reader<'_>,
        query: &Query,
        shares: &[f32],
        meant: &[CategoryId],
    ) -> Result<Self, TantivyError> {
        let fields = reader.fields;
        let place = segment as usize;
        let segment = reader.searcher.segment_reader(segment);
        let inverted = segment.inverted_index(fields.words)?;
        let open = |(word, share): (&Word, &f32)| {
            let mut lists = Lists { is_needed: word.is_needed, ..Lists::default() };
            for variant in &word.variants {
                let Some(Some(info)) = variant.postings.get(place) else { continue };
                let read = || inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs);
                let known = reader.frequent.of(segment, &variant.text, info.doc_freq, read)?;
                lists.cost += u64::from(info.doc_freq);
                lists.lists.push(List::open(known, step(*share, variant.worth), read)?);
            }
            lists.near = (lists.cost * SIZE as u64 / u64::from(segment.max_doc().max(1))) as usize;
            Ok(lists)
        };
        let words = query.words.iter().zip(shares).map(open).collect::<Result<_, TantivyError>>()?;
        let mut categories = Vec::new();
        for category in meant {
            let (field, term) = fields.category(*category);
            categories.extend(segment.inverted_index(field)?.read_postings(&term, IndexRecordOption::Basic)?);
        }
        Ok(Self { words, meant: categories, documents: segment.max_doc() })
    }

    /// Calls `found` with each document that has all words that are needed, in order, and its points, if it has those that are wanted. It
    /// answers how many points are wanted from then on, or `None` to end.
    pub(crate) fn all(
        mut self,
        intersection: &mut Intersection,
        mut wanted: u32,
        mut found: impl FnMut(DocId, u32) -> Option<u32>,
    ) {
        self.words.sort_by_key(|lists| (!lists.is_needed, lists.cost));
        let mut start = 0;
        loop {
            let least = wanted.saturating_sub(WHOLE);
            self.leave_out(least);
            let needed = self.words.iter_mut().take_while(|lists| lists.is_needed);
            let next = needed.map(|lists| lists.seek(start)).max();
            let Some(doc) = next.filter(|doc| *doc != TERMINATED) else { return };
            let mut rest: u32 = self.words.iter().map(Lists::most).sum();
            for (at, lists) in self.words.iter_mut().enumerate() {
                rest -= lists.most();
                let least = u16::try_from(least.saturating_sub(rest)).unwrap_or(u16::MAX);
                match at {
                    0 => intersection.begin(doc, lists, least),
                    _ if !lists.is_needed => intersection.raise(lists),
                    _ => intersection.keep(lists, least),
                }
            }
            start = intersection.end();
            let mut go_on = true;
            intersection.visit(u16::try_from(least).unwrap_or(u16::MAX), |doc, points| {
                let points = WHOLE + u32::from(points);
                if points >= wanted && go_on {
                    let answer = found(doc, points);
                    wanted = answer.unwrap_or(wanted);
                    go_on = answer.is_some();
                }
            });
            if !go_on {
                return;
            }
        }
    }

    /// Leaves out the variants with which no document with all words comes to so many points beside those of words.
    fn leave_out(&mut self, least: u32) {
        let most: Vec<_> = self.words.iter().map(Lists::most).collect();
        let sum: u32 = most.iter().sum();
        for (lists, most) in self.words.iter_mut().zip(most) {
            let least = least.saturating_sub(sum - most);
            lists.lists.retain(|list| list.most() >= least);
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
        let needed = self.words.iter().filter(|lists| lists.is_needed).count() as u16;
        let mut start = 0;
        loop {
            // The first words, which give least, need not be looked for where all of them together are not enough.
            let mut sum_of_few = 0;
            let mut lacking = needed;
            let few = self.words.iter().take_while(|lists| {
                sum_of_few += lists.most();
                if lists.is_needed {
                    lacking -= 1;
                    sum_of_few += if lacking == 0 { WHOLE } else { 0 };
                }
                sum_of_few < wanted
            });
            let few = few.count();
            let many = &mut self.words[few..];
            if wanted > 0 {
                self.meant.clear();
            }
            let next = many.iter_mut().map(|lists| lists.seek(start));
            let categories = self.meant.iter().map(|category| category.doc());
            let Some(doc) = next.chain(categories).min().filter(|doc| *doc != TERMINATED) else { return };
            let cost: u64 = many.iter().map(|lists| lists.cost).sum();
            if self.meant.is_empty() && cost as f32 <= FEW * self.documents as f32 {
                let (mut points, mut lacking) = (0, needed);
                for lists in &mut self.words {
                    let here = lists.at(doc);
                    points += u32::from(here);
                    lacking -= u16::from(lists.is_needed && here > 0);
                }
                points += if lacking == 0 { WHOLE } else { 0 };
                if points >= wanted {
                    wanted = found(doc, points);
                }
                start = doc + 1;
                continue;
            }
            window.open(doc);
            self.words.iter_mut().for_each(|lists| window.read(lists));
            self.meant.iter_mut().for_each(|category| window.mark(category));
            start = window.end();
            window.drain(needed, wanted, |doc, points| {
                if points >= wanted {
                    wanted = found(doc, points);
                }
            });
        }
    }
}
