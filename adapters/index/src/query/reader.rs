//! Reading of a query against a state of the index.

use std::sync::Arc;

use tantivy::{Searcher, TantivyError};
use vitrina_core::text::{forms, singulars};
use vitrina_core::words::{Lexicon, Synonyms};

use super::asked_words::{AskedWord, MAX_WORDS, asked_words};
use super::variants::NEIGHBOURS;
use super::{LastWord, Query, Variant, Word};
use crate::analysis::{MAX_WEIGHT, clipped_tokens};
use crate::codes::AskedCodes;
use crate::columns::Columns;
use crate::frequent::Frequent;
use crate::kinds::Kinds;
use crate::negation::{Unwanted, lacking};
use crate::schema::Fields;
use crate::signals::Signals;
use crate::spelling::{Spelling, completions, corrections, is_spelt};

/// How many characters of a query are read.
const MAX_QUERY: usize = 2000;

/// How many words of the shop a half-typed word may stand for, and a misspelt one.
const COMPLETIONS: usize = 12;
const CORRECTIONS: usize = 3;

/// What a completion of a word is worth, and a correction in one edit and in two.
const COMPLETED: f32 = 0.6;
const CORRECTED: f32 = 0.6;
const CORRECTED_TWICE: f32 = 0.4;

/// A word that hardly any product has is taken for a slip when a word next to it is this many times as frequent.
const RARE: u64 = 2;
const FREQUENT: u64 = 20;

/// A word behind "para" that names kinds of products less surely than this is not needed: "auriculares para el gimnasio".
const NAMES_NOTHING: f32 = 0.3;

/// From what worth on a variant counts for how surely its word names kinds.
const COUNTS_FOR_KINDS: f32 = 0.35;

/// What a word may have been meant for.
#[derive(Debug, Default)]
struct OtherWords {
    /// The word itself, as far as the shop has it.
    own: Word,
    /// Whether the shop does not have the word itself.
    is_unknown: bool,
    completions: Vec<Spelling>,
    corrections: Vec<Spelling>,
    /// Codes of products that it is, or is a part of.
    codes: Vec<Variant>,
}

/// Reads queries against a state of the index.
pub(crate) struct Reader<'a> {
    pub(crate) searcher: &'a Searcher,
    pub(crate) fields: &'a Fields,
    pub(crate) synonyms: &'a Synonyms,
    pub(crate) frequent: &'a Frequent,
    pub(crate) columns: &'a Columns,
    pub(crate) lexicon: &'a Lexicon,
    pub(crate) signals: &'a Signals,
    pub(crate) kinds: Arc<Kinds>,
}

impl Reader<'_> {
    /// Reads what a customer typed, and which words the products must not have.
    pub(crate) fn read(&self, text: &str, without: &[String], last: LastWord) -> Result<Query, TantivyError> {
        let start: String = text.chars().take(MAX_QUERY).collect();
        let tokens = clipped_tokens(&start);
        let open_end = tokens.last().is_some_and(|token| token.span.end == start.trim_end_matches('"').len());
        let ending = tokens.last().map(|token| token.word.clone()).filter(|_| open_end);
        let asked = asked_words(tokens);
        let typed: Vec<_> = asked.iter().map(|asked| asked.word.as_str()).collect();
        let has_words = asked.iter().any(|asked| asked.without.is_none());
        let mut query = Query { has_words, ..Query::default() };
        let mut heard: Vec<_> = typed.iter().map(|word| (*word).to_owned()).collect();
        let mut others = Vec::new();
        let mut corrected: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        let mut codes = AskedCodes::of(&start);
        for (at, AskedWord { word, span, without, .. }) in asked.iter().enumerate() {
            if let Some(without) = without {
                let (unwanted, right) = self.unwanted(&without.word)?;
                let own = unwanted.lacks.clone();
                corrected.extend(right.map(|right| (without.span.clone(), right)));
                if unwanted.has.variants.is_empty() && own.variants.is_empty() {
                    query.unknown.push(start[without.span.clone()].to_owned());
                }
                query.unwanted.push(unwanted);
                others.push(OtherWords { own, ..OtherWords::default() });
                continue;
            }
            let is_ending = ending.as_ref() == Some(word);
            let own = self.own_words(&typed, at)?;
            let is_unknown = own.variants.is_empty() || self.is_guess(word)?;
            let found = codes.with(self, span, is_unknown)?;
            let mut other = match is_unknown && !found.is_empty() {
                true => OtherWords { own, ..OtherWords::default() },
                false => self.other_words(own, is_unknown, word, last, is_ending)?,
            };
            other.codes = found;
            if let Some(best) = other.corrections.first() {
                corrected.push((span.clone(), best.shown.clone()));
                // A word that the shop does not have is read as the one that it was likeliest meant for.
                if let Some(token) = clipped_tokens(&best.shown).pop().filter(|_| other.is_unknown) {
                    heard[at] = token.word;
                }
            }
            others.push(other);
        }
        let heard: Vec<_> = heard.iter().map(String::as_str).collect();
        for (at, other) in others.into_iter().enumerate() {
            let is_own = heard == typed || asked[at].without.is_some();
            let mut found = if is_own { other.own } else { self.own_words(&heard, at)? };
            self.stand_in(&mut found, &other.completions, |_| COMPLETED)?;
            let worth = |edits| if edits == 1 { CORRECTED } else { CORRECTED_TWICE };
            self.stand_in(&mut found, &other.corrections, worth)?;
            found.add_codes(other.codes);
            if found.variants.is_empty() && asked[at].without.is_some() {
                continue;
            }
            if found.variants.is_empty() {
                query.unknown.push(start[asked[at].span.clone()].to_owned());
                continue;
            }
            start[asked[at].span.clone()].clone_into(&mut found.typed);
            found.is_purpose = asked[at].is_purpose;
            let counts = |variant: &&Variant| (COUNTS_FOR_KINDS..NEIGHBOURS).contains(&variant.worth);
            found.surely = self.surely(found.variants.iter().filter(counts))?;
            let is_vague = found.is_purpose || self.lexicon.is_vague(&asked[at].word);
            found.is_needed =
                !is_vague || found.surely >= NAMES_NOTHING || asked[at].word.starts_with(char::is_numeric);
            query.words.push(found);
        }
        if query.words.iter().all(|word| !word.is_needed) {
            query.words.iter_mut().for_each(|word| word.is_needed = true);
        }
        query.has_words |= !query.words.is_empty();
        for word in without.iter().take(MAX_WORDS) {
            query.unwanted.push(Unwanted { is_excluded: true, ..self.unwanted(word)?.0 });
        }
        if !corrected.is_empty() {
            let mut right = start;
            for (span, word) in corrected.into_iter().rev() {
                right.replace_range(span, &word);
            }
            query.did_you_mean = Some(right);
        }
        Ok(query)
    }

    /// What stands for a word that the products should lack; and the word as it should be spelt, where the shop knows neither
    /// it nor anything that lacks it.
    fn unwanted(&self, word: &str) -> Result<(Unwanted, Option<String>), TantivyError> {
        let read = |word: &str| -> Result<Unwanted, TantivyError> {
            let (has, lacks) = (self.own_words(&[word], 0)?, self.known(lacking(self.synonyms, word))?);
            Ok(Unwanted { has, lacks, is_excluded: false })
        };
        let own = read(word)?;
        if !own.has.variants.is_empty() || !own.lacks.variants.is_empty() {
            return Ok((own, None));
        }
        let own_words = self.own_words(&[word], 0)?;
        let other = self.other_words(own_words, true, word, LastWord::Typed, false)?;
        let Some(right) = other.corrections.into_iter().next() else { return Ok((own, None)) };
        Ok((read(&right.folded)?, Some(right.shown)))
    }

    /// How surely variants of a word name a kind of product where they occur, from 0 to 1.
    pub(super) fn surely<'v>(
        &self,
        variants: impl Iterator<Item = &'v Variant>,
    ) -> Result<f32, TantivyError> {
        let (mut named, mut products) = (0, 0);
        for variant in variants {
            named += self.kinds.named(self.searcher, self.fields, &variant.text)?.sum;
            products += variant.frequency;
        }
        Ok((named as f32 / MAX_WEIGHT as f32 / products.max(1) as f32).min(1.0))
    }

    /// Which words of the shop a word may be the beginning of, or have been meant for.
    fn other_words(
        &self,
        own: Word,
        is_unknown: bool,
        word: &str,
        last: LastWord,
        is_ending: bool,
    ) -> Result<OtherWords, TantivyError> {
        let frequency = if is_unknown { 0 } else { own.frequency };
        let mut other = OtherWords { own, is_unknown, ..OtherWords::default() };
        let folded = word.replace('ñ', "n");
        let spellings = self.fields.spellings;
        if is_ending && (last == LastWord::Begun || is_unknown) {
            other.completions = completions(self.searcher, spellings, &folded, COMPLETIONS)?;
        }
        if frequency <= RARE && other.completions.is_empty() && !self.lexicon.is_right(&folded) {
            other.corrections = corrections(self.searcher, self.fields, &folded, CORRECTIONS)?;
            other.corrections.retain(|spelling| {
                is_unknown || (spelling.edits == 1 && spelling.frequency >= frequency * FREQUENT)
            });
        }
        Ok(other)
    }

    /// Whether a word is known only by what looks like its singular and is no word: `aspiradorees` by a form of
    /// `aspiradores`.
    fn is_guess(&self, word: &str) -> Result<bool, TantivyError> {
        if !word.ends_with("es") || self.postings(word)?.iter().any(Option::is_some) {
            return Ok(false);
        }
        for form in singulars(word) {
            if is_spelt(self.searcher, self.fields.spellings, &form.replace('ñ', "n"))? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lets words of the shop stand in for a word.
    fn stand_in(
        &self,
        found: &mut Word,
        spellings: &[Spelling],
        worth: impl Fn(u8) -> f32,
    ) -> Result<(), TantivyError> {
        for spelling in spellings {
            let worth = worth(spelling.edits);
            let variants = forms(&spelling.folded).into_iter().map(|text| Variant::new(text, worth));
            let known = self.known(variants.collect())?;
            found.frequency = found.frequency.max(known.frequency);
            for variant in known.variants {
                if found.variants.iter().all(|other| other.text != variant.text) {
                    found.variants.push(variant);
                }
            }
        }
        Ok(())
    }
}
