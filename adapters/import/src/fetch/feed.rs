//! A feed by URL, kept in a folder so that it is fetched again only when it has changed.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vitrina_core::{Error, Result};

use super::{FetchPolicy, Fetched, Fetcher, Validators};

/// What fetching a feed brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedState {
    /// It is as it was when it was last accepted.
    Unchanged,
    /// A file with the current feed; [`Feed::accept`] keeps it.
    Changed(PathBuf),
}

/// A feed and what is known of it.
pub struct Feed {
    url: String,
    fetcher: Fetcher,
    /// Where the feed and its validators are kept, without an ending.
    base: PathBuf,
    fetched: Option<Kept>,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    url: String,
    validators: Validators,
    /// Of the body: servers without validators send the same feed again.
    sha256: String,
}

impl Feed {
    /// Creates a feed that is kept in this folder.
    ///
    /// # Errors
    /// When the folder cannot be created or the HTTP client cannot.
    pub fn new(url: impl Into<String>, folder: &Path, policy: FetchPolicy) -> Result<Self> {
        let url = url.into();
        std::fs::create_dir_all(folder).map_err(|error| unusable(folder, error))?;
        Ok(Self {
            fetcher: Fetcher::new(policy)?,
            base: folder.join(format!("feed-{:.16x}", Sha256::digest(url.as_bytes()))),
            url,
            fetched: None,
        })
    }

    /// Fetches the feed, unless it is as it was when it was last accepted.
    ///
    /// # Errors
    /// What the policy refuses and failures of the server; an empty feed is a failure.
    pub async fn fetch(&mut self) -> Result<FeedState> {
        let kept = self.kept().unwrap_or_default();
        let path = self.base.with_extension("new");
        let mut file = File::create(&path).map_err(|error| unusable(&path, error))?;
        let validators = match self.fetcher.fetch(&self.url, &kept.validators, &mut file).await? {
            Fetched::NotModified => return Ok(FeedState::Unchanged),
            Fetched::Body(validators) => validators,
        };
        let (hashed, sha256) = (path.clone(), kept.sha256);
        let hash = tokio::task::spawn_blocking(move || hash(&hashed)).await;
        let hash = hash.map_err(|error| Error::internal("the feed could not be read").with_source(error))?;
        let (length, hash) = hash.map_err(|error| unusable(&path, error))?;
        if length == 0 {
            return Err(Error::unavailable(format!("{} is empty", self.url)));
        }
        let unchanged = hash == sha256;
        self.fetched = Some(Kept { url: self.url.clone(), validators, sha256: hash });
        if unchanged {
            self.accept()?;
            return Ok(FeedState::Unchanged);
        }
        Ok(FeedState::Changed(path))
    }

    /// Records that what was fetched last was imported.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be written.
    pub fn accept(&mut self) -> Result<()> {
        let Some(kept) = self.fetched.take() else { return Ok(()) };
        let path = self.base.with_extension("json");
        let text = serde_json::to_vec(&kept)
            .map_err(|error| Error::internal("the feed's state").with_source(error))?;
        std::fs::write(&path, text).map_err(|error| unusable(&path, error))
    }

    fn kept(&self) -> Option<Kept> {
        serde_json::from_slice(&std::fs::read(self.base.with_extension("json")).ok()?).ok()
    }
}

fn hash(path: &Path) -> std::io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let length = std::io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok((length, format!("{:x}", hasher.finalize())))
}

fn unusable(path: &Path, error: std::io::Error) -> Error {
    Error::unavailable(format!("{} cannot be used", path.display())).with_source(error)
}
