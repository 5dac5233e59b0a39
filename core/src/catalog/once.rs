//! Idempotency keys: requests that clients may send again and that are carried out once.

use crate::product::Timestamp;
use crate::{Error, ProductId, Result};

/// A request that is carried out once, however often it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RequestKey {
    scope: String,
    key: String,
    fingerprint: [u8; 32],
    at: Timestamp,
}

/// What became of a request that is carried out once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// The IDs of the products that it wrote, in their order.
    pub ids: Vec<ProductId>,
    /// Whether an earlier call had carried it out, and this one wrote nothing.
    pub repeated: bool,
}

impl RequestKey {
    /// The longest key, in bytes.
    pub const LONGEST: usize = 255;
    /// How long a request is remembered, in seconds.
    pub const LIFETIME: i64 = 24 * 60 * 60;
    /// How many requests of one scope are remembered: beyond it the oldest are forgotten.
    pub const MOST: usize = 10_000;

    /// Creates the key of a request that arrives now.
    ///
    /// `scope` is whose request it is: keys of different scopes are different. `fingerprint` is a digest of everything that
    /// the request says.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a key that is empty, longer than [`LONGEST`](Self::LONGEST), or not of visible
    /// ASCII characters and spaces.
    pub fn new(scope: impl Into<String>, key: impl Into<String>, fingerprint: [u8; 32]) -> Result<Self> {
        let (scope, key) = (scope.into(), key.into());
        let is_plain = key.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if key.is_empty() || key.len() > Self::LONGEST || !is_plain {
            let most = Self::LONGEST;
            return Err(Error::invalid(format!(
                "an idempotency key has 1 to {most} visible ASCII characters: a UUID makes a good one"
            )));
        }
        Ok(Self { scope, key, fingerprint, at: Timestamp::now() })
    }

    /// The same key of a request that arrives at another moment.
    #[must_use]
    pub fn at(mut self, moment: Timestamp) -> Self {
        self.at = moment;
        self
    }

    /// Whose request it is.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The key that the client gave it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The digest of what the request says.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// When it arrived.
    pub fn moment(&self) -> Timestamp {
        self.at
    }

    /// The moment up to which earlier requests are forgotten.
    pub fn forgotten_until(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_sub(Self::LIFETIME))
    }

    /// Checks that the request recorded under this key said the same.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a recorded fingerprint that differs.
    pub fn check(&self, recorded: &[u8]) -> Result<()> {
        if recorded == self.fingerprint {
            return Ok(());
        }
        Err(Error::invalid(
            "the idempotency key belongs to another request of the last 24 hours: give every request a key of its own",
        ))
    }

    /// The error of a request that arrives while the first of its key is carried out.
    pub fn running(&self) -> Error {
        Error::conflict(
            "the first request with this idempotency key is still carried out: try again in a moment",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_key_may_be() {
        let new = |key: &str| RequestKey::new("", key, [0; 32]);
        for key in ["8e03978e-40d5-43dd-bc93-6894a57f9324", "a b", "~"] {
            assert_eq!(new(key).unwrap().key(), key);
        }
        for key in ["", "ñ", "a\nb", &"x".repeat(256)] {
            assert_eq!(new(key).unwrap_err().kind(), crate::ErrorKind::Invalid, "{key}");
        }
    }
}
