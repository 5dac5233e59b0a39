//! How many requests are remembered, in both databases; what a request is, the contract of catalogues tests.

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use vitrina_core::Catalog;
use vitrina_core::catalog::RequestKey;

use crate::common::block_on;
use crate::server::Database;

/// Records as many requests of one scope as are remembered, and one of another, from rows `n` of numbers.
fn remembered(numbers: &str) -> AssertSqlSafe<String> {
    AssertSqlSafe(format!(
        "INSERT INTO vitrina_request (scope, request_key, fingerprint, products, created) \
         SELECT CASE WHEN n > 10000 THEN 'b' ELSE 'a' END, CAST(n AS CHAR), x'00', '[1]', 4000000000 FROM {numbers}"
    ))
}

async fn the_oldest_are_forgotten(catalog: &dyn Catalog) {
    let key =
        |scope: &str, key: &str| RequestKey::new(scope, key, *b"ffffffffffffffffffffffffffffffff").unwrap();
    catalog.upsert_products_once(&[], &key("a", "new")).await.unwrap();
    let known = async |request: RequestKey| match catalog.recorded_request(&request).await {
        Ok(found) => found.is_some(),
        // The fingerprint of those that the statement wrote is another.
        Err(_) => true,
    };
    assert!(!known(key("a", "1")).await, "the oldest of too many");
    assert!(known(key("a", "2")).await && known(key("a", "10000")).await && known(key("a", "new")).await);
    assert!(known(key("b", "10001")).await, "of another scope");
}

#[test]
fn sqlite_forgets_the_oldest_requests() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("catalog.db");
        let catalog = vitrina_sql::open(&format!("sqlite:{}", file.display())).await.unwrap();
        let mut other = SqliteConnectOptions::new().filename(&file).connect().await.unwrap();
        let numbers = "(WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 10001) SELECT n FROM s)";
        sqlx::raw_sql(remembered(numbers)).execute(&mut other).await.unwrap();
        the_oldest_are_forgotten(&*catalog).await;
    });
}

#[test]
fn mariadb_forgets_the_oldest_requests() {
    block_on(async {
        let Some(database) = Database::fresh().await else { return };
        let catalog = vitrina_sql::open(&database.url).await.unwrap();
        let mut other = database.connect().await;
        let numbers = "(SELECT seq AS n FROM seq_1_to_10001) AS s ORDER BY n";
        sqlx::raw_sql(remembered(numbers)).execute(&mut other).await.unwrap();
        the_oldest_are_forgotten(&*catalog).await;
    });
}
