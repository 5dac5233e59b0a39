//! Synonyms that mean something else in this shop: "deportivas" are shoes, a "camiseta deportiva" is none.
//!
//! Estimated from the catalogue: where the word itself names a kind of product, a synonym is searched for only if it names products
//! too, or at least products of the same categories. A synonym that is more frequent than the word is the shop's own name of
//! the thing, whatever else it describes.

use std::collections::{HashMap, HashSet};

use tantivy::TantivyError;

use super::variants::{NEIGHBOURS, SYNONYM};
use super::{Reader, Variant, Word};

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
        let is_synonym = |variant: &Variant| variant.worth == SYNONYM;
        let own =
            || word.variants.iter().filter(|variant| !is_synonym(variant) && variant.worth < NEIGHBOURS);
        if !word.variants.iter().any(is_synonym) || self.surely(own())? < NAMES {
            return Ok(());
        }
        let frequency = own().map(|variant| variant.frequency).max().unwrap_or_default();
        let categories = self.categories(own())?;
        let mut kept = Vec::new();
        for variant in std::mem::take(&mut word.variants) {
            let is_name = !is_synonym(&variant)
                || variant.frequency > frequency
                || self.surely(std::iter::once(&variant))? >= NAMES_TOO
                || self.part_in(&categories, &variant)? >= SHARED;
            if is_name {
                kept.push(variant);
            }
        }
        word.variants = kept;
        Ok(())
    }

    /// The categories of the products that forms of a word name.
    fn categories<'v>(&self, forms: impl Iterator<Item = &'v Variant>) -> Result<HashSet<u32>, TantivyError> {
        let (mut sums, mut all) = (HashMap::new(), 0);
        for form in forms {
            let named = self.kinds.named(self.searcher, self.fields, &form.text)?;
            all += named.sum;
            for (kind, sum) in &named.kinds {
                *sums.entry(self.kinds.kind(*kind).category).or_default() += sum;
            }
        }
        let is_own = |sum: u64| sum as f32 >= OWN_CATEGORY * all as f32;
        Ok(sums.into_iter().filter(|(_, sum)| is_own(*sum)).map(|(category, _)| category).collect())
    }

    /// How much of what a variant names is in these categories, from 0 to 1.
    fn part_in(&self, categories: &HashSet<u32>, variant: &Variant) -> Result<f32, TantivyError> {
        let named = self.kinds.named(self.searcher, self.fields, &variant.text)?;
        let shared =
            named.kinds.iter().filter(|(kind, _)| categories.contains(&self.kinds.kind(*kind).category));
        let shared: u64 = shared.map(|(_, sum)| sum).sum();
        Ok(shared as f32 / named.sum.max(1) as f32)
    }
}
