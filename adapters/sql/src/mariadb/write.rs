//! What writes. A transaction that loses against another one is rolled back whole and tried again by the caller.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::{MySql, MySqlConnection, QueryBuilder};
use vitrina_core::catalog::PhotoEmbedding;
use vitrina_core::classify::EmbeddingSpace;
use vitrina_core::product::{CategoryContents, CategoryTree, ProductDraft, not_empty};
use vitrina_core::{Category, CategoryId, ProductId};

use super::read::CATEGORIES;
use super::{MariaDbCatalog, drafts, numbers};
use crate::details::{self, Details};
use crate::drafts::Target;
use crate::failure::Failure;
use crate::feed;
use crate::rows::{self, CategoryRow};

/// How many rows, and about how many bytes, a statement writes: servers may bound a packet to 1 MiB.
const ROWS: usize = 500;
const BYTES: usize = 512 * 1024;

/// Names and the tree are ours to check and not the table's: whoever changes categories takes turns.
const NAMING: &str = "SELECT id FROM vitrina_turn WHERE id = 2 FOR UPDATE";

/// Whether a category has products.
const IS_USED: &str = "SELECT EXISTS (SELECT 1 FROM product WHERE category_id = ?) \
     OR EXISTS (SELECT 1 FROM product_in_category WHERE category_id = ?)";

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

/// A draft on its way into the table.
struct Write<'a> {
    draft: &'a ProductDraft,
    id: Option<ProductId>,
    kind: Kind,
}

impl MariaDbCatalog {
    pub(super) async fn write_categories(&self, categories: &[Category]) -> Result<(), Failure> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(NAMING).execute(&mut *transaction).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        let before = CategoryTree::new(rows::all(existing));
        before.with(categories)?;
        upsert(&mut transaction, &before, categories).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(super) async fn remove_category(
        &self,
        id: CategoryId,
        contents: CategoryContents,
    ) -> Result<bool, Failure> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query(NAMING).execute(&mut *transaction).await?;
        let existing: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&mut *transaction).await?;
        let before = CategoryTree::new(rows::all(existing));
        let Some(after) = before.without(id, contents)? else { return Ok(false) };
        if let (CategoryContents::Refuse, Some(gone)) = (contents, before.get(id)) {
            let used = sqlx::query_scalar::<_, i64>(IS_USED).bind(id.0).bind(id.0);
            if used.fetch_one(&mut *transaction).await? != 0 {
                return Err(not_empty(gone).into());
            }
        }
        let children = before.children(Some(id)).iter();
        let moved: Vec<_> = children.filter_map(|child| after.get(*child).cloned()).collect();
        upsert(&mut transaction, &before, &moved).await?;
        let target = if let CategoryContents::MoveTo(target) = contents { Some(target.0) } else { None };
        if target.is_some() {
            let further = "UPDATE IGNORE product_in_category SET category_id = ? WHERE category_id = ?";
            sqlx::query(further).bind(target).bind(id.0).execute(&mut *transaction).await?;
        }
        // By hand: what a foreign key does fires no trigger.
        sqlx::query("UPDATE product SET category_id = ? WHERE category_id = ?")
            .bind(target)
            .bind(id.0)
            .execute(&mut *transaction)
            .await?;
        if target.is_some() {
            // What is the main category of a product now is no further one.
            let doubled = "DELETE m FROM product_in_category AS m JOIN product AS p ON p.id = m.product_id \
                           WHERE m.category_id = ? AND p.category_id = ?";
            sqlx::query(doubled).bind(target).bind(target).execute(&mut *transaction).await?;
        }
        sqlx::query("DELETE FROM category WHERE id = ?").bind(id.0).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(true)
    }

    pub(super) async fn write_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>, Failure> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.pool.begin().await?;
        let ids = write(&mut transaction, drafts).await?;
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
                "INSERT INTO product_embedding (product_id, photo, model, `vector`) \
                 SELECT f.product_id, f.photo, ?, ? FROM product_photo f WHERE f.product_id = ? AND f.photo = ? \
                 ON DUPLICATE KEY UPDATE `vector` = VALUES(`vector`)",
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

    /// Read first and then removed by their keys: other servers may be at it too, and no table is locked whole.
    pub(super) async fn remove_superseded(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<u64, Failure> {
        let superseded: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT other.product_id, other.photo, other.model FROM product_embedding kept \
             JOIN product_embedding other ON other.product_id = kept.product_id AND other.photo = kept.photo \
             AND other.model <> kept.model WHERE kept.model = ? LIMIT ?",
        )
        .bind(space.as_str())
        .bind(feed::limit(limit))
        .fetch_all(&self.pool)
        .await?;
        let removed = sqlx::query(
            "DELETE e FROM JSON_TABLE(?, '$[*]' COLUMNS (product_id BIGINT PATH '$[0]', \
             photo VARCHAR(80) CHARACTER SET ascii COLLATE ascii_nopad_bin PATH '$[1]', \
             model VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$[2]')) AS superseded \
             STRAIGHT_JOIN product_embedding AS e ON e.product_id = superseded.product_id \
             AND e.photo = superseded.photo AND e.model = superseded.model",
        )
        .bind(serde_json::json!(superseded).to_string())
        .execute(&self.pool)
        .await?;
        Ok(removed.rows_affected())
    }
}

/// Writes drafts and returns the IDs of their products.
pub(super) async fn write(
    connection: &mut MySqlConnection,
    drafts: &[ProductDraft],
) -> Result<Vec<ProductId>, Failure> {
    let sql = "SELECT CAST(c.id AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
               STRAIGHT_JOIN category c ON c.id = wanted.id";
    let categories = sqlx::query_scalar::<_, i64>(sql).bind(drafts::categories(drafts));
    let categories = categories.fetch_all(&mut *connection).await?;
    drafts::check_products(drafts, &HashSet::from_iter(categories))?;
    let owners = owners(connection, drafts::keys(drafts)).await?;
    let targets = drafts::targets(drafts, &owners)?;
    let numbered = targets.iter().filter_map(|target| match target {
        Target::Id(id) => Some(*id),
        Target::New(_) => None,
    });
    let known: HashSet<ProductId> = locked(connection, numbered).await?;
    let places = drafts::last_of_each(&targets);
    let write = |place: &usize| match targets[*place] {
        Target::New(_) => Write { draft: &drafts[*place], id: None, kind: Kind::Numbered },
        Target::Id(id) => {
            let kind = if known.contains(&id) { Kind::Replaced } else { Kind::Made };
            Write { draft: &drafts[*place], id: Some(id), kind }
        }
    };
    let writes: Vec<_> = places.iter().map(write).collect();
    let mut written = Vec::with_capacity(writes.len());
    while written.len() < writes.len() {
        let run = run(&writes[written.len()..]);
        written.extend(write_run(connection, run).await?);
    }
    place_in_categories(connection, &written, &writes).await?;
    let of_targets: HashMap<_, _> =
        places.iter().zip(&written).map(|(place, id)| (targets[*place], *id)).collect();
    Ok(targets.iter().map(|target| of_targets[target]).collect())
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

/// The products that have these keys.
pub(super) async fn owners(
    connection: &mut MySqlConnection,
    keys: Vec<&str>,
) -> Result<HashMap<String, ProductId>, sqlx::Error> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let owners: Vec<(String, i64)> = sqlx::query_as(
        "SELECT p.product_key, CAST(p.id AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (product_key VARCHAR(255) \
         CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$')) AS wanted \
         STRAIGHT_JOIN product p ON p.product_key = wanted.product_key",
    )
    .bind(serde_json::Value::from(keys).to_string())
    .fetch_all(connection)
    .await?;
    Ok(owners.into_iter().map(|(key, id)| (key, ProductId(id))).collect())
}

/// Writes categories, of which those in `before` exist.
async fn upsert(
    connection: &mut MySqlConnection,
    before: &CategoryTree,
    categories: &[Category],
) -> Result<(), sqlx::Error> {
    let mut made = HashSet::new();
    for category in categories {
        // Not `ON DUPLICATE KEY`: in a shop's own table another unique key might be the one that is double.
        let sql = if before.get(category.id).is_none() && made.insert(category.id) {
            "INSERT INTO category (name, parent_id, translations, id) VALUES (?, ?, ?, ?)"
        } else {
            "UPDATE category SET name = ?, parent_id = ?, translations = ? WHERE id = ?"
        };
        sqlx::query(sql)
            .bind(&category.name)
            .bind(category.parent.map(|parent| parent.0))
            .bind(details::names(&category.translations))
            .bind(category.id.0)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The writes at the start that one statement does: all of a kind, within the bounds.
fn run<'a, 'b>(writes: &'a [Write<'b>]) -> &'a [Write<'b>] {
    let mut bytes = 0;
    let of_a_kind = writes.iter().take(ROWS).take_while(|write| {
        bytes += write.draft.bytes() + write.draft.description.len() + 1024;
        write.kind == writes[0].kind && bytes <= BYTES
    });
    let length = of_a_kind.count().max(1);
    &writes[..length]
}

/// Writes drafts of a kind and answers their numbers, in order.
async fn write_run(
    connection: &mut MySqlConnection,
    writes: &[Write<'_>],
) -> Result<Vec<ProductId>, sqlx::Error> {
    let kind = writes[0].kind;
    let mut sql = QueryBuilder::<MySql>::new(
        "INSERT INTO product (product_key, name, description, price, sale_price, sale_from, sale_until, \
         category_id, brand, stock, available, photo, details",
    );
    sql.push(if kind == Kind::Numbered { ") " } else { ", id) " });
    sql.push_values(writes, |mut row, Write { draft, id, .. }| {
        row.push_bind(draft.key.as_deref())
            .push_bind(&draft.name)
            .push_bind(&draft.description)
            .push_bind(draft.price.to_string())
            .push_bind(draft.sale.map(|sale| sale.price.to_string()))
            .push_bind(draft.sale.and_then(|sale| sale.from).map(|from| from.0))
            .push_bind(draft.sale.and_then(|sale| sale.until).map(|until| until.0))
            .push_bind(draft.category().map(|category| category.0))
            .push_bind(draft.brand.as_deref())
            .push_bind(draft.stock)
            .push_bind(draft.stated_in_stock())
            .push_bind(draft.photo())
            .push_bind(Details::of(draft));
        if let Some(id) = id {
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
                " ON DUPLICATE KEY UPDATE product_key = VALUES(product_key), name = VALUES(name), \
                 description = VALUES(description), price = VALUES(price), sale_price = VALUES(sale_price), \
                 sale_from = VALUES(sale_from), sale_until = VALUES(sale_until), \
                 category_id = VALUES(category_id), brand = VALUES(brand), stock = VALUES(stock), \
                 available = VALUES(available), photo = VALUES(photo), details = VALUES(details)",
            );
        }
    }
    sql.build().execute(connection).await?;
    Ok(writes.iter().filter_map(|write| write.id).collect())
}

/// Writes the categories beside the main ones.
async fn place_in_categories(
    connection: &mut MySqlConnection,
    ids: &[ProductId],
    writes: &[Write<'_>],
) -> Result<(), sqlx::Error> {
    let replaced = ids.iter().zip(writes).filter(|(_, write)| write.kind != Kind::Numbered);
    let replaced: BTreeSet<_> = replaced.map(|(id, _)| *id).collect();
    if !replaced.is_empty() {
        sqlx::query(
            "DELETE m FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
             STRAIGHT_JOIN product_in_category AS m ON m.product_id = wanted.id",
        )
        .bind(numbers(replaced))
        .execute(&mut *connection)
        .await?;
    }
    let drafts = ids.iter().zip(writes).map(|(id, write)| (*id, write.draft));
    for rows in drafts::further_categories(drafts).chunks(ROWS) {
        let mut sql = QueryBuilder::<MySql>::new(
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
