//! The catalogue in MariaDB.

mod change;
mod connect;
mod error;
mod feed;
mod once;
mod query_photos;
mod read;
mod write;

use std::fmt;

use async_trait::async_trait;
use sqlx::MySqlPool;
use vitrina_core::catalog::{
    Changes, FeedPosition, ListQuery, ModifyProduct, Once, Page, PhotoEmbedding, ProductPhoto, RequestKey,
};
use vitrina_core::classify::{EmbeddingSpace, PhotoSum};
use vitrina_core::product::{CategoryContents, OfferChange, ProductDraft, ProductRef};
use vitrina_core::{Catalog, Category, CategoryId, Product, ProductId, Result};

use crate::{drafts, listing};
pub(crate) use error::translate;
use error::{READ, WRITE, attempt};

/// The catalogue in MariaDB: for many servers at once, beside the shop's own programs.
///
/// The schema is `migrations/mariadb`. The pool connects anew by itself when the server has been away.
pub struct MariaDbCatalog {
    pool: MySqlPool,
}

impl MariaDbCatalog {
    pub(crate) fn connections(&self) -> &MySqlPool {
        &self.pool
    }
}

impl fmt::Debug for MariaDbCatalog {
    /// Leaves out how we connect: the password is among it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MariaDbCatalog").finish_non_exhaustive()
    }
}

#[async_trait]
impl Catalog for MariaDbCatalog {
    async fn ping(&self) -> Result<()> {
        attempt(READ, || self.read_one()).await
    }

    async fn close(&self) -> Result<()> {
        self.pool.close().await;
        Ok(())
    }

    async fn identity(&self) -> Result<Option<String>> {
        attempt(READ, || self.read_identity()).await
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        attempt(READ, || self.read_categories()).await
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        attempt(WRITE, || self.write_categories(categories)).await
    }

    async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<bool> {
        attempt(WRITE, || self.remove_category(id, contents)).await
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        attempt(READ, || self.read_products(ids)).await
    }

    async fn products_by_key(&self, keys: &[String]) -> Result<Vec<Product>> {
        attempt(READ, || self.read_products_by_key(keys)).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        drafts::check_filter(&query.filter)?;
        let found = attempt(READ, || self.read_list(query)).await?;
        Ok(listing::page(query, found))
    }

    async fn count(&self) -> Result<u64> {
        attempt(READ, || self.read_count()).await
    }

    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        attempt(WRITE, || self.write_products(drafts)).await
    }

    async fn upsert_products_once(&self, drafts: &[ProductDraft], request: &RequestKey) -> Result<Once> {
        let once = attempt(WRITE, || self.write_products_once(drafts, request)).await?;
        if !once.repeated
            && let Err(error) = attempt(WRITE, || self.forget_requests(request)).await
        {
            // The next one forgets them.
            tracing::debug!(error = %error.chain(), "old requests are not forgotten yet");
        }
        Ok(once)
    }

    async fn recorded_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        attempt(READ, || self.read_request(request)).await
    }

    async fn modify_product(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>> {
        attempt(WRITE, || self.modify(which, modify)).await
    }

    async fn change_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<Vec<Option<ProductId>>> {
        attempt(WRITE, || self.write_offers(changes)).await
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        attempt(WRITE, || self.remove_products(ids)).await
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        attempt(WRITE, || self.write_embeddings(embeddings)).await
    }

    async fn without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>> {
        attempt(READ, || self.read_without_embedding(space, after, limit)).await
    }

    async fn count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64> {
        attempt(READ, || self.read_count_without_embedding(space)).await
    }

    async fn remove_superseded_embeddings(&self, space: &EmbeddingSpace, limit: usize) -> Result<u64> {
        attempt(WRITE, || self.remove_superseded(space, limit)).await
    }

    async fn query_photos(&self, space: &EmbeddingSpace) -> Result<Option<PhotoSum>> {
        attempt(READ, || self.read_query_photos(space)).await
    }

    async fn add_query_photos(&self, added: &PhotoSum) -> Result<()> {
        attempt(WRITE, || self.merge_query_photos(added)).await
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        attempt(WRITE, || self.give_places()).await?;
        attempt(READ, || self.read_changes(since, limit)).await
    }
}

/// Numbers as `JSON_TABLE` reads them.
fn numbers(ids: impl IntoIterator<Item = ProductId>) -> String {
    serde_json::Value::from_iter(ids.into_iter().map(|id| id.0)).to_string()
}
