//! Records as rows of cells, whatever the format, and what is found wrong in them.

use std::sync::Arc;

use vitrina_core::source::{SourcePosition, SourceProblem};

use crate::field::Field;

/// A column, element or JSON key.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// As the source calls it.
    pub(crate) header: Arc<str>,
    pub(crate) field: Field,
}

/// A value that is not missing.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) column: Column,
    pub(crate) text: String,
}

/// A record of a source.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Where it stands.
    pub(crate) position: SourcePosition,
    pub(crate) cells: Vec<Cell>,
    /// A JSON object's structured values: attributes, variants, translations.
    pub(crate) structured: Vec<(Column, serde_json::Value)>,
}

impl Row {
    /// Creates an empty row.
    pub(crate) fn new(position: SourcePosition) -> Self {
        Self { position, cells: Vec::new(), structured: Vec::new() }
    }

    /// Returns the first cell of a field.
    pub(crate) fn cell(&self, field: &Field) -> Option<&Cell> {
        self.cells.iter().find(|cell| cell.column.field == *field)
    }

    /// Returns the first value of a field.
    pub(crate) fn get(&self, field: &Field) -> Option<&str> {
        self.cell(field).map(|cell| cell.text.as_str())
    }

    /// Returns every cell of a field.
    pub(crate) fn all<'a>(&'a self, field: &'a Field) -> impl Iterator<Item = &'a Cell> {
        self.cells.iter().filter(move |cell| cell.column.field == *field)
    }
}

/// Creates a problem of a line, with its value cut to what a report holds.
pub(crate) fn problem(
    line: u64,
    field: &str,
    value: &str,
    reason: impl Into<String>,
    refused: bool,
) -> SourceProblem {
    problem_at(SourcePosition::Line(line), field, value, reason, refused)
}

/// Creates a problem, with its value cut to what a report holds.
pub(crate) fn problem_at(
    position: SourcePosition,
    field: &str,
    value: &str,
    reason: impl Into<String>,
    refused: bool,
) -> SourceProblem {
    SourceProblem {
        position,
        key: None,
        field: field.to_owned(),
        value: value.chars().take(SourceProblem::MAX_VALUE).collect(),
        reason: reason.into(),
        refused,
    }
}
