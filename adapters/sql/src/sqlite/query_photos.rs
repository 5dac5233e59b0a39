//! The sum of customers' photos, one row for each embedding space.

use vitrina_core::classify::{EmbeddingSpace, PhotoSum};

use super::SqliteCatalog;
use super::write::BEGIN;
use crate::failure::Failure;

const SELECT: &str = "SELECT photos, sum FROM query_photos WHERE model = ?";

type Row = (i64, Vec<u8>);

impl SqliteCatalog {
    pub(super) async fn read_query_photos(
        &self,
        space: &EmbeddingSpace,
    ) -> Result<Option<PhotoSum>, Failure> {
        let row: Option<Row> =
            sqlx::query_as(SELECT).bind(space.as_str()).fetch_optional(&self.reads).await?;
        Ok(row.and_then(|row| stored(space, row)))
    }

    pub(super) async fn merge_query_photos(&self, added: &PhotoSum) -> Result<(), Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let row: Option<Row> =
            sqlx::query_as(SELECT).bind(added.space.as_str()).fetch_optional(&mut *transaction).await?;
        let mut sum = row.and_then(|row| stored(&added.space, row));
        match &mut sum {
            Some(sum) => sum.merge(added),
            none => *none = Some(added.clone()),
        }
        let sum = sum.as_ref().unwrap_or(added);
        sqlx::query(
            "INSERT INTO query_photos (model, photos, sum) VALUES (?, ?, ?) \
             ON CONFLICT (model) DO UPDATE SET photos = excluded.photos, sum = excluded.sum",
        )
        .bind(sum.space.as_str())
        .bind(i64::try_from(sum.photos).unwrap_or(i64::MAX))
        .bind(sum.to_bytes())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The row as a sum; one that cannot be read is begun anew.
fn stored(space: &EmbeddingSpace, (photos, bytes): Row) -> Option<PhotoSum> {
    PhotoSum::from_bytes(space.clone(), photos.unsigned_abs(), &bytes).ok()
}
