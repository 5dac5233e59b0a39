//! Explanations: the terms of the scores of the products of one page, read anew from the index.

use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, DocSet, SegmentReader, TERMINATED, TantivyError};
use vitrina_core::ProductId;
use vitrina_core::index::{Boost, BoostKind, Explanation, WordScore};

use crate::asked::{Asked, Gains};
use crate::codes;
use crate::frequent::weight;
use crate::negation::SegmentUnwanted;
use crate::query::{Query, Reader, Word};
use crate::ranking::{WHOLE, points, score, settled, step};

/// What the scores of a query are made of.
pub(crate) struct Explainer<'a> {
    pub(crate) reader: &'a Reader<'a>,
    pub(crate) query: &'a Query,
    pub(crate) shares: &'a [f32],
    pub(crate) asked: &'a Asked,
    /// For each segment which of its products have something unwanted.
    pub(crate) unwanted: &'a [SegmentUnwanted],
}

impl Explainer<'_> {
    /// The terms of a product's score; `None` for a product that is gone.
    pub(crate) fn explain(&self, product: ProductId) -> Result<Option<Explanation>, TantivyError> {
        let term = self.reader.fields.product(product);
        for (place, segment) in self.reader.searcher.segment_readers().iter().enumerate() {
            let inverted = segment.inverted_index(term.field())?;
            let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
                continue;
            };
            while postings.doc() != TERMINATED {
                if !segment.is_deleted(postings.doc()) {
                    return self.terms(product, place, segment, postings.doc()).map(Some);
                }
                postings.advance();
            }
        }
        Ok(None)
    }

    fn terms(
        &self,
        product: ProductId,
        place: usize,
        segment: &SegmentReader,
        doc: DocId,
    ) -> Result<Explanation, TantivyError> {
        let mut words = Vec::with_capacity(self.query.words.len());
        let (mut sum, mut is_whole) = (0, !self.query.words.is_empty());
        for (word, share) in self.query.words.iter().zip(self.shares) {
            let (best, of_word) = self.word(word, *share, place, segment, doc)?;
            is_whole &= best.matched.is_some() || !word.is_needed;
            sum += of_word;
            words.push(best);
        }
        let mut boosts = Vec::new();
        let mut boost = |kind, points: u32| {
            if points > 0 {
                boosts.push(Boost { kind, score: score(points) });
            }
        };
        if is_whole {
            boost(BoostKind::AllWords, WHOLE);
            sum += WHOLE;
        }
        if self.unwanted[place].is_last(doc) {
            boosts.push(Boost { kind: BoostKind::Unwanted, score: -score(sum) });
            return Ok(Explanation { product, words, boosts });
        }
        if sum > 0 {
            let (signals, columns) = (self.reader.signals, self.reader.columns.of(segment)?);
            let known = signals.in_segment(&columns, self.asked.newest())?.gains(doc);
            let Gains { category, kind, thing, price } = self.asked.in_segment(place, &columns).gains(doc);
            for (kind, points) in [
                (BoostKind::Category, category),
                (BoostKind::ProductType, kind),
                (BoostKind::NotAccessory, thing),
                (BoostKind::Price, price),
                (BoostKind::Popularity, known.popularity),
                (BoostKind::Sale, known.sale),
                (BoostKind::Newness, known.newness),
                (BoostKind::Boost, known.boost),
            ] {
                boost(kind, points);
                sum += points;
            }
            if columns.in_stock.first(doc) != Some(true) {
                let lost = sum - settled(sum, 0, false, signals);
                boosts.push(Boost { kind: BoostKind::OutOfStock, score: -score(lost) });
            }
        }
        Ok(Explanation { product, words, boosts })
    }

    /// What a word adds to the score of a document: that of its best variant.
    fn word(
        &self,
        word: &Word,
        share: f32,
        place: usize,
        segment: &SegmentReader,
        doc: DocId,
    ) -> Result<(WordScore, u32), TantivyError> {
        let inverted = segment.inverted_index(self.reader.fields.words)?;
        let mut best: Option<(u32, &str, f32)> = None;
        for variant in &word.variants {
            let Some(Some(info)) = variant.postings.get(place) else { continue };
            let mut postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
            if postings.doc() < doc {
                postings.seek(doc);
            }
            if postings.doc() == doc {
                let frequency = tantivy::postings::Postings::term_freq(&postings);
                let points = points(weight(frequency), step(share, variant.worth)).into();
                if best.is_none_or(|(most, ..)| points > most) {
                    best = Some((points, &variant.text, variant.worth));
                }
            }
        }
        let added = best.map_or(0, |(points, ..)| points);
        let score = WordScore {
            word: word.typed.clone(),
            matched: best.map(|(_, text, _)| codes::shown(text)),
            worth: best.map_or(0.0, |(_, _, worth)| worth),
            share,
            is_needed: word.is_needed,
            fields: Vec::new(),
            score: score(added),
        };
        Ok((score, added))
    }
}
