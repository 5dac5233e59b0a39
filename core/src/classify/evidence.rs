//! Combines what a model's labels and the shop's own photos say about a customer's photo: one weight for each category
//! and one for "none of them" (docs/adr/0012).
//!
//! The weight of a category without photos is the probability of its labels, and that of "none of them" a share of the
//! likeliest thing that the shop does not sell. A category with photos has a likelihood ratio besides: how much more
//! likely this embedding is among photos of the category than among photos of all kinds. With few photos the ratio says
//! little, for or against. Constants were chosen by simulation over shops made of real photos, in which half of the
//! categories or all had 1 to 20 photos each: of clothes, of products with one photo, of everyday things.

use std::collections::HashMap;

use crate::CategoryId;
use crate::classify::{CategoryScore, PhotoEvidence};

/// The slope of the log-likelihood ratio in the cosine with the nearest photo.
const SLOPE: f32 = 12.0;

/// The cosine with the nearest photo that speaks neither for nor against a category.
const NEUTRAL: f32 = 0.4;

/// With so many photos of a category, the ratio's logarithm counts half.
const HALF_RATIO: f32 = 1.0;

/// With so many photos, half of what is new of a category is expected to resemble one of them.
const HALF_COVERED: f32 = 0.3;

/// The share of what is new of a category that resembles its photos at most, however many there are.
const MOST_COVERED: f32 = 0.95;

/// With so many photos a category, the linear discriminant counts half among the categories with photos, the nearest
/// photo the other half.
const HALF_DISCRIMINANT: f32 = 8.0;

/// The scale of the linear discriminant's scores: they are too sure of themselves, since dimensions depend on each other.
const TEMPERATURE: f32 = 50.0;

/// What a label says among the categories with photos counts as much as so many photos a category.
const LABEL_PHOTOS: f32 = 3.0;

/// A probability that labels leave to every category, so that no label forbids what photos say.
const LABEL_FLOOR: f32 = 0.02;

/// The share of the likeliest unsold thing that "none of them" weighs, and what it weighs at least.
const UNSOLD_SHARE: f32 = 0.6;
const UNSOLD_FLOOR: f32 = 0.05;

/// With so many photos a category, of all that the shop sells, "none of them" weighs half: the photos cover what is sold.
const HALF_UNSOLD: f32 = 20.0;

/// The power that makes probabilities of the weights, so that of photos with a score of 0.8 about 80 in 100 are right.
const CALIBRATION: f32 = 1.2;

/// What the labels of a photo say.
#[derive(Debug, Clone, Default)]
pub(crate) struct LabelEvidence {
    /// The probability of each category.
    pub(crate) shares: HashMap<CategoryId, f32>,
    /// The probability of the likeliest thing that the shop has no category for; 1 without any label.
    pub(crate) unsold: f32,
}

/// What labels and photos say together.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Combined {
    /// The probability of each category, the likeliest first.
    pub(crate) categories: Vec<CategoryScore>,
    /// The probability that the photo shows none of them.
    pub(crate) none: f32,
    /// Whether the photo shows none of them: "none of them" weighs more than all categories together, as the length of the
    /// vector of their weights. A photo that is unsure between two categories is of one of them all the same.
    pub(crate) is_none: bool,
}

/// Combines the evidence; see the module.
///
/// `sold` is how many categories the shop has.
pub(crate) fn combine(labels: &LabelEvidence, photos: &[PhotoEvidence], sold: usize) -> Combined {
    let mut weights = labels.shares.clone();
    for (category, weight) in with_photos(labels, photos) {
        weights.insert(category, weight);
    }
    let coverage = photos.iter().map(|seen| seen.photos as f32).sum::<f32>() / sold.max(1) as f32;
    let none = (UNSOLD_SHARE * labels.unsold + UNSOLD_FLOOR) * HALF_UNSOLD / (HALF_UNSOLD + coverage);
    let length = weights.values().map(|weight| weight * weight).sum::<f32>().sqrt();
    let power = |weight: f32| weight.max(0.0).powf(CALIBRATION);
    let sum = weights.values().map(|weight| power(*weight)).sum::<f32>() + power(none);
    let score = |(category, weight)| CategoryScore { category, score: power(weight) / sum };
    let mut categories: Vec<_> = weights.into_iter().filter(|(_, weight)| *weight > 0.0).map(score).collect();
    categories.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.cmp(&b.category)));
    Combined { categories, none: power(none) / sum, is_none: length < none }
}

/// The weights of the categories that have photos.
fn with_photos(labels: &LabelEvidence, photos: &[PhotoEvidence]) -> Vec<(CategoryId, f32)> {
    let label = |seen: &PhotoEvidence| labels.shares.get(&seen.category).copied().unwrap_or_default();
    let half = |count: f32, at: f32| count / (count + at);
    // Each category alone: its labels, or those of unsold things for which it may have been taken, times the ratio.
    let ratio = |seen: &PhotoEvidence| {
        (SLOPE * (seen.nearest - NEUTRAL) * half(seen.photos as f32, HALF_RATIO)).exp()
    };
    let alone: Vec<f32> = photos.iter().map(|seen| (label(seen) + labels.unsold) * ratio(seen)).collect();
    let total: f32 = alone.iter().sum();
    // Among themselves the categories share the total by the discriminant too, the more photos there are.
    let per_category = photos.iter().map(|seen| seen.photos as f32).sum::<f32>() / photos.len().max(1) as f32;
    let trust = half(per_category, HALF_DISCRIMINANT);
    let label_power = trust * LABEL_PHOTOS / (LABEL_PHOTOS + per_category);
    let logits: Vec<f32> = photos
        .iter()
        .zip(&alone)
        .map(|(seen, alone)| {
            let nearest = (1.0 - trust) * alone.max(f32::MIN_POSITIVE).ln();
            trust * seen.score / TEMPERATURE + nearest + label_power * (label(seen) + LABEL_FLOOR).ln()
        })
        .collect();
    let shares = softmax(&logits);
    let weigh = |(seen, share): (&PhotoEvidence, f32)| {
        let covered = MOST_COVERED * half(seen.photos as f32, HALF_COVERED);
        (seen.category, (1.0 - covered) * label(seen) + covered * total * share)
    };
    photos.iter().zip(shares).map(weigh).collect()
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - highest).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(shares: &[(i64, f32)], unsold: f32) -> LabelEvidence {
        let shares = shares.iter().map(|(id, share)| (CategoryId(*id), *share)).collect();
        LabelEvidence { shares, unsold }
    }

    fn photos(category: i64, photos: usize, nearest: f32) -> PhotoEvidence {
        PhotoEvidence { category: CategoryId(category), photos, nearest, score: 0.0 }
    }

    fn first(combined: &Combined) -> Option<i64> {
        (!combined.is_none).then(|| combined.categories[0].category.0)
    }

    #[test]
    fn a_category_without_photos_competes_by_its_labels() {
        let seen = labels(&[(1, 0.65)], 0.1);
        assert_eq!(first(&combine(&seen, &[photos(2, 20, 0.1), photos(3, 5, 0.2)], 3)), Some(1));
        assert_eq!(first(&combine(&seen, &[photos(2, 20, 0.8)], 3)), Some(2));
    }

    #[test]
    fn two_photos_do_not_beat_a_sure_label() {
        let seen = labels(&[(1, 0.9)], 0.05);
        assert_eq!(first(&combine(&seen, &[photos(2, 2, 0.4)], 3)), Some(1));
    }

    #[test]
    fn a_photo_unlike_all_others_is_of_none_of_them() {
        let unsold = combine(&labels(&[(1, 0.02)], 0.8), &[photos(2, 20, 0.05)], 3);
        assert!(unsold.is_none && unsold.none > 0.5);
    }

    #[test]
    fn unlike_photos_do_not_refute_a_label() {
        assert_eq!(first(&combine(&labels(&[(1, 0.6)], 0.2), &[photos(1, 1, -0.1)], 3)), Some(1));
        assert_eq!(first(&combine(&labels(&[(1, 0.9)], 0.0), &[photos(1, 20, -0.1)], 3)), Some(1));
    }

    #[test]
    fn photos_alone_decide_where_there_are_no_labels() {
        assert_eq!(first(&combine(&labels(&[], 1.0), &[photos(1, 1, 0.6), photos(2, 1, 0.2)], 3)), Some(1));
        assert_eq!(first(&combine(&labels(&[], 1.0), &[photos(1, 1, 0.1)], 3)), None);
        assert_eq!(first(&combine(&labels(&[], 1.0), &[], 3)), None);
    }

    #[test]
    fn scores_and_none_add_up_to_one() {
        let combined = combine(&labels(&[(1, 0.4), (2, 0.1)], 0.3), &[photos(2, 3, 0.5)], 3);
        let sum: f32 = combined.categories.iter().map(|scored| scored.score).sum();
        assert!((sum + combined.none - 1.0).abs() < 1e-5);
    }
}
