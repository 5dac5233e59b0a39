//! A query as it is searched: for each of its words everything that may stand for it.

mod asked_words;
mod meanings;
mod reader;
mod variants;

use tantivy::postings::TermInfo;

use crate::negation::Unwanted;

pub(crate) use reader::Reader;
pub(crate) use variants::{MAX_WORTH, NEIGHBOURS};

/// A term that is looked for, and what finding it is worth, from 0 to [`MAX_WORTH`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Variant {
    pub(crate) text: String,
    pub(crate) worth: f32,
    /// How many products have it.
    pub(crate) frequency: u64,
    /// Where each segment keeps its postings; empty until it was looked up.
    pub(crate) postings: Vec<Option<TermInfo>>,
}

impl Variant {
    pub(crate) fn new(text: String, worth: f32) -> Self {
        Self { text, worth, frequency: 0, postings: Vec::new() }
    }
}

/// A word of a query.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Word {
    /// The word as it was typed.
    pub(crate) typed: String,
    /// What may stand for it, and is known to the index.
    pub(crate) variants: Vec<Variant>,
    /// How many products have it, about.
    pub(crate) frequency: u64,
    /// How surely it names a kind of product where it occurs, from 0 to 1.
    pub(crate) surely: f32,
    /// Whether it says what the product is for: it stands behind "para" and the like.
    pub(crate) is_purpose: bool,
    /// Whether a product that lacks it is no whole match.
    pub(crate) is_needed: bool,
}

impl Word {
    /// Lets codes stand for the word.
    fn add_codes(&mut self, codes: Vec<Variant>) {
        if self.variants.is_empty() {
            self.frequency = codes.iter().map(|code| code.frequency).sum();
        }
        self.variants.extend(codes);
    }
}

/// A query that was read.
#[derive(Debug, Default)]
pub(crate) struct Query {
    /// Whether the text has a word at all.
    pub(crate) has_words: bool,
    /// The words that the index knows.
    pub(crate) words: Vec<Word>,
    /// What the products should lack.
    pub(crate) unwanted: Vec<Unwanted>,
    /// The text with its misspelt words put right, where there are such.
    pub(crate) did_you_mean: Option<String>,
    /// The words as typed that nothing stands for.
    pub(crate) unknown: Vec<String>,
}

/// How the last word of a text is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LastWord {
    /// As it is; completed only where it is unknown.
    Typed,
    /// As the beginning of a word.
    Begun,
}
