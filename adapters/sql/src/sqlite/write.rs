//! What writes. Every transaction takes the write lock at its start, so none fails half-way for another's sake.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use vitrina_core::catalog::PhotoEmbedding;
use vitrina_core::classify::EmbeddingSpace;
use vitrina_core::product::{CategoryContents, CategoryTree, ProductDraft, not_empty};
use vitrina_core::{Category, CategoryId, Error, ProductId, Result};

use super::{SqliteCatalog, drafts, feed, numbers};
use crate::details::{self, Details};
use crate::drafts::Target;
use crate::failure::Failure;
use crate::rows::{self, CategoryRow};

pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";

/// All categories, by number.
pub(super) const CATEGORIES: &str = "SELECT id, name, parent_id, translations FROM category ORDER BY id";

/// How many rows a statement writes: SQLite takes 32,766 values.
const ROWS: usize = 500;

/// Brings the products of categories anew in the change feed: of these, and of those below them.
const TOUCH: [&str; 2] = [
    "DELETE FROM vitrina_change WHERE kind = 2 AND id IN (\
     SELECT id FROM product WHERE category_id IN (SELECT value FROM json_each(?1)) \
     UNION SELECT product_id FROM product_in_category WHERE category_id IN (SELECT value FROM json_each(?1)))",
    "INSERT INTO vitrina_change (kind, id) SELECT 2, id FROM (\
     SELECT id FROM product WHERE category_id IN (SELECT value FROM json_each(?1)) \
     UNION SELECT product_id FROM product_in_category WHERE category_id IN (SELECT value FROM json_each(?1))) \
     ORDER BY id",
];

/// Whether a category has products.
const IS_USED: &str = "SELECT EXISTS (SELECT 1 FROM product WHERE category_id = ?1) \
     OR EXISTS (SELECT 1 FROM product_in_category WHERE category_id = ?1)";

/// Moves the products of a category to another one: those that it is a further category of, and are not there yet; those
/// that it is the main one of; and takes away what these had of the other before.
const MOVE: [&str; 3] = [
    "UPDATE OR IGNORE product_in_category SET category_id = ?2 WHERE category_id = ?1",
    "UPDATE product SET category_id = ?2 WHERE category_id = ?1",
    "DELETE FROM product_in_category WHERE category_id = ?2 AND ?1 <> ?2 \
     AND EXISTS (SELECT 1 FROM product p WHERE p.id = product_id AND p.category_id = ?2)",
];

impl SqliteCatalog {
    pub(super) async fn write_categories(&self, categories: &[Category]) -> Result<(), Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        let before = CategoryTree::new(rows::all(existing));
        let after = before.with(categories)?;
        upsert(&mut transaction, categories).await?;
        let changed =
            categories.iter().filter(|category| before.get(category.id).is_some_and(|old| old != *category));
        touch(&mut transaction, &after, changed.map(|category| category.id)).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn remove_category(
        &self,
        id: CategoryId,
        contents: CategoryContents,
    ) -> Result<bool, Failure> {
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        let before = CategoryTree::new(rows::all(existing));
        let Some(after) = before.without(id, contents)? else { return Ok(false) };
        if let (CategoryContents::Refuse, Some(gone)) = (contents, before.get(id)) {
            let used = sqlx::query_scalar::<_, i64>(IS_USED).bind(id.0).fetch_one(&mut *transaction).await?;
            if used != 0 {
                return Err(not_empty(gone).into());
            }
        }
        let children = before.children(Some(id));
        let moved: Vec<_> = children.iter().filter_map(|child| after.get(*child).cloned()).collect();
        upsert(&mut transaction, &moved).await?;
        touch(&mut transaction, &after, children.iter().copied()).await?;
        let target = if let CategoryContents::MoveTo(target) = contents { Some(target.0) } else { None };
        let moves = if target.is_some() { &MOVE[..] } else { &MOVE[1..2] };
        for sql in moves {
            sqlx::query(*sql).bind(id.0).bind(target).execute(&mut *transaction).await?;
        }
        sqlx::query("DELETE FROM category WHERE id = ?").bind(id.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(super) async fn write_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>, Failure> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.writes.begin_with(BEGIN).await?;
        let ids = write(&mut transaction, drafts).await?;
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
                "INSERT INTO product_embedding (product_id, photo, model, vector) \
                 SELECT product_id, photo, ?, ? FROM product_photo WHERE product_id = ? AND photo = ? \
                 ON CONFLICT (product_id, photo, model) DO UPDATE SET vector = excluded.vector",
            )
            .bind(stored.embedding.space().as_str())
            .bind(stored.embedding.to_bytes())
            .bind(stored.product.0)
            .bind(stored.photo.as_str())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn remove_superseded(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<u64, Failure> {
        let removed = sqlx::query(
            "DELETE FROM product_embedding WHERE (product_id, photo, model) IN \
             (SELECT other.product_id, other.photo, other.model FROM product_embedding kept \
              JOIN product_embedding other ON other.product_id = kept.product_id AND other.photo = kept.photo \
              AND other.model <> kept.model WHERE kept.model = ? LIMIT ?)",
        )
        .bind(space.as_str())
        .bind(feed::limit(limit))
        .execute(&self.writes)
        .await?;
        Ok(removed.rows_affected())
    }
}

/// Writes drafts and returns the IDs of their products.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    drafts: &[ProductDraft],
) -> Result<Vec<ProductId>, Failure> {
    let sql = "SELECT c.id FROM json_each(?) wanted CROSS JOIN category c ON c.id = wanted.value";
    let categories = sqlx::query_scalar::<_, i64>(sql).bind(drafts::categories(drafts));
    let categories = categories.fetch_all(&mut *connection).await?;
    drafts::check_products(drafts, &HashSet::from_iter(categories))?;
    let owners = owners(connection, drafts::keys(drafts)).await?;
    let targets = drafts::targets(drafts, &owners)?;
    let highest: Option<i64> = sqlx::query_scalar("SELECT seq FROM sqlite_sequence WHERE name = 'product'")
        .fetch_optional(&mut *connection)
        .await?;
    let ids = number(&targets, highest.unwrap_or(0))?;
    let last: Vec<_> =
        drafts::last_of_each(&targets).into_iter().map(|place| (ids[place], &drafts[place])).collect();
    for batch in last.chunks(ROWS) {
        insert(connection, batch).await?;
    }
    place_in_categories(connection, &last).await?;
    Ok(ids)
}

/// The products that have these keys.
pub(super) async fn owners(
    connection: &mut SqliteConnection,
    keys: Vec<&str>,
) -> Result<HashMap<String, ProductId>, sqlx::Error> {
    let owners: Vec<(String, i64)> = sqlx::query_as(
        "SELECT p.product_key, p.id FROM json_each(?) wanted CROSS JOIN product p ON p.product_key = wanted.value",
    )
    .bind(serde_json::Value::from(keys).to_string())
    .fetch_all(connection)
    .await?;
    Ok(owners.into_iter().map(|(key, id)| (key, ProductId(id))).collect())
}

/// The numbers of the drafts' products; new ones go on after the highest that was ever given.
fn number(targets: &[Target], mut highest: i64) -> Result<Vec<ProductId>> {
    let mut given = Vec::with_capacity(targets.len());
    for (place, target) in targets.iter().enumerate() {
        let id = match *target {
            Target::Id(id) => id.0,
            Target::New(first) if first < place => {
                given.push(given[first]);
                continue;
            }
            Target::New(_) => highest
                .checked_add(1)
                .ok_or_else(|| Error::invalid("there are no numbers left for new products"))?,
        };
        highest = highest.max(id);
        given.push(ProductId(id));
    }
    Ok(given)
}

async fn upsert(connection: &mut SqliteConnection, categories: &[Category]) -> Result<(), sqlx::Error> {
    for category in categories {
        sqlx::query(
            "INSERT INTO category (id, name, parent_id, translations) VALUES (?, ?, ?, ?) ON CONFLICT (id) \
             DO UPDATE SET name = excluded.name, parent_id = excluded.parent_id, translations = excluded.translations",
        )
        .bind(category.id.0)
        .bind(&category.name)
        .bind(category.parent.map(|parent| parent.0))
        .bind(details::names(&category.translations))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Brings the products of these categories, and of all below them, anew in the change feed.
async fn touch(
    connection: &mut SqliteConnection,
    tree: &CategoryTree,
    categories: impl Iterator<Item = CategoryId>,
) -> Result<(), sqlx::Error> {
    let below: BTreeSet<_> = categories.flat_map(|id| tree.subtree(id)).map(|id| id.0).collect();
    if below.is_empty() {
        return Ok(());
    }
    let below = serde_json::Value::from_iter(below).to_string();
    for sql in TOUCH {
        sqlx::query(sql).bind(&below).execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert(
    connection: &mut SqliteConnection,
    drafts: &[(ProductId, &ProductDraft)],
) -> Result<(), sqlx::Error> {
    let mut sql = QueryBuilder::<Sqlite>::new(
        "INSERT INTO product (id, product_key, name, description, price, sale_price, sale_from, sale_until, \
         category_id, brand, stock, available, photo, details) ",
    );
    sql.push_values(drafts, |mut row, (id, draft)| {
        row.push_bind(id.0)
            .push_bind(draft.key.as_deref())
            .push_bind(&draft.name)
            .push_bind(&draft.description)
            .push_bind(draft.price.minor())
            .push_bind(draft.sale.map(|sale| sale.price.minor()))
            .push_bind(draft.sale.and_then(|sale| sale.from).map(|from| from.0))
            .push_bind(draft.sale.and_then(|sale| sale.until).map(|until| until.0))
            .push_bind(draft.category().map(|category| category.0))
            .push_bind(draft.brand.as_deref())
            .push_bind(draft.stock.map(i64::from))
            .push_bind(draft.stated_in_stock().map(i64::from))
            .push_bind(draft.photo())
            .push_bind(Details::of(draft));
    });
    sql.push(
        " ON CONFLICT (id) DO UPDATE SET product_key = excluded.product_key, name = excluded.name, \
         description = excluded.description, price = excluded.price, sale_price = excluded.sale_price, \
         sale_from = excluded.sale_from, sale_until = excluded.sale_until, category_id = excluded.category_id, \
         brand = excluded.brand, stock = excluded.stock, available = excluded.available, photo = excluded.photo, \
         details = excluded.details",
    );
    sql.build().execute(connection).await?;
    Ok(())
}

/// Writes the categories beside the main ones, in place of those that the products had.
async fn place_in_categories(
    connection: &mut SqliteConnection,
    drafts: &[(ProductId, &ProductDraft)],
) -> Result<(), sqlx::Error> {
    let ids: Vec<_> = drafts.iter().map(|(id, _)| *id).collect();
    sqlx::query("DELETE FROM product_in_category WHERE product_id IN (SELECT value FROM json_each(?))")
        .bind(numbers(&ids))
        .execute(&mut *connection)
        .await?;
    for rows in drafts::further_categories(drafts.iter().copied()).chunks(ROWS) {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "INSERT INTO product_in_category (product_id, category_id, position) ",
        );
        sql.push_values(rows, |mut row, numbers| {
            numbers.iter().for_each(|number| {
                row.push_bind(*number);
            });
        });
        sql.build().execute(&mut *connection).await?;
    }
    Ok(())
}
