//! A file of products as a [`ProductSource`].

use std::path::PathBuf;

use async_trait::async_trait;
use tokio::task::{JoinHandle, spawn_blocking};
use vitrina_core::source::{MAX_SOURCE_BATCH, SourceBatch, SourceProblem};
use vitrina_core::{Error, NewProduct, ProductSource, Result};

use crate::options::FileOptions;
use crate::reader::FileReader;

type Read = (Box<FileReader>, Result<Option<SourceBatch>>);

/// The products of a file. The next batch is read while the caller works on the last one.
pub struct FileSource {
    description: String,
    notes: Vec<String>,
    /// The reader, or the batch that it is reading; `None` after an error.
    state: Option<State>,
}

enum State {
    Ready(Box<FileReader>),
    Reading(JoinHandle<Read>),
}

impl FileSource {
    /// Opens a file and detects what it is.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it cannot be read, or is no file of products; the message says
    /// what to do.
    pub async fn open(path: impl Into<PathBuf>, options: FileOptions) -> Result<Self> {
        let path = path.into();
        Self::of(move || FileReader::open(&path, &options)).await
    }

    /// Reads what a file holds, as [`open`](Self::open) does; messages call it `name`.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when there is no room for it in the folder of temporary files.
    pub async fn of_bytes(bytes: Vec<u8>, name: impl Into<String>, options: FileOptions) -> Result<Self> {
        let name = name.into();
        Self::of(move || FileReader::of_bytes(&bytes, &name, &options)).await
    }

    async fn of(open: impl FnOnce() -> Result<FileReader> + Send + 'static) -> Result<Self> {
        let reader = spawn_blocking(open).await.map_err(broken)??;
        Ok(Self {
            description: reader.description().to_owned(),
            notes: reader.notes(),
            state: Some(State::Ready(Box::new(reader))),
        })
    }
}

fn broken(error: tokio::task::JoinError) -> Error {
    Error::internal("reading the file broke off").with_source(error)
}

fn read(mut reader: Box<FileReader>, limit: usize) -> JoinHandle<Read> {
    spawn_blocking(move || {
        let batch = reader.next_batch(limit);
        (reader, batch)
    })
}

#[async_trait]
impl ProductSource for FileSource {
    fn description(&self) -> String {
        self.description.clone()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    async fn next_batch(&mut self, limit: usize) -> Result<Option<SourceBatch>> {
        let limit = limit.clamp(1, MAX_SOURCE_BATCH);
        let reading = match self.state.take() {
            None => return Ok(None),
            Some(State::Ready(reader)) => read(reader, limit),
            Some(State::Reading(reading)) => reading,
        };
        let (reader, batch) = reading.await.map_err(broken)?;
        self.notes = reader.notes();
        let batch = batch?;
        if batch.is_some() {
            self.state = Some(State::Reading(read(reader, limit)));
        }
        Ok(batch)
    }
}

/// Reads all products of a source whose every record must be right, such as a demo's.
///
/// # Errors
/// Those of the source, and [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the first record that is refused.
pub async fn read_all(source: &mut dyn ProductSource) -> Result<Vec<NewProduct>> {
    let mut products = Vec::new();
    while let Some(batch) = source.next_batch(MAX_SOURCE_BATCH).await? {
        if let Some(problem) = batch.problems.iter().find(|problem| problem.refused) {
            let SourceProblem { position, field, value, reason, .. } = problem;
            return Err(Error::invalid(format!("{position}, {field} `{value}`: {reason}")));
        }
        products.extend(batch.products.into_iter().map(|found| found.product));
    }
    Ok(products)
}
