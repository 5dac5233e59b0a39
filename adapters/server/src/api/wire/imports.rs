//! Imports on the wire.

use poem_openapi::Object;
use vitrina_core::source::SourceProblem;
use vitrina_import::run::ImportRun;

/// An import that has begun.
#[derive(Debug, Object)]
pub struct ImportBegun {
    /// What is read, such as `WooCommerce export (commas, UTF-8)`.
    pub source: String,
}

/// The last imports.
#[derive(Debug, Object)]
pub struct ImportRuns {
    /// The import that is going on in this server.
    #[oai(skip_serializing_if_is_none)]
    pub running: Option<RunningImport>,
    /// Those that have ended, the newest first.
    pub imports: Vec<Import>,
}

/// An import that is going on.
#[derive(Debug, Object)]
pub struct RunningImport {
    /// What is read.
    pub source: String,
    /// Products that were read.
    pub products: u64,
    /// Products and rows that were refused.
    pub refused: u64,
    /// How far the source has been read, 0 to 1.
    #[oai(skip_serializing_if_is_none)]
    pub done: Option<f64>,
}

/// An import that has ended.
#[derive(Debug, Object)]
pub struct Import {
    /// What was read.
    pub source: String,
    /// When it began, in seconds since 1970.
    pub started_at: i64,
    /// How long it took.
    pub seconds: f64,
    /// Products that were created.
    pub new: u64,
    /// Products that were changed.
    pub changed: u64,
    /// Products that were as they are.
    pub unchanged: u64,
    /// Products that the source no longer had.
    pub gone: u64,
    /// Products that were removed.
    pub removed: u64,
    /// Products and rows that were refused.
    pub refused: u64,
    /// Values without which products came in.
    pub left_out: u64,
    /// Products that the source says are not offered.
    pub hidden: u64,
    /// What should be known about the source.
    pub notes: Vec<String>,
    /// Examples of what was refused or left out.
    pub problems: Vec<ImportProblem>,
    /// Why it ended early.
    #[oai(skip_serializing_if_is_none)]
    pub error: Option<String>,
}

/// A value that could not be used.
#[derive(Debug, Object)]
pub struct ImportProblem {
    /// Where it stands, such as `line 12`.
    pub position: String,
    /// The key of its product.
    #[oai(skip_serializing_if_is_none)]
    pub key: Option<String>,
    /// The column, element or field.
    pub field: String,
    /// The value.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// True if the whole product was refused.
    pub refused: bool,
}

impl From<crate::imports::Running> for RunningImport {
    fn from(running: crate::imports::Running) -> Self {
        let progress = running.progress;
        let done = progress
            .source
            .total
            .filter(|total| *total > 0)
            .map(|total| progress.source.done as f64 / total as f64);
        Self { source: running.source, products: progress.products, refused: progress.refused, done }
    }
}

impl From<ImportRun> for Import {
    fn from(run: ImportRun) -> Self {
        Self {
            source: run.source,
            started_at: run.started_at,
            seconds: run.seconds,
            new: run.new,
            changed: run.changed,
            unchanged: run.unchanged,
            gone: run.gone,
            removed: run.removed,
            refused: run.refused,
            left_out: run.left_out,
            hidden: run.hidden,
            notes: run.notes,
            problems: run.examples.problems.into_iter().map(Into::into).collect(),
            error: run.error,
        }
    }
}

impl From<SourceProblem> for ImportProblem {
    fn from(problem: SourceProblem) -> Self {
        let SourceProblem { position, key, field, value, reason, refused } = problem;
        Self { position: position.to_string(), key, field, value, reason, refused }
    }
}
