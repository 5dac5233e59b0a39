//! A MariaDB server for the tests, and a fresh database on it for each.

use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use sqlx::mysql::MySqlConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, MySqlConnection};
use uuid::Uuid;
use vitrina_testing::MariaDbServer;

use crate::common::block_on;

/// A database of its own, dropped with this.
pub(crate) struct Database {
    pub(crate) url: String,
    server: &'static str,
    name: String,
}

impl Database {
    /// A new, empty database; `None` where this machine has no MariaDB.
    pub(crate) async fn fresh() -> Option<Self> {
        Self::with("CHARACTER SET utf8mb4").await
    }

    /// A new database with options of `CREATE DATABASE`.
    pub(crate) async fn with(options: &str) -> Option<Self> {
        let server = tokio::task::spawn_blocking(server).await.unwrap()?;
        let name = format!("vitrina_test_{}", Uuid::now_v7().simple());
        run(server, &format!("CREATE DATABASE {name} {options}")).await;
        Some(Self { url: format!("{}/{name}", server.trim_end_matches('/')), server, name })
    }

    /// Another program's connection.
    pub(crate) async fn connect(&self) -> MySqlConnection {
        MySqlConnectOptions::from_str(&self.url).unwrap().connect().await.unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (server, name) = (self.server, self.name.clone());
        let dropped =
            std::thread::spawn(move || block_on(run(server, &format!("DROP DATABASE {name}")))).join();
        if dropped.is_err() {
            println!("the database {} is left over", self.name);
        }
    }
}

async fn run(server: &str, sql: &str) {
    let mut connection = MySqlConnectOptions::from_str(server).unwrap().connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
}

/// The server's URL without a database: the one that is named, the one that runs here, or one of our own.
fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<(String, Option<MariaDbServer>)>> = OnceLock::new();
    let found = SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("VITRINA_TEST_MARIADB_URL") {
            return Some((url, None));
        }
        let local = "mysql://root@127.0.0.1:3306";
        if answers(local) {
            return Some((local.to_owned(), None));
        }
        let own = MariaDbServer::start()?;
        Some((own.url(), Some(own)))
    });
    found.as_ref().map(|(url, _)| url.as_str())
}

fn answers(url: &str) -> bool {
    let options = MySqlConnectOptions::from_str(url).unwrap();
    block_on(async {
        matches!(tokio::time::timeout(Duration::from_secs(2), options.connect()).await, Ok(Ok(_)))
    })
}
