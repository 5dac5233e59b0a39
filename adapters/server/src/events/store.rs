//! A file of counts for each day: a line of JSON for each event.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::Event;
use crate::day::Day;

/// A file larger than this is not read again, in bytes.
const LARGEST: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    event: Event,
    count: u64,
}

/// The counts of a day; none where there is no file, or none that can be read.
pub(super) fn read(folder: &Path, day: Day) -> HashMap<Event, u64> {
    let Ok(file) = std::fs::File::open(path(folder, day)) else { return HashMap::new() };
    let lines = BufReader::new(file.take(LARGEST)).lines().map_while(Result::ok);
    let lines = lines.filter_map(|line| serde_json::from_str::<Line>(&line).ok());
    lines.map(|line| (line.event, line.count)).collect()
}

/// Replaces the file of a day, so that no reader sees half of it.
pub(super) fn write(folder: &Path, day: Day, events: &HashMap<Event, u64>) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut part = tempfile::Builder::new().prefix(".").suffix(".part").tempfile_in(folder)?;
    let mut buffer = io::BufWriter::new(part.as_file_mut());
    for (event, count) in events {
        serde_json::to_writer(&mut buffer, &Line { event: event.clone(), count: *count })?;
        buffer.write_all(b"\n")?;
    }
    buffer.flush()?;
    drop(buffer);
    part.persist(path(folder, day))?;
    Ok(())
}

fn path(folder: &Path, day: Day) -> PathBuf {
    folder.join(format!("{day}.jsonl"))
}
