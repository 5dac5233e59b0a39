//! Giving places in the change feed.
//!
//! A place that a writer took before its commit could become visible after a higher one, behind the back of a reader that
//! has moved on. So writers take none: triggers append to `vitrina_pending`, and whoever reads the feed first gives places
//! to what is committed by then, one reader at a time. Nobody's open transaction is waited for.

use std::collections::HashSet;

use sqlx::MySqlConnection;

use super::MariaDbCatalog;
use crate::failure::Failure;
use crate::feed::PRODUCT;
use crate::from_row::from_row;

/// All products of a category and of those below it, in `vitrina_pending`.
const PRODUCTS_OF: i64 = 3;

/// How many rows are placed in one transaction.
const BATCH: usize = 5_000;

from_row! {
    struct Pending {
        n: i64,
        kind: i64,
        id: i64,
    }
}

impl MariaDbCatalog {
    /// Gives a place to everything that was committed before this was called.
    pub(super) async fn give_places(&self) -> Result<(), Failure> {
        loop {
            let waiting: Option<i64> = sqlx::query_scalar("SELECT n FROM vitrina_pending LIMIT 1")
                .fetch_optional(&self.pool)
                .await?;
            if waiting.is_none() || self.give_some().await? < BATCH {
                return Ok(());
            }
        }
    }

    async fn give_some(&self) -> Result<usize, Failure> {
        let mut transaction = self.pool.begin().await?;
        // Held until the commit: places become visible in their order.
        let last: i64 = sqlx::query_scalar("SELECT last FROM vitrina_turn WHERE id = 1 FOR UPDATE")
            .fetch_one(&mut *transaction)
            .await?;
        // Sees committed rows only, and locks none.
        let pending: Vec<Pending> =
            sqlx::query_as("SELECT n, kind, id FROM vitrina_pending ORDER BY n LIMIT ?")
                .bind(BATCH as i64)
                .fetch_all(&mut *transaction)
                .await?;
        if pending.is_empty() {
            return Ok(0);
        }
        let entries = entries(&mut transaction, &pending).await?;
        let places: Vec<_> = (last + 1..).zip(&entries).map(|(seq, (kind, id))| [*kind, *id, seq]).collect();
        sqlx::query(
            "INSERT INTO vitrina_change (kind, id, seq) SELECT kind, id, seq FROM JSON_TABLE(?, '$[*]' COLUMNS \
             (kind TINYINT PATH '$[0]', id BIGINT PATH '$[1]', seq BIGINT PATH '$[2]')) AS placed \
             ON DUPLICATE KEY UPDATE seq = VALUES(seq)",
        )
        .bind(json(&places))
        .execute(&mut *transaction)
        .await?;
        sqlx::query("UPDATE vitrina_turn SET last = ? WHERE id = 1")
            .bind(last + places.len() as i64)
            .execute(&mut *transaction)
            .await?;
        // By number and never by a scan, which would wait for the rows of open transactions.
        let placed: Vec<_> = pending.iter().map(|row| row.n).collect();
        sqlx::query(
            "DELETE pending FROM JSON_TABLE(?, '$[*]' COLUMNS (n BIGINT PATH '$')) AS placed \
             STRAIGHT_JOIN vitrina_pending AS pending FORCE INDEX (PRIMARY) ON pending.n = placed.n",
        )
        .bind(serde_json::Value::from(placed).to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(pending.len())
    }
}

/// The entries to be placed, each once, in the order of their last changes.
///
/// The products of a changed category are looked up only now that its name is committed: one that joins the category
/// later is pending by itself.
async fn entries(connection: &mut MySqlConnection, pending: &[Pending]) -> Result<Vec<(i64, i64)>, Failure> {
    let mut touched = Vec::new();
    for row in pending {
        if row.kind != PRODUCTS_OF {
            touched.push((row.kind, row.id));
            continue;
        }
        let products: Vec<i64> = sqlx::query_scalar(
            "WITH RECURSIVE below (id) AS (SELECT CAST(? AS SIGNED) \
             UNION SELECT CAST(c.id AS SIGNED) FROM below JOIN category c ON c.parent_id = below.id) \
             SELECT CAST(p.id AS SIGNED) AS id FROM below JOIN product p ON p.category_id = below.id \
             UNION SELECT m.product_id FROM below JOIN product_in_category m ON m.category_id = below.id ORDER BY id",
        )
        .bind(row.id)
        .fetch_all(&mut *connection)
        .await?;
        touched.extend(products.into_iter().map(|id| (PRODUCT, id)));
    }
    let mut seen = HashSet::new();
    let mut entries: Vec<_> = touched.into_iter().rev().filter(|entry| seen.insert(*entry)).collect();
    entries.reverse();
    Ok(entries)
}

fn json(rows: &[[i64; 3]]) -> String {
    serde_json::Value::from_iter(rows.iter().map(|row| serde_json::Value::from(row.as_slice()))).to_string()
}
