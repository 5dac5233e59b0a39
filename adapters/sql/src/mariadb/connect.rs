//! Connecting, and bringing the database to the present schema.

use std::str::FromStr;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, MySqlConnection};
use vitrina_core::{Error, Result};

use super::MariaDbCatalog;
use super::error::translate;
use crate::failure::Failure;
use crate::migrations::{self, migrator};

const CONNECTIONS: u32 = 16;

/// How long to wait for a connection: a server that is away is noticed within seconds.
const ACQUIRE: Duration = Duration::from_secs(2);

/// Strict, so that nothing is cut off silently; each statement sees what is committed; no lock is waited for long.
const SESSION: &str = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5; \
                       SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";

impl MariaDbCatalog {
    /// Connects to `mariadb://USER:PASSWORD@HOST:PORT/DATABASE` and makes the tables, or takes over those of a shop.
    ///
    /// Taking over keeps every row and column: `category(id, name)` and `product(id, name, description, price,
    /// category_id)` become UTF-8, short texts are widened, and columns that they lack are added invisibly, so that
    /// statements without a list of columns go on working. The user needs the rights to alter tables and make triggers.
    ///
    /// # Errors
    /// As [`open`](crate::open).
    pub async fn open(url: &str) -> Result<Self> {
        let options = options(url)?;
        let pool = MySqlPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE)
            .after_connect(|connection, _| {
                Box::pin(async move { connection.execute(sqlx::raw_sql(SESSION)).await.map(|_| ()) })
            })
            .connect_lazy_with(options);
        // Apart from the pool: closing it gives the lock back, whatever happens.
        let mut connection = pool.acquire().await.map_err(translate)?.detach();
        let migrated = migrate(&mut connection).await.map_err(translate);
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "the connection of the migrations did not close cleanly");
        }
        migrated.map(|()| Self { pool })
    }
}

/// Reads the URL; what is wrong with it is reported without quoting it, for the password is in it.
fn options(url: &str) -> Result<MySqlConnectOptions> {
    let rest = url.strip_prefix("mariadb:").or_else(|| url.strip_prefix("mysql:")).unwrap_or(url);
    let options = MySqlConnectOptions::from_str(&format!("mysql:{rest}")).map_err(|_| {
        Error::invalid("the catalogue's url cannot be read: write mariadb://USER:PASSWORD@HOST:PORT/DATABASE")
    })?;
    if options.get_database().is_none_or(str::is_empty) {
        return Err(Error::invalid(
            "the catalogue's url names no database: write mariadb://USER@HOST:PORT/DATABASE",
        ));
    }
    Ok(options.charset("utf8mb4").collation("utf8mb4_unicode_520_ci").disable_statement_logging())
}

/// Runs the migrations under a lock, so that of two servers that start together the second finds them done.
async fn migrate(connection: &mut MySqlConnection) -> Result<(), Failure> {
    let version: String = sqlx::query_scalar("SELECT VERSION()").fetch_one(&mut *connection).await?;
    if !is_supported(&version) {
        let message = format!("the catalogue's database is `{version}`: MariaDB 10.11 or newer is needed");
        return Err(Error::internal(message).into());
    }
    let locked: Option<i64> = sqlx::query_scalar("SELECT GET_LOCK(CONCAT('vitrina:', MD5(DATABASE())), 600)")
        .fetch_one(&mut *connection)
        .await?;
    if locked != Some(1) {
        return Err(
            Error::busy("another server is still preparing the catalogue's database: try again").into()
        );
    }
    let known: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM information_schema.tables \
         WHERE table_schema = DATABASE() AND table_name = 'vitrina_migration'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if known > 0 {
        // What a server left that died meanwhile: we hold the lock, and all migrations may be repeated.
        sqlx::query("DELETE FROM vitrina_migration WHERE success = FALSE").execute(&mut *connection).await?;
    }
    let mut migrator = migrator(migrations::MARIADB);
    migrator.set_locking(false);
    // `run` would make the future of `open` not `Send` (the compiler loses track of `Acquire`).
    migrator.run_direct(None, connection, false).await?;
    Ok(())
}

fn is_supported(version: &str) -> bool {
    let mut numbers = version.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    version.contains("MariaDB") && release >= (10, 11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mariadb_of_10_11_and_newer_is_supported() {
        for version in ["10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB", "12.0.1-MariaDB-log"] {
            assert!(is_supported(version), "{version}");
        }
        for version in ["10.6.18-MariaDB", "5.7.44", "8.4.1", "", "MariaDB"] {
            assert!(!is_supported(version), "{version}");
        }
    }

    #[test]
    fn a_wrong_url_is_not_quoted() {
        for url in
            ["mariadb://shop:secret@", "mysql://shop:secret@host:port/shop", "mariadb://shop:secret@host"]
        {
            let error = options(url).unwrap_err();
            assert!(!error.chain().to_string().contains("secret"), "{error}");
        }
    }
}
