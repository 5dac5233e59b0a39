//! Where an index lies: in memory, or in a directory that is made anew when it cannot be used.

use std::fs;
use std::io::ErrorKind as IoErrorKind;
use std::path::Path;

use tantivy::directory::error::{LockError, OpenReadError};
use tantivy::directory::{DirectoryLock, INDEX_WRITER_LOCK, MmapDirectory};
use tantivy::{Directory, Index, TantivyError};
use vitrina_core::catalog::FeedPosition;
use vitrina_core::{Error, Result};

use crate::failed;
use crate::schema::{VERSION, schema, tokenizers};

/// An index in memory.
pub(crate) fn in_memory() -> Result<Index> {
    let (schema, _) = schema();
    Index::builder().schema(schema).tokenizers(tokenizers()).create_in_ram().map_err(failed)
}

/// The index in this directory; an empty one where there is none, or none that can be used.
pub(crate) fn open(path: &Path, source: &Source) -> Result<Index> {
    let shown = path.display();
    let unusable = |error: TantivyError| {
        Error::unavailable(format!("the directory {shown} of the search index cannot be used"))
            .with_source(error)
    };
    fs::create_dir_all(path).map_err(|error| unusable(error.into()))?;
    let directory = MmapDirectory::open(path).map_err(|error| unusable(error.into()))?;
    let lock = lock(&directory, path)?;
    match check(&directory, source) {
        Ok(()) => {}
        Err(error) if is_damage(&error) => {
            tracing::warn!(directory = %shown, %error, "the search index cannot be used and is built anew");
            clear(path).map_err(|error| unusable(error.into()))?;
        }
        Err(error) => return Err(unusable(error)),
    }
    drop(lock); // the writer takes it again
    let (schema, _) = schema();
    Index::builder().schema(schema).tokenizers(tokenizers()).open_or_create(directory).map_err(unusable)
}

/// Keeps other processes away, so that what they write is not taken for damage.
fn lock(directory: &MmapDirectory, path: &Path) -> Result<DirectoryLock> {
    directory.acquire_lock(&INDEX_WRITER_LOCK).map_err(|error| match error {
        LockError::LockBusy => Error::unavailable(format!(
            "another process uses the search index in {}: give every server a directory of its own",
            path.display()
        )),
        error => failed(TantivyError::from(error)),
    })
}

/// Reads everything there is once; an index that is not there yet is in order.
fn check(directory: &MmapDirectory, source: &Source) -> Result<(), TantivyError> {
    if !Index::exists(directory)? {
        return Ok(());
    }
    let index = Index::open(directory.clone())?;
    if index.schema() != schema().0 || source.committed_position(&index)?.is_none() {
        let reason = "it was written by another version, or belongs to another catalogue";
        return Err(TantivyError::SchemaError(reason.into()));
    }
    match index.validate_checksum()?.into_iter().next() {
        Some(file) => Err(TantivyError::SchemaError(format!("the file {} is damaged", file.display()))),
        None => index.reader().map(|_| ()),
    }
}

/// Whether an error is about the content of the directory, and not of the machine.
fn is_damage(error: &TantivyError) -> bool {
    let wrong_bytes = |kind: IoErrorKind| {
        matches!(
            kind,
            IoErrorKind::UnexpectedEof
                | IoErrorKind::InvalidData
                | IoErrorKind::InvalidInput
                | IoErrorKind::Other
        )
    };
    match error {
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }) => wrong_bytes(io_error.kind()),
        TantivyError::IoError(io_error) => wrong_bytes(io_error.kind()),
        TantivyError::OpenReadError(_)
        | TantivyError::DataCorruption(_)
        | TantivyError::IncompatibleIndex(_)
        | TantivyError::SchemaError(_)
        | TantivyError::DeserializeError(_)
        | TantivyError::MissingPlugin(_)
        | TantivyError::InternalError(_) => true,
        _ => false,
    }
}

/// Removes the files of an index, and no others: the directory may be somebody's home.
fn clear(path: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(is_ours) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    let of_segment = name.split_once('.').is_some_and(|(segment, ending)| {
        segment.len() == 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit()) && !ending.is_empty()
    });
    of_segment || matches!(name, "meta.json" | ".managed.json")
}

/// What an index was made from: the version of the schema and a name of what it indexes, written with every commit.
#[derive(Debug, Clone)]
pub(crate) struct Source(String);

impl Source {
    /// The source of this name, such as the identity of a catalogue.
    pub(crate) fn new(name: &str) -> Self {
        // The name may hold anything, spaces too.
        Self(format!("vitrina {VERSION} {:?} ", name))
    }

    /// What is written with a commit at this position of the change feed.
    pub(crate) fn payload(&self, position: FeedPosition) -> String {
        format!("{}{}", self.0, position.0)
    }

    /// The position of the last commit; `None` where the index was made from something else.
    pub(crate) fn committed_position(&self, index: &Index) -> Result<Option<FeedPosition>, TantivyError> {
        let metas = index.load_metas()?;
        let Some(payload) = metas.payload else {
            // created, but never written to
            return Ok(metas.segments.is_empty().then_some(FeedPosition(0)));
        };
        let position = payload.strip_prefix(&self.0);
        Ok(position.and_then(|position| position.parse().ok()).map(FeedPosition))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_an_index_are_removed() {
        assert!(is_ours("meta.json") && is_ours("0123456789abcdef0123456789abcdef.store"));
        assert!(is_ours("0123456789abcdef0123456789abcdef.17.del"));
        for name in
            ["vitrina.sqlite", "0123456789abcdef0123456789abcdef", "photo.jpg", ".tantivy-writer.lock"]
        {
            assert!(!is_ours(name), "{name}");
        }
    }
}
