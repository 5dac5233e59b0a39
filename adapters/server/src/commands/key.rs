//! `vitrina key`: keys of API clients.

use std::sync::Arc;

use anyhow::{Result, bail};
use vitrina::ShopBuilder;
use vitrina_core::KeyStore;
use vitrina_core::keys::ApiKey;

use super::say;
use crate::access::{new_secret, now};
use crate::cli::{KeyCommand, KeyCreateOptions, KeyStoreOptions};

const DAY: u64 = 24 * 3600;

/// Creates, lists or revokes keys.
///
/// # Errors
/// Those of the catalogue, keys that no store may hold, an id that no key has.
pub async fn key(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create(options) => create(options).await,
        KeyCommand::List(options) => {
            let keys = open(&options).await?.keys().await?;
            keys.iter().for_each(|key| say(&line(key, now())));
            Ok(())
        }
        KeyCommand::Revoke(options) => {
            if !open(&options.store).await?.revoke_key(&options.id).await? {
                bail!("there is no key {}: see `vitrina key list`", options.id);
            }
            say(&format!("revoked {}", options.id));
            Ok(())
        }
    }
}

async fn create(options: KeyCreateOptions) -> Result<()> {
    let (secret, id, digest) = new_secret()?;
    let (created, mut scopes) = (now(), options.scopes);
    scopes.sort_unstable();
    scopes.dedup();
    let key = ApiKey {
        id,
        digest,
        name: options.name,
        scopes,
        origins: options.origins,
        expires: options.days.map(|days| created.saturating_add(days.get().saturating_mul(DAY))),
        per_second: options.per_second,
        created,
    };
    key.validate()?;
    open(&options.store).await?.add_key(&key).await?;
    tracing::info!(id = key.id, "the key is shown this once: keep it where secrets are kept");
    say(&secret);
    Ok(())
}

async fn open(options: &KeyStoreOptions) -> Result<Arc<dyn KeyStore>> {
    let builder = ShopBuilder::default().data_dir(&options.data_dir);
    let builder = match &options.catalog {
        Some(url) => builder.catalog(url),
        None => builder,
    };
    Ok(builder.open_catalog().await?.keys)
}

/// A key as the list shows it.
fn line(key: &ApiKey, now: u64) -> String {
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.name()).collect();
    let expires = match key.expires {
        None => "never".to_owned(),
        Some(expires) if expires <= now => "expired".to_owned(),
        Some(expires) => format!("in {} days", (expires - now).div_ceil(DAY)),
    };
    let rate = key.per_second.map_or_else(|| "any".to_owned(), |rate| format!("{rate}/s"));
    let origins = if key.origins.is_empty() { "any".to_owned() } else { key.origins.join(",") };
    format!(
        "{}  scopes {}  origins {origins}  rate {rate}  expires {expires}  {}",
        key.id,
        scopes.join(","),
        key.name
    )
}
