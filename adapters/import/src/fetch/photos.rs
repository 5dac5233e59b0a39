//! Photos by URL.

use std::io::Cursor;
use std::sync::Arc;

use vitrina_core::Result;
use vitrina_core::product::Timestamp;

use super::{FetchLog, FetchPolicy, Fetched, FetchedPhoto, Fetcher, Validators};

/// For how many seconds a photo is not asked for again.
const FRESH: i64 = 86_400;
/// After how many seconds a photo that could not be fetched is tried again.
const TRIED_AGAIN: i64 = 3600;

/// What became of a photo.
#[derive(Debug)]
pub enum PhotoOutcome {
    /// The photo in the store is the current one.
    Known(String),
    /// A new photo; [`PhotoFetcher::stored`] records its key.
    New(NewPhoto),
    /// It failed lately, and is not tried yet.
    Waiting(String),
}

/// A photo that was fetched.
#[derive(Debug)]
pub struct NewPhoto {
    /// The encoded picture.
    pub bytes: Vec<u8>,
    validators: Validators,
}

/// Fetches photos and remembers which it has.
pub struct PhotoFetcher {
    fetcher: Fetcher,
    log: Arc<FetchLog>,
}

impl PhotoFetcher {
    /// Creates a fetcher with a log.
    ///
    /// # Errors
    /// When the HTTP client cannot be created.
    pub fn new(policy: FetchPolicy, log: Arc<FetchLog>) -> Result<Self> {
        Ok(Self { fetcher: Fetcher::new(policy)?, log })
    }

    /// Returns how many photos may be fetched at once.
    pub fn at_once(&self) -> usize {
        self.fetcher.policy().at_once.max(1)
    }

    /// Returns the log.
    pub fn log(&self) -> &Arc<FetchLog> {
        &self.log
    }

    /// Fetches a photo unless the store has the current one. A failure is recorded and tried again an hour later.
    ///
    /// # Errors
    /// What the policy refuses, and failures of the server.
    pub async fn fetch(&self, url: &str) -> Result<PhotoOutcome> {
        let now = Timestamp::now().0;
        let known = self.log.get(url).unwrap_or_default();
        match (&known.key, &known.failure) {
            (Some(key), None) if now - known.asked_at < FRESH => return Ok(PhotoOutcome::Known(key.clone())),
            (_, Some(failure)) if now - known.asked_at < TRIED_AGAIN => {
                return Ok(PhotoOutcome::Waiting(failure.clone()));
            }
            _ => {}
        }
        // Without the photo its validators say nothing.
        let validators = if known.key.is_some() { known.validators.clone() } else { Validators::default() };
        let mut body = Cursor::new(Vec::new());
        match self.fetcher.fetch(url, &validators, &mut body).await {
            Ok(Fetched::Body(validators)) => {
                Ok(PhotoOutcome::New(NewPhoto { bytes: body.into_inner(), validators }))
            }
            Ok(Fetched::NotModified) => {
                let key = known.key.clone().unwrap_or_default();
                self.log.record(url, FetchedPhoto { asked_at: now, failure: None, ..known })?;
                Ok(PhotoOutcome::Known(key))
            }
            Err(error) => {
                self.failed(url, &error.to_string())?;
                Err(error)
            }
        }
    }

    /// Records that a photo is in the store under a key.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn stored(&self, url: &str, photo: NewPhoto, key: &str) -> Result<()> {
        let NewPhoto { validators, .. } = photo;
        self.log.record(
            url,
            FetchedPhoto {
                key: Some(key.to_owned()),
                validators,
                failure: None,
                asked_at: Timestamp::now().0,
            },
        )
    }

    /// Records that a photo cannot be used.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub fn failed(&self, url: &str, reason: &str) -> Result<()> {
        let known = self.log.get(url).unwrap_or_default();
        self.log.record(
            url,
            FetchedPhoto { failure: Some(reason.to_owned()), asked_at: Timestamp::now().0, ..known },
        )
    }
}
