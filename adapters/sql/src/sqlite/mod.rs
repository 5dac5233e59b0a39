//! The catalogue in one SQLite file.

mod backup;
mod change;
mod once;
mod open;
mod probe;
mod query_photos;
#[macro_use]
mod read;
mod write;

use std::fmt;

use async_trait::async_trait;
use sqlx::SqlitePool;
use vitrina_core::catalog::{
    Changes, FeedPosition, ListQuery, ModifyProduct, Once, Page, PhotoEmbedding, ProductPhoto, RequestKey,
};
use vitrina_core::classify::{EmbeddingSpace, PhotoSum};
use vitrina_core::product::{CategoryContents, OfferChange, ProductDraft, ProductRef};
use vitrina_core::{Catalog, Category, CategoryId, Error, ErrorKind, Product, ProductId, Result};

use crate::failure::{Failure, common_kind};
use crate::listing::{self, Dialect};
use crate::rows::{self, CategoryRow, EmbeddingRow, PhotoRow, ProductRow};
use crate::{drafts, feed};

macro_rules! sale {
    () => {
        "CASE WHEN p.sale_price IS NOT NULL AND (p.sale_from IS NULL OR p.sale_from <= unixepoch()) \
         AND (p.sale_until IS NULL OR p.sale_until > unixepoch()) THEN p.sale_price ELSE p.price END"
    };
}

/// The collation that [`open`] gives every connection; no index has it, so other programs can write without it.
const DIALECT: Dialect = Dialect {
    select: concat!("SELECT ", product!(), " AS more_categories, ", sale!(), " AS listed FROM product p"),
    brand: "COALESCE(p.brand, '') COLLATE vitrina_nocase",
    price: "p.price",
    sale: sale!(),
    name: "p.name COLLATE vitrina_nocase",
    listed_name: "name COLLATE vitrina_nocase",
};

/// The IDs of these categories, whether they exist or not, and of all below them.
const WITH_BELOW: &str = "WITH RECURSIVE below (id) AS (SELECT value FROM json_each(?) \
     UNION SELECT c.id FROM below JOIN category c ON c.parent_id = below.id) SELECT id FROM below ORDER BY id";

/// The catalogue in one SQLite file: nothing else to install, and enough for a shop on one machine.
///
/// Readers do not wait for the writer, nor it for them (WAL); writers take turns. The schema is `migrations/sqlite`;
/// `price` is in minor units there.
pub struct SqliteCatalog {
    /// What reads.
    reads: SqlitePool,
    /// One connection, so that our own writers queue up instead of polling for the lock.
    writes: SqlitePool,
    /// How the last write ended.
    state: probe::WriteState,
}

impl fmt::Debug for SqliteCatalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteCatalog").finish_non_exhaustive()
    }
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn ping(&self) -> Result<()> {
        sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&self.reads).await.map_err(translate)?;
        self.state.check(&self.writes).await.map_err(translate)
    }

    async fn close(&self) -> Result<()> {
        // Those that read first: whoever closes the last connection moves the log into the file, and deletes it.
        self.reads.close().await;
        self.writes.close().await;
        Ok(())
    }

    async fn identity(&self) -> Result<Option<String>> {
        let identity = sqlx::query_scalar("SELECT identity FROM vitrina_identity");
        identity.fetch_optional(&self.reads).await.map_err(translate)
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        let rows: Vec<CategoryRow> =
            sqlx::query_as(write::CATEGORIES).fetch_all(&self.reads).await.map_err(translate)?;
        Ok(rows::all(rows))
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        self.recorded(self.write_categories(categories)).await
    }

    async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<bool> {
        self.recorded(self.remove_category(id, contents)).await
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        read::products(&self.reads, read::BY_ID, numbers(ids)).await.map_err(translate)
    }

    async fn products_by_key(&self, keys: &[String]) -> Result<Vec<Product>> {
        let wanted = serde_json::Value::from(keys).to_string();
        read::products(&self.reads, read::BY_KEY, wanted).await.map_err(translate)
    }

    async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        drafts::check_filter(&query.filter)?;
        let mut all = query.clone();
        if !all.filter.categories.is_empty() {
            let ids: Vec<_> = all.filter.categories.iter().map(|id| id.0).collect();
            let below = sqlx::query_scalar(WITH_BELOW).bind(serde_json::Value::from(ids).to_string());
            let below = below.fetch_all(&self.reads).await.map_err(translate)?;
            all.filter.categories = drafts::within_bound(below)?;
        }
        let mut sql = listing::select(&DIALECT, &all);
        let rows: Vec<ProductRow> = sql.build_query_as().fetch_all(&self.reads).await.map_err(translate)?;
        let products = read::with_categories(&self.reads, rows).await.map_err(translate)?;
        Ok(listing::page(query, products))
    }

    async fn count(&self) -> Result<u64> {
        let count = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM product").fetch_one(&self.reads).await;
        count.map(i64::unsigned_abs).map_err(translate)
    }

    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        self.recorded(self.write_products(drafts)).await
    }

    async fn upsert_products_once(&self, drafts: &[ProductDraft], request: &RequestKey) -> Result<Once> {
        self.recorded(self.write_products_once(drafts, request)).await
    }

    async fn recorded_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        self.read_request(request).await.map_err(translate)
    }

    async fn modify_product(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>> {
        self.recorded(self.modify(which, modify)).await
    }

    async fn change_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<Vec<Option<ProductId>>> {
        self.recorded(self.write_offers(changes)).await
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        self.recorded(self.remove_products(ids)).await
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        self.recorded(self.write_embeddings(embeddings)).await
    }

    async fn without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>> {
        let sql = "SELECT f.product_id, f.photo FROM product_photo f WHERE (f.product_id, f.photo) > (?, ?) \
                   AND NOT EXISTS (SELECT 1 FROM product_embedding e \
                   WHERE e.product_id = f.product_id AND e.photo = f.photo AND e.model = ?) \
                   ORDER BY f.product_id, f.photo LIMIT ?";
        let (product, photo) = feed::behind(after);
        let query = sqlx::query_as(sql).bind(product).bind(photo).bind(space.as_str());
        let rows: Vec<PhotoRow> =
            query.bind(feed::limit(limit)).fetch_all(&self.reads).await.map_err(translate)?;
        Ok(rows.into_iter().filter_map(PhotoRow::decode).collect())
    }

    async fn count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64> {
        let sql = "SELECT COUNT(*) FROM product_photo f WHERE NOT EXISTS (SELECT 1 FROM product_embedding e \
                   WHERE e.product_id = f.product_id AND e.photo = f.photo AND e.model = ?)";
        let count = sqlx::query_scalar::<_, i64>(sql).bind(space.as_str()).fetch_one(&self.reads).await;
        count.map(i64::unsigned_abs).map_err(translate)
    }

    async fn remove_superseded_embeddings(&self, space: &EmbeddingSpace, limit: usize) -> Result<u64> {
        self.recorded(self.remove_superseded(space, limit)).await
    }

    async fn query_photos(&self, space: &EmbeddingSpace) -> Result<Option<PhotoSum>> {
        self.read_query_photos(space).await.map_err(translate)
    }

    async fn add_query_photos(&self, added: &PhotoSum) -> Result<()> {
        self.recorded(self.merge_query_photos(added)).await
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        let sql = "SELECT seq, kind, id FROM vitrina_change WHERE seq > ? ORDER BY seq LIMIT ?";
        let query = sqlx::query_as(sql).bind(feed::place(since)).bind(feed::limit(limit));
        let entries: Vec<feed::Entry> = query.fetch_all(&self.reads).await.map_err(translate)?;
        if entries.is_empty() {
            return Ok(Changes { changes: Vec::new(), position: since });
        }
        let ids = feed::product_ids(&entries);
        let sql = "SELECT e.product_id, e.photo, e.model, e.vector FROM json_each(?) wanted \
                   CROSS JOIN product_embedding e ON e.product_id = wanted.value";
        let query = sqlx::query_as(sql).bind(numbers(&ids));
        let embeddings: Vec<EmbeddingRow> = query.fetch_all(&self.reads).await.map_err(translate)?;
        let embeddings = embeddings.into_iter().filter_map(EmbeddingRow::decode).collect();
        let categories = if feed::names_categories(&entries) { self.categories().await? } else { Vec::new() };
        let products = self.products(&ids).await?;
        Ok(feed::changes(since, &entries, categories, products, embeddings))
    }
}

impl SqliteCatalog {
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.reads
    }

    pub(crate) fn writer(&self) -> &SqlitePool {
        &self.writes
    }

    /// Runs a write and remembers how it ended.
    async fn recorded<T>(&self, write: impl Future<Output = Result<T, Failure>> + Send) -> Result<T> {
        let written = write.await;
        self.state.record(&written);
        written.map_err(translate)
    }
}

/// Numbers as `json_each` reads them.
fn numbers(ids: &[ProductId]) -> String {
    serde_json::Value::from_iter(ids.iter().map(|id| id.0)).to_string()
}

/// Translates a failure into what the caller can do about it.
pub(crate) fn translate(failure: impl Into<Failure>) -> Error {
    let error = match failure.into() {
        Failure::Refused(error) => return error,
        Failure::Driver(error) => error,
    };
    let (kind, message) = common_kind(&error).unwrap_or_else(|| {
        // The primary result code is the low byte of the extended one.
        match result_code(&error).map(|code| code & 0xff) {
            Some(5 | 6) => (ErrorKind::Busy, "another program holds the catalogue's file: try again"),
            Some(8) => (
                ErrorKind::Unavailable,
                "the catalogue's file is read-only: check its permissions and its disk",
            ),
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
