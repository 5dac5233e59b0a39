//! Whether the catalogue's file can be written: what the last write met, and a probe while that was a failure.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::SqlitePool;
use tokio::time::timeout;
use vitrina_core::Error;

use crate::failure::Failure;

/// What must be free before a full disk counts as usable again, in bytes: about one batch of products.
const RESERVE: usize = 1 << 20;

/// How long a probe waits for its turn.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the last write failed for want of storage.
#[derive(Debug)]
pub(super) struct WriteState {
    /// The file that a probe writes beside the database; `None` in memory.
    probe: Option<PathBuf>,
    failed: AtomicBool,
}

impl WriteState {
    pub(super) fn in_memory() -> Self {
        Self { probe: None, failed: AtomicBool::new(false) }
    }

    pub(super) fn of_file(database: &Path) -> Self {
        let mut probe = database.as_os_str().to_owned();
        probe.push(format!(".{}.probe", std::process::id()));
        Self { probe: Some(probe.into()), failed: AtomicBool::new(false) }
    }

    /// Remembers how a write ended.
    pub(super) fn record<T>(&self, written: &Result<T, Failure>) {
        match written {
            Ok(_) => self.failed.store(false, Ordering::Relaxed),
            Err(failure) if is_storage(failure) => self.failed.store(true, Ordering::Relaxed),
            Err(_) => {}
        }
    }

    /// After a failed write, tries whether the next one could succeed; reads alone say nothing about that.
    ///
    /// # Errors
    /// What stands in the way of writes.
    pub(super) async fn check(&self, writes: &SqlitePool) -> Result<(), Failure> {
        if !self.failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let silent =
            |_| Error::unavailable("the catalogue's file takes no writes: another program may hold it");
        timeout(PATIENCE, rewrite_header(writes)).await.map_err(silent)??;
        if let Some(probe) = self.probe.clone() {
            let tried = tokio::task::spawn_blocking(move || write_reserve(&probe)).await;
            tried.map_err(io::Error::other).flatten().map_err(sqlx::Error::Io)?;
        }
        self.failed.store(false, Ordering::Relaxed);
        Ok(())
    }
}

/// Full, read-only, locked, an I/O error or a file that cannot be opened; the primary code is the low byte.
fn is_storage(failure: &Failure) -> bool {
    let Failure::Driver(error) = failure else { return false };
    matches!(error, sqlx::Error::Io(_))
        || matches!(super::result_code(error).map(|code| code & 0xff), Some(5 | 6 | 8 | 10 | 13 | 14))
}

/// Writes one page, with the content it has: a number in the database's header that belongs to applications.
async fn rewrite_header(writes: &SqlitePool) -> Result<(), Failure> {
    let mut transaction = writes.begin_with("BEGIN IMMEDIATE").await?;
    let version: i32 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
    let sql = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
    sqlx::raw_sql(sql).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

fn write_reserve(probe: &Path) -> io::Result<()> {
    let written = File::create(probe).and_then(|mut file| {
        file.write_all(&vec![0; RESERVE])?;
        file.sync_all()
    });
    let removed = std::fs::remove_file(probe);
    written.and(removed)
}
