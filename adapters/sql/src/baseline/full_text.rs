//! MariaDB's FULLTEXT, and its `LIKE`.

use sqlx::mysql::{MySqlConnectOptions, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, MySql, MySqlPool, QueryBuilder};
use std::str::FromStr;
use vitrina_core::text::words;
use vitrina_core::{Error, Product, ProductId, Result};

use super::{BATCH, texts};

/// Products in a MariaDB database of their own with a FULLTEXT index over all four texts.
#[derive(Debug)]
pub struct FullText {
    pool: MySqlPool,
    database: String,
}

impl FullText {
    /// A database of these products beside the one that `url` names; [`drop_database`](Self::drop_database) removes it.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the server cannot be reached or refuses.
    pub async fn fill(url: &str, products: &[Product]) -> Result<Self> {
        let rest = url.strip_prefix("mariadb:").or_else(|| url.strip_prefix("mysql:")).unwrap_or(url);
        let options = MySqlConnectOptions::from_str(&format!("mysql:{rest}"))
            .map_err(|_| {
                Error::invalid("the server's url cannot be read: write mariadb://USER:PASSWORD@HOST")
            })?
            .charset("utf8mb4")
            .disable_statement_logging();
        let database = format!("vitrina_baseline_{}", std::process::id());
        let server = MySqlPoolOptions::new().max_connections(1).connect_with(options.clone()).await;
        let server = server.map_err(failed)?;
        let create =
            format!("CREATE DATABASE {database} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci");
        sqlx::query(AssertSqlSafe(create)).execute(&server).await.map_err(failed)?;
        server.close().await;
        let pool =
            MySqlPoolOptions::new().max_connections(16).connect_with(options.database(&database)).await;
        let made = Self { pool: pool.map_err(failed)?, database };
        match made.write(products).await {
            Ok(()) => Ok(made),
            Err(error) => {
                made.drop_database().await?;
                Err(failed(error))
            }
        }
    }

    async fn write(&self, products: &[Product]) -> Result<(), sqlx::Error> {
        sqlx::query(
            "CREATE TABLE product (id BIGINT PRIMARY KEY, name TEXT, description TEXT, brand TEXT, category TEXT)",
        )
        .execute(&self.pool)
        .await?;
        let mut transaction = self.pool.begin().await?;
        for batch in products.chunks(BATCH) {
            let mut insert =
                QueryBuilder::<MySql>::new("INSERT INTO product (id, name, description, brand, category) ");
            insert.push_values(batch, |mut row, product| {
                row.push_bind(product.id.0);
                for text in texts(product) {
                    row.push_bind(text);
                }
            });
            insert.build().execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        sqlx::query("ALTER TABLE product ADD FULLTEXT texts (name, description, brand, category)")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The best `limit` products in natural language mode.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the server refuses.
    pub async fn search(&self, text: &str, limit: usize) -> Result<Vec<ProductId>> {
        let rows: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM product \
             WHERE MATCH(name, description, brand, category) AGAINST (? IN NATURAL LANGUAGE MODE) \
             ORDER BY MATCH(name, description, brand, category) AGAINST (? IN NATURAL LANGUAGE MODE) DESC, id \
             LIMIT ?",
        )
        .bind(text)
        .bind(text)
        .bind(limit as i64)
        .fetch_all(&self.pool)
        .await
        .map_err(failed)?;
        Ok(rows.into_iter().map(ProductId).collect())
    }

    /// The first `limit` products whose name holds every word somewhere, by `LIKE`.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the server refuses.
    pub async fn like(&self, text: &str, limit: usize) -> Result<Vec<ProductId>> {
        let mut query = QueryBuilder::<MySql>::new("SELECT id FROM product WHERE TRUE");
        for word in words(text) {
            query.push(" AND name LIKE ").push_bind(format!("%{word}%"));
        }
        query.push(" ORDER BY id LIMIT ").push_bind(limit as i64);
        let rows: Vec<i64> = query.build_query_scalar().fetch_all(&self.pool).await.map_err(failed)?;
        Ok(rows.into_iter().map(ProductId).collect())
    }

    /// Removes the database with everything in it.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) when the server refuses.
    pub async fn drop_database(self) -> Result<()> {
        let drop = format!("DROP DATABASE {}", self.database);
        sqlx::query(AssertSqlSafe(drop)).execute(&self.pool).await.map_err(failed)?;
        self.pool.close().await;
        Ok(())
    }
}

fn failed(error: sqlx::Error) -> Error {
    Error::unavailable("MariaDB refused the comparison").with_source(error)
}
