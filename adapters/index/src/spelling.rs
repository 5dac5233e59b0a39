//! Words of the shop that complete or correct what a customer typed.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder};
use tantivy::schema::Field;
use tantivy::{Searcher, TantivyError};
use tantivy_fst::Automaton;

use vitrina_core::text::singulars;

use crate::analysis::SHOWN;
use crate::schema::Fields;
use crate::sound::sound;

/// How many letters a word has at least, as typed or as meant, for one and for two of them to be wrong: short words are too
/// near to each other.
const ONE_EDIT: usize = 5;
const TWO_EDITS: usize = 9;

/// How many letters a word has at least to be known by its sound.
const HEARD: usize = 4;

/// How many sounds a word has at least for one of them to be wrong, and what that counts in edits.
const ONE_SOUND: usize = 5;
const NEARLY_HEARD: u8 = 2;

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
///
/// Those that begin with the same letter come before others, fewer edits before more, what sounds alike before what does not,
/// the same number before the other.
pub(crate) fn corrections(
    searcher: &Searcher,
    fields: &Fields,
    word: &str,
    limit: usize,
) -> Result<Vec<Spelling>, TantivyError> {
    if !word.chars().all(char::is_alphabetic) {
        return Ok(Vec::new());
    }
    let field = fields.spellings;
    let mut found = Spellings::default();
    for form in singulars(word) {
        let first = form.chars().next().map_or(1, char::len_utf8);
        found.add_near(searcher, field, &form, &form[..first])?;
    }
    let own = sound(word);
    if word.chars().count() >= HEARD && own.chars().count() > 2 {
        found.add_heard(searcher, fields.sounds, &own)?;
    }
    if found.words.is_empty() {
        found.add_near(searcher, field, word, "")?;
        found.words.values_mut().for_each(|(edits, _)| *edits += FIRST_LETTER);
    }
    let mut found = found.finish();
    found.retain(|spelling| spelling.folded != word);
    let nearest = found.iter().map(|spelling| spelling.edits).min().unwrap_or(0);
    found.retain(|spelling| spelling.edits == nearest);
    found.sort_by_cached_key(|spelling| {
        let other_number = spelling.folded.ends_with('s') != word.ends_with('s');
        let folded = spelling.folded.clone();
        (sound(&folded) != own, other_number, Reverse(spelling.frequency), folded)
    });
    found.truncate(limit);
    Ok(found)
}

/// Whether a shop writes this folded word so.
pub(crate) fn is_spelt(searcher: &Searcher, field: Field, word: &str) -> Result<bool, TantivyError> {
    let (start, end) = (format!("{word}{SHOWN}"), format!("{word}\u{1}"));
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(field)?;
        if inverted.terms().range().ge(&start).lt(&end).into_stream()?.advance() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Spellings gathered from several segments.
#[derive(Default)]
struct Spellings {
    /// For each folded word its edits and how often it is written how.
    words: HashMap<String, (u8, HashMap<String, u64>)>,
}

impl Spellings {
    /// Adds the words that begin with `start` and are as near to `word` as their length allows.
    fn add_near(
        &mut self,
        searcher: &Searcher,
        field: Field,
        word: &str,
        start: &str,
    ) -> Result<(), TantivyError> {
        // A word that lost a letter is judged by the letters that it had.
        let letters = word.chars().count();
        let most = match letters {
            _ if letters + 2 >= TWO_EDITS && !start.is_empty() => 2,
            _ if letters + 1 >= ONE_EDIT => 1,
            _ => return Ok(()),
        };
        let mut near = Self::default();
        near.add_within(searcher, field, &Near::new(word, most), start)?;
        for (other, (edits, ways)) in near.words {
            let longer = letters.max(other.chars().count());
            if edits > 0 && longer >= if edits == 1 { ONE_EDIT } else { TWO_EDITS } {
                let known = self.words.entry(other).or_insert((edits, ways));
                known.0 = known.0.min(edits);
            }
        }
        Ok(())
    }

    /// Adds the words that sound so: they count one edit; those of which one sound differs count more.
    fn add_heard(&mut self, searcher: &Searcher, field: Field, own: &str) -> Result<(), TantivyError> {
        let mut near = Self::default();
        near.add_within(searcher, field, &Near::new(own, 1), "")?;
        for (heard, (edits, ways)) in near.words {
            if edits > 0 && own.chars().count().min(heard.chars().count()) < ONE_SOUND {
                continue;
            }
            for (line, frequency) in ways {
                self.add(line.as_bytes(), frequency, if edits == 0 { 1 } else { NEARLY_HEARD });
            }
        }
        Ok(())
    }

    /// Adds the words that begin with `start` and are accepted.
    fn add_within(
        &mut self,
        searcher: &Searcher,
        field: Field,
        near: &Near,
        start: &str,
    ) -> Result<(), TantivyError> {
        let mut end = start.as_bytes().to_vec();
        if let Some(last) = end.last_mut() {
            *last += 1; // no byte of UTF-8 is 0xff
        }
        for segment in searcher.segment_readers() {
            let inverted = segment.inverted_index(field)?;
            let mut words = inverted.terms().search(near).ge(start);
            if !end.is_empty() {
                words = words.lt(&end);
            }
            let mut words = words.into_stream()?;
            while let Some((candidate, info)) = words.next() {
                self.add(candidate, u64::from(info.doc_freq), near.edits(candidate));
            }
        }
        Ok(())
    }

    fn add(&mut self, line: &[u8], frequency: u64, edits: u8) {
        if let Some((folded, shown)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(SHOWN))
        {
            let known = self.words.entry(folded.to_owned()).or_insert_with(|| (edits, HashMap::new()));
            known.0 = known.0.min(edits);
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
