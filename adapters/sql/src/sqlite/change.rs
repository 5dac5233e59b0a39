//! Writes that depend on what is there: of one product, and of prices and stock in batches.

use sqlx::SqliteConnection;
use vitrina_core::catalog::ModifyProduct;
use vitrina_core::product::{OfferChange, ProductRef};
use vitrina_core::{Product, ProductId};

use super::read::{self, BY_ID, BY_KEY, ROWS_BY_ID};
use super::write::{BEGIN, owners, write};
use super::{SqliteCatalog, numbers};
use crate::failure::Failure;
use crate::modification::{self, DELETE, Modification};
use crate::offers::{self, ROWS};
use crate::rows::ProductRow;

/// Writes the rows that [`offers::change`] makes.
const UPDATE: &str = "UPDATE product SET price = w.value ->> 1, sale_price = w.value ->> 2, sale_from = w.value ->> 3, \
     sale_until = w.value ->> 4, stock = w.value ->> 5, available = w.value ->> 6, \
     details = COALESCE(w.value ->> 7, product.details) \
     FROM json_each(?) AS w WHERE product.id = w.value ->> 0";

impl SqliteCatalog {
    pub(super) async fn modify(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>, Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let known = find(&mut transaction, which).await?;
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
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let mut ids = Vec::with_capacity(changes.len());
        for changes in changes.chunks(ROWS) {
            let owners = owners(&mut transaction, offers::keys(changes)).await?;
            let known: Vec<_> = offers::ids(changes, &owners).into_iter().collect();
            let query = sqlx::query_as(ROWS_BY_ID).bind(numbers(&known));
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

/// The product that is named, with its categories.
async fn find(connection: &mut SqliteConnection, which: &ProductRef) -> Result<Option<Product>, sqlx::Error> {
    let (sql, wanted) = match which {
        ProductRef::Id(id) => (BY_ID, numbers(&[*id])),
        ProductRef::Key(key) => (BY_KEY, serde_json::json!([key]).to_string()),
    };
    Ok(read::products(connection, sql, wanted).await?.pop())
}
