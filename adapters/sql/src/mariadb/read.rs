//! What reads.

use vitrina::{Category, Changes, FeedPosition, ListQuery, Product, ProductId};

use super::{MariaDbCatalog, numbers};
use crate::failure::Failure;
use crate::feed;
use crate::listing::{self, Dialect};
use crate::rows::{self, CategoryRow, EmbeddingRow, ProductRow};

/// A query of products; what follows says from where, which, and in what order. Rows of other programs may hold nulls.
macro_rules! products {
    ($rest:literal) => {
        concat!(
            "SELECT CAST(p.id AS SIGNED) AS id, COALESCE(p.name, '') AS name, \
             COALESCE(p.description, '') AS description, p.brand, p.price_minor AS price, \
             CAST(p.stock AS SIGNED) AS stock, p.photo, CAST(c.id AS SIGNED) AS category_id, \
             COALESCE(c.name, '') AS category_name FROM ",
            $rest
        )
    };
}

const DIALECT: Dialect = Dialect {
    select: products!("product p LEFT JOIN category c ON c.id = p.category_id"),
    brand: "LOWER(COALESCE(p.brand, '')) COLLATE utf8mb4_nopad_bin",
    price: "p.price_minor",
    name: "p.name_key",
};

/// All categories, by number.
pub(super) const CATEGORIES: &str =
    "SELECT CAST(id AS SIGNED) AS id, COALESCE(name, '') AS name FROM category c ORDER BY c.id";

impl MariaDbCatalog {
    pub(super) async fn read_one(&self) -> Result<(), Failure> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub(super) async fn read_categories(&self) -> Result<Vec<Category>, Failure> {
        let rows: Vec<CategoryRow> = sqlx::query_as(CATEGORIES).fetch_all(&self.pool).await?;
        Ok(rows::all(rows))
    }

    pub(super) async fn read_products(&self, ids: &[ProductId]) -> Result<Vec<Product>, Failure> {
        let sql = products!(
            "JSON_TABLE(?, '$[*]' COLUMNS (place FOR ORDINALITY, id BIGINT PATH '$')) AS wanted \
             STRAIGHT_JOIN product p ON p.id = wanted.id LEFT JOIN category c ON c.id = p.category_id \
             ORDER BY wanted.place"
        );
        let query = sqlx::query_as(sql).bind(numbers(ids.iter().copied()));
        let rows: Vec<ProductRow> = query.fetch_all(&self.pool).await?;
        Ok(rows::all(rows))
    }

    /// One product more than the page holds.
    pub(super) async fn read_list(&self, query: &ListQuery) -> Result<Vec<Product>, Failure> {
        let mut sql = listing::select(&DIALECT, query);
        let rows: Vec<ProductRow> = sql.build_query_as().fetch_all(&self.pool).await?;
        Ok(rows::all(rows))
    }

    pub(super) async fn read_count(&self) -> Result<u64, Failure> {
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM product").fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    pub(super) async fn read_without_embedding(
        &self,
        model: &str,
        after: ProductId,
        limit: usize,
    ) -> Result<Vec<Product>, Failure> {
        let sql = products!(
            "product p LEFT JOIN category c ON c.id = p.category_id \
             LEFT JOIN product_embedding e ON e.product_id = p.id AND e.model = ? \
             WHERE p.id > ? AND p.photo IS NOT NULL AND e.product_id IS NULL ORDER BY p.id LIMIT ?"
        );
        let query = sqlx::query_as(sql).bind(model).bind(after.0).bind(feed::limit(limit));
        let rows: Vec<ProductRow> = query.fetch_all(&self.pool).await?;
        Ok(rows::all(rows))
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
        let sql = "SELECT e.product_id, e.`vector` FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) AS wanted \
                   STRAIGHT_JOIN product_embedding e ON e.product_id = wanted.id";
        let query = sqlx::query_as(sql).bind(numbers(ids.iter().copied()));
        let embeddings: Vec<EmbeddingRow> = query.fetch_all(&self.pool).await?;
        let embeddings = embeddings.into_iter().filter_map(EmbeddingRow::decode).collect();
        let (categories, products) = (self.read_categories().await?, self.read_products(&ids).await?);
        Ok(feed::tell(since, &entries, categories, products, embeddings))
    }
}
