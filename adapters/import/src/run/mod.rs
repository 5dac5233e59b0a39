//! Imports: a source is read in batches, each of which is written as one; what is gone can be removed.

#[cfg(all(feature = "databases", feature = "fetch"))]
mod follow;
mod log;
#[cfg(all(feature = "databases", feature = "fetch"))]
mod opener;
mod target;

use std::collections::HashSet;
use std::io::Write;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use vitrina_core::product::Timestamp;
use vitrina_core::source::{SourcePosition, SourceProblem, SourceProgress};
use vitrina_core::{Error, ProductId, ProductSource, Result};

use crate::assemble::hash;
use crate::lines::write_line;

#[cfg(all(feature = "databases", feature = "fetch"))]
pub use follow::{FollowOptions, follow};
pub use log::RunLog;
#[cfg(all(feature = "databases", feature = "fetch"))]
pub use opener::{Opener, SourceSpec};
pub use target::{ImportTarget, LeftOut, Put, PutBatch, StoredProduct};

/// How many products are written in one transaction.
pub const BATCH: usize = 1000;
/// How many stored products are listed at a time.
const LISTED: usize = 5000;
/// How many examples a run keeps of each kind.
const EXAMPLES: usize = 10;

/// What an import does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImportOptions {
    /// Compares and reports, and writes nothing.
    pub dry_run: bool,
    /// Removes products that the source no longer has: for sources that hold the whole catalogue.
    pub prune: bool,
    /// The largest part of the catalogue that may be removed in one run, 0 to 1; more ends the run with an error.
    pub max_removals: f64,
    /// True if the source was asked for a part of its products: nothing is gone then.
    pub partial: bool,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self { dry_run: false, prune: false, max_removals: 0.2, partial: false }
    }
}

impl ImportOptions {
    /// Sets whether anything is written.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sets whether products that are gone are removed, and the largest part that may be (0 to 1).
    #[must_use]
    pub fn prune(mut self, prune: bool, max_removals: f64) -> Self {
        (self.prune, self.max_removals) = (prune, max_removals);
        self
    }
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ImportRun {
    /// What was read, as the source describes itself.
    pub source: String,
    /// When it began.
    pub started_at: i64,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// True if nothing was written.
    pub dry_run: bool,
    /// Products that were created.
    pub new: u64,
    /// Products that were changed.
    pub changed: u64,
    /// Products that were as they are.
    pub unchanged: u64,
    /// Products that the source no longer has.
    pub gone: u64,
    /// Products that were removed.
    pub removed: u64,
    /// Products, rows or items that were refused.
    pub refused: u64,
    /// Values that were left out.
    pub left_out: u64,
    /// Everything that was refused or left out: a refused product may have several problems.
    pub problems: u64,
    /// Products that the shop does not offer.
    pub hidden: u64,
    /// What should be known about the source.
    pub notes: Vec<String>,
    /// Examples.
    pub examples: Examples,
    /// Why it ended early; what was written before stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Some of the products of a run, by what became of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Examples {
    /// Names of new products.
    pub new: Vec<String>,
    /// Names of changed products, with the fields that changed.
    pub changed: Vec<String>,
    /// Names of products that are gone.
    pub gone: Vec<String>,
    /// What was refused or left out.
    pub problems: Vec<SourceProblem>,
}

impl ImportRun {
    /// Returns how many products came in or were there already.
    pub fn products(&self) -> u64 {
        self.new + self.changed + self.unchanged
    }

    /// Returns a sentence for people.
    pub fn summary(&self) -> String {
        let Self { new, changed, unchanged, gone, removed, refused, left_out, hidden, .. } = self;
        let mut parts = vec![format!("{new} new, {changed} changed, {unchanged} unchanged")];
        match (gone, removed) {
            (0, 0) => {}
            (gone, 0) => parts.push(format!("{gone} gone")),
            (_, removed) => parts.push(format!("{removed} removed")),
        }
        let rest = [(refused, "refused"), (left_out, "values left out"), (hidden, "not offered")];
        parts.extend(
            rest.iter().filter(|(count, _)| **count > 0).map(|(count, what)| format!("{count} {what}")),
        );
        parts.join(", ")
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// How far the source has been read.
    pub source: SourceProgress,
    /// Products that were read.
    pub products: u64,
    /// Products and rows that were refused.
    pub refused: u64,
}

/// Imports a source.
///
/// Products are compared with what is stored; only new and changed ones are written, so that a second run changes nothing and
/// a run that was killed goes on where it was. Every problem is written to `report` as a line of JSON. With
/// [`ImportOptions::prune`] products that a source which was read to its end does not have are removed; those that it has
/// but that were refused stay as they are, and where a refused row has no key that could be read nothing is removed.
///
/// The run is returned even if it ended early; its [`error`](ImportRun::error) says why.
pub async fn import(
    source: &mut dyn ProductSource,
    target: &dyn ImportTarget,
    options: &ImportOptions,
    report: &mut (dyn Write + Send),
    progress: &(dyn Fn(Progress) + Sync),
) -> ImportRun {
    let began = Instant::now();
    let mut run = ImportRun {
        source: source.description(),
        started_at: Timestamp::now().0,
        dry_run: options.dry_run,
        ..ImportRun::default()
    };
    let mut reading = Reading { seen: HashSet::new(), unknown: 0, refused: None, run: &mut run, report };
    if let Err(error) = reading.all(source, target, options, progress).await {
        run.error = Some(error.to_string());
    }
    run.notes.extend(source.notes());
    run.seconds = began.elapsed().as_secs_f64();
    run
}

struct Reading<'a> {
    /// Hashes of the keys that the source has.
    seen: HashSet<u64>,
    /// Refused rows whose key could not be read: any stored product may be one of them.
    unknown: u64,
    /// Where the last refused product stands: it may have several problems.
    refused: Option<SourcePosition>,
    run: &'a mut ImportRun,
    report: &'a mut (dyn Write + Send),
}

impl Reading<'_> {
    async fn all(
        &mut self,
        source: &mut dyn ProductSource,
        target: &dyn ImportTarget,
        options: &ImportOptions,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<()> {
        let mut read = Progress::default();
        while let Some(batch) = source.next_batch(BATCH).await? {
            self.run.hidden += batch.hidden;
            for problem in batch.problems {
                self.problem(problem)?;
            }
            read.products += batch.products.len() as u64;
            let positions: Vec<_> = batch.products.iter().map(|found| found.position.clone()).collect();
            let products: Vec<_> = batch.products.into_iter().map(|found| found.product).collect();
            self.seen.extend(products.iter().filter_map(|product| product.key.as_deref()).map(hash));
            let names: Vec<_> = products.iter().map(|product| product.name.clone()).collect();
            let keys: Vec<_> = products.iter().map(|product| product.key.clone()).collect();
            let PutBatch { outcomes, left_out } = target.put(products, options.dry_run).await?;
            for LeftOut { place, field, value, reason } in left_out {
                let (Some(position), key) =
                    (positions.get(place).cloned(), keys.get(place).cloned().flatten())
                else {
                    continue;
                };
                self.problem(SourceProblem { position, key, field, value, reason, refused: false })?;
            }
            for (((outcome, name), key), position) in outcomes.into_iter().zip(names).zip(keys).zip(positions)
            {
                match outcome {
                    Put::New => {
                        self.run.new += 1;
                        example(&mut self.run.examples.new, || name);
                    }
                    Put::Changed(fields) => {
                        self.run.changed += 1;
                        example(&mut self.run.examples.changed, || format!("{name} ({})", fields.join(", ")));
                    }
                    Put::Unchanged => self.run.unchanged += 1,
                    Put::Refused { field, reason } => {
                        self.problem(SourceProblem {
                            position,
                            key,
                            field,
                            value: name,
                            reason,
                            refused: true,
                        })?;
                    }
                }
            }
            (read.source, read.refused) = (batch.progress, self.run.refused);
            progress(read);
        }
        if !options.partial {
            self.gone(target, options).await?;
        }
        self.report.flush().map_err(unwritable)
    }

    fn problem(&mut self, problem: SourceProblem) -> Result<()> {
        self.run.problems += 1;
        if !problem.refused {
            self.run.left_out += 1;
        } else if self.refused.as_ref() != Some(&problem.position) {
            self.run.refused += 1;
            self.unknown += u64::from(problem.key.is_none());
            self.refused = Some(problem.position.clone());
        }
        self.seen.extend(problem.key.as_deref().map(hash));
        write_line(self.report, &problem).map_err(unwritable)?;
        example(&mut self.run.examples.problems, || problem);
        Ok(())
    }

    /// Finds what the source no longer has, and removes it if that is wanted and not too much.
    async fn gone(&mut self, target: &dyn ImportTarget, options: &ImportOptions) -> Result<()> {
        let (mut after, mut total, mut gone) = (ProductId(0), 0_u64, Vec::new());
        loop {
            let listed = target.list(after, LISTED).await?;
            let Some(last) = listed.last() else { break };
            after = last.id;
            total += listed.len() as u64;
            for stored in listed {
                if !stored.key.as_deref().is_some_and(|key| self.seen.contains(&hash(key))) {
                    gone.push(stored.id);
                    example(&mut self.run.examples.gone, || stored.name);
                }
            }
        }
        self.run.gone = gone.len() as u64;
        if !options.prune || options.dry_run || gone.is_empty() {
            return Ok(());
        }
        if self.unknown > 0 {
            self.run.notes.push(format!(
                "{} refused rows have no key that could be read, so it is not known which products they are: nothing was \
                 removed; mend them and import again",
                self.unknown
            ));
            return Ok(());
        }
        if self.run.products() == 0 {
            return Err(Error::invalid("the source has no product: nothing was removed"));
        }
        let part = gone.len() as f64 / total as f64;
        if part > options.max_removals {
            return Err(Error::invalid(format!(
                "{} of {total} products are gone from the source, more than --max-removals {} %: nothing was removed",
                gone.len(),
                options.max_removals * 100.0
            )));
        }
        for ids in gone.chunks(BATCH) {
            self.run.removed += target.remove(ids).await?;
        }
        Ok(())
    }
}

fn example<T>(examples: &mut Vec<T>, example: impl FnOnce() -> T) {
    if examples.len() < EXAMPLES {
        examples.push(example());
    }
}

fn unwritable(error: std::io::Error) -> Error {
    Error::unavailable("the report cannot be written").with_source(error)
}
