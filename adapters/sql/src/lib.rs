//! Vitrina's [`Catalog`] in a database: SQLite for one machine, MariaDB for many servers.
//!
//! [`open`] picks the adapter by URL and brings the database to the present schema:
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let catalog = vitrina_sql::open("sqlite::memory:").await?;
//! assert_eq!(catalog.count().await?, 0);
//! # Ok::<(), vitrina::Error>(())
//! # }).unwrap();
//! ```
//!
//! The tables are the shop's: `category`, `product`, and beside them `product_embedding`. Other programs may read and
//! write them; triggers bring their writes to the change feed (tables named `vitrina_…`, which are ours alone). What no
//! trigger sees does not show up: `TRUNCATE`, and tables that are dropped and made anew.

#![forbid(unsafe_code)]

#[cfg(feature = "baseline")]
pub mod baseline;
mod drafts;
mod failure;
mod feed;
mod listing;
mod mariadb;
mod rows;
mod sqlite;

use std::sync::Arc;

use vitrina::{Catalog, Error, Result};

pub use mariadb::MariaDbCatalog;
pub use sqlite::SqliteCatalog;

/// Opens the catalogue that `url` names and brings its schema up to date.
///
/// - `sqlite:PATH` or `sqlite://PATH`: a file, made with its folders where it does not exist; `sqlite::memory:` forgets
///   everything when it is dropped.
/// - `mariadb://USER:PASSWORD@HOST:PORT/DATABASE` or `mysql://…`: MariaDB 10.11 or newer. The database must exist; tables
///   of a shop in it are taken over as [`MariaDbCatalog::open`] says.
///
/// Several servers may open the same catalogue at the same time.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) for a URL that names no database we know,
/// [`Unavailable`](vitrina::ErrorKind::Unavailable) when it cannot be reached, and
/// [`Internal`](vitrina::ErrorKind::Internal) when it cannot be used as it is.
pub async fn open(url: &str) -> Result<Arc<dyn Catalog>> {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    match scheme {
        "sqlite" => Ok(Arc::new(SqliteCatalog::open(rest.strip_prefix("//").unwrap_or(rest)).await?)),
        "mariadb" | "mysql" => Ok(Arc::new(MariaDbCatalog::open(url).await?)),
        "" => Err(Error::invalid(
            "the catalogue's url has no scheme: write sqlite:PATH or mariadb://USER@HOST/DATABASE",
        )),
        other => Err(Error::invalid(format!(
            "there is no catalogue for `{other}:`: use sqlite:PATH or mariadb://USER@HOST/DATABASE"
        ))),
    }
}
