//! SQLite's FTS5.

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{QueryBuilder, Sqlite, SqlitePool};
use std::path::Path;
use vitrina_core::text::words;
use vitrina_core::{Error, Product, ProductId, Result};

use super::{BATCH, texts};

/// Products in an FTS5 table of their own: `unicode61` without diacritics, ranked by `bm25`.
#[derive(Debug)]
pub struct Fts5 {
    pool: SqlitePool,
}

impl Fts5 {
    /// A table of these products in `file`, which must not exist yet.
    ///
    /// # Errors
    /// [`Internal`](vitrina_core::ErrorKind::Internal) when SQLite refuses.
    pub async fn fill(file: &Path, products: &[Product]) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
        let pool =
            SqlitePoolOptions::new().max_connections(16).connect_with(options).await.map_err(failed)?;
        sqlx::query(
            "CREATE VIRTUAL TABLE product USING fts5(name, description, brand, category, \
             tokenize = \"unicode61 remove_diacritics 2\")",
        )
        .execute(&pool)
        .await
        .map_err(failed)?;
        let mut transaction = pool.begin().await.map_err(failed)?;
        for batch in products.chunks(BATCH) {
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT INTO product (rowid, name, description, brand, category) ",
            );
            insert.push_values(batch, |mut row, product| {
                row.push_bind(product.id.0);
                for text in texts(product) {
                    row.push_bind(text);
                }
            });
            insert.build().execute(&mut *transaction).await.map_err(failed)?;
        }
        transaction.commit().await.map_err(failed)?;
        Ok(Self { pool })
    }

    /// The best `limit` products: those with all words, then, where they are fewer, those with any.
    ///
    /// # Errors
    /// [`Internal`](vitrina_core::ErrorKind::Internal) when SQLite refuses.
    pub async fn search(&self, text: &str, limit: usize) -> Result<Vec<ProductId>> {
        let quoted: Vec<_> = words(text).iter().map(|word| format!("\"{word}\"")).collect();
        if quoted.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.matching(&quoted.join(" AND "), limit).await?;
        if found.len() < limit && quoted.len() > 1 {
            for product in self.matching(&quoted.join(" OR "), limit).await? {
                if !found.contains(&product) {
                    found.push(product);
                }
            }
            found.truncate(limit);
        }
        Ok(found)
    }

    async fn matching(&self, expression: &str, limit: usize) -> Result<Vec<ProductId>> {
        let rows: Vec<i64> =
            sqlx::query_scalar("SELECT rowid FROM product WHERE product MATCH ? ORDER BY rank LIMIT ?")
                .bind(expression)
                .bind(limit as i64)
                .fetch_all(&self.pool)
                .await
                .map_err(failed)?;
        Ok(rows.into_iter().map(ProductId).collect())
    }
}

fn failed(error: sqlx::Error) -> Error {
    Error::internal("SQLite refused the comparison").with_source(error)
}
