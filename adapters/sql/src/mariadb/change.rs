//! Writes that depend on what is there: of one product, and of prices and stock in batches.

use sqlx::MySqlConnection;
use vitrina_core::catalog::ModifyProduct;
use vitrina_core::product::{OfferChange, ProductRef};
use vitrina_core::{Product, ProductId};

use super::read::{BY_ID, LOCKED_BY_ID, with_categories};
use super::write::{owners, write};
use super::{MariaDbCatalog, numbers};
use crate::failure::Failure;
use crate::modification::{self, DELETE, Modification};
use crate::offers::{self, ROWS};
use crate::rows::ProductRow;

/// Writes the rows that [`offers::change`] makes.
const UPDATE: &str = "UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$[0]', price BIGINT PATH '$[1]', \
     sale_price BIGINT PATH '$[2]', sale_from BIGINT PATH '$[3]', sale_until BIGINT PATH '$[4]', \
     stock BIGINT PATH '$[5]', available TINYINT PATH '$[6]', \
     details LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[7]')) AS w \
     STRAIGHT_JOIN product p ON p.id = w.id \
     SET p.price = w.price / 100, p.sale_price = w.sale_price / 100, p.sale_from = w.sale_from, \
     p.sale_until = w.sale_until, p.stock = w.stock, p.available = w.available, \
     p.details = COALESCE(w.details, p.details)";

impl MariaDbCatalog {
    pub(super) async fn modify(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>, Failure> {
        let mut transaction = self.pool.begin().await?;
        let known = locked(&mut transaction, which).await?;
        let written = match modification::of(known, modify)? {
            Modification::Write(draft) => write(&mut transaction, &[*draft]).await?.first().copied(),
            Modification::Delete(id) => {
                sqlx::query(DELETE).bind(id.0).execute(&mut *transaction).await?;
                None
            }
            Modification::Nothing => None,
        };
        transaction.commit().await?;
        Ok(written)
    }

    pub(super) async fn write_offers(
        &self,
        changes: &[(ProductRef, OfferChange)],
    ) -> Result<Vec<Option<ProductId>>, Failure> {
        let mut transaction = self.pool.begin().await?;
        let mut ids = Vec::with_capacity(changes.len());
        for changes in changes.chunks(ROWS) {
            let owners = owners(&mut transaction, offers::keys(changes)).await?;
            let query = sqlx::query_as(LOCKED_BY_ID).bind(numbers(offers::ids(changes, &owners)));
            let rows: Vec<ProductRow> = query.fetch_all(&mut *transaction).await?;
            let (changed, written) = offers::change(changes, &owners, rows)?;
            if !written.is_empty() {
                let written = serde_json::Value::from(written).to_string();
                sqlx::query(UPDATE).bind(written).execute(&mut *transaction).await?;
            }
            ids.extend(changed);
        }
        transaction.commit().await?;
        Ok(ids)
    }
}

/// The product that is named, locked, with its categories.
///
/// It is locked first and read then: what is read by the same statement beside the locked row may be older than that.
async fn locked(
    connection: &mut MySqlConnection,
    which: &ProductRef,
) -> Result<Option<Product>, sqlx::Error> {
    let query = match which {
        ProductRef::Id(id) => {
            sqlx::query_scalar("SELECT CAST(id AS SIGNED) FROM product WHERE id = ? FOR UPDATE").bind(id.0)
        }
        ProductRef::Key(key) => {
            sqlx::query_scalar("SELECT CAST(id AS SIGNED) FROM product WHERE product_key = ? FOR UPDATE")
                .bind(key)
        }
    };
    let Some(id) = query.fetch_optional(&mut *connection).await? else { return Ok(None) };
    let query = sqlx::query_as(BY_ID).bind(numbers([ProductId(id)]));
    let rows: Vec<ProductRow> = query.fetch_all(&mut *connection).await?;
    Ok(with_categories(connection, rows).await?.pop())
}
