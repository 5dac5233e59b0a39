//! Reads the data files: vocabulary, synonyms, lexicon, weights of the ranking.

use serde::de::DeserializeOwned;

use crate::{Error, Result};

/// Parses the JSON object of a data file; `name` is what it is called in the error.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON object of this form.
pub(crate) fn parse<T: DeserializeOwned>(json: &str, name: &str) -> Result<T> {
    // serde would read a list as fields by their position.
    if json.trim_start().starts_with('[') {
        return Err(Error::invalid(format!("the {name} must be a JSON object")));
    }
    serde_json::from_str(json)
        .map_err(|error| Error::invalid(format!("the {name} cannot be read: {error}")).with_source(error))
}
