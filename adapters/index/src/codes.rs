//! Codes of products among the words: each as one term without separators, numbers reversed too.
//!
//! A query names a code by the whole, by its beginning, or by the last digits of a number: ranges of the term dictionary, so that a
//! part of a code costs as much in a shop of a million products as in one of ten.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use tantivy::TantivyError;
use tantivy::postings::TermInfo;
use vitrina_core::Product;
use vitrina_core::index::{CodePart, SHORTEST_CODE_PART, code_parts, has_last_digits};

use crate::analysis::MAX_WEIGHT;
use crate::query::{NEIGHBOURS, Reader, Variant};

/// Before the key of a code, and before a reversed one; no word begins so.
const WHOLE: char = '\u{1}';
const REVERSED: char = '\u{2}';

/// The weight of a reversed code: it is only ever found by a part.
const REVERSED_WEIGHT: u32 = 30;

/// What finding a code is worth: the whole, and a part; less than any word that distinguishes kinds of products.
const CODE: f32 = NEIGHBOURS;
const PART: f32 = 0.3;

/// How many codes a part stands for at most, the first in their order.
const MOST: usize = 64;

/// The terms of a product's codes and their weights.
pub(crate) fn terms(product: &Product) -> Vec<(String, u32)> {
    let mut terms = Vec::new();
    for key in product.code_keys() {
        if has_last_digits(&key) && key.len() > SHORTEST_CODE_PART {
            terms.push((reversed(&key), REVERSED_WEIGHT));
        }
        terms.push((format!("{WHOLE}{key}"), MAX_WEIGHT));
    }
    terms
}

fn reversed(key: &str) -> String {
    std::iter::once(REVERSED).chain(key.chars().rev()).collect()
}

/// Whether a term is a code.
pub(crate) fn is_code(term: &str) -> bool {
    term.starts_with([WHOLE, REVERSED])
}

/// A term as it is shown: a code by its key, anything else as it is.
pub(crate) fn shown(term: &str) -> String {
    match term.strip_prefix(REVERSED) {
        Some(reversed) => reversed.chars().rev().collect(),
        None => term.trim_start_matches(WHOLE).to_owned(),
    }
}

/// The parts of a query that may be codes.
pub(crate) struct AskedCodes {
    parts: Vec<CodePart>,
    /// What was looked up, by the beginning of the terms and whether they are whole.
    known: HashMap<(String, bool), Vec<Variant>>,
}

impl AskedCodes {
    /// The parts of this query.
    pub(crate) fn of(query: &str) -> Self {
        Self { parts: code_parts(query), known: HashMap::new() }
    }

    /// The codes that stand for the word at `span`: those that it is or that it is in. Where there are none, those that it is a
    /// part of, as long as nothing else says what the word means.
    pub(crate) fn with(
        &mut self,
        reader: &Reader<'_>,
        span: &Range<usize>,
        is_unknown: bool,
    ) -> Result<Vec<Variant>, TantivyError> {
        let holds = |part: &&CodePart| part.span.start <= span.start && span.end <= part.span.end;
        let parts: Vec<_> = self.parts.iter().filter(holds).cloned().collect();
        let mut found = Vec::new();
        for part in parts.iter().filter(|part| part.has_digit) {
            found.extend(self.look_up(reader, format!("{WHOLE}{}", part.key), true)?);
        }
        let is_number = |part: &CodePart| has_last_digits(&part.key);
        let may_be_partial = |part: &&CodePart| {
            part.may_be_partial && (is_unknown || part.has_digit && (part.is_query || !is_number(part)))
        };
        for part in parts.iter().filter(may_be_partial).filter(|_| found.is_empty()) {
            let mut of_part = self.look_up(reader, format!("{WHOLE}{}", part.key), false)?;
            if is_number(part) {
                of_part.extend(self.look_up(reader, reversed(&part.key), false)?);
            }
            if !of_part.is_empty() {
                return Ok(of_part);
            }
        }
        Ok(found)
    }

    /// The term, or those that begin with it.
    fn look_up(
        &mut self,
        reader: &Reader<'_>,
        term: String,
        is_whole: bool,
    ) -> Result<Vec<Variant>, TantivyError> {
        let key = (term, is_whole);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let found = read(reader, &key.0, is_whole)?;
        self.known.insert(key, found.clone());
        Ok(found)
    }
}

fn read(reader: &Reader<'_>, term: &str, is_whole: bool) -> Result<Vec<Variant>, TantivyError> {
    let segments = reader.searcher.segment_readers();
    let mut found: BTreeMap<String, Vec<Option<TermInfo>>> = BTreeMap::new();
    for (place, segment) in segments.iter().enumerate() {
        let inverted = segment.inverted_index(reader.fields.words)?;
        let mut add = |term: &str, info: TermInfo| {
            found.entry(term.to_owned()).or_insert_with(|| vec![None; segments.len()])[place] = Some(info);
        };
        if is_whole {
            if let Some(info) = inverted.terms().get(term)? {
                add(term, info);
            }
            continue;
        }
        let end = format!("{term}\u{10ffff}");
        let mut terms = inverted.terms().range().ge(term).lt(&end).into_stream()?;
        let mut left = MOST;
        while left > 0
            && let Some((term, info)) = terms.next()
        {
            if let Ok(term) = std::str::from_utf8(term) {
                add(term, info.clone());
                left -= 1;
            }
        }
    }
    let worth = if is_whole { CODE } else { PART };
    let variants = found.into_iter().take(MOST).map(|(text, postings)| Variant {
        frequency: postings.iter().flatten().map(|info| u64::from(info.doc_freq)).sum(),
        text,
        worth,
        postings,
    });
    Ok(variants.collect())
}
