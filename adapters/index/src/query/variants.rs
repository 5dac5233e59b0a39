//! Variants of a word: its forms, its neighbours with it, its synonyms; and which of them the index knows.

use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;
use tantivy::{TantivyError, Term};
use vitrina_core::text::{forms, singulars};

use super::{Reader, Variant, Word};
use crate::analysis::is_stop_word;

/// What finding a variant is worth, beside the word as typed.
pub(crate) const NEIGHBOURS: f32 = 1.25;
const NUMBER: f32 = 0.98;
const GENDER: f32 = 0.8;
pub(super) const SYNONYM: f32 = 0.4;
const TILDE: f32 = 0.7;

/// The most that a variant is worth.
pub(crate) const MAX_WORTH: f32 = NEIGHBOURS;

/// Up to how many documents of a term are looked at one by one.
const COUNTED: u32 = 10_000;

impl Reader<'_> {
    /// What stands for a word by itself: its forms, its neighbours with it, its synonyms.
    pub(super) fn own_words(&self, words: &[&str], at: usize) -> Result<Word, TantivyError> {
        let mut variants = Vec::new();
        own_forms(words[at], &mut variants);
        neighbours(words, at, &mut variants);
        self.synonyms(words, at, &mut variants);
        let mut word = self.known(variants)?;
        self.leave_out_other_meanings(&mut word)?;
        Ok(word)
    }

    /// Keeps of some variants those that the index knows, each once with its best worth.
    pub(super) fn known(&self, mut variants: Vec<Variant>) -> Result<Word, TantivyError> {
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
    pub(super) fn postings(&self, text: &str) -> Result<Vec<Option<TermInfo>>, TantivyError> {
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
