//! The catalogue in one SQLite file.

mod open;
mod write;

use std::fmt;

use async_trait::async_trait;
use sqlx::SqlitePool;
use vitrina::{
    Catalog, Category, CategoryId, Changes, Error, ErrorKind, FeedPosition, ListQuery, Page, PhotoEmbedding,
    Product, ProductDraft, ProductId, Result,
};

use crate::failure::{Failure, common_kind};
use crate::listing::{self, Dialect};
use crate::rows::{self, CategoryRow, EmbeddingRow, ProductRow};
use crate::{drafts, feed};

/// A query of products; what follows says from where, which, and in what order.
macro_rules! products {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.name, p.description, p.brand, p.price, p.stock, p.photo, \
             c.id AS category_id, c.name AS category_name FROM ",
            $rest
        )
    };
}

/// The collation that [`open`] gives every connection; no index has it, so other programs can write without it.
const DIALECT: Dialect = Dialect {
    select: products!("product p LEFT JOIN category c ON c.id = p.category_id"),
    brand: "COALESCE(p.brand, '') COLLATE vitrina_nocase",
    price: "p.price",
    name: "p.name COLLATE vitrina_nocase",
};

/// The catalogue in one SQLite file: nothing else to install, and enough for a shop on one machine.
///
/// Readers do not wait for the writer, nor it for them (WAL); writers take turns. The schema is `migrations/sqlite`;
/// `price` is in minor units there.
pub struct SqliteCatalog {
    /// What reads.
    reads: SqlitePool,
    /// One connection, so that our own writers queue up instead of polling for the lock.
    writes: SqlitePool,
}

impl fmt::Debug for SqliteCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteCatalog").finish_non_exhaustive()
    }
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn ping(&self) -> Result<()> {
        let answer = sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&self.reads).await;
        answer.map(|_| ()).map_err(translate)
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        let rows: Vec<CategoryRow> =
            sqlx::query_as(write::CATEGORIES).fetch_all(&self.reads).await.map_err(translate)?;
        Ok(rows::all(rows))
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        self.write_categories(categories).await.map_err(translate)
    }

    async fn delete_category(&self, id: CategoryId) -> Result<bool> {
        self.remove_category(id).await.map_err(translate)
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        let sql = products!(
            "json_each(?) wanted CROSS JOIN product p ON p.id = wanted.value \
             LEFT JOIN category c ON c.id = p.category_id ORDER BY wanted.key"
        );
        let query = sqlx::query_as(sql).bind(numbers(ids));
        let rows: Vec<ProductRow> = query.fetch_all(&self.reads).await.map_err(translate)?;
        Ok(rows::all(rows))
    }

    async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        let mut sql = listing::select(&DIALECT, query);
        let rows: Vec<ProductRow> = sql.build_query_as().fetch_all(&self.reads).await.map_err(translate)?;
        Ok(listing::page(query, rows::all(rows)))
    }

    async fn count(&self) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM product").fetch_one(&self.reads).await;
        count.map(i64::unsigned_abs).map_err(translate)
    }

    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        self.write_products(drafts).await.map_err(translate)
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        self.remove_products(ids).await.map_err(translate)
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        self.write_embeddings(embeddings).await.map_err(translate)
    }

    async fn without_embedding(&self, model: &str, after: ProductId, limit: usize) -> Result<Vec<Product>> {
        let sql = products!(
            "product p LEFT JOIN category c ON c.id = p.category_id \
             WHERE p.id > ? AND p.photo IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM product_embedding e WHERE e.product_id = p.id AND e.model = ?) ORDER BY p.id LIMIT ?"
        );
        let query = sqlx::query_as(sql).bind(after.0).bind(model).bind(feed::limit(limit));
        let rows: Vec<ProductRow> = query.fetch_all(&self.reads).await.map_err(translate)?;
        Ok(rows::all(rows))
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        let sql = "SELECT seq, kind, id FROM vitrina_change WHERE seq > ? ORDER BY seq LIMIT ?";
        let query = sqlx::query_as(sql).bind(feed::place(since)).bind(feed::limit(limit));
        let entries: Vec<feed::Entry> = query.fetch_all(&self.reads).await.map_err(translate)?;
        if entries.is_empty() {
            return Ok(Changes { changes: Vec::new(), position: since });
        }
        let ids = feed::product_ids(&entries);
        let sql = "SELECT e.product_id, e.vector FROM json_each(?) wanted \
                   CROSS JOIN product_embedding e ON e.product_id = wanted.value";
        let query = sqlx::query_as(sql).bind(numbers(&ids));
        let embeddings: Vec<EmbeddingRow> = query.fetch_all(&self.reads).await.map_err(translate)?;
        let embeddings = embeddings.into_iter().filter_map(EmbeddingRow::decode).collect();
        let (categories, products) = (self.categories().await?, self.products(&ids).await?);
        Ok(feed::tell(since, &entries, categories, products, embeddings))
    }
}

/// Numbers as `json_each` reads them.
fn numbers(ids: &[ProductId]) -> String {
    serde_json::Value::from_iter(ids.iter().map(|id| id.0)).to_string()
}

/// Translates a failure into what the caller can do about it.
fn translate(failure: impl Into<Failure>) -> Error {
    let error = match failure.into() {
        Failure::Refused(error) => return error,
        Failure::Driver(error) => error,
    };
    let (kind, message) = common_kind(&error).unwrap_or_else(|| {
        // The primary result code is the low byte of the extended one.
        match result_code(&error).map(|code| code & 0xff) {
            Some(5 | 6) => (ErrorKind::Busy, "another program holds the catalogue's file: try again"),
            Some(8) => (ErrorKind::Internal, "the catalogue's file cannot be written: check its permissions"),
            Some(10 | 14) => (ErrorKind::Unavailable, "the catalogue's file cannot be read or opened"),
            Some(11 | 26) => (ErrorKind::Internal, "the catalogue's file is damaged or no sqlite database"),
            Some(13) => (ErrorKind::Unavailable, "the disk is full: the catalogue cannot be written"),
            Some(18..=20) => (ErrorKind::Invalid, "the catalogue's database cannot hold this"),
            _ => (ErrorKind::Internal, "the catalogue's database failed"),
        }
    });
    Error::new(kind, message).with_source(error)
}

fn result_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}
