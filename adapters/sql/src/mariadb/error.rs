//! What MariaDB's errors mean, and how often to try again.

use std::future::Future;
use std::time::Duration;

use sqlx::mysql::MySqlDatabaseError;
use vitrina_core::{Error, ErrorKind, Result};

use crate::failure::{Failure, common_kind};

/// The longest that a read takes before the server counts as gone.
pub(super) const READ: Duration = Duration::from_secs(10);

/// The longest that a write takes: large imports, and the turns of others.
pub(super) const WRITE: Duration = Duration::from_secs(60);

const TRIES: u32 = 6;

/// Runs `work` within `limit`, again where it lost against another transaction.
pub(super) async fn attempt<T, F, Work>(limit: Duration, work: F) -> Result<T>
where
    F: Fn() -> Work,
    Work: Future<Output = Result<T, Failure>>,
{
    let tries = async {
        for again in 1..TRIES {
            match work().await {
                Err(Failure::Driver(error)) if lost_a_race(&error) => {
                    tracing::debug!(%error, again, "a transaction is tried again");
                    tokio::time::sleep(Duration::from_millis(5 << again)).await;
                }
                outcome => return outcome,
            }
        }
        work().await
    };
    match tokio::time::timeout(limit, tries).await {
        Ok(outcome) => outcome.map_err(translate),
        Err(_) => Err(Error::unavailable("the catalogue's database does not answer in time")),
    }
}

fn number(error: &sqlx::Error) -> Option<u16> {
    error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// A deadlock, a lock that was waited for in vain, a row that changed since it was read, one that another transaction
/// inserted first, or a category that came into use or went meanwhile.
fn lost_a_race(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1213 | 1205 | 1020 | 1062 | 1451 | 1452))
}

/// Translates a failure into what the caller can do about it. The driver's messages name no password.
pub(crate) fn translate(failure: impl Into<Failure>) -> Error {
    let error = match failure.into() {
        Failure::Refused(error) => return error,
        Failure::Driver(error) => error,
    };
    let (kind, message) = common_kind(&error).unwrap_or_else(|| match number(&error).unwrap_or(0) {
        // Too many connections, shutting down, not ready (Galera), read-only, killed.
        1040 | 1203 | 1053 | 1047 | 1290 | 1792 | 1836 | 1927 => {
            (ErrorKind::Unavailable, "the catalogue's database cannot serve us now: try again")
        }
        1213 | 1205 | 1020 => (ErrorKind::Busy, "others are writing the same entries: try again"),
        // Access denied, unknown database, a missing grant; 1419: triggers need a setting while the binary log is on.
        1044 | 1045 | 1049 | 1142 | 1143 | 1227 | 1370 | 1419 | 1698 => (
            ErrorKind::Internal,
            "the catalogue's database refuses us: check the url's user, password and database, and the user's grants",
        ),
        1451 => (ErrorKind::Invalid, "other tables of the database still refer to this"),
        // Too long, out of range, no such text, null, double, dangling, against a check, no number left.
        1406 | 1264 | 1366 | 1292 | 1048 | 1062 | 1452 | 4025 | 167 | 1467 => {
            (ErrorKind::Invalid, "the catalogue's database cannot hold this: its columns or constraints forbid it")
        }
        _ => (ErrorKind::Internal, "the catalogue's database failed"),
    });
    Error::new(kind, message).with_source(error)
}
