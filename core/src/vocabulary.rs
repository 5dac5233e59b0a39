//! The words and model labels by which categories are known, as data.

use std::collections::HashMap;

use serde::Deserialize;

use crate::text::{same_phrase, words};
use crate::{Error, Result};

/// What shops call their categories, what customers type for them, and which model labels show them.
///
/// It is read from JSON, `data/vocabulary.json` by default; [`Categorizer`](crate::Categorizer) joins it with the
/// categories that a shop really has. Earlier concepts are more specific than later ones.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    concepts: Vec<Concept>,
    by_key: HashMap<String, usize>,
}

/// One thing that shops have a category for.
#[derive(Debug, Clone)]
pub(crate) struct Concept {
    pub(crate) fallback: bool,
    pub(crate) names: Vec<Vec<String>>,
    pub(crate) keywords: Vec<Vec<String>>,
    pub(crate) labels: Vec<String>,
    pub(crate) parents: Vec<String>,
}

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

impl Vocabulary {
    /// No words at all: categories are then known by their own names alone.
    pub fn empty() -> Self {
        Self { concepts: Vec::new(), by_key: HashMap::new() }
    }

    /// Reads the JSON form.
    ///
    /// ```
    /// let vocabulary = vitrina::Vocabulary::from_json(r#"{"concepts": [
    ///     {"key": "shoes", "names": {"es": ["zapatos"], "en": ["shoes"]},
    ///      "keywords": {"es": ["zapatilla", "bota"]}, "labels": ["n04120489"]}
    /// ]}"#)?;
    /// # Ok::<(), vitrina::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form, a key is there twice, or a parent is missing.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = serde_json::from_str(json).map_err(|error| {
            Error::invalid(format!("the vocabulary cannot be read: {error}")).with_source(error)
        })?;
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
        let concepts = file.concepts.into_iter().map(Concept::from).collect();
        Ok(Self { concepts, by_key })
    }

    /// The most specific concept that is called `name`.
    pub(crate) fn concept_named(&self, name: &str) -> Option<usize> {
        let name = words(name);
        self.concepts.iter().position(|concept| concept.names.iter().any(|known| same_phrase(known, &name)))
    }

    /// Every concept with its position.
    pub(crate) fn concepts(&self) -> impl Iterator<Item = (usize, &Concept)> {
        self.concepts.iter().enumerate()
    }

    /// A concept and all above it, the nearest first.
    pub(crate) fn lineage(&self, concept: usize) -> Vec<usize> {
        breadth_first(concept, |at| {
            self.concepts[at].parents.iter().filter_map(|key| self.by_key.get(key)).copied().collect()
        })
    }

    /// A concept and all below it, the nearest first.
    pub(crate) fn descent(&self, concept: usize) -> Vec<usize> {
        let below = |at: usize| {
            let is_child =
                |child: &Concept| child.parents.iter().any(|key| self.by_key.get(key) == Some(&at));
            self.concepts().filter(|(_, child)| is_child(child)).map(|(at, _)| at).collect()
        };
        breadth_first(concept, below)
    }
}

impl From<ConceptEntry> for Concept {
    fn from(entry: ConceptEntry) -> Self {
        let phrases = |lists: HashMap<String, Vec<String>>| -> Vec<Vec<String>> {
            let mut phrases: Vec<_> = lists.into_values().flatten().map(|phrase| words(&phrase)).collect();
            phrases.sort();
            phrases.dedup();
            phrases
        };
        Self {
            fallback: entry.fallback,
            names: phrases(entry.names),
            keywords: phrases(entry.keywords),
            labels: entry.labels,
            parents: entry.parents,
        }
    }
}

fn breadth_first(start: usize, next: impl Fn(usize) -> Vec<usize>) -> Vec<usize> {
    let mut seen = vec![start];
    let mut at = 0;
    while let Some(&here) = seen.get(at) {
        for step in next(here) {
            if !seen.contains(&step) {
                seen.push(step);
            }
        }
        at += 1;
    }
    seen
}
