//! `vitrina openapi`: the OpenAPI document on standard output.

use anyhow::Result;

use super::say;
use crate::api::{self, Backend, Document};

/// Prints the document.
///
/// # Errors
/// None.
pub fn openapi() -> Result<()> {
    say(&Document::new(&api::service(&Backend::in_memory())).text());
    Ok(())
}
