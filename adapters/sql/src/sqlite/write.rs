//! What writes. Every transaction takes the write lock at its start, so none fails half-way for another's sake.

use std::collections::HashSet;

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use vitrina::{Category, CategoryId, Error, PhotoEmbedding, ProductDraft, ProductId, Result};

use super::{SqliteCatalog, drafts, numbers};
use crate::failure::Failure;
use crate::rows::{self, CategoryRow};

const BEGIN: &str = "BEGIN IMMEDIATE";

/// All categories, by number.
pub(super) const CATEGORIES: &str = "SELECT id, name FROM category ORDER BY id";

/// How many rows a statement writes: SQLite takes 32,766 values.
const ROWS: usize = 500;

impl SqliteCatalog {
    pub(super) async fn write_categories(&self, categories: &[Category]) -> Result<(), Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        drafts::check_categories(rows::all(existing), categories)?;
        for category in categories {
            sqlx::query("INSERT INTO category (id, name) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name")
                .bind(category.id.0)
                .bind(&category.name)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn remove_category(&self, id: CategoryId) -> Result<bool, Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        sqlx::query("UPDATE product SET category_id = NULL WHERE category_id = ?")
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        let removed =
            sqlx::query("DELETE FROM category WHERE id = ?").bind(id.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    pub(super) async fn write_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>, Failure> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let categories: Vec<i64> =
            sqlx::query_scalar("SELECT id FROM category").fetch_all(&mut *transaction).await?;
        drafts::check_products(drafts, &HashSet::from_iter(categories))?;
        let highest: Option<i64> =
            sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'product'")
                .fetch_optional(&mut *transaction)
                .await?;
        let ids = number(drafts, highest.unwrap_or(0))?;
        for (drafts, ids) in drafts.chunks(ROWS).zip(ids.chunks(ROWS)) {
            insert(&mut transaction, drafts, ids).await?;
        }
        transaction.commit().await?;
        Ok(ids)
    }

    pub(super) async fn remove_products(&self, ids: &[ProductId]) -> Result<u64, Failure> {
        let removed = sqlx::query("DELETE FROM product WHERE id IN (SELECT value FROM json_each(?))")
            .bind(numbers(ids))
            .execute(&self.writes)
            .await?;
        Ok(removed.rows_affected())
    }

    pub(super) async fn write_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<(), Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        for stored in embeddings {
            sqlx::query(
                "INSERT INTO product_embedding (product_id, model, vector) SELECT id, ?, ? FROM product WHERE id = ? \
                 ON CONFLICT (product_id) DO UPDATE SET model = excluded.model, vector = excluded.vector",
            )
            .bind(&stored.model)
            .bind(stored.embedding.to_bytes())
            .bind(stored.product.0)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// The drafts' numbers; those without one go on after the highest that was ever given.
fn number(drafts: &[ProductDraft], mut highest: i64) -> Result<Vec<ProductId>> {
    let numbers = drafts.iter().map(|draft| {
        let id = match draft.id {
            Some(id) => id.0,
            None => highest
                .checked_add(1)
                .ok_or_else(|| Error::invalid("there are no numbers left for new products"))?,
        };
        highest = highest.max(id);
        Ok(ProductId(id))
    });
    numbers.collect()
}

async fn insert(
    connection: &mut SqliteConnection,
    drafts: &[ProductDraft],
    ids: &[ProductId],
) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "INSERT INTO product (id, name, description, price, category_id, brand, stock, photo) ",
    );
    sql.push_values(ids.iter().zip(drafts), |mut row, (id, draft)| {
        row.push_bind(id.0)
            .push_bind(&draft.name)
            .push_bind(&draft.description)
            .push_bind(draft.price.minor())
            .push_bind(draft.category.map(|category| category.0))
            .push_bind(draft.brand.as_deref())
            .push_bind(draft.stock.map(i64::from))
            .push_bind(draft.photo.as_deref());
    });
    sql.push(
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, description = excluded.description, \
         price = excluded.price, category_id = excluded.category_id, brand = excluded.brand, \
         stock = excluded.stock, photo = excluded.photo",
    );
    sql.build().execute(connection).await?;
    Ok(())
}
