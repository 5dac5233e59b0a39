//! Keys as the server knows them: digests, compared with the digest of what a client sends.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use poem::http::StatusCode;
use sha2::{Digest, Sha256};
use vitrina_core::keys::{ApiKey, KeyDigest, Scope};
use vitrina_core::{Error, KeyStore, Result};

use crate::api::Failure;

/// The fewest characters of the administration key.
const MIN_KEY: usize = 16;
/// What keys begin with, so that scanners of repositories recognise them.
const PREFIX: &str = "vitrina_";
/// The bytes of a key that are random.
const RANDOM: usize = 32;

/// The SHA-256 of a key. Digests are compared, so that the time it takes says nothing about the key.
fn digest(key: &str) -> KeyDigest {
    Sha256::digest(key.as_bytes()).into()
}

/// A new random key of 256 bits, its id, and its digest.
///
/// # Errors
/// When the system has no random numbers.
pub fn new_secret() -> Result<(String, String, KeyDigest)> {
    let (mut random, mut id) = ([0; RANDOM], [0; 6]);
    let source = rustls::crypto::ring::default_provider().secure_random;
    let filled = source.fill(&mut random).and_then(|()| source.fill(&mut id));
    filled.map_err(|_| Error::internal("the system gives no random numbers"))?;
    let secret = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random));
    let id = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let digest = digest(&secret);
    Ok((secret, id, digest))
}

/// The administration key of the flags, kept as a digest.
#[derive(Clone, PartialEq, Eq)]
pub struct AdminKey(KeyDigest);

impl AdminKey {
    /// Takes a key.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is too short to withstand guessing; the message does not repeat it.
    pub fn new(key: &str) -> Result<Self> {
        if key.chars().count() < MIN_KEY {
            return Err(Error::invalid(format!(
                "the administration key must have at least {MIN_KEY} characters: `openssl rand -hex 32` makes a good one"
            )));
        }
        Ok(Self(digest(key)))
    }

    pub(super) fn is(&self, key: &str) -> bool {
        self.0 == digest(key)
    }
}

impl fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AdminKey(…)")
    }
}

/// The keys of a store as they were when it was last read.
#[derive(Debug, Default)]
pub struct KeyRing {
    keys: RwLock<HashMap<KeyDigest, Known>>,
}

#[derive(Debug)]
struct Known {
    key: ApiKey,
    limiter: Option<Arc<DefaultDirectRateLimiter>>,
}

impl KeyRing {
    /// Reads the store; keys that were added count from now on, and revoked ones no more.
    ///
    /// # Errors
    /// Those of the store; the keys stay as they were.
    pub async fn refresh(&self, store: &dyn KeyStore) -> Result<()> {
        let keys = store.keys().await?;
        let mut known = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let mut before = std::mem::take(&mut *known);
        *known = keys
            .into_iter()
            .map(|key| {
                // A limiter lives as long as its key and rate, or reading anew would fill it up.
                let kept = before.remove(&key.digest).filter(|kept| kept.key.per_second == key.per_second);
                let limiter = kept.map_or_else(|| key.per_second.map(limiter), |kept| kept.limiter);
                (key.digest, Known { key, limiter })
            })
            .collect();
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Whether there is a key with this secret, whatever it allows.
    pub(super) fn knows(&self, given: &str) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).contains_key(&digest(given))
    }

    /// The ID of the key with this secret.
    pub(super) fn id_of(&self, given: &str) -> Option<String> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.get(&digest(given)).map(|known| known.key.id.clone())
    }

    pub(super) fn has_origin(&self, origin: &str) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.values().any(|known| known.key.origins.iter().any(|own| own.eq_ignore_ascii_case(origin)))
    }

    /// Lets the bearer of a key with this scope pass, from a page of this origin if it is one.
    pub(super) fn admit(
        &self,
        given: &str,
        scope: Scope,
        origin: Option<&str>,
    ) -> std::result::Result<(), Failure> {
        let forbidden = |detail: String| Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", detail));
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = keys.get(&digest(given)) else {
            return forbidden("the key is wrong, or was revoked".into());
        };
        if !known.key.allows(scope, now()) {
            return forbidden(format!("the key has expired, or does not have the scope `{scope}`"));
        }
        if let Some(origin) = origin
            && !known.key.serves(origin)
        {
            return forbidden("the key is for pages of other origins".into());
        }
        if known.limiter.as_ref().is_some_and(|limiter| limiter.check().is_err()) {
            let detail = "the key's rate is used up: send fewer requests a second";
            let failure = Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail);
            return Err(failure.retry_after(1));
        }
        Ok(())
    }
}

fn limiter(rate: NonZeroU32) -> Arc<DefaultDirectRateLimiter> {
    Arc::new(RateLimiter::direct(Quota::per_second(rate)))
}

/// The time in seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
