//! The trait of product sources: streams of products from feeds, exports and databases of shop systems.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{NewProduct, Result};

/// The most products that one call of [`ProductSource::next_batch`] may return.
pub const MAX_SOURCE_BATCH: usize = 10_000;

/// Where in its source a product stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SourcePosition {
    /// The line of a file, from 1; of a record over several lines the first.
    Line(u64),
    /// A record of a database, such as `product 12`.
    Record(String),
}

impl fmt::Display for SourcePosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Record(name) => f.write_str(name),
        }
    }
}

/// A product with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceProduct {
    /// Where it stands.
    pub position: SourcePosition,
    /// The product; its key is set.
    pub product: NewProduct,
}

/// A value that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceProblem {
    /// Where it stands.
    pub position: SourcePosition,
    /// The key of its product, where that could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The column, element or field, as the source calls it.
    pub field: String,
    /// The value as the source has it, cut to [`SourceProblem::MAX_VALUE`] characters; empty if it is missing.
    pub value: String,
    /// What is wrong with it and what to do about it.
    pub reason: String,
    /// True if the whole product is refused; false if it comes in without this value.
    pub refused: bool,
}

impl SourceProblem {
    /// The longest [`value`](Self::value) in characters.
    pub const MAX_VALUE: usize = 200;
}

/// How far a source has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SourceProgress {
    /// Bytes or records that have been read.
    pub done: u64,
    /// Bytes or records of the whole source, in the same unit.
    pub total: Option<u64>,
}

/// The next products of a source.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SourceBatch {
    /// Products, each key once in the whole source.
    pub products: Vec<SourceProduct>,
    /// What was refused or left out since the last batch.
    pub problems: Vec<SourceProblem>,
    /// Products since the last batch that the shop does not offer: drafts, hidden and switched-off ones.
    pub hidden: u64,
    /// How far the source has been read.
    pub progress: SourceProgress,
}

/// A finite stream of products in bounded batches.
///
/// # Contract
///
/// - A product comes once, with its variants, with a key that is the same in every reading of the same source.
/// - A bad record is reported in [`SourceBatch::problems`] and never stops the rest; a missing required value is an error and
///   never replaced by a default.
/// - An `Err` says that the source itself cannot be read on. What it has not returned then is unknown, and not gone.
/// - Memory is bounded by the batch, whatever the size of the source.
#[async_trait]
pub trait ProductSource: Send {
    /// Describes what is read, such as `WooCommerce export (CSV, UTF-8, comma)`; for people.
    fn description(&self) -> String;

    /// Returns what should be known about the whole source, such as columns that are not used; complete after the last batch.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the next products, at most `limit` (clamped to 1 to [`MAX_SOURCE_BATCH`]); `None` after the last batch.
    ///
    /// # Errors
    /// When the source cannot be read on.
    async fn next_batch(&mut self, limit: usize) -> Result<Option<SourceBatch>>;
}
