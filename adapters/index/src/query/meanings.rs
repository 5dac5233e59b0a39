//! Synonyms that mean something else in this shop: "deportivas" are shoes, a "camiseta deportiva" is none.
//!
//! The catalogue tells which they are. Where the word itself names a kind of product, a synonym counts only if it names products
//! too, or at least products of the same categories. A synonym that is more frequent than the word is the shop's own name of
//! the thing, whatever else it describes.

use std::collections::HashMap;

use tantivy::TantivyError;

use super::variants::{NEIGHBOURS, SYNONYM};
use super::{Reader, Variant, Word};
use crate::analysis::MAX_WEIGHT;

/// How surely a word must name kinds of products for its synonyms to be looked at: it begins nearly all names that have it.
const NAMES: f32 = 0.85;

/// How surely a synonym names a kind, at least: more than as the second word of names (2/3) or in the name of a category (0.7).
const NAMES_TOO: f32 = 0.72;

/// A category in which the word names this part of all that it names is one of its categories.
const OWN_CATEGORY: f32 = 0.05;

/// How much of what a synonym names is in the word's categories, at least.
const SHARED: f32 = 1.0 / 3.0;

impl Reader<'_> {
    /// Leaves out those synonyms of a word that describe other things.
    pub(super) fn leave_out_other_meanings(&self, word: &mut Word) -> Result<(), TantivyError> {
        let is_synonym = |variant: &&Variant| variant.worth == SYNONYM;
        if !word.variants.iter().any(|variant| is_synonym(&variant)) {
            return Ok(());
        }
        let own = word.variants.iter().filter(|variant| !is_synonym(variant) && variant.worth < NEIGHBOURS);
        let own = self.meaning(own)?;
        if own.surely() < NAMES {
            return Ok(());
        }
        let mut others = Vec::new();
        for synonym in word.variants.iter().filter(is_synonym) {
            let meaning = self.meaning(std::iter::once(synonym))?;
            let is_own_name = meaning.frequency > own.frequency || meaning.surely() >= NAMES_TOO;
            if !is_own_name && meaning.shared_with(&own) < SHARED {
                others.push(synonym.text.clone());
            }
        }
        word.variants.retain(|variant| !others.contains(&variant.text));
        Ok(())
    }

    /// What forms of a word mean in this shop.
    fn meaning<'a>(&self, forms: impl Iterator<Item = &'a Variant>) -> Result<Meaning, TantivyError> {
        let mut meaning = Meaning::default();
        for form in forms {
            let named = self.kinds.named(self.searcher, self.fields, &form.text)?;
            meaning.occurrences += form.frequency;
            meaning.frequency = meaning.frequency.max(form.frequency);
            meaning.named += named.sum;
            for (kind, sum) in &named.kinds {
                *meaning.categories.entry(self.kinds.kind(*kind).category).or_default() += sum;
            }
        }
        Ok(meaning)
    }
}

/// What a word means in this shop.
#[derive(Default)]
struct Meaning {
    /// How many products have its most frequent form, and how many all forms together.
    frequency: u64,
    occurrences: u64,
    /// The sum of how surely it names them, in steps of [`MAX_WEIGHT`], and those of each category.
    named: u64,
    categories: HashMap<u32, u64>,
}

impl Meaning {
    /// How surely it names products where it occurs, from 0 to 1.
    fn surely(&self) -> f32 {
        self.named as f32 / MAX_WEIGHT as f32 / self.occurrences.max(1) as f32
    }

    /// How much of what it names is in categories of the other one, from 0 to 1.
    fn shared_with(&self, other: &Self) -> f32 {
        let is_of_other = |category: &u32| {
            other.categories.get(category).is_some_and(|sum| *sum as f32 >= OWN_CATEGORY * other.named as f32)
        };
        let shared = self.categories.iter().filter(|(category, _)| is_of_other(category)).map(|(_, sum)| sum);
        shared.sum::<u64>() as f32 / self.named.max(1) as f32
    }
}
