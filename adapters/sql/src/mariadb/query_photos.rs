//! The sum of customers' photos, one row for each embedding space.

use vitrina_core::classify::{EmbeddingSpace, PhotoSum};

use super::MariaDbCatalog;
use crate::failure::Failure;

type Row = (u64, Vec<u8>);

impl MariaDbCatalog {
    pub(super) async fn read_query_photos(
        &self,
        space: &EmbeddingSpace,
    ) -> Result<Option<PhotoSum>, Failure> {
        let sql = "SELECT photos, sum FROM query_photos WHERE model = ?";
        let row: Option<Row> = sqlx::query_as(sql).bind(space.as_str()).fetch_optional(&self.pool).await?;
        Ok(row.and_then(|row| stored(space, row)))
    }

    pub(super) async fn merge_query_photos(&self, added: &PhotoSum) -> Result<(), Failure> {
        let mut transaction = self.pool.begin().await?;
        // Of two servers the second waits here, and then reads what the first has written.
        sqlx::query("INSERT IGNORE INTO query_photos (model, photos, sum) VALUES (?, 0, '')")
            .bind(added.space.as_str())
            .execute(&mut *transaction)
            .await?;
        let row: Row = sqlx::query_as("SELECT photos, sum FROM query_photos WHERE model = ? FOR UPDATE")
            .bind(added.space.as_str())
            .fetch_one(&mut *transaction)
            .await?;
        let mut sum = stored(&added.space, row);
        match &mut sum {
            Some(sum) => sum.merge(added),
            none => *none = Some(added.clone()),
        }
        let sum = sum.as_ref().unwrap_or(added);
        sqlx::query("UPDATE query_photos SET photos = ?, sum = ? WHERE model = ?")
            .bind(sum.photos)
            .bind(sum.to_bytes())
            .bind(sum.space.as_str())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
}

/// The row as a sum; one that cannot be read, or has no photo yet, is begun anew.
fn stored(space: &EmbeddingSpace, (photos, bytes): Row) -> Option<PhotoSum> {
    PhotoSum::from_bytes(space.clone(), photos, &bytes).ok().filter(|sum| sum.photos > 0)
}
