//! Reads the data files of words: vocabulary, synonyms, lexicon.

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// Parses the JSON of a data file; `name` is what it is called in the error.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form.
pub(crate) fn parse<T: DeserializeOwned>(json: &str, name: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| Error::invalid(format!("the {name} cannot be read: {error}")).with_source(error))
}
