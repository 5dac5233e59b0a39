//! Vitrina's [`Catalog`] in a database: SQLite for one machine, MariaDB for many servers.
//!
//! [`open`] picks the adapter by URL and brings the database to the present schema:
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let catalog = vitrina_sql::open("sqlite::memory:").await?;
//! assert_eq!(catalog.count().await?, 0);
//! # Ok::<(), vitrina_core::Error>(())
//! # }).unwrap();
//! ```
//!
//! The tables are the shop's: `category`, `product`, and beside them `product_photo`, which triggers fill, and
//! `product_embedding`. Other programs may read and write them; triggers bring their writes to the change feed (tables named `vitrina_…`, which are ours alone). What no
//! trigger sees does not show up: `TRUNCATE`, and tables that are dropped and made anew.
//!
//! The cargo features `sqlite` and `mariadb`, both on by default, bring the databases; one of them is needed.

#![forbid(unsafe_code)]

#[cfg(feature = "baseline")]
pub mod baseline;
mod details;
mod drafts;
mod failure;
mod feed;
mod from_row;
#[cfg(any(feature = "sqlite", feature = "mariadb"))]
mod keys;
mod listing;
#[cfg(feature = "mariadb")]
mod mariadb;
#[cfg(any(feature = "sqlite", feature = "mariadb"))]
mod migrations;
mod modification;
mod offers;
mod requests;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::sync::Arc;

use vitrina_core::{Catalog, Error, KeyStore, Result};

#[cfg(feature = "mariadb")]
pub use mariadb::MariaDbCatalog;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteCatalog;

/// Opens the catalogue that `url` names and brings its schema up to date.
///
/// - `sqlite:PATH` or `sqlite://PATH`: a file, made with its folders where it does not exist; `sqlite::memory:` forgets
///   everything when it is dropped.
/// - `mariadb://USER:PASSWORD@HOST:PORT/DATABASE` or `mysql://…`: MariaDB 10.11 or newer. The database must exist; tables
///   of a shop in it are taken over as [`MariaDbCatalog::open`] says. `?ssl-mode=REQUIRED` insists on TLS, `VERIFY_CA` and
///   `VERIFY_IDENTITY` also check the server's certificate, against the authorities that this machine trusts and those of
///   `&ssl-ca=FILE` (PEM). Without `ssl-mode` TLS is used where the server offers it, and nothing is checked.
///
/// Several servers may open the same catalogue at the same time.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a URL that names no database we know,
/// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be reached, and
/// [`Internal`](vitrina_core::ErrorKind::Internal) when it cannot be used as it is.
pub async fn open(url: &str) -> Result<Arc<dyn Catalog>> {
    Ok(open_with_keys(url).await?.0)
}

/// As [`open`], with the keys of API clients, which lie in the same database.
///
/// # Errors
/// As [`open`].
pub async fn open_with_keys(url: &str) -> Result<(Arc<dyn Catalog>, Arc<dyn KeyStore>)> {
    match url.split_once(':') {
        #[cfg(feature = "sqlite")]
        Some(("sqlite", path)) => {
            let catalog = Arc::new(SqliteCatalog::open(path.strip_prefix("//").unwrap_or(path)).await?);
            Ok((catalog.clone(), catalog))
        }
        #[cfg(feature = "mariadb")]
        Some(("mariadb" | "mysql", _)) => {
            let catalog = Arc::new(MariaDbCatalog::open(url).await?);
            Ok((catalog.clone(), catalog))
        }
        None | Some(("", _)) => Err(Error::invalid(
            "the catalogue's url has no scheme: write sqlite:PATH or mariadb://USER@HOST/DATABASE",
        )),
        Some((other, _)) => Err(Error::invalid(format!(
            "there is no catalogue for `{other}:`: use sqlite:PATH or mariadb://USER@HOST/DATABASE"
        ))),
    }
}
