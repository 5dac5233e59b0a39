//! The words and model labels by which categories are known, as data.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::data_file;
use crate::text::{same_phrase, words};
use crate::{Error, Result};

/// What shops call their categories, what customers type for them, and which model labels show them.
///
/// It is read from JSON, `data/vocabulary.json` by default; [`Categorizer`](crate::classify::Categorizer) joins it with the
/// categories that a shop really has. Earlier concepts are more specific than later ones.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    concepts: Vec<Concept>,
    /// By concept: it and all above it, the nearest first; and those directly below it.
    lineages: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// By label: the concept that has it.
    by_label: HashMap<String, usize>,
    /// By label: what the model itself calls it.
    label_names: HashMap<String, Vec<Vec<String>>>,
}

/// One thing that shops have a category for.
#[derive(Debug, Clone)]
pub(crate) struct Concept {
    pub(crate) fallback: bool,
    pub(crate) names: Vec<Term>,
    pub(crate) keywords: Vec<Term>,
    pub(crate) labels: Vec<String>,
    pub(crate) parents: Vec<String>,
}

/// A name or a keyword of a concept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// Its words, folded.
    pub(crate) words: Vec<String>,
    /// Whether its language puts what narrows a noun before it ("gaming laptops"), not after it ("portátiles gaming").
    pub(crate) head_last: bool,
    pub(crate) role: Role,
}

/// What a term is to its concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It names it, but for number perhaps.
    Name,
    /// It is a name with something that narrows it: "ratón inalámbrico".
    Kind,
    /// Any other word for it or for a narrower thing.
    Keyword,
}

/// The languages (ISO 639-1) of nouns that are narrowed by what comes before them.
const HEAD_LAST: [&str; 6] = ["da", "de", "en", "nl", "no", "sv"];

#[derive(Deserialize)]
struct File {
    concepts: Vec<ConceptEntry>,
}

#[derive(Deserialize)]
struct ConceptEntry {
    key: String,
    #[serde(default)]
    fallback: bool,
    names: HashMap<String, Vec<String>>,
    #[serde(default)]
    keywords: HashMap<String, Vec<String>>,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    parents: Vec<String>,
}

#[derive(Deserialize)]
struct LabelEntry {
    id: String,
    name: String,
    #[serde(default)]
    synonyms: Vec<String>,
}

impl Vocabulary {
    /// No words at all: categories are then known by their own names alone.
    pub fn empty() -> Self {
        Self {
            concepts: Vec::new(),
            lineages: Vec::new(),
            children: Vec::new(),
            by_label: HashMap::new(),
            label_names: HashMap::new(),
        }
    }

    /// Reads the JSON form.
    ///
    /// ```
    /// let vocabulary = vitrina_core::words::Vocabulary::from_json(r#"{"concepts": [
    ///     {"key": "shoes", "names": {"es": ["zapatos"], "en": ["shoes"]},
    ///      "keywords": {"es": ["zapatilla", "bota"]}, "labels": ["n04120489"]}
    /// ]}"#)?;
    /// # Ok::<(), vitrina_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form, a key is there twice, or a parent is missing.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = data_file::parse(json, "vocabulary")?;
        let mut by_key = HashMap::new();
        for (at, entry) in file.concepts.iter().enumerate() {
            if by_key.insert(entry.key.clone(), at).is_some() {
                return Err(Error::invalid(format!("the vocabulary has the concept `{}` twice", entry.key)));
            }
        }
        let missing =
            file.concepts.iter().flat_map(|c| &c.parents).find(|parent| !by_key.contains_key(*parent));
        if let Some(parent) = missing {
            return Err(Error::invalid(format!(
                "the vocabulary names a parent `{parent}` that it does not have"
            )));
        }
        let concepts: Vec<_> = file.concepts.into_iter().map(Concept::from).collect();
        let mut by_label = HashMap::new();
        for (at, concept) in concepts.iter().enumerate() {
            for label in &concept.labels {
                by_label.entry(label.clone()).or_insert(at);
            }
        }
        let parents: Vec<Vec<usize>> = concepts
            .iter()
            .map(|concept| concept.parents.iter().filter_map(|key| by_key.get(key)).copied().collect())
            .collect();
        let mut children = vec![Vec::new(); concepts.len()];
        for (at, parents) in parents.iter().enumerate() {
            parents.iter().for_each(|parent| children[*parent].push(at));
        }
        let lineages = (0..concepts.len()).map(|at| breadth_first(at, &parents)).collect();
        Ok(Self { concepts, lineages, children, by_label, label_names: HashMap::new() })
    }

    /// The same with the names that the model itself has for its labels, for those of which no concept has the label.
    ///
    /// ```
    /// let vocabulary = vitrina_core::words::Vocabulary::empty()
    ///     .with_label_names(r#"[{"id": "n02085620", "name": "Chihuahua", "synonyms": []}]"#)?;
    /// # Ok::<(), vitrina_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON list of labels, each with `id`, `name` and perhaps
    /// `synonyms`.
    pub fn with_label_names(mut self, json: &str) -> Result<Self> {
        let labels: Vec<LabelEntry> = serde_json::from_str(json).map_err(|error| {
            Error::invalid(format!("the labels' names cannot be read: {error}")).with_source(error)
        })?;
        self.label_names = labels
            .into_iter()
            .map(|label| {
                let names = std::iter::once(label.name).chain(label.synonyms);
                (label.id, names.map(|name| words(&name)).filter(|name| !name.is_empty()).collect())
            })
            .collect();
        Ok(self)
    }

    /// What a label is called: the names and keywords of its concept, in turns and each once but for number, or else its own
    /// names; empty if nobody knows it.
    pub(crate) fn names_of(&self, label: &str) -> Vec<Vec<String>> {
        let Some(concept) = self.by_label.get(label).and_then(|at| self.concepts.get(*at)) else {
            return self.label_names.get(label).cloned().unwrap_or_default();
        };
        let mut lists: Vec<_> = [
            (&concept.keywords, false),
            (&concept.names, false),
            (&concept.keywords, true),
            (&concept.names, true),
        ]
        .map(|(terms, head_last)| terms.iter().filter(move |term| term.head_last == head_last))
        .into();
        let mut phrases: Vec<Vec<String>> = Vec::new();
        loop {
            let round: Vec<_> = lists.iter_mut().filter_map(Iterator::next).collect();
            if round.is_empty() {
                return phrases;
            }
            for term in round {
                if !phrases.iter().any(|known| same_phrase(known, &term.words)) {
                    phrases.push(term.words.clone());
                }
            }
        }
    }

    /// Every concept with its position.
    pub(crate) fn concepts(&self) -> impl Iterator<Item = (usize, &Concept)> {
        self.concepts.iter().enumerate()
    }

    /// A concept and all above it, the nearest first.
    pub(crate) fn lineage(&self, concept: usize) -> &[usize] {
        self.lineages.get(concept).map_or(&[], Vec::as_slice)
    }

    /// The concepts directly below one.
    pub(crate) fn children(&self, concept: usize) -> &[usize] {
        self.children.get(concept).map_or(&[], Vec::as_slice)
    }
}

fn breadth_first(start: usize, parents: &[Vec<usize>]) -> Vec<usize> {
    let mut seen = vec![start];
    let mut at = 0;
    while let Some(here) = seen.get(at) {
        for step in &parents[*here] {
            if !seen.contains(step) {
                seen.push(*step);
            }
        }
        at += 1;
    }
    seen
}

impl From<ConceptEntry> for Concept {
    fn from(entry: ConceptEntry) -> Self {
        let terms = |lists: HashMap<String, Vec<String>>| -> Vec<Term> {
            // Languages in one order, so that every server reads alike.
            let lists: BTreeMap<_, _> = lists.into_iter().collect();
            let mut terms: Vec<Term> = Vec::new();
            for (language, phrases) in lists {
                let head_last = HEAD_LAST.contains(&language.as_str());
                for words in phrases.iter().map(|phrase| words(phrase)).filter(|words| !words.is_empty()) {
                    let term = Term { words, head_last, role: Role::Keyword };
                    if !terms.contains(&term) {
                        terms.push(term);
                    }
                }
            }
            terms
        };
        let names: Vec<_> =
            terms(entry.names).into_iter().map(|term| Term { role: Role::Name, ..term }).collect();
        let mut keywords = terms(entry.keywords);
        keywords.iter_mut().for_each(|keyword| keyword.role = role(keyword, &names));
        Self { fallback: entry.fallback, names, keywords, labels: entry.labels, parents: entry.parents }
    }
}

/// What a keyword is to the concept with these names.
fn role(keyword: &Term, names: &[Term]) -> Role {
    let narrows = |name: &Term| {
        let more = keyword.words.len().saturating_sub(name.words.len());
        let (first, last) = (&keyword.words[..keyword.words.len() - more], &keyword.words[more..]);
        more > 0 && same_phrase(if keyword.head_last { last } else { first }, &name.words)
    };
    if names.iter().any(|name| same_phrase(&name.words, &keyword.words)) {
        Role::Name
    } else if names.iter().any(narrows) {
        Role::Kind
    } else {
        Role::Keyword
    }
}
