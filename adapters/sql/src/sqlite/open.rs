//! Opening a file and bringing it to the present schema.

use std::cmp::Ordering;
use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlitePool};
use vitrina_core::{Error, ErrorKind, Result};

use super::probe::WriteState;
use super::{SqliteCatalog, translate};
use crate::failure::Failure;
use crate::migrations::{self, migrator};

const READERS: u32 = 8;

/// How long a statement waits for another program's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How long our own writers queue up: longer than the largest import takes.
const WRITE_TURN: Duration = Duration::from_secs(60);

impl SqliteCatalog {
    /// Opens the catalogue in the file `path`, made with its folders where it does not exist; `:memory:` for none.
    ///
    /// # Errors
    /// As [`open`](crate::open).
    pub async fn open(path: &str) -> Result<Self> {
        if path.is_empty() || path.contains('?') {
            return Err(Error::invalid(format!(
                "`{path}` is no sqlite file: write sqlite:PATH, without parameters"
            )));
        }
        let memory = path == ":memory:";
        if !memory && let Some(folder) = Path::new(path).parent() {
            tokio::fs::create_dir_all(folder).await.map_err(|error| {
                let message =
                    format!("the folder of `{path}` cannot be made: check the path and its permissions");
                Error::internal(message).with_source(error)
            })?;
        }
        let options = options(path, memory);
        let deadline = Instant::now() + BUSY_TIMEOUT * 2;
        loop {
            let file = (!memory).then(|| Path::new(path));
            match connect(&options, file).await.map_err(translate) {
                // Switching to WAL does not wait for another process that starts at the same moment.
                Err(error) if error.kind() == ErrorKind::Busy && Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                opened => return opened,
            }
        }
    }
}

fn options(path: &str, memory: bool) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .busy_timeout(BUSY_TIMEOUT)
        .foreign_keys(true)
        .collation("vitrina_nocase", without_case)
        .disable_statement_logging();
    if memory {
        return options.in_memory(true);
    }
    options
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A write that has returned survives a power cut: NORMAL in WAL mode syncs at checkpoints alone.
        .synchronous(SqliteSynchronous::Full)
}

/// Compares as the lower-case forms do, without making them.
fn without_case(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a
            .bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

async fn connect(options: &SqliteConnectOptions, file: Option<&Path>) -> Result<SqliteCatalog, Failure> {
    let pool = SqlitePoolOptions::new()
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(WRITE_TURN);
    let Some(file) = file else {
        // Every connection to memory would have a database of its own.
        let writes = pool.max_connections(1).connect_with(options.clone()).await?;
        migrate(&writes).await?;
        return Ok(SqliteCatalog { reads: writes.clone(), writes, state: WriteState::in_memory() });
    };
    let writes = pool.clone().max_connections(1).after_release(|connection, _| {
        Box::pin(async move {
            // SQLite rolls a transaction back by itself when the disk is full; the driver's own rollback then fails, and
            // its count of open transactions refuses every later one. The ping waits until that rollback is done.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    });
    let writes = writes.connect_with(options.clone()).await?;
    migrate(&writes).await?;
    let reads =
        pool.max_connections(READERS).acquire_timeout(BUSY_TIMEOUT).connect_with(options.clone()).await?;
    Ok(SqliteCatalog { reads, writes, state: WriteState::of_file(file) })
}

/// Runs the migrations in one transaction that holds the write lock from its start, so that of two processes the second
/// finds them done.
async fn migrate(pool: &SqlitePool) -> Result<(), Failure> {
    let migrator = migrator(migrations::SQLITE);
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // `run` would make the future of `open` not `Send` (the compiler loses track of `Acquire`).
    migrator.run_direct(None, &mut *transaction, false).await?;
    transaction.commit().await?;
    Ok(())
}
