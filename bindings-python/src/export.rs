//! Exports written to files.

use std::io::{BufWriter, Write};
use std::path::PathBuf;

use futures_util::{Stream, StreamExt, pin_mut};
use vitrina_core::Error;

use crate::errors::Failure;

/// Writes an export to a file and returns how many products are in it.
pub(crate) async fn to_file<E: Into<Failure>>(
    export: impl Stream<Item = Result<Vec<u8>, E>>,
    path: PathBuf,
) -> Result<usize, Failure> {
    let shown = path.display().to_string();
    let wrong = |error| Error::invalid(format!("{shown} cannot be written")).with_source(error);
    let (mut file, mut lines) = (BufWriter::new(std::fs::File::create(&path).map_err(wrong)?), 0);
    pin_mut!(export);
    while let Some(piece) = export.next().await {
        let piece = piece.map_err(Into::into)?;
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
        file.write_all(&piece).map_err(wrong)?;
    }
    file.flush().map_err(wrong)?;
    Ok(lines.saturating_sub(1))
}
