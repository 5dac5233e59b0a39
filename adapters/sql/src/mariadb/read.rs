//! What reads.

use sqlx::MySqlExecutor;
use vitrina_core::catalog::{Changes, FeedPosition, ListQuery, ProductPhoto};
use vitrina_core::classify::EmbeddingSpace;
use vitrina_core::{Category, Product, ProductId};

use super::{MariaDbCatalog, drafts, numbers};
use crate::failure::Failure;
use crate::feed;
use crate::listing::{self, Dialect};
use crate::rows::{self, CategoryRow, EmbeddingRow, PhotoRow, ProductRow};

/// A query of products; what follows says from where, which, and in what order. Rows of other programs may hold nulls.
macro_rules! products {
    ($rest:literal) => {
        concat!(
            "SELECT CAST(p.id AS SIGNED) AS id, p.product_key, COALESCE(p.name, '') AS name, \
             COALESCE(p.description, '') AS description, p.brand, p.price_minor AS price, \
             CAST(p.sale_price * 100 AS SIGNED) AS sale_price, p.sale_from, p.sale_until, \
             CAST(p.stock AS SIGNED) AS stock, p.photo, CAST(p.category_id AS SIGNED) AS category_id, \
             (SELECT GROUP_CONCAT(m.category_id ORDER BY m.position) FROM product_in_category m \
              WHERE m.product_id = p.id) AS more_categories, p.details",
            $rest
        )
    };
}

/// The products of a list of IDs.
pub(super) const BY_ID: &str = products!(
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (place FOR ORDINALITY, id BIGINT PATH '$')) AS wanted \
     STRAIGHT_JOIN product p ON p.id = wanted.id ORDER BY wanted.place"
);

/// The products of a list of IDs, locked in the order of the list.
pub(super) const LOCKED_BY_ID: &str = products!(
    " FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
     STRAIGHT_JOIN product p ON p.id = wanted.id FOR UPDATE"
);

macro_rules! sale {
    () => {
        "CASE WHEN p.sale_price IS NOT NULL AND (p.sale_from IS NULL OR p.sale_from <= UNIX_TIMESTAMP()) \
         AND (p.sale_until IS NULL OR p.sale_until > UNIX_TIMESTAMP()) \
         THEN CAST(p.sale_price * 100 AS SIGNED) ELSE p.price_minor END"
    };
}

const DIALECT: Dialect = Dialect {
    select: concat!(products!(", "), sale!(), " AS listed FROM product p"),
    brand: "LOWER(COALESCE(p.brand, '')) COLLATE utf8mb4_nopad_bin",
    price: "p.price_minor",
    sale: sale!(),
    name: "p.name_key",
    listed_name: "LEFT(name, 255)",
};

/// All categories, by number.
pub(super) const CATEGORIES: &str = "SELECT CAST(id AS SIGNED) AS id, COALESCE(name, '') AS name, parent_id, translations \
     FROM category c ORDER BY c.id";

/// The categories of these IDs, and all above them.
const CATEGORIES_WITH_ABOVE: &str = "WITH RECURSIVE above (id) AS ( \
     SELECT id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
     UNION SELECT c.parent_id FROM above JOIN category c ON c.id = above.id WHERE c.parent_id IS NOT NULL) \
     SELECT CAST(c.id AS SIGNED) AS id, COALESCE(c.name, '') AS name, c.parent_id, c.translations \
     FROM above JOIN category c ON c.id = above.id";

/// The IDs of these categories, whether they exist or not, and of all below them.
const WITH_BELOW: &str = "WITH RECURSIVE below (id) AS ( \
     SELECT id FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
     UNION SELECT CAST(c.id AS SIGNED) FROM below JOIN category c ON c.parent_id = below.id) \
     SELECT id FROM below ORDER BY id";

impl MariaDbCatalog {
    pub(super) async fn read_one(&self) -> Result<(), Failure> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub(super) async fn read_identity(&self) -> Result<Option<String>, Failure> {
        let identity = sqlx::query_scalar("SELECT identity FROM vitrina_identity WHERE one = 1");
        Ok(identity.fetch_optional(&self.pool).await?)
    }

    pub(super) async fn read_categories(&self) -> Result<Vec<Category>, Failure> {
        let rows: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&self.pool).await?;
        Ok(rows::all(rows))
    }

    pub(super) async fn read_products(&self, ids: &[ProductId]) -> Result<Vec<Product>, Failure> {
        let query = sqlx::query_as(BY_ID).bind(numbers(ids.iter().copied()));
        let rows: Vec<ProductRow> = query.fetch_all(&self.pool).await?;
        self.with_categories(rows).await
    }

    pub(super) async fn read_products_by_key(&self, keys: &[String]) -> Result<Vec<Product>, Failure> {
        let sql = products!(
            " FROM JSON_TABLE(?, '$[*]' COLUMNS (place FOR ORDINALITY, product_key VARCHAR(255) \
             CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin PATH '$')) AS wanted \
             STRAIGHT_JOIN product p ON p.product_key = wanted.product_key ORDER BY wanted.place"
        );
        let query = sqlx::query_as(sql).bind(serde_json::Value::from(keys).to_string());
        let rows: Vec<ProductRow> = query.fetch_all(&self.pool).await?;
        self.with_categories(rows).await
    }

    /// The products of rows, with their categories and those above.
    async fn with_categories(&self, rows: Vec<ProductRow>) -> Result<Vec<Product>, Failure> {
        Ok(with_categories(&self.pool, rows).await?)
    }

    /// One product more than the page holds.
    pub(super) async fn read_list(&self, query: &ListQuery) -> Result<Vec<Product>, Failure> {
        let mut all = query.clone();
        if !all.filter.categories.is_empty() {
            let ids: Vec<_> = all.filter.categories.iter().map(|id| id.0).collect();
            let below = sqlx::query_scalar(WITH_BELOW).bind(serde_json::Value::from(ids).to_string());
            all.filter.categories = drafts::within_bound(below.fetch_all(&self.pool).await?)?;
        }
        let mut sql = listing::select(&DIALECT, &all);
        let rows: Vec<ProductRow> = sql.build_query_as().fetch_all(&self.pool).await?;
        self.with_categories(rows).await
    }

    pub(super) async fn read_count(&self) -> Result<u64, Failure> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM product").fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    pub(super) async fn read_without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>, Failure> {
        // Not `(product_id, photo) > (?, ?)`, for which MariaDB reads everything.
        let sql = "SELECT f.product_id, f.photo FROM product_photo f LEFT JOIN product_embedding e \
                   ON e.product_id = f.product_id AND e.photo = f.photo AND e.model = ? \
                   WHERE f.product_id >= ? AND (f.product_id > ? OR f.photo > ?) AND e.product_id IS NULL \
                   ORDER BY f.product_id, f.photo LIMIT ?";
        let (product, photo) = feed::behind(after);
        let query = sqlx::query_as(sql).bind(space.as_str()).bind(product).bind(product).bind(photo);
        let rows: Vec<PhotoRow> = query.bind(feed::limit(limit)).fetch_all(&self.pool).await?;
        Ok(rows.into_iter().filter_map(PhotoRow::decode).collect())
    }

    pub(super) async fn read_count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64, Failure> {
        let sql = "SELECT COUNT(*) FROM product_photo f LEFT JOIN product_embedding e \
                   ON e.product_id = f.product_id AND e.photo = f.photo AND e.model = ? WHERE e.product_id IS NULL";
        let count: i64 = sqlx::query_scalar(sql).bind(space.as_str()).fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    /// The places after `since`, and then what is there: what changes in between has a later place as well.
    pub(super) async fn read_changes(&self, since: FeedPosition, limit: usize) -> Result<Changes, Failure> {
        let sql = "SELECT seq, kind, id FROM vitrina_change WHERE seq > ? ORDER BY seq LIMIT ?";
        let query = sqlx::query_as(sql).bind(feed::place(since)).bind(feed::limit(limit));
        let entries: Vec<feed::Entry> = query.fetch_all(&self.pool).await?;
        if entries.is_empty() {
            return Ok(Changes { changes: Vec::new(), position: since });
        }
        let ids = feed::product_ids(&entries);
        let sql = "SELECT e.product_id, e.photo, e.model, e.`vector` \
                   FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
                   STRAIGHT_JOIN product_embedding e ON e.product_id = wanted.id";
        let query = sqlx::query_as(sql).bind(numbers(ids.iter().copied()));
        let embeddings: Vec<EmbeddingRow> = query.fetch_all(&self.pool).await?;
        let embeddings = embeddings.into_iter().filter_map(EmbeddingRow::decode).collect();
        let categories =
            if feed::names_categories(&entries) { self.read_categories().await? } else { Vec::new() };
        let products = self.read_products(&ids).await?;
        Ok(feed::changes(since, &entries, categories, products, embeddings))
    }
}

/// The products of rows, with their categories and those above.
pub(super) async fn with_categories<'e>(
    executor: impl MySqlExecutor<'e>,
    rows: Vec<ProductRow>,
) -> Result<Vec<Product>, sqlx::Error> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(CATEGORIES_WITH_ABOVE).bind(rows::categories_of(&rows));
    let categories: Vec<CategoryRow> = query.fetch_all(executor).await?;
    Ok(rows::products(rows, categories))
}
