//! Words of the shop that complete or correct what a customer typed.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};
use tantivy::schema::Field;
use tantivy::{Searcher, TantivyError};
use tantivy_fst::Automaton;

use crate::analysis::SHOWN;

/// How many letters a word has at least for one and for two of them to be wrong: short words are too near to each other.
const ONE_EDIT: usize = 5;
const TWO_EDITS: usize = 9;

/// What a wrong first letter counts: people seldom err there.
const FIRST_LETTER: u8 = 1;

/// A word of the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spelling {
    /// Lower case without accents, n for ñ.
    pub(crate) folded: String,
    /// As most products write it, in lower case.
    pub(crate) shown: String,
    /// How many products have it.
    pub(crate) frequency: u64,
    /// How many edits it is away from what was typed.
    pub(crate) edits: u8,
}

/// The most frequent words that begin with `prefix`, which is folded.
pub(crate) fn completions(
    searcher: &Searcher,
    field: Field,
    prefix: &str,
    limit: usize,
) -> Result<Vec<Spelling>, TantivyError> {
    let mut end = prefix.as_bytes().to_vec();
    let Some(last) = end.last_mut() else { return Ok(Vec::new()) };
    *last += 1; // no byte of UTF-8 is 0xff
    let mut found = Spellings::default();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let mut words = inverted.terms().range().ge(prefix).lt(&end).into_stream()?;
        while let Some((word, info)) = words.next() {
            found.add(word, u64::from(info.doc_freq), 0);
        }
    }
    let mut found = found.finish();
    found.sort_by(|a, b| (Reverse(a.frequency), &a.folded).cmp(&(Reverse(b.frequency), &b.folded)));
    found.truncate(limit);
    Ok(found)
}

/// The words that `word`, which is folded, may have been meant for, the likeliest first; not itself.
pub(crate) fn corrections(
    searcher: &Searcher,
    field: Field,
    word: &str,
    limit: usize,
) -> Result<Vec<Spelling>, TantivyError> {
    let letters = word.chars().count();
    if letters < ONE_EDIT || !word.chars().all(char::is_alphabetic) {
        return Ok(Vec::new());
    }
    let most = if letters < TWO_EDITS { 1 } else { 2 };
    let first = word.chars().next().map_or(1, char::len_utf8);
    let mut found = Spellings::default();
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        let dictionary = inverted.terms();
        let mut end = word.as_bytes()[..first].to_vec();
        if let Some(last) = end.last_mut() {
            *last += 1;
        }
        let near = Near::new(word, most);
        let mut words = dictionary.search(&near).ge(&word[..first]).lt(&end).into_stream()?;
        while let Some((candidate, info)) = words.next() {
            found.add(candidate, u64::from(info.doc_freq), near.edits(candidate));
        }
    }
    if found.words.is_empty() {
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let near = Near::new(word, 1);
            let mut words = inverted.terms().search(&near).into_stream()?;
            while let Some((candidate, info)) = words.next() {
                found.add(candidate, u64::from(info.doc_freq), near.edits(candidate) + FIRST_LETTER);
            }
        }
    }
    let mut found = found.finish();
    found.retain(|spelling| spelling.folded != word);
    found.sort_by(|a, b| {
        (a.edits, Reverse(a.frequency), &a.folded).cmp(&(b.edits, Reverse(b.frequency), &b.folded))
    });
    let nearest = found.first().map_or(0, |best| best.edits);
    found.retain(|spelling| spelling.edits == nearest);
    found.truncate(limit);
    Ok(found)
}

/// Spellings gathered from several segments.
#[derive(Default)]
struct Spellings {
    /// For each folded word its edits and how often it is written how.
    words: HashMap<String, (u8, HashMap<String, u64>)>,
}

impl Spellings {
    fn add(&mut self, line: &[u8], frequency: u64, edits: u8) {
        if let Some((folded, shown)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(SHOWN))
        {
            let known = self.words.entry(folded.to_owned()).or_insert_with(|| (edits, HashMap::new()));
            *known.1.entry(shown.to_owned()).or_default() += frequency;
        }
    }

    fn finish(self) -> Vec<Spelling> {
        let spelling = |(folded, (edits, ways)): (String, (u8, HashMap<String, u64>))| {
            let frequency = ways.values().sum();
            let shown = ways.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
            Spelling { folded, shown: shown.map(|(shown, _)| shown).unwrap_or_default(), frequency, edits }
        };
        self.words.into_iter().map(spelling).collect()
    }
}

/// Accepts the lines of spellings whose folded word is near to another; a swap of neighbours is one edit.
struct Near {
    automaton: DFA,
    most: u8,
}

/// Building the tables is slow; making an automaton from them is not.
static BUILDERS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
    LazyLock::new(|| [1, 2].map(|edits| LevenshteinAutomatonBuilder::new(edits, true)));

impl Near {
    fn new(word: &str, most: u8) -> Self {
        Self { automaton: BUILDERS[usize::from(most) - 1].build_dfa(word), most }
    }

    fn within(&self, state: u32) -> bool {
        matches!(self.automaton.distance(state), Distance::Exact(edits) if edits <= self.most)
    }

    /// How far the folded word of a line that was accepted is.
    fn edits(&self, line: &[u8]) -> u8 {
        let folded = line.split(|byte| *byte == SHOWN as u8).next().unwrap_or_default();
        self.automaton.eval(folded).to_u8()
    }
}

/// Where [`Near`] is in a line: in the folded word, or behind it with nothing left to compare.
#[derive(Clone, Copy)]
enum Place {
    Word(u32),
    Behind,
    Nowhere,
}

impl Automaton for &Near {
    type State = Place;

    fn start(&self) -> Place {
        Place::Word(self.automaton.initial_state())
    }

    fn is_match(&self, place: &Place) -> bool {
        matches!(place, Place::Behind)
    }

    fn can_match(&self, place: &Place) -> bool {
        match place {
            Place::Word(state) => *state != levenshtein_automata::SINK_STATE,
            Place::Behind => true,
            Place::Nowhere => false,
        }
    }

    fn accept(&self, place: &Place, byte: u8) -> Place {
        match *place {
            Place::Word(state) if byte != SHOWN as u8 => Place::Word(self.automaton.transition(state, byte)),
            Place::Word(state) if self.within(state) => Place::Behind,
            Place::Behind => Place::Behind,
            _ => Place::Nowhere,
        }
    }
}
