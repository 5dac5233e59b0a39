//! Category matching: which concepts of the vocabulary a category's name says, and how directly.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::text;
use crate::text::{same_phrase, singulars, words};
use crate::words::Vocabulary;
use crate::words::vocabulary::{Role, Term};

/// Words that join the things that one category lists.
const CONJUNCTIONS: [&str; 4] = ["y", "e", "and", "o"];

/// Words after which a noun is narrowed by another that says what it is for or of, so that it may be another thing:
/// "bolsas de basura" are no bags.
const OF: [&str; 6] = ["de", "del", "para", "por", "for", "of"];

/// Words that end a noun phrase, those of [`OF`] besides.
const PREPOSITIONS: [&str; 8] = ["con", "sin", "en", "a", "with", "without", "in", "from"];

/// What comes before the thing itself: "todos los portátiles".
const QUANTIFIERS: [&str; 9] = ["todo", "todos", "toda", "todas", "los", "las", "el", "la", "all"];

/// What comes before a thing that has categories of its own beside: "otros quesos".
const OTHERS: [&str; 6] = ["otro", "otros", "otra", "otras", "other", "others"];

/// Names that say nothing of a thing when something narrows them: "accesorios lavadora" are no accessories to wear.
const GENERIC: [&str; 8] =
    ["accesorios", "complementos", "accessories", "recambios", "repuestos", "gadgets", "otros", "others"];

/// How directly a category's name says a concept, the most direct first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Directness {
    /// The category is called like the concept, letter by letter.
    Name,
    /// It is but for number.
    Number,
    /// The concept is one of the things that it lists, or all of them: "Teclados y ratones", "Todos los portátiles".
    Part,
    /// Most products in it are of the concept.
    Products,
    /// It is a kind of the concept: "Portátiles gaming".
    Kind,
    /// It is a kind by what it is for or of, which may make it another thing: "Bolsas de basura".
    Of,
}

/// A concept that a category's name or a product's name says.
#[derive(Debug, Clone)]
pub(crate) struct Reading<'v> {
    pub(crate) concept: usize,
    pub(crate) directness: Directness,
    /// The words by which it says so.
    pub(crate) term: &'v [String],
    /// Whether these name the concept; otherwise they are a keyword of it, a narrower thing perhaps.
    pub(crate) is_name: bool,
}

/// The name of a category, taken apart: "Hogar > Cocina > Hornos y placas".
#[derive(Debug, Clone)]
pub(crate) struct CategoryName {
    /// The words of what it stands below, the outermost first.
    pub(crate) above: Vec<Vec<String>>,
    /// The words of its own name.
    pub(crate) own: Vec<String>,
    /// The things that its own name lists, without what quantifies them.
    pub(crate) parts: Vec<Vec<String>>,
    /// Whether it says that others of the kind are elsewhere.
    pub(crate) others: bool,
}

impl CategoryName {
    pub(crate) fn new(name: &str) -> Self {
        let mut path: Vec<_> = name.split(['>', '›', '»']).filter(|part| !words(part).is_empty()).collect();
        let own = path.pop().unwrap_or_default();
        let listed = own.split([',', '/', '&', ';']).flat_map(|piece| {
            let piece = words(piece);
            let parts = piece.split(|word| CONJUNCTIONS.contains(&word.as_str()));
            parts.map(<[String]>::to_vec).collect::<Vec<_>>()
        });
        let (mut parts, mut others) = (Vec::new(), false);
        for part in listed {
            let skipped =
                part.iter().take_while(|word| is_one_of(&QUANTIFIERS, word) || is_one_of(&OTHERS, word));
            let skipped = skipped.count();
            others |= part[..skipped].iter().any(|word| is_one_of(&OTHERS, word));
            let part = &part[skipped..];
            // "Fundas para portátil y tablet", "Accesorios aspiración y limpieza": what follows is no thing of its own.
            let narrowed =
                part.iter().any(|word| is_one_of(&OF, word)) || (part.len() > 1 && is_generic(&part[0]));
            parts.push(part.to_vec());
            if narrowed {
                break;
            }
        }
        parts.retain(|part| !part.is_empty());
        let above = path.into_iter().map(words).collect();
        Self { above, own: words(own), parts, others }
    }
}

/// The terms of a vocabulary, to be found in names.
#[derive(Debug)]
pub(crate) struct Lexicon<'v> {
    by_first: HashMap<String, Vec<Entry<'v>>>,
    /// Terms that languages of both orders of words have.
    shared: HashSet<&'v [String]>,
}

#[derive(Debug, Clone, Copy)]
struct Entry<'v> {
    concept: usize,
    term: &'v Term,
}

/// Where in a noun phrase its noun may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noun {
    /// Where the language of the term has it.
    Anywhere,
    /// At the beginning.
    First,
}

/// What decides between the terms of a phrase, the lowest first: the longest; one whose language is known; one that is spelt
/// alike; a name; the most specific concept.
type Order = (Reverse<usize>, bool, bool, bool, usize);

impl<'v> Lexicon<'v> {
    pub(crate) fn new(vocabulary: &'v Vocabulary) -> Self {
        let mut by_first: HashMap<String, Vec<Entry<'v>>> = HashMap::new();
        let mut orders: HashMap<&'v [String], bool> = HashMap::new();
        let mut shared = HashSet::new();
        for (concept, entry) in vocabulary.concepts() {
            for term in entry.names.iter().chain(&entry.keywords) {
                for form in term.words.first().map(|word| singulars(word)).unwrap_or_default() {
                    by_first.entry(form).or_default().push(Entry { concept, term });
                }
                if *orders.entry(&term.words).or_insert(term.head_last) != term.head_last {
                    shared.insert(term.words.as_slice());
                }
            }
        }
        Self { by_first, shared }
    }

    /// The concepts that the name of a category says: one for each thing that it lists.
    pub(crate) fn read(&self, name: &CategoryName) -> Vec<Reading<'v>> {
        let whole = self.read_part(&name.own, Noun::Anywhere);
        let whole = whole.filter(|said| said.directness <= Directness::Number);
        if whole.is_some() && name.parts.len() < 2 {
            return whole.into_iter().collect();
        }
        let least = if name.others { Directness::Kind } else { Directness::Part };
        let listed = name.parts.iter().filter_map(|part| self.read_part(part, Noun::Anywhere));
        let listed = listed.map(|said| Reading { directness: said.directness.max(least), ..said });
        let is_other = |said: &Reading<'_>| whole.as_ref().is_none_or(|whole| whole.concept != said.concept);
        let others: Vec<_> = listed.filter(is_other).collect();
        whole.into_iter().chain(others).collect()
    }

    /// The concept that a noun phrase says: the one with most of its words.
    pub(crate) fn read_part(&self, part: &[String], noun: Noun) -> Option<Reading<'v>> {
        let mut best: Option<(Order, Reading<'v>)> = None;
        let starts = if noun == Noun::First { part.len().min(1) } else { part.len() };
        for start in 0..starts {
            let entries = singulars(&part[start]).into_iter().filter_map(|form| self.by_first.get(&form));
            for entry in entries.flatten() {
                let term = &entry.term.words;
                let Some(directness) = directness(part, start, entry.term) else { continue };
                let is_name = entry.term.role != Role::Keyword;
                let is_kind = entry.term.role == Role::Kind;
                let directness = if is_kind { directness.max(Directness::Kind) } else { directness };
                let exact = part[start..start + term.len()] == *term;
                let shared = self.shared.contains(term.as_slice()) && term.len() < part.len();
                let order = (Reverse(term.len()), shared, !exact, !is_name, entry.concept);
                if best.as_ref().is_none_or(|(known, _)| order < *known) {
                    let reading = Reading { concept: entry.concept, directness, term, is_name };
                    best = Some((order, reading));
                }
            }
        }
        best.map(|(_, reading)| reading)
    }
}

/// How directly the words say the term, which they have at `start`; `None` if it is not what they are about.
fn directness(part: &[String], start: usize, term: &Term) -> Option<Directness> {
    let end = start + term.words.len();
    if end > part.len() || !same_phrase(&part[start..end], &term.words) {
        return None;
    }
    if end - start == part.len() {
        return Some(if *part == *term.words { Directness::Name } else { Directness::Number });
    }
    if term.words.len() == 1 && is_generic(&term.words[0]) {
        return None;
    }
    let before = &part[..start];
    let ends = |word: &String| is_one_of(&OF, word) || is_one_of(&PREPOSITIONS, word);
    match part.get(end) {
        _ if before.is_empty() && !term.head_last => Some(narrowing(&part[end..])),
        Some(next) if before.is_empty() && ends(next) => Some(narrowing(&part[end..])),
        Some(next) if term.head_last && ends(next) && !before.iter().any(ends) => {
            Some(narrowing(&part[end..]))
        }
        None if term.head_last && !before.iter().any(ends) => Some(Directness::Kind),
        _ => None,
    }
}

/// What follows a noun: what it is for, or how it is.
fn narrowing(rest: &[String]) -> Directness {
    let measured = rest.get(1).is_some_and(|word| {
        word.starts_with(char::is_numeric)
            || matches!(word.as_str(), "menos" | "mas" | "hombre" | "mujer" | "nino" | "nina")
    });
    if rest.first().is_some_and(|word| is_one_of(&OF, word)) && !measured {
        Directness::Of
    } else {
        Directness::Kind
    }
}

pub(crate) fn is_generic(word: &str) -> bool {
    GENERIC.iter().any(|generic| text::same_word(generic, word))
}

fn is_one_of(list: &[&str], word: &str) -> bool {
    list.contains(&word)
}
