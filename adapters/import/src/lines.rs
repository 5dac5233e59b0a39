//! JSON Lines: one value a line, as reports and logs are written.

use std::io::{self, Write};

use serde::Serialize;

/// Writes a value as one line, in one call, so that a crash leaves at most the last line cut off.
pub(crate) fn write_line(to: &mut (impl Write + ?Sized), value: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    to.write_all(&line)
}
