//! The keys of API clients, in either database.

use async_trait::async_trait;
use vitrina_core::keys::ApiKey;
use vitrina_core::{Error, KeyStore, Result};

#[cfg(feature = "mariadb")]
use crate::MariaDbCatalog;
#[cfg(feature = "sqlite")]
use crate::SqliteCatalog;
use crate::from_row::from_row;

const SELECT: &str = "SELECT id, digest, name, scopes, origins, expires, per_second, created FROM vitrina_key ORDER BY created, id";
const INSERT: &str = "INSERT INTO vitrina_key (id, digest, name, scopes, origins, expires, per_second, created) \
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const DELETE: &str = "DELETE FROM vitrina_key WHERE id = ?";

from_row! {
    /// A row of `vitrina_key`.
    struct KeyRow {
        id: String,
        digest: Vec<u8>,
        name: String,
        scopes: String,
        origins: String,
        expires: Option<i64>,
        per_second: Option<i64>,
        created: i64,
    }
}

impl KeyRow {
    /// The key; `None` for what another program wrote: it opens nothing.
    fn decode(self) -> Option<ApiKey> {
        let list = |text: &str| text.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        let names: Vec<String> = list(&self.scopes);
        Some(ApiKey {
            id: self.id,
            digest: self.digest.try_into().ok()?,
            name: self.name,
            // A scope of a later version is left out, and the rest of the key counts.
            scopes: names.iter().filter_map(|name| name.parse().ok()).collect(),
            origins: list(&self.origins),
            expires: self.expires.map(|expires| u64::try_from(expires).unwrap_or(0)),
            per_second: match self.per_second {
                Some(rate) => Some(u32::try_from(rate).ok()?.try_into().ok()?),
                None => None,
            },
            created: u64::try_from(self.created).unwrap_or(0),
        })
    }
}

/// Binds a key's columns to [`INSERT`].
macro_rules! bind_key {
    ($query:expr, $key:expr) => {
        $query
            .bind(&$key.id)
            .bind($key.digest.to_vec())
            .bind(&$key.name)
            .bind($key.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(","))
            .bind($key.origins.join(","))
            .bind($key.expires.map(|expires| i64::try_from(expires).unwrap_or(i64::MAX)))
            .bind($key.per_second.map(|rate| i64::from(rate.get())))
            .bind(i64::try_from($key.created).unwrap_or(i64::MAX))
    };
}

fn decode(rows: Vec<KeyRow>) -> Vec<ApiKey> {
    rows.into_iter().filter_map(KeyRow::decode).collect()
}

fn duplicate(error: sqlx::Error, translate: impl Fn(sqlx::Error) -> Error) -> Error {
    if error.as_database_error().is_some_and(|error| error.is_unique_violation()) {
        return Error::invalid("there is a key of this id already");
    }
    translate(error)
}

#[cfg(feature = "sqlite")]
#[async_trait]
impl KeyStore for SqliteCatalog {
    async fn keys(&self) -> Result<Vec<ApiKey>> {
        let rows = sqlx::query_as(SELECT).fetch_all(self.readers()).await;
        rows.map(decode).map_err(crate::sqlite::translate)
    }

    async fn add_key(&self, key: &ApiKey) -> Result<()> {
        key.validate()?;
        let added = bind_key!(sqlx::query(INSERT), key).execute(self.writer()).await;
        added.map(|_| ()).map_err(|error| duplicate(error, crate::sqlite::translate))
    }

    async fn revoke_key(&self, id: &str) -> Result<bool> {
        let revoked = sqlx::query(DELETE).bind(id).execute(self.writer()).await;
        revoked.map(|revoked| revoked.rows_affected() > 0).map_err(crate::sqlite::translate)
    }
}

#[cfg(feature = "mariadb")]
#[async_trait]
impl KeyStore for MariaDbCatalog {
    async fn keys(&self) -> Result<Vec<ApiKey>> {
        let rows = sqlx::query_as(SELECT).fetch_all(self.connections()).await;
        rows.map(decode).map_err(crate::mariadb::translate)
    }

    async fn add_key(&self, key: &ApiKey) -> Result<()> {
        key.validate()?;
        let added = bind_key!(sqlx::query(INSERT), key).execute(self.connections()).await;
        added.map(|_| ()).map_err(|error| duplicate(error, crate::mariadb::translate))
    }

    async fn revoke_key(&self, id: &str) -> Result<bool> {
        let revoked = sqlx::query(DELETE).bind(id).execute(self.connections()).await;
        revoked.map(|revoked| revoked.rows_affected() > 0).map_err(crate::mariadb::translate)
    }
}
