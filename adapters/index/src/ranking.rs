//! How well a product fits the words of a query.
//!
//! ```text
//! score    = words found + fraction                     words found: how many of the query's words the product has
//! fraction = Σ over words: share × Σ over fields: weight × form × closeness / Σ of weights           below 1
//! share    = rarity / Σ of rarities                     rarity: log2(1 + products / products with the word), rounded
//! form     = 1 as typed, 0.95 in another number, 0.8 in another gender
//! closeness = 0.6 + 0.4 × tf / (tf + words of the field / usual words of such a field)               BM25's curve
//! ```
//!
//! The weights are such that a word in the name counts more than the same word in all other fields together. Scores are
//! kept as whole numbers, 65,536 a word, so that sums do not depend on their order; and nothing in them depends on how the
//! index came about. Rarities are rounded so that pages stay in step while products come and go.

use tantivy::fieldnorm::FieldNormReader;

use crate::schema::TEXT_FIELDS;

/// What a word in the name, category, brand and description is worth.
const WEIGHTS: [f32; TEXT_FIELDS] = [8.0, 2.0, 1.5, 1.0];

/// How many words such a field usually has, forms counted.
const USUAL_LENGTHS: [f32; TEXT_FIELDS] = [12.0, 3.0, 2.0, 80.0];

/// The part of [`closeness`](Closeness) that a match has whatever its frequency.
const FLOOR: f32 = 0.6;

/// What each word of the query that a product has adds to its score.
pub(crate) const WORD: u32 = 1 << 16;

/// The most that all fractions together come to: below [`WORD`], with room for rounding up.
const FRACTION: f32 = 65_000.0;

/// A score as callers see it.
pub(crate) fn score(points: u32) -> f32 {
    points as f32 / WORD as f32
}

/// How much each word counts beside the others, out of 1 together, from the number of products that have it.
pub(crate) fn shares(products: u64, frequencies: &[u64]) -> Vec<f32> {
    let rarity = |frequency: &u64| match frequency {
        0 => 0.0,
        some => (1.0 + products as f32 / *some as f32).log2().round().max(1.0),
    };
    let rarities: Vec<_> = frequencies.iter().map(rarity).collect();
    let sum = rarities.iter().sum::<f32>().max(1.0);
    rarities.into_iter().map(|rarity| rarity / sum).collect()
}

/// What a match in one field of one segment adds to a score.
pub(crate) struct Closeness {
    norms: FieldNormReader,
    /// The length of the field relative to the usual one, by the code that the index keeps of it.
    lengths: Box<[f32; 256]>,
    weight: f32,
}

impl Closeness {
    /// For the text field of this place in the schema.
    pub(crate) fn new(field: usize, norms: FieldNormReader) -> Self {
        let relative =
            |code: usize| FieldNormReader::id_to_fieldnorm(code as u8) as f32 / USUAL_LENGTHS[field];
        let lengths = Box::new(std::array::from_fn(relative));
        Self { norms, lengths, weight: FRACTION * WEIGHTS[field] / WEIGHTS.iter().sum::<f32>() }
    }

    /// The points for a form that occurs `frequency` times in the field of `doc`; `worth` is the share of its word times
    /// that of the form. 1 at least.
    pub(crate) fn points(&self, doc: u32, frequency: u32, worth: f32) -> u32 {
        let tf = frequency as f32;
        let length = self.lengths[usize::from(self.norms.fieldnorm_id(doc))];
        let closeness = FLOOR + (1.0 - FLOOR) * tf / (tf + length);
        ((self.weight * worth * closeness) as u32).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_outweighs_all_other_fields() {
        let others: f32 = WEIGHTS[1..].iter().sum();
        assert!(WEIGHTS[0] * FLOOR > others);
    }

    #[test]
    fn fractions_never_reach_a_word() {
        let every_field: u32 = (0..TEXT_FIELDS)
            .map(|field| Closeness::new(field, FieldNormReader::constant(1, 1)).points(0, u32::MAX, 1.0))
            .sum();
        assert!(every_field + 32 * TEXT_FIELDS as u32 <= WORD, "{every_field}");
    }

    #[test]
    fn rare_words_count_more_and_one_word_counts_all() {
        let shares = shares(1000, &[1000, 10, 0]);
        assert!(shares[1] > shares[0] && shares[2] == 0.0);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(super::shares(1000, &[3]), [1.0]);
    }

    #[test]
    fn a_few_more_products_change_no_share() {
        assert_eq!(shares(500, &[500, 20]), shares(511, &[509, 20]));
    }
}
