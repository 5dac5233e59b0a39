//! The flags of `vitrina key`.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use vitrina_core::keys::Scope;

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Create a key, and print it once: only its digest is stored
    Create(KeyCreateOptions),
    /// List the keys, without what is secret
    List(KeyStoreOptions),
    /// Revoke a key: running servers refuse it within seconds
    Revoke(KeyRevokeOptions),
}

/// Where the keys are.
#[derive(Debug, Args)]
pub struct KeyStoreOptions {
    /// The catalogue, as for `vitrina serve`; by default a SQLite file in the data folder
    #[arg(long, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub catalog: Option<String>,
    /// The data folder of the embedded default
    #[arg(long, env = "VITRINA_DATA_DIR", value_name = "DIR", default_value = "vitrina-data")]
    pub data_dir: PathBuf,
}

/// Which key to create.
#[derive(Debug, Args)]
pub struct KeyCreateOptions {
    /// Whose key it is, for the list
    pub name: String,
    /// What it allows: `search`, `events`, `metrics`, or `admin` for everything; may be repeated
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    pub scopes: Vec<Scope>,
    /// A web page's origin that may use it, such as `https://shop.example`; may be repeated
    #[arg(long = "origin", value_name = "ORIGIN")]
    pub origins: Vec<String>,
    /// After how many days it expires
    #[arg(long, value_name = "DAYS")]
    pub days: Option<NonZeroU64>,
    /// How many requests a second it allows, on each server
    #[arg(long, value_name = "N")]
    pub per_second: Option<NonZeroU32>,
    /// Where the keys are.
    #[command(flatten)]
    pub store: KeyStoreOptions,
}

/// Which key to revoke.
#[derive(Debug, Args)]
pub struct KeyRevokeOptions {
    /// The key's id, as `vitrina key list` shows it
    pub id: String,
    /// Where the keys are.
    #[command(flatten)]
    pub store: KeyStoreOptions,
}
