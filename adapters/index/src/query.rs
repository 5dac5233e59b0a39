//! A query as it is looked for: for each of its words everything that may stand for it.

use std::sync::Arc;

use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{Searcher, TantivyError, Term};
use vitrina_core::naming::{is_purpose as is_purpose_word, is_without};
use vitrina_core::text::{Token, forms, singulars};
use vitrina_core::words::{Lexicon, Synonyms};

use crate::analysis::{MAX_WEIGHT, clipped_tokens, is_stop_word};
use crate::codes::AskedCodes;
use crate::frequent::Frequent;
use crate::kinds::Kinds;
use crate::negation::{Unwanted, lacking};
use crate::schema::Fields;
use crate::signals::Signals;
use crate::spelling::{Spelling, completions, corrections, is_spelt};

/// How many different words of a query are looked for; the rest is ignored.
const MAX_WORDS: usize = 32;

/// How many characters of a query are read.
const MAX_QUERY: usize = 2000;

/// How many words of the shop a half-typed word may stand for, and a misspelt one.
const COMPLETIONS: usize = 12;
const CORRECTIONS: usize = 3;

/// What finding a variant is worth, beside the word as typed.
pub(crate) const NEIGHBOURS: f32 = 1.25;
const NUMBER: f32 = 0.98;
const GENDER: f32 = 0.8;
const SYNONYM: f32 = 0.4;
const TILDE: f32 = 0.7;
const COMPLETED: f32 = 0.6;
const CORRECTED: f32 = 0.6;
const CORRECTED_TWICE: f32 = 0.4;

/// The most that a variant is worth.
pub(crate) const MAX_WORTH: f32 = NEIGHBOURS;

/// A word that hardly any product has is taken for a slip when a word next to it is this many times as frequent.
const RARE: u64 = 2;
const FREQUENT: u64 = 20;

/// A word behind "para" that names kinds of products less surely than this is not needed: "auriculares para el gimnasio".
const NAMES_NOTHING: f32 = 0.3;

/// From what worth on a variant counts for how surely its word names kinds.
const COUNTS_FOR_KINDS: f32 = 0.35;

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

/// A word as it was asked for.
#[derive(Debug)]
struct AskedWord {
    word: String,
    span: std::ops::Range<usize>,
    is_purpose: bool,
    /// The word that the product should lack, and where it stands: `word` is "sin" and this in one.
    without: Option<Token>,
}

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
            found.surely = self.surely(&found)?;
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

    /// How surely a word names a kind of product where it occurs.
    fn surely(&self, word: &Word) -> Result<f32, TantivyError> {
        let (mut named, mut products) = (0, 0);
        for variant in
            word.variants.iter().filter(|variant| (COUNTS_FOR_KINDS..NEIGHBOURS).contains(&variant.worth))
        {
            named += self.kinds.named(self.searcher, self.fields, &variant.text)?.sum;
            products += variant.frequency;
        }
        Ok((named as f32 / MAX_WEIGHT as f32 / products.max(1) as f32).min(1.0))
    }

    /// What stands for a word by itself: its forms, its neighbours with it, its synonyms.
    fn own_words(&self, words: &[&str], at: usize) -> Result<Word, TantivyError> {
        let mut variants = Vec::new();
        own_forms(words[at], &mut variants);
        neighbours(words, at, &mut variants);
        self.synonyms(words, at, &mut variants);
        self.known(variants)
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

    /// Keeps of some variants those that the index knows, each once with its best worth.
    fn known(&self, mut variants: Vec<Variant>) -> Result<Word, TantivyError> {
        variants.sort_by(|a, b| a.text.cmp(&b.text).then(b.worth.total_cmp(&a.worth)));
        variants.dedup_by(|later, first| later.text == first.text);
        let mut found = Word::default();
        for mut variant in variants {
            variant.postings = self.postings(&variant.text)?;
            let frequency = self.frequency(&variant.postings)?;
            variant.frequency = frequency;
            if frequency > 0 {
                if variant.worth < NEIGHBOURS {
                    found.frequency = found.frequency.max(frequency);
                }
                found.variants.push(variant);
            }
        }
        found.frequency = found.frequency.max(u64::from(!found.variants.is_empty()));
        Ok(found)
    }

    /// Where each segment keeps the postings of a term.
    fn postings(&self, text: &str) -> Result<Vec<Option<TermInfo>>, TantivyError> {
        let term = Term::from_field_text(self.fields.words, text);
        let segments = self.searcher.segment_readers().iter();
        segments.map(|segment| Ok(segment.inverted_index(self.fields.words)?.get_term_info(&term)?)).collect()
    }

    /// How many products have a term: exactly where that costs little, else those that are not yet removed in proportion.
    fn frequency(&self, postings: &[Option<TermInfo>]) -> Result<u64, TantivyError> {
        let mut sum = 0;
        for (segment, info) in self.searcher.segment_readers().iter().zip(postings) {
            let Some(info) = info else { continue };
            sum += match segment.alive_bitset() {
                None => u64::from(info.doc_freq),
                Some(alive) if info.doc_freq <= COUNTED => {
                    let inverted = segment.inverted_index(self.fields.words)?;
                    let postings = inverted.read_postings_from_terminfo(info, IndexRecordOption::Basic)?;
                    u64::from(postings.doc_freq_given_deletes(alive))
                }
                Some(_) => {
                    u64::from(info.doc_freq) * u64::from(segment.num_docs())
                        / u64::from(segment.max_doc().max(1))
                }
            };
        }
        Ok(sum)
    }

    fn synonyms(&self, typed: &[&str], at: usize, variants: &mut Vec<Variant>) {
        for length in 1..=3 {
            for start in at.saturating_sub(length - 1)..=at {
                let Some(phrase) = typed.get(start..start + length) else { continue };
                for other in self.synonyms.of(phrase) {
                    let other: Vec<_> = other.iter().filter(|word| !is_stop_word(word)).collect();
                    // Two words are indexed as one where they follow each other in a name.
                    let text = match other.as_slice() {
                        [word] => (*word).clone(),
                        [one, two] => format!("{one}{two}"),
                        _ => continue,
                    };
                    variants.extend(forms(&text).into_iter().map(|text| Variant::new(text, SYNONYM)));
                }
            }
        }
    }
}

/// Up to how many documents of a term are looked at one by one.
const COUNTED: u32 = 10_000;

/// The words to look for, each once: without those that say nothing, unless there is no other, and with what the product should
/// lack in one with "sin".
fn asked_words(tokens: Vec<Token>) -> Vec<AskedWord> {
    let mut asked: Vec<AskedWord> = Vec::new();
    let mut silent = Vec::new();
    let mut is_purpose = false;
    let mut rest = tokens.into_iter().peekable();
    while let Some(Token { mut word, mut span, .. }) = rest.next() {
        if asked.len() >= MAX_WORDS {
            break;
        }
        if is_purpose_word(&word) && !asked.is_empty() {
            is_purpose = true;
            continue;
        }
        let mut without = None;
        if is_without(&word) {
            while rest.next_if(|next| is_stop_word(&next.word)).is_some() {}
            if let Some(next) = rest.next() {
                (word, span) = (format!("{word}{}", next.word), span.start..next.span.end);
                without = Some(next);
            }
        }
        let says_nothing = is_stop_word(&word);
        let words = if says_nothing { &mut silent } else { &mut asked };
        if words.iter().all(|known: &AskedWord| known.word != word) {
            words.push(AskedWord { word, span, is_purpose: is_purpose && !says_nothing, without });
        }
    }
    if asked.is_empty() { silent } else { asked }
}

/// A word in number and gender, with n for ñ.
fn own_forms(word: &str, variants: &mut Vec<Variant>) {
    let own = singulars(word);
    for (at, form) in own.iter().enumerate() {
        variants.push(Variant::new(form.clone(), if at == 0 { 1.0 } else { NUMBER }));
        variants.extend(other_gender(form).map(|text| Variant::new(text, GENDER)));
        if form.contains('ñ') {
            variants.push(Variant::new(form.replace('ñ', "n"), TILDE));
        }
    }
}

/// The word and its neighbours in the query as one word: "air pods", `airpods`; also where they follow each other.
fn neighbours(typed: &[&str], at: usize, variants: &mut Vec<Variant>) {
    let before = at.checked_sub(1).and_then(|before| typed.get(before..=at));
    for pair in [before, typed.get(at..at + 2)].into_iter().flatten() {
        variants.extend(singulars(&pair.concat()).into_iter().map(|text| Variant::new(text, NEIGHBOURS)));
    }
}

/// `rojo` for `roja` and the other way round; the plural has been taken care of.
fn other_gender(form: &str) -> Option<String> {
    if form.len() < 4 {
        return None;
    }
    let other = |stem: &str, ending: &str| Some(format!("{stem}{ending}"));
    match (form.strip_suffix('o'), form.strip_suffix('a')) {
        (Some(stem), _) => other(stem, "a"),
        (_, Some(stem)) => other(stem, "o"),
        _ => None,
    }
}
