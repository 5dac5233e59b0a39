//! Requests that are carried out once: the record's row is locked from the look at it to the commit, so others wait there.

use vitrina_core::ProductId;
use vitrina_core::catalog::{Once, RequestKey};
use vitrina_core::product::ProductDraft;

use super::MariaDbCatalog;
use super::write::write;
use crate::failure::Failure;
use crate::requests::{FIND, FORGET_OLD, FORGET_OLDEST, RequestRow, most, products};

/// Takes the lock of the row, which is made where there is none: without products, so that it is known for ours.
const LOCK: &str = "INSERT INTO vitrina_request (scope, request_key, fingerprint, products, created) \
     VALUES (?, ?, ?, '', ?) ON DUPLICATE KEY UPDATE id = id";

const RECORD: &str = "UPDATE vitrina_request SET fingerprint = ?, products = ?, created = ? \
     WHERE scope = ? AND request_key = ?";

impl MariaDbCatalog {
    pub(super) async fn write_products_once(
        &self,
        drafts: &[ProductDraft],
        request: &RequestKey,
    ) -> Result<Once, Failure> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(LOCK)
            .bind(request.scope())
            .bind(request.key())
            .bind(request.fingerprint().to_vec())
            .bind(request.moment().0)
            .execute(&mut *transaction)
            .await?;
        let query = sqlx::query_as(FIND).bind(request.scope()).bind(request.key());
        let known: Option<RequestRow> = query.fetch_optional(&mut *transaction).await?;
        if let Some(ids) = known.map(|known| known.written(request)).transpose()?.flatten() {
            return Ok(Once { ids, repeated: true });
        }
        let ids = if drafts.is_empty() { Vec::new() } else { write(&mut transaction, drafts).await? };
        sqlx::query(RECORD)
            .bind(request.fingerprint().to_vec())
            .bind(products(&ids))
            .bind(request.moment().0)
            .bind(request.scope())
            .bind(request.key())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Once { ids, repeated: false })
    }

    /// Forgets requests that are too old or too many. In a transaction of its own: it locks rows of others.
    pub(super) async fn forget_requests(&self, request: &RequestKey) -> Result<(), Failure> {
        sqlx::query(FORGET_OLD).bind(request.forgotten_until().0).execute(&self.pool).await?;
        let oldest = sqlx::query(FORGET_OLDEST).bind(request.scope()).bind(request.scope()).bind(most());
        oldest.execute(&self.pool).await?;
        Ok(())
    }

    pub(super) async fn read_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>, Failure> {
        let query = sqlx::query_as(FIND).bind(request.scope()).bind(request.key());
        let known: Option<RequestRow> = query.fetch_optional(&self.pool).await?;
        Ok(known.map(|known| known.written(request)).transpose()?.flatten())
    }
}
