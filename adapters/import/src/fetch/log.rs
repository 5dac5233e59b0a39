//! Which photos were fetched, from where and with which validators, so that a second run fetches nothing.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use vitrina_core::{Error, Result};

use super::Validators;
use crate::lines::write_line;

/// A photo that was fetched, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FetchedPhoto {
    /// The key in the photo store; `None` while no attempt has succeeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the server said of it.
    pub validators: Validators,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When it was last asked for, in seconds since 1970.
    pub asked_at: i64,
}

#[derive(Serialize, Deserialize)]
struct Line {
    url: String,
    #[serde(flatten)]
    photo: FetchedPhoto,
}

/// Fetched photos by URL, in a file of JSON Lines that is appended to; the last line of a URL counts.
pub struct FetchLog {
    path: PathBuf,
    photos: Mutex<HashMap<String, FetchedPhoto>>,
}

/// Of how many lines at least a file is written anew that has more than two a URL.
const COMPACTED: usize = 1000;

impl FetchLog {
    /// Opens the log in a file, which is created with the first photo. A line that was cut off by a crash is passed over.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be read or written.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self> {
        let log = Self::unread(path);
        log.reload()?;
        Ok(log)
    }

    /// Creates the log of a file that is not read before [`reload`](Self::reload).
    pub fn unread(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), photos: Mutex::default() }
    }

    /// Reads the file again: another process may have fetched photos since.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn reload(&self) -> Result<()> {
        let mut photos = self.photos.lock().unwrap_or_else(PoisonError::into_inner);
        *photos = load(&self.path).map_err(|error| unusable(&self.path, error))?;
        Ok(())
    }

    /// Returns what is known of a URL.
    pub fn get(&self, url: &str) -> Option<FetchedPhoto> {
        self.photos.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    /// Returns the key of the photo that was fetched from a URL.
    pub fn key(&self, url: &str) -> Option<String> {
        self.get(url)?.key
    }

    /// Records what became of a URL.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be written.
    pub fn record(&self, url: &str, photo: FetchedPhoto) -> Result<()> {
        let mut photos = self.photos.lock().unwrap_or_else(PoisonError::into_inner);
        let line = Line { url: url.to_owned(), photo };
        append(&self.path, &line).map_err(|error| unusable(&self.path, error))?;
        photos.insert(line.url, line.photo);
        Ok(())
    }
}

/// Opens the file each time: another process may have written it anew since.
fn append(path: &Path, line: &Line) -> std::io::Result<()> {
    std::fs::create_dir_all(folder(path))?;
    write_line(&mut OpenOptions::new().create(true).append(true).open(path)?, line)
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

fn load(path: &Path) -> std::io::Result<HashMap<String, FetchedPhoto>> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(error),
    };
    let (mut photos, mut lines) = (HashMap::new(), 0_usize);
    for line in text.split(|byte| *byte == b'\n') {
        lines += 1;
        if let Ok(Line { url, photo }) = serde_json::from_slice(line) {
            photos.insert(url, photo);
        }
    }
    let cut_off = text.last().is_some_and(|byte| *byte != b'\n');
    if cut_off || lines > COMPACTED.max(photos.len() * 2) {
        let mut part = BufWriter::new(tempfile::NamedTempFile::new_in(folder(path))?);
        for (url, photo) in &photos {
            write_line(&mut part, &Line { url: url.clone(), photo: photo.clone() })?;
        }
        part.flush()?;
        part.into_inner()?.persist(path)?;
    }
    Ok(photos)
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::unavailable(format!("the log of fetched photos {} cannot be used", path.display()))
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_a_url_counts_and_a_cut_line_harms_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("imports/photos.jsonl");
        let log = FetchLog::open(&path).unwrap();
        let photo = |key: &str| FetchedPhoto { key: Some(key.into()), ..FetchedPhoto::default() };
        log.record("https://a.example/1.jpg", photo("old")).unwrap();
        log.record("https://a.example/1.jpg", photo("new")).unwrap();
        drop(log);
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        // As a crash leaves it.
        file.write_all(b"{\"url\":\"https://a.exam").unwrap();
        let log = FetchLog::open(&path).unwrap();
        assert_eq!(log.key("https://a.example/1.jpg").as_deref(), Some("new"));
        log.record("https://a.example/2.jpg", photo("two")).unwrap();
        let log = FetchLog::open(&path).unwrap();
        assert_eq!(log.key("https://a.example/2.jpg").as_deref(), Some("two"));
    }
}
