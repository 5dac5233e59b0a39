//! How well a product fits the words of a query.
//!
//! ```text
//! score    = 1 if it has all words that are needed + fraction
//! fraction = (Σ over words: share × worth × weight) + gain      below 1
//! share    = importance / Σ of importances              importance: rarity × (BY_RARITY + (1 − BY_RARITY) × surely) × PURPOSE
//! rarity   = log2(1 + products / products with the word), rounded
//! surely   = how surely the word names a kind of product where it occurs, in eighths: `kinds.rs`
//! PURPOSE  = less than 1 for words behind "para" and the like
//! worth    = 1 as typed, 1.25 beside its neighbour, less for other forms, synonyms, corrections: `query.rs`
//! weight   = of the word for the product: name over category over brand over description: `analysis.rs`
//! gain     = by being of the kind and category asked for, no accessory, and of the price preferred: `asked.rs`;
//!            by what the shop knows of the product: `signals.rs`
//! ```
//!
//! The fraction shrinks by an eighth, unless the shop wants it otherwise, when the product is out of stock. Ties go to the lower product number. Scores are kept
//! as whole numbers, 65,536 for 1, so that sums do not depend on their order; and nothing in them depends on how the index
//! came about. Rarities are rounded so that pages stay in step while products come and go.
//!
//! | part of the fraction | at most, in points |
//! | --- | --- |
//! | words | 1.25 × [`UNIT`], and 90 for each word |
//! | category, kind, no accessory, price | 0.5, 0.3, 0.3, 0.25 × [`UNIT`] |
//! | popularity, sale, newness, the shop's boosts | what is left: 0.2 × [`UNIT`] |

use crate::analysis::MAX_WEIGHT;
use crate::signals::Signals;

/// What having all words that are needed adds to a product's score.
pub(crate) const WHOLE: u32 = 1 << 16;

/// The points of all words, each as typed and in the best place.
pub(crate) const UNIT: f32 = 22_000.0;

/// How much a word's rarity counts by itself, beside how surely it names a kind of product.
const BY_RARITY: f32 = 0.3;

/// What a word counts that says what the product is for.
const PURPOSE: f32 = 0.4;

/// The steps of how surely a word names a kind.
const SURELY_STEPS: f32 = 8.0;

/// A score as callers see it.
pub(crate) fn score(points: u32) -> f32 {
    points as f32 / WHOLE as f32
}

/// What is known of a word of a query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueryWord {
    /// How many products have the word.
    pub(crate) frequency: u64,
    /// How surely it names a kind of product where it occurs, from 0 to 1.
    pub(crate) surely: f32,
    /// Whether it says what the product is for.
    pub(crate) is_purpose: bool,
}

/// How much each word counts beside the others, out of 1 together.
pub(crate) fn shares(products: u64, words: &[QueryWord]) -> Vec<f32> {
    let importance = |word: &QueryWord| {
        let rarity = match word.frequency {
            0 => return 0.0,
            some => (1.0 + products as f32 / some as f32).log2().round().max(1.0),
        };
        let surely = (word.surely.min(1.0) * SURELY_STEPS).round() / SURELY_STEPS;
        let purpose = if word.is_purpose { PURPOSE } else { 1.0 };
        rarity * (BY_RARITY + (1.0 - BY_RARITY) * surely) * purpose
    };
    let importances: Vec<_> = words.iter().map(importance).collect();
    let sum = importances.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    importances.into_iter().map(|importance| importance / sum).collect()
}

/// How many steps make a point for a unit of weight.
const STEPS: u32 = 128;

/// What a unit of weight of a variant of this worth gives, of a word of this share; in steps.
pub(crate) fn step(share: f32, worth: f32) -> u16 {
    let unit = UNIT * share * worth / MAX_WEIGHT as f32;
    ((unit * STEPS as f32) as u16).max(STEPS as u16)
}

/// The points for a weight, none for none: at most [`MAX_WEIGHT`] of less than 512 each. In this form processors reckon
/// eight at a time.
pub(crate) fn points(weight: u8, step: u16) -> u16 {
    let steps = u32::from(u16::from(weight) << 9) * u32::from(step);
    (steps >> 16) as u16
}

/// The points of a document that has these for the words before and these for the next one; none if it lacks any.
pub(crate) fn both(before: u16, next: u16) -> u16 {
    if before == 0 || next == 0 { 0 } else { before + next }
}

/// The points of a product with those for its words settled by what else is known of it.
pub(crate) fn settled(points: u32, gain: u32, in_stock: bool, signals: &Signals) -> u32 {
    if points == 0 {
        return 0;
    }
    let points = points + gain;
    if in_stock { points } else { points - signals.lost(points % WHOLE) }
}

#[cfg(test)]
mod tests {
    use vitrina_core::index::RankingWeights;

    use super::*;
    use crate::asked;
    use crate::query::MAX_WORTH;

    fn word(frequency: u64) -> QueryWord {
        QueryWord { frequency, surely: 0.5, is_purpose: false }
    }

    #[test]
    fn fractions_never_reach_a_whole() {
        for many in 1..=32 {
            let shares = shares(1000, &vec![word(10); many]);
            let most = |share: &f32| u32::from(points(MAX_WEIGHT as u8, step(*share, MAX_WORTH)));
            let words: u32 = shares.iter().map(most).sum();
            let signals = (UNIT * RankingWeights::MAX) as u32;
            assert!(words + asked::MOST + signals < WHOLE, "{words}");
        }
    }

    #[test]
    fn every_weight_gives_points_and_more_give_more() {
        for step in [step(0.0, 0.4), step(0.02, 0.4), step(0.3, 1.0), step(1.0, MAX_WORTH)] {
            assert_eq!(points(0, step), 0);
            for weight in 1..=MAX_WEIGHT as u8 {
                assert!(points(weight, step) > points(weight - 1, step));
            }
        }
    }

    #[test]
    fn rare_words_count_more_and_one_word_counts_all() {
        let shares = shares(1000, &[1000, 10, 0].map(word));
        assert!(shares[1] > shares[0] && shares[2] == 0.0);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(super::shares(1000, &[word(3)]), [1.0]);
    }

    #[test]
    fn words_that_name_kinds_count_more_and_purposes_less() {
        let purpose = QueryWord { is_purpose: true, ..word(10) };
        let shares = shares(1000, &[QueryWord { surely: 1.0, ..word(10) }, word(10), purpose]);
        assert!(shares[0] > shares[1] && shares[1] > shares[2]);
    }

    #[test]
    fn a_few_more_products_change_no_share() {
        let words = |first| [word(first), word(20)];
        assert_eq!(shares(500, &words(500)), shares(511, &words(509)));
    }

    #[test]
    fn stock_and_gains_make_up_for_no_missing_word() {
        let found = WHOLE + 40_000;
        let settled = |points, gain, in_stock| settled(points, gain, in_stock, &Signals::default());
        assert_eq!(settled(found, 0, false), found - 5_000);
        assert!(settled(found, 9_000, true) > found && settled(found, 9_000, true) < 2 * WHOLE);
        assert_eq!(settled(0, 9_000, false), 0);
    }
}
