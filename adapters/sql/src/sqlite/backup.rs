//! A copy of the database while it is in use.

use std::path::Path;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use vitrina_core::{Error, Result};

use super::{SqliteCatalog, translate};

impl SqliteCatalog {
    /// Writes a consistent copy of the database to the file `path` (`VACUUM INTO`), while others read and write.
    ///
    /// The copy holds everything that was committed when the call began, and nothing half-written: unlike a copy of the
    /// file, which lacks what still lies in the write-ahead log. The caller syncs the file.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when `path` exists or is not valid UTF-8,
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when it cannot be written.
    pub async fn backup(&self, path: &Path) -> Result<()> {
        let name = path.to_str().ok_or_else(|| Error::invalid("the backup's path is not valid UTF-8"))?;
        if path.exists() {
            return Err(Error::invalid(format!("{name} exists: name a new file for the backup")));
        }
        sqlx::query("VACUUM INTO ?").bind(name).execute(&self.reads).await.map_err(translate)?;
        // The two go on apart: an index of the one must not be taken for one of the other.
        let mut copy = SqliteConnectOptions::new().filename(path).connect().await.map_err(translate)?;
        let renamed = sqlx::query("UPDATE vitrina_identity SET identity = lower(hex(randomblob(16)))");
        renamed.execute(&mut copy).await.map_err(translate)?;
        copy.close().await.map_err(translate)
    }
}
