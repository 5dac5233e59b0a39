//! The runs of a shop's imports, in a file of JSON Lines.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use vitrina_core::{Error, Result};

use super::ImportRun;
use crate::lines::write_line;

/// How many runs are kept.
const KEPT: usize = 500;

/// Recorded runs, the last 500.
pub struct RunLog {
    path: PathBuf,
    /// How many lines the file has; `None` before the first run of this process.
    lines: Mutex<Option<usize>>,
}

impl RunLog {
    /// Opens the log in a file, which is created with the first run.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), lines: Mutex::new(None) }
    }

    /// Records a run.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the file cannot be written.
    pub fn record(&self, run: &ImportRun) -> Result<()> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        self.append(run, &mut lines).map_err(|error| self.unusable(error))
    }

    /// Returns the last runs, the newest first; a line that was cut off is passed over.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the file cannot be read.
    pub fn last(&self, limit: usize) -> Result<Vec<ImportRun>> {
        let mut runs = self.read().map_err(|error| self.unusable(error))?;
        runs.reverse();
        runs.truncate(limit);
        Ok(runs)
    }

    fn append(&self, run: &ImportRun, lines: &mut Option<usize>) -> std::io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)?;
        let count = match *lines {
            Some(count) => count,
            None => self.read()?.len(),
        };
        if count < KEPT * 2 {
            write_line(&mut OpenOptions::new().create(true).append(true).open(&self.path)?, run)?;
            *lines = Some(count + 1);
            return Ok(());
        }
        let runs = self.read()?;
        let mut part = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
        for run in runs.iter().skip(runs.len().saturating_sub(KEPT)).chain([run]) {
            write_line(&mut part, run)?;
        }
        part.flush()?;
        part.into_inner()?.persist(&self.path)?;
        *lines = Some(runs.len().min(KEPT) + 1);
        Ok(())
    }

    fn read(&self) -> std::io::Result<Vec<ImportRun>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut runs = Vec::new();
        for line in BufReader::new(file).split(b'\n') {
            runs.extend(serde_json::from_slice::<ImportRun>(&line?));
        }
        Ok(runs)
    }

    fn unusable(&self, error: std::io::Error) -> Error {
        Error::unavailable(format!("the log of imports {} cannot be used", self.path.display()))
            .with_source(error)
    }
}
