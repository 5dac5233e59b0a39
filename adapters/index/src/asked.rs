//! What kinds of products a query asks for, and what a product gains by being of one.
//!
//! ```text
//! fit(kind)     = Π over words: max(surely, LEAST) ^ (words × share)     surely: how surely the word names the kind;
//!                 × UNASKED for accessories where none is asked for
//! kind          = fit × products / (products + FEW)                      of the best, in sixteenths
//! category      = Σ over its kinds: fit × products                       of the best, in sixteenths
//! gain          = UNIT × (CATEGORY × category + KIND × kind + THING if no accessory, or accessories are asked for)
//! ```
//!
//! A naive Bayes estimate of what the words mean, with the shop's own names as its training data. Rounding keeps pages in
//! step while products come and go. Kinds predict nothing in a category in which most names have no head, as in English.

use std::sync::Arc;

use tantivy::{Searcher, TantivyError};
use vitrina_core::classify::CategoryScore;
use vitrina_core::words::{Lexicon, PriceOrder};

use crate::codes::is_code;
use crate::columns::SegmentColumns;
use crate::kinds::Kinds;
use crate::prices::Prices;
use crate::query::{MAX_WORTH, Word};
use crate::ranking::UNIT;
use crate::schema::Fields;

/// What being of the category asked for, of the kind asked for, and no accessory is worth beside having all words in the
/// best place. Chosen by cross-validation over sets and departments, where from half to twice as much differs by a hundredth.
const CATEGORY: f32 = 0.5;
const KIND_GAIN: f32 = 0.3;
const THING: f32 = 0.3;

/// What the first price in the order asked for gains over the last, among the kinds asked for.
const PRICE_GAIN: f32 = 0.25;

/// The most that a product ever gains, in points.
#[cfg(test)]
pub(crate) const MOST: u32 = (UNIT * (CATEGORY + KIND_GAIN + THING + PRICE_GAIN)) as u32 + 4;

/// How surely a word names every kind at least.
const LEAST: f32 = 0.05;

/// How many products make a kind count half.
const FEW: f32 = 5.0;

/// The steps of what is kept of a kind and a category.
const STEPS: f32 = 16.0;

/// How likely a query asks for accessories that names none, beside other kinds.
const UNASKED: f32 = 0.25;

/// The range of prices is that of kinds that come to this part of the best one.
const NEAR_BEST: f32 = 0.3;

/// Categories that come to this part of the best one are predicted.
const PREDICTED: f32 = 0.05;

/// What a query asks for.
pub(crate) struct Asked {
    kinds: Arc<Kinds>,
    /// What the products of each kind gain for it,
    of_kind: Vec<u16>,
    /// those of each category for that,
    categories: Vec<u32>,
    /// and what those gain that are no accessories.
    thing: u32,
    most: u32,
    prices: Option<PriceRange>,
    /// The categories asked for with their shares, the largest first.
    pub(crate) predicted: Vec<CategoryScore>,
}

/// The range of prices in which some come first.
#[derive(Debug, Clone, Copy)]
struct PriceRange {
    order: PriceOrder,
    /// Natural logarithms of minor units.
    low: f32,
    high: f32,
}

impl Asked {
    /// What words of these shares ask for.
    pub(crate) fn of(
        kinds: &Arc<Kinds>,
        searcher: &Searcher,
        fields: &Fields,
        words: &[(&Word, f32)],
        lexicon: &Lexicon,
        order: Option<PriceOrder>,
    ) -> Result<Self, TantivyError> {
        let mut fits: Vec<(u32, f32)> = Vec::new();
        let exponents: Vec<_> = words.iter().map(|(_, share)| words.len() as f32 * share).collect();
        let least: Vec<_> = exponents.iter().map(|exponent| LEAST.powf(*exponent)).collect();
        let mut named = Vec::new();
        for (word, _) in words {
            named.push(surely(kinds, searcher, fields, word)?);
        }
        let mut all: Vec<u32> = named.iter().flatten().map(|(kind, _)| *kind).collect();
        all.sort_unstable();
        all.dedup();
        for kind in all {
            let factor = |(named, (exponent, least)): (&Vec<(u32, f32)>, (&f32, &f32))| {
                let place = named.binary_search_by_key(&kind, |(kind, _)| *kind);
                place.map_or(*least, |place| named[place].1.max(LEAST).powf(*exponent))
            };
            fits.push((kind, named.iter().zip(exponents.iter().zip(&least)).map(factor).product()));
        }
        let names_accessory = words.iter().any(|(word, _)| {
            !word.is_purpose && word.variants.iter().any(|variant| lexicon.is_accessory(&variant.text))
        });
        let mut categories = vec![0.0_f32; kinds.categories().len()];
        let mut strengths = Vec::with_capacity(fits.len());
        for (kind, fit) in fits {
            let known = kinds.kind(kind);
            let products = known.products as f32;
            let fit = if known.is_accessory && !names_accessory { fit * UNASKED } else { fit };
            categories[known.category as usize] += fit * products;
            let has_heads = !kinds.is_headless(known.category);
            strengths.push((kind, if has_heads { fit * products / (products + FEW) } else { 0.0 }));
        }
        let best = strengths.iter().map(|(_, strength)| *strength).fold(0.0, f32::max);
        let fullest = categories.iter().copied().fold(0.0, f32::max);
        let part = |value: f32, most: f32| (value / most.max(f32::MIN_POSITIVE) * STEPS).round() / STEPS;
        let points: Vec<u32> =
            categories.iter().map(|category| (UNIT * CATEGORY * part(*category, fullest)) as u32).collect();
        let thing = if names_accessory { 0 } else { (UNIT * THING) as u32 };
        let (mut of_kind, mut most) =
            (vec![0; kinds.len()], points.iter().copied().max().unwrap_or_default());
        for (kind, strength) in &strengths {
            let gain = (UNIT * KIND_GAIN * part(*strength, best)) as u16;
            of_kind[*kind as usize] = gain;
            most = most.max(points[kinds.kind(*kind).category as usize] + u32::from(gain));
        }
        let prices = order.and_then(|order| {
            let ranges = strengths.iter().filter(|(_, strength)| *strength >= NEAR_BEST * best);
            let ranges = ranges.map(|(kind, _)| kinds.kind(*kind).prices);
            let (low, high) = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
            Some(PriceRange { order, low: logarithm(low), high: logarithm(high) })
        });
        let predicted = predicted(kinds, &categories, fullest);
        let most = most + thing + prices.map_or(0, |_| (UNIT * PRICE_GAIN) as u32);
        Ok(Self { kinds: kinds.clone(), of_kind, categories: points, thing, most, prices, predicted })
    }

    /// The highest ID of the index.
    pub(crate) fn newest(&self) -> i64 {
        self.kinds.newest()
    }

    /// Makes ready for the products of one segment.
    pub(crate) fn in_segment<'a>(&'a self, place: usize, columns: &Arc<SegmentColumns>) -> SegmentAsked<'a> {
        let (places, docs) = self.kinds.in_segment(place);
        let prices = self.prices.map(|range| (range, Prices::of(columns)));
        SegmentAsked { asked: self, places, docs, prices }
    }
}

/// What a product gains by being what the query asks for, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gains {
    /// By being of a category asked for,
    pub(crate) category: u32,
    /// and of a kind asked for,
    pub(crate) kind: u32,
    /// no accessory,
    pub(crate) thing: u32,
    /// of the price preferred.
    pub(crate) price: u32,
}

/// What a query asks for, in one segment.
pub(crate) struct SegmentAsked<'a> {
    asked: &'a Asked,
    /// The kinds by their places,
    places: &'a [u32],
    /// and the places of the documents' kinds.
    docs: &'a [u32],
    prices: Option<(PriceRange, Prices)>,
}

impl SegmentAsked<'_> {
    /// The most that a product gains, in points.
    pub(crate) fn most(&self) -> u32 {
        self.asked.most
    }

    /// What a product gains, in points.
    pub(crate) fn gain(&self, doc: u32) -> u32 {
        let Gains { category, kind, thing, price } = self.gains(doc);
        category + kind + thing + price
    }

    /// The terms of [`gain`](Self::gain).
    pub(crate) fn gains(&self, doc: u32) -> Gains {
        let place = self.docs.get(doc as usize);
        let Some(kind) = place.and_then(|place| self.places.get(*place as usize)) else {
            return Gains { category: 0, kind: 0, thing: 0, price: 0 };
        };
        let asked = self.asked;
        let (category, is_thing) = asked.kinds.thing(*kind);
        let category = asked.categories[category as usize];
        let kind = asked.of_kind[*kind as usize].into();
        let thing = if is_thing { asked.thing } else { 0 };
        let price = self.prices.as_ref().map_or(0, |(range, prices)| range.gain(prices.at(doc)));
        Gains { category, kind, thing, price }
    }
}

impl PriceRange {
    fn gain(&self, price: Option<i64>) -> u32 {
        let range = (self.high - self.low).max(f32::EPSILON);
        let place = ((logarithm(price.unwrap_or_default()) - self.low) / range).clamp(0.0, 1.0);
        let place = if self.order == PriceOrder::Cheap { 1.0 - place } else { place };
        (UNIT * PRICE_GAIN * place) as u32
    }
}

fn logarithm(price: i64) -> f32 {
    (price.max(1) as f32).ln()
}

/// How surely a word, with all that may stand for it, names each kind; sorted by kind.
fn surely(
    kinds: &Kinds,
    searcher: &Searcher,
    fields: &Fields,
    word: &Word,
) -> Result<Vec<(u32, f32)>, TantivyError> {
    let alone = |worth: f32| worth < MAX_WORTH;
    let best =
        word.variants.iter().map(|variant| variant.worth).filter(|worth| alone(*worth)).fold(0.0, f32::max);
    let mut sums: Vec<(u32, f32)> = Vec::new();
    for variant in word.variants.iter().filter(|variant| !is_code(&variant.text)) {
        let worth = if alone(variant.worth) { variant.worth / best } else { 1.0 };
        let named = kinds.named(searcher, fields, &variant.text)?;
        sums.extend(named.kinds.iter().map(|(kind, sum)| (*kind, worth * *sum as f32)));
    }
    sums.sort_by_key(|(kind, _)| *kind);
    sums.dedup_by(|later, first| {
        let same = later.0 == first.0;
        if same {
            first.1 += later.1;
        }
        same
    });
    sums.iter_mut().for_each(|(kind, sum)| *sum = kinds.mean(*kind, *sum));
    Ok(sums)
}

fn predicted(kinds: &Kinds, categories: &[f32], fullest: f32) -> Vec<CategoryScore> {
    let standing = kinds.categories().iter().zip(categories);
    let standing = standing.filter(|(_, fit)| **fit > 0.0 && **fit >= PREDICTED * fullest);
    let mut predicted: Vec<_> =
        standing.filter_map(|(id, fit)| Some(CategoryScore { category: (*id)?, score: *fit })).collect();
    let sum: f32 = predicted.iter().map(|predicted| predicted.score).sum();
    predicted.iter_mut().for_each(|predicted| predicted.score /= sum);
    predicted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
    predicted
}
