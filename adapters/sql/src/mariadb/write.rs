//! What writes. A transaction that loses against another one is rolled back whole and tried again by the caller.

use std::collections::{BTreeSet, HashSet};

use sqlx::{MySql, MySqlConnection, QueryBuilder};
use vitrina::{Category, CategoryId, PhotoEmbedding, ProductDraft, ProductId};

use super::read::CATEGORIES;
use super::{MariaDbCatalog, drafts, numbers};
use crate::failure::Failure;
use crate::rows::{self, CategoryRow};

/// How many rows, and about how many bytes, a statement writes: servers may bound a packet to 1 MiB.
const ROWS: usize = 500;
const BYTES: usize = 512 * 1024;

/// What a draft becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A product with the next free number.
    Numbered,
    /// A product with the draft's number, which none has yet.
    Made,
    /// The product of that number, replaced.
    Replaced,
}

impl MariaDbCatalog {
    pub(super) async fn write_categories(&self, categories: &[Category]) -> Result<(), Failure> {
        let mut transaction = self.pool.begin().await?;
        // Names are unique by our rule and not by the table's: whoever names categories takes turns.
        sqlx::query("SELECT id FROM vitrina_turn WHERE id = 2 FOR UPDATE").execute(&mut *transaction).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        let existing: Vec<Category> = rows::all(existing);
        let mut known: HashSet<_> = existing.iter().map(|category| category.id).collect();
        drafts::check_categories(existing, categories)?;
        for category in categories {
            // Not `ON DUPLICATE KEY`: in a shop's own table another unique key might be the one that is double.
            let sql = if known.insert(category.id) {
                "INSERT INTO category (name, id) VALUES (?, ?)"
            } else {
                "UPDATE category SET name = ? WHERE id = ?"
            };
            sqlx::query(sql).bind(&category.name).bind(category.id.0).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn remove_category(&self, id: CategoryId) -> Result<bool, Failure> {
        let mut transaction = self.pool.begin().await?;
        // By hand: what a foreign key does fires no trigger.
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
        let mut transaction = self.pool.begin().await?;
        let categories: Vec<i64> = sqlx::query_scalar("SELECT CAST(id AS SIGNED) FROM category")
            .fetch_all(&mut *transaction)
            .await?;
        drafts::check_products(drafts, &HashSet::from_iter(categories))?;
        let mut known: HashSet<ProductId> =
            locked(&mut transaction, drafts.iter().filter_map(|draft| draft.id)).await?;
        let kinds: Vec<_> = drafts
            .iter()
            .map(|draft| match draft.id {
                None => Kind::Numbered,
                Some(id) if known.insert(id) => Kind::Made,
                Some(_) => Kind::Replaced,
            })
            .collect();
        let mut ids = Vec::with_capacity(drafts.len());
        while ids.len() < drafts.len() {
            let at = ids.len();
            let run = run(&drafts[at..], &kinds[at..]);
            ids.extend(write_run(&mut transaction, run, kinds[at]).await?);
        }
        transaction.commit().await?;
        Ok(ids)
    }

    pub(super) async fn remove_products(&self, ids: &[ProductId]) -> Result<u64, Failure> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        let removed = sqlx::query(
            "DELETE p FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
             STRAIGHT_JOIN product AS p ON p.id = wanted.id",
        )
        .bind(numbers(ids))
        .execute(&self.pool)
        .await?;
        Ok(removed.rows_affected())
    }

    pub(super) async fn write_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<(), Failure> {
        let mut transaction = self.pool.begin().await?;
        let known = locked(&mut transaction, embeddings.iter().map(|stored| stored.product)).await?;
        for stored in embeddings.iter().filter(|stored| known.contains(&stored.product)) {
            sqlx::query(
                "INSERT INTO product_embedding (product_id, model, `vector`) VALUES (?, ?, ?) \
                 ON DUPLICATE KEY UPDATE model = VALUES(model), `vector` = VALUES(`vector`)",
            )
            .bind(stored.product.0)
            .bind(&stored.model)
            .bind(stored.embedding.to_bytes())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }
}

/// Those of the products that exist, locked in the order of their numbers.
async fn locked(
    connection: &mut MySqlConnection,
    ids: impl Iterator<Item = ProductId>,
) -> Result<HashSet<ProductId>, sqlx::Error> {
    let ids: BTreeSet<_> = ids.collect();
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let found: Vec<i64> = sqlx::query_scalar(
        "SELECT CAST(p.id AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
         STRAIGHT_JOIN product p ON p.id = wanted.id FOR UPDATE",
    )
    .bind(numbers(ids))
    .fetch_all(connection)
    .await?;
    Ok(found.into_iter().map(ProductId).collect())
}

/// The drafts at the start that one statement writes: all of a kind, within the bounds.
fn run<'a>(drafts: &'a [ProductDraft], kinds: &[Kind]) -> &'a [ProductDraft] {
    let mut bytes = 0;
    let of_a_kind = drafts.iter().zip(kinds).take(ROWS).take_while(|(draft, kind)| {
        bytes += draft.name.len() + draft.description.len() + 1024;
        **kind == kinds[0] && bytes <= BYTES
    });
    let length = of_a_kind.count().max(1);
    &drafts[..length]
}

/// Writes drafts of a kind and answers their numbers, in order.
async fn write_run(
    connection: &mut MySqlConnection,
    drafts: &[ProductDraft],
    kind: Kind,
) -> Result<Vec<ProductId>, sqlx::Error> {
    let mut sql = QueryBuilder::<MySql>::new(match kind {
        Kind::Numbered => "INSERT INTO product (name, description, price, category_id, brand, stock, photo) ",
        _ => "INSERT INTO product (name, description, price, category_id, brand, stock, photo, id) ",
    });
    sql.push_values(drafts, |mut row, draft| {
        row.push_bind(&draft.name)
            .push_bind(&draft.description)
            .push_bind(draft.price.to_string())
            .push_bind(draft.category.map(|category| category.0))
            .push_bind(draft.brand.as_deref())
            .push_bind(draft.stock)
            .push_bind(draft.photo.as_deref());
        if let Some(id) = draft.id {
            row.push_bind(id.0);
        }
    });
    match kind {
        Kind::Numbered => {
            sql.push(" RETURNING CAST(id AS SIGNED)");
            let ids: Vec<i64> = sql.build_query_scalar().fetch_all(connection).await?;
            return Ok(ids.into_iter().map(ProductId).collect());
        }
        Kind::Made => {}
        // The rows exist and are locked, so the number is the key that is double, and no other of a shop's own.
        Kind::Replaced => {
            sql.push(
                " ON DUPLICATE KEY UPDATE name = VALUES(name), description = VALUES(description), \
                 price = VALUES(price), category_id = VALUES(category_id), brand = VALUES(brand), \
                 stock = VALUES(stock), photo = VALUES(photo)",
            );
        }
    }
    sql.build().execute(connection).await?;
    Ok(drafts.iter().filter_map(|draft| draft.id).collect())
}
