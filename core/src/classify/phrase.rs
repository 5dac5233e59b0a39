//! Phrases by which texts name categories.

use crate::CategoryId;
use crate::text::singulars;

/// A phrase and the category that it means.
#[derive(Debug, Clone)]
pub(super) struct Phrase {
    /// Its words, each in the forms that it may have.
    pub(super) words: Vec<Vec<String>>,
    pub(super) category: CategoryId,
    /// How directly it means the category, 0 to 1.
    weight: f32,
}

/// What is left of a weight when a word is only meant but for number.
const BUT_FOR_NUMBER: f32 = 0.99;

impl Phrase {
    /// A name, in the singular or the plural.
    pub(super) fn name(words: &[String], category: CategoryId, weight: f32) -> Self {
        Self { words: words.iter().map(|word| singulars(word)).collect(), category, weight }
    }

    /// A keyword, which may be typed in the plural too; one that is a plural itself is meant so: "deportivas" are shoes,
    /// "deportiva" is not.
    pub(super) fn keyword(words: &[String], (category, weight): (CategoryId, f32)) -> Self {
        Self { words: words.iter().map(|word| vec![word.clone()]).collect(), category, weight }
    }

    /// How directly the text's words, each in its forms, say the phrase; `None` if they do not.
    pub(super) fn said_by(&self, text: &[Vec<String>]) -> Option<f32> {
        let same = text.len() == self.words.len()
            && text
                .iter()
                .zip(&self.words)
                .all(|(typed, known)| typed.iter().any(|form| known.contains(form)));
        // The first form is the word itself.
        let exactly = || text.iter().zip(&self.words).all(|(typed, known)| typed.first() == known.first());
        same.then(|| if exactly() { self.weight } else { self.weight * BUT_FOR_NUMBER })
    }
}
