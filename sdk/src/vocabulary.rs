//! Words that the SDK brings along: categories' vocabulary, synonyms, the lexicon of queries.

use std::path::Path;

use vitrina_core::index::RankingWeights;
use vitrina_core::words::{Lexicon, Synonyms, Vocabulary};
use vitrina_core::{Error, Result};

const VOCABULARY: &str = include_str!("../data/vocabulary.json");
const LABELS: &str = include_str!("../data/models/imagenet_labels.json");
const SYNONYMS: &str = include_str!("../data/synonyms.json");
const LEXICON: &str = include_str!("../data/lexicon.json");
const SPANISH: &str = include_str!("../data/words/es.txt");
const ENGLISH: &str = include_str!("../data/words/en.txt");

/// Reads the vocabulary of a file, or returns the built-in one; either has ImageNet's names for labels that it lacks.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a file that cannot be read or is no vocabulary.
pub fn vocabulary(file: Option<&Path>) -> Result<Vocabulary> {
    let text = file.map(|file| read("vocabulary", file)).transpose()?;
    Vocabulary::from_json(text.as_deref().unwrap_or(VOCABULARY))?.with_label_names(LABELS)
}

/// Reads the synonyms of a file, or returns the built-in ones.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a file that cannot be read or holds no synonyms.
pub fn synonyms(file: Option<&Path>) -> Result<Synonyms> {
    let text = file.map(|file| read("synonyms", file)).transpose()?;
    Synonyms::from_json(text.as_deref().unwrap_or(SYNONYMS))
}

/// Reads the weights of the ranking from a file (JSON).
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a file that cannot be read or holds no weights, or wrong ones.
pub fn ranking(file: &Path) -> Result<RankingWeights> {
    RankingWeights::from_json(&read("weights of the ranking in", file)?)
}

/// Returns the built-in lexicon of queries in Spanish and English, with the dictionaries of both languages.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) if the built-in files are damaged.
pub fn built_in_lexicon() -> Result<Lexicon> {
    Ok(Lexicon::from_json(LEXICON)?.with_right_words(SPANISH, ENGLISH))
}

fn read(what: &str, file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Error::invalid(format!("the {what} {} cannot be read", file.display())).with_source(error)
    })
}
