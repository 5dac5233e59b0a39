//! Splitting files into records: bounded in size, and going on after what is malformed.

mod csv;
mod json;
mod xml;

use vitrina_core::Result;
use vitrina_core::source::SourceProblem;

use crate::row::Row;

pub(crate) use csv::{CsvRecords, Table};
pub(crate) use json::{JsonRecords, row as json_row};
pub(crate) use xml::XmlRecords;

/// The largest record in bytes.
pub(crate) const MAX_RECORD: usize = 1 << 20;

/// What stands at a position of a file.
#[derive(Debug)]
pub(crate) enum Record {
    /// A record.
    Row(Row),
    /// Something that is none.
    Bad(SourceProblem),
}

/// The records of a file.
pub(crate) trait Records: Send {
    /// Returns the next record; `None` after the last one.
    ///
    /// # Errors
    /// When the file cannot be read on, or is cut off.
    fn next(&mut self) -> Result<Option<Record>>;

    /// Returns where the next record begins, as offset and line.
    fn position(&self) -> (u64, u64);

    /// Goes on from a position that [`position`](Self::position) returned.
    fn seek(&mut self, position: (u64, u64));
}
