//! The migrations, compiled into the program: `VERSION_NAME.sql`.

use std::borrow::Cow;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The migrator of a database's files.
pub(crate) fn migrator(files: &[(&'static str, &'static str)]) -> Migrator {
    let migrations = files.iter().filter_map(|(name, sql)| {
        let (version, name) = name.split_once('_')?;
        let description = Cow::Owned(name.replace('_', " "));
        let sql = sql.into_sql_str();
        Some(Migration::new(version.parse().ok()?, description, MigrationType::Simple, sql, false))
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.dangerous_set_table_name("vitrina_migration");
    migrator
}
