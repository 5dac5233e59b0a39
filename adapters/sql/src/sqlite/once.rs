//! Requests that are carried out once: the write lock is held from the look at the record to the commit.

use vitrina_core::ProductId;
use vitrina_core::catalog::{Once, RequestKey};
use vitrina_core::product::ProductDraft;

use super::SqliteCatalog;
use super::write::{BEGIN, write};
use crate::failure::Failure;
use crate::requests::{FIND, FORGET_OLD, FORGET_OLDEST, RequestRow, most, products};

const RECORD: &str = "INSERT OR REPLACE INTO vitrina_request (scope, request_key, fingerprint, products, created) \
     VALUES (?, ?, ?, ?, ?)";

impl SqliteCatalog {
    pub(super) async fn write_products_once(
        &self,
        drafts: &[ProductDraft],
        request: &RequestKey,
    ) -> Result<Once, Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let query = sqlx::query_as(FIND).bind(request.scope()).bind(request.key());
        let known: Option<RequestRow> = query.fetch_optional(&mut *transaction).await?;
        if let Some(ids) = known.map(|known| known.written(request)).transpose()?.flatten() {
            return Ok(Once { ids, repeated: true });
        }
        let ids = if drafts.is_empty() { Vec::new() } else { write(&mut transaction, drafts).await? };
        sqlx::query(RECORD)
            .bind(request.scope())
            .bind(request.key())
            .bind(request.fingerprint().to_vec())
            .bind(products(&ids))
            .bind(request.moment().0)
            .execute(&mut *transaction)
            .await?;
        sqlx::query(FORGET_OLD).bind(request.forgotten_until().0).execute(&mut *transaction).await?;
        let oldest = sqlx::query(FORGET_OLDEST).bind(request.scope()).bind(request.scope()).bind(most());
        oldest.execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(Once { ids, repeated: false })
    }

    pub(super) async fn read_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>, Failure> {
        let query = sqlx::query_as(FIND).bind(request.scope()).bind(request.key());
        let known: Option<RequestRow> = query.fetch_optional(&self.reads).await?;
        Ok(known.map(|known| known.written(request)).transpose()?.flatten())
    }
}
