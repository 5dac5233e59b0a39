//! Opening a source again and again: files and feeds when they changed, databases whenever asked.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use vitrina_core::product::Timestamp;
use vitrina_core::{Error, ProductSource, Result};

use crate::fetch::{Feed, FeedState, FetchPolicy};
use crate::{DatabaseOptions, DatabaseSource, FileOptions, FileSource, System};

/// Where products come from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SourceSpec {
    /// A file.
    File(PathBuf),
    /// A feed or another file at an `http(s)` URL.
    Url(String),
    /// The database of a shop system.
    Database(DatabaseOptions),
}

impl SourceSpec {
    /// Reads a file's path, an `http(s)` URL, or a database with its system, such as `prestashop+mysql://…`.
    pub fn parse(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        for system in System::ALL {
            let database = text.strip_prefix(system.name()).and_then(|rest| rest.strip_prefix('+'));
            if let Some(url) = database {
                return Self::Database(DatabaseOptions::new(system, url));
            }
        }
        match lower.starts_with("http://") || lower.starts_with("https://") {
            true => Self::Url(text.to_owned()),
            false => Self::File(text.into()),
        }
    }
}

/// Opens a source.
pub struct Opener {
    spec: SourceSpec,
    options: FileOptions,
    feed: Option<Feed>,
    /// When and how long the file was that was accepted, and that is open.
    accepted: Option<FileState>,
    opened: Option<FileState>,
}

type FileState = (SystemTime, u64);

impl Opener {
    /// Creates an opener; feeds are kept in `folder` and fetched within `policy`.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub fn new(
        spec: SourceSpec,
        options: FileOptions,
        folder: &Path,
        policy: Option<FetchPolicy>,
    ) -> Result<Self> {
        let feed = match (&spec, policy) {
            (SourceSpec::Url(url), Some(policy)) => Some(Feed::new(url, folder, policy)?),
            (SourceSpec::Url(_), None) => {
                return Err(Error::invalid("a feed needs a policy of what may be fetched"));
            }
            _ => None,
        };
        Ok(Self { spec, options, feed, accepted: None, opened: None })
    }

    /// Opens the source; `None` if it is a file or feed that has not changed since it was accepted.
    ///
    /// Of a database only what changed at `since` or later is read.
    ///
    /// # Errors
    /// Those of the source.
    pub async fn open(&mut self, since: Option<Timestamp>) -> Result<Option<Box<dyn ProductSource>>> {
        let path = match (&self.spec, &mut self.feed) {
            (SourceSpec::Database(options), _) => {
                let mut options = options.clone();
                options.changed_since = since;
                return Ok(Some(Box::new(DatabaseSource::open(options).await?)));
            }
            (SourceSpec::Url(_), Some(feed)) => match feed.fetch().await? {
                FeedState::Unchanged => return Ok(None),
                FeedState::Changed(path) => path,
            },
            (SourceSpec::Url(url), None) => return Err(Error::internal(format!("{url} has no feed"))),
            (SourceSpec::File(path), _) => {
                let unreadable = |error| {
                    Error::unavailable(format!("{} cannot be read", path.display())).with_source(error)
                };
                let metadata = std::fs::metadata(path).map_err(unreadable)?;
                let state = (metadata.modified().map_err(unreadable)?, metadata.len());
                if self.accepted == Some(state) {
                    return Ok(None);
                }
                self.opened = Some(state);
                path.clone()
            }
        };
        Ok(Some(Box::new(FileSource::open(path, self.options.clone()).await?)))
    }

    /// Records that what was opened last was imported whole.
    ///
    /// # Errors
    /// When that cannot be written.
    pub fn accept(&mut self) -> Result<()> {
        self.accepted = self.opened.take().or(self.accepted);
        self.feed.as_mut().map_or(Ok(()), Feed::accept)
    }
}
