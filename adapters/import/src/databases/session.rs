//! A connection that reads, and what the database has.

use std::collections::HashSet;
use std::time::Duration;

use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row as _};
use vitrina_core::{Error, Result};

use super::System;

/// How long a connection may take.
const CONNECT_TIME: Duration = Duration::from_secs(15);

/// A read-only transaction with a consistent snapshot.
pub(crate) struct Session {
    connection: MySqlConnection,
    prefix: String,
    /// `table.column`, without prefix.
    columns: HashSet<String>,
}

/// A row of texts.
pub(crate) struct Record(MySqlRow);

impl Record {
    /// Returns a value as the database writes it; `None` for NULL and for what is not UTF-8.
    pub(crate) fn text(&self, column: usize) -> Option<String> {
        // In the text protocol every value is text, whatever its type.
        self.0.try_get_unchecked::<Option<String>, _>(column).ok().flatten()
    }

    /// Returns a text that is not empty.
    pub(crate) fn filled(&self, column: usize) -> Option<String> {
        self.text(column).filter(|text| !text.trim().is_empty())
    }

    /// Returns a whole number, 0 for NULL.
    pub(crate) fn number(&self, column: usize) -> i64 {
        self.text(column).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }
}

impl Session {
    pub(crate) async fn open(url: &str) -> Result<Self> {
        let url = url.replacen("mariadb://", "mysql://", 1);
        let options: MySqlConnectOptions = url.parse().map_err(|_| {
            Error::invalid("the source is no database URL: write mysql://USER:PASSWORD@HOST/DATABASE")
        })?;
        if options.get_database().is_none_or(str::is_empty) {
            return Err(Error::invalid(
                "the source names no database: write mysql://USER:PASSWORD@HOST/DATABASE",
            ));
        }
        let options =
            options.no_engine_substitution(false).pipes_as_concat(false).disable_statement_logging();
        let connecting = tokio::time::timeout(CONNECT_TIME, MySqlConnection::connect_with(&options));
        let connection =
            connecting.await.map_err(|_| Error::unavailable("the shop's database does not answer"))?;
        let mut session = Self {
            connection: connection.map_err(unreachable)?,
            prefix: String::new(),
            columns: HashSet::new(),
        };
        session.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").await?;
        session.run("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY").await?;
        Ok(session)
    }

    async fn run(&mut self, sql: &'static str) -> Result<()> {
        sqlx::raw_sql(sql).execute(&mut self.connection).await.map_err(unreachable)?;
        Ok(())
    }

    /// Runs a query in which `{p}` stands for the prefix. Everything else in it is ours, or a number.
    pub(crate) async fn rows(&mut self, sql: &str) -> Result<Vec<Record>> {
        let sql = sql.replace("{p}", &self.prefix);
        let rows =
            sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await.map_err(unreachable)?;
        Ok(rows.into_iter().map(Record).collect())
    }

    /// Returns the first value of the first row.
    pub(crate) async fn value(&mut self, sql: &str) -> Result<Option<String>> {
        Ok(self.rows(sql).await?.first().and_then(|row| row.filled(0)))
    }

    /// Finds the prefix of a system's tables, or checks the one that is stated.
    pub(crate) async fn prefix(
        &mut self,
        stated: Option<&str>,
        table: &str,
        system: System,
    ) -> Result<String> {
        if let Some(prefix) = stated
            && !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            return Err(Error::invalid("a prefix of tables has letters, digits and _ alone"));
        }
        let like = table.replace('_', "\\_");
        let sql = format!(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE '%{like}'"
        );
        let found: Vec<String> = self.rows(&sql).await?.iter().filter_map(|row| row.text(0)).collect();
        let mut prefixes: Vec<String> =
            found.iter().filter_map(|name| name.strip_suffix(table)).map(str::to_owned).collect();
        prefixes.sort();
        match (stated, prefixes.as_slice()) {
            (Some(prefix), _) if prefixes.iter().any(|found| found == prefix) => Ok(prefix.to_owned()),
            (None, [one]) if one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') => {
                Ok(one.clone())
            }
            (None, [_, _, ..]) => Err(Error::invalid(format!(
                "the database holds several shops, with the prefixes {}: choose one with --prefix",
                prefixes.join(", ")
            ))),
            _ => Err(Error::invalid(format!(
                "the database has no table `{}{table}`: it holds no {system} shop",
                stated.unwrap_or("")
            ))),
        }
    }

    /// Sets the prefix and reads which columns there are.
    pub(crate) async fn set_prefix(&mut self, prefix: &str) -> Result<()> {
        self.prefix = prefix.to_owned();
        let sql =
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()";
        for row in self.rows(sql).await? {
            if let (Some(table), Some(column)) = (row.text(0), row.text(1))
                && let Some(table) = table.strip_prefix(prefix)
            {
                self.columns.insert(format!("{table}.{column}"));
                self.columns.insert(table.to_owned());
            }
        }
        Ok(())
    }

    /// Returns true if there is such a table, or `table.column`.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.columns.contains(name)
    }

    /// Returns a column if there is one, else NULL.
    pub(crate) fn column(&self, alias: &str, table: &str, column: &str) -> String {
        if self.has(&format!("{table}.{column}")) { format!("{alias}.{column}") } else { "NULL".into() }
    }
}

fn unreachable(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Database(database) => {
            let message = format!("the shop's database refuses: {}", database.message());
            let kind = if database.code().is_some_and(|code| code == "28000" || code == "42000") {
                vitrina_core::ErrorKind::Invalid
            } else {
                vitrina_core::ErrorKind::Unavailable
            };
            Error::new(kind, message).with_source(error)
        }
        _ => Error::unavailable("the shop's database cannot be reached").with_source(error),
    }
}
