//! A MariaDB server with the tables of a shop.

use sqlx::{AssertSqlSafe, Connection, MySqlConnection};
use vitrina_core::source::SourceProblem;
use vitrina_core::{NewProduct, ProductSource};
use vitrina_import::{DatabaseOptions, DatabaseSource};
use vitrina_testing::MariaDbServer;

/// A server with one database, `shop`.
pub(crate) struct Shop {
    server: MariaDbServer,
    pub(crate) connection: MySqlConnection,
}

impl Shop {
    /// `None` where there is no server program.
    pub(crate) async fn start(tables: &str) -> Option<Self> {
        let server = MariaDbServer::start()?;
        let mut connection = MySqlConnection::connect(&server.url()).await.unwrap();
        sqlx::raw_sql("CREATE DATABASE shop CHARACTER SET utf8mb4; USE shop")
            .execute(&mut connection)
            .await
            .unwrap();
        let mut shop = Self { server, connection };
        shop.run(tables).await;
        Some(shop)
    }

    pub(crate) fn url(&self) -> String {
        format!("{}/shop", self.server.url().trim_end_matches('/'))
    }

    pub(crate) async fn run(&mut self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connection).await.unwrap();
    }
}

/// Reads a shop in batches of two.
pub(crate) async fn read(options: DatabaseOptions) -> (Vec<NewProduct>, Vec<SourceProblem>, u64) {
    let mut source = DatabaseSource::open(options).await.unwrap();
    let (mut products, mut problems, mut hidden) = (Vec::new(), Vec::new(), 0);
    while let Some(batch) = source.next_batch(2).await.unwrap() {
        products.extend(batch.products.into_iter().map(|found| found.product));
        problems.extend(batch.problems);
        hidden += batch.hidden;
    }
    (products, problems, hidden)
}
