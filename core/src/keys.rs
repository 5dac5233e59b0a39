//! Keys of API clients: what their bearers may do, from where, until when, and how often.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use async_trait::async_trait;

use crate::{Error, Result};

/// What a key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Scope {
    /// Searching and listing products.
    Search,
    /// Reporting what customers did.
    Events,
    /// Writing to the catalogue; includes all others.
    Admin,
    /// Reading metrics and the details of readiness.
    Metrics,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 4] = [Self::Search, Self::Events, Self::Admin, Self::Metrics];

    /// The scope's name, such as `search`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Events => "events",
            Self::Admin => "admin",
            Self::Metrics => "metrics",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scope {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name).ok_or_else(|| {
            Error::invalid(format!("there is no scope `{name}`: use search, events, admin or metrics"))
        })
    }
}

/// The SHA-256 of a key. A key is random and long, so its digest can neither be turned back nor guessed.
pub type KeyDigest = [u8; 32];

/// A key of an API client, without the key itself.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// What it is listed and revoked by; not secret.
    pub id: String,
    /// The digest of the key.
    pub digest: KeyDigest,
    /// Whose key it is, for people.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// The origins of web pages that may use it, such as `https://shop.example`; empty for no restriction.
    pub origins: Vec<String>,
    /// When it expires, in seconds since 1970.
    pub expires: Option<u64>,
    /// How many requests a second it allows.
    pub per_second: Option<NonZeroU32>,
    /// When it was created, in seconds since 1970.
    pub created: u64,
}

/// Leaves the digest out: logs are no place for it.
impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id).field("scopes", &self.scopes).finish_non_exhaustive()
    }
}

impl ApiKey {
    /// The longest name in characters, and the most origins.
    const BOUNDS: (usize, usize) = (200, 20);

    /// Checks what no store may hold.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) without a name or a scope, with too long a name, with too many origins, or one
    /// that is not `https://HOST` or `http://HOST`, with a port where it has one.
    pub fn validate(&self) -> Result<()> {
        let (length, origins) = Self::BOUNDS;
        if self.name.trim().is_empty() || self.name.chars().count() > length {
            return Err(Error::invalid(format!("a key needs a name of at most {length} characters")));
        }
        if self.scopes.is_empty() {
            return Err(Error::invalid("a key needs at least one scope: search, events, admin or metrics"));
        }
        if self.origins.len() > origins {
            return Err(Error::invalid(format!("a key has at most {origins} origins")));
        }
        self.origins.iter().try_for_each(|origin| check_origin(origin))
    }

    /// Whether it allows something at this time, in seconds since 1970.
    pub fn allows(&self, scope: Scope, now: u64) -> bool {
        let included = self.scopes.iter().any(|own| *own == scope || *own == Scope::Admin);
        included && self.expires.is_none_or(|expires| now < expires)
    }

    /// Whether a web page of this origin may use it.
    pub fn serves(&self, origin: &str) -> bool {
        self.origins.is_empty() || self.origins.iter().any(|own| own.eq_ignore_ascii_case(origin))
    }
}

/// Checks that a text is the origin of web pages (RFC 6454), as browsers send it.
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) for anything but `https://HOST` or `http://HOST`, with a port where it has one.
pub fn check_origin(origin: &str) -> Result<()> {
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    if host.is_some_and(|host| !host.is_empty() && host.chars().all(plain)) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{origin}` is no origin: write https://shop.example, without a path")))
}

/// Where the keys of API clients are kept.
///
/// # Contract
///
/// - A key that was added is among [`keys`](Self::keys) from then on, for every process that shares the store, until it is
///   revoked.
/// - Adding a key whose id exists is [`Invalid`](crate::ErrorKind::Invalid); revoking one that does not exist is not an error.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// All keys, in the order of their creation.
    async fn keys(&self) -> Result<Vec<ApiKey>>;

    /// Adds a key.
    async fn add_key(&self, key: &ApiKey) -> Result<()>;

    /// Removes a key and returns whether there was one.
    async fn revoke_key(&self, id: &str) -> Result<bool>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> ApiKey {
        ApiKey {
            id: "a".into(),
            digest: [0; 32],
            name: "Shop window".into(),
            scopes: vec![Scope::Search],
            origins: vec!["https://shop.example".into()],
            expires: Some(100),
            per_second: None,
            created: 1,
        }
    }

    #[test]
    fn a_key_allows_its_scopes_until_it_expires() {
        assert!(key().allows(Scope::Search, 99) && !key().allows(Scope::Search, 100));
        assert!(!key().allows(Scope::Admin, 1) && !key().allows(Scope::Metrics, 1));
        let admin = ApiKey { scopes: vec![Scope::Admin], expires: None, ..key() };
        assert!(Scope::ALL.into_iter().all(|scope| admin.allows(scope, u64::MAX)));
        assert!(key().serves("https://SHOP.example") && !key().serves("https://shop.example.net"));
    }

    #[test]
    fn what_no_store_may_hold() {
        assert!(key().validate().is_ok());
        for wrong in
            ["shop.example", "https://", "https://shop.example/path", "javascript:alert(1)", "null", "*"]
        {
            assert!(ApiKey { origins: vec![wrong.into()], ..key() }.validate().is_err(), "{wrong}");
        }
        assert!(ApiKey { name: " ".into(), ..key() }.validate().is_err());
        assert!(ApiKey { scopes: Vec::new(), ..key() }.validate().is_err());
        assert!("everything".parse::<Scope>().is_err());
    }
}
