//! What the shop sells; its own people write it too.

use poem::http::StatusCode;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json, Response as WithHeaders};
use vitrina::{Category, CategoryId, DEFAULT_LIMIT, Error, ProductId};

use super::admin::{AdminKey, Removed};
use super::params::{ListParams, filter};
use super::problem::{Administering, Failure, Problem, Reading, ReadingAlike, ReadingOne, UploadingProduct};
use super::upload::PhotoUpload;
use super::{ApiTags, Backend, wire};

/// How many neighbours are answered unless told.
const DEFAULT_NEIGHBOURS: u64 = 12;
/// The most products of one batch.
const MAX_BATCH: usize = 1000;

pub struct CatalogApi {
    pub(super) backend: Backend,
}

#[OpenApi]
impl CatalogApi {
    /// All categories, by number
    #[oai(path = "/categories", method = "get", tag = "ApiTags::Catalogue")]
    async fn categories(&self) -> Result<Json<wire::Categories>, Problem<Reading>> {
        let categories = self.backend.service.categories().await?;
        let category =
            |category: vitrina::Category| wire::Category { id: category.id.0, name: category.name };
        Ok(Json(wire::Categories { categories: categories.into_iter().map(category).collect() }))
    }

    /// A page of the products
    ///
    /// Follow `next_cursor` for more: products that come or go meanwhile neither repeat nor hide others.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/products", method = "get", tag = "ApiTags::Catalogue")]
    async fn products(
        &self,
        /// How many, 1 to 100; 24 unless told.
        limit: Query<Option<u64>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// A category by name or number; may be repeated.
        category: Query<Vec<String>>,
        /// A brand; may be repeated.
        brand: Query<Vec<String>>,
        /// The lowest price.
        min_price: Query<Option<f64>>,
        /// The highest price.
        max_price: Query<Option<f64>>,
        /// Only what can be bought now.
        in_stock: Query<Option<bool>>,
        /// The order.
        sort: Query<Option<wire::Sort>>,
    ) -> Result<Json<wire::ProductPage>, Problem<Reading>> {
        let filter = wire::Filter {
            categories: category.0,
            brands: brand.0,
            min_price: min_price.0,
            max_price: max_price.0,
            in_stock: in_stock.0.unwrap_or(false),
        };
        let params = ListParams { filter, sort: sort.0, limit: limit.0, cursor: cursor.0 };
        let query = params.into_query(&self.backend.service).await?;
        let page = self.backend.service.list(&query).await?;
        Ok(Json(wire::ProductPage {
            products: page.items.into_iter().map(wire::Product::from).collect(),
            next_cursor: page.next.map(|next| next.encode()),
        }))
    }

    /// One product
    #[oai(path = "/products/:id", method = "get", tag = "ApiTags::Catalogue")]
    async fn product(
        &self,
        /// Its number.
        id: Path<i64>,
    ) -> Result<Json<wire::Product>, Problem<ReadingOne>> {
        Ok(Json(self.backend.service.product(ProductId(id.0)).await?.into()))
    }

    /// The products whose photos look like this one's
    ///
    /// Those of its own category first, each the most similar first. Empty for a product without a photo.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/products/:id/similar", method = "get", tag = "ApiTags::Catalogue")]
    async fn similar(
        &self,
        /// The product's number.
        id: Path<i64>,
        /// How many, 1 to 100; 12 unless told.
        limit: Query<Option<u64>>,
        /// A category by name or number; may be repeated.
        category: Query<Vec<String>>,
        /// A brand; may be repeated.
        brand: Query<Vec<String>>,
        /// The lowest price.
        min_price: Query<Option<f64>>,
        /// The highest price.
        max_price: Query<Option<f64>>,
        /// Only what can be bought now.
        in_stock: Query<Option<bool>>,
    ) -> Result<Json<wire::SimilarProducts>, Problem<ReadingAlike>> {
        let limit = usize::try_from(limit.0.unwrap_or(DEFAULT_NEIGHBOURS)).unwrap_or(DEFAULT_LIMIT);
        let wire_filter = wire::Filter {
            categories: category.0,
            brands: brand.0,
            min_price: min_price.0,
            max_price: max_price.0,
            in_stock: in_stock.0.unwrap_or(false),
        };
        let filter = filter(wire_filter, &self.backend.service).await?;
        let products = self.backend.service.similar(ProductId(id.0), &filter, limit).await?;
        Ok(Json(wire::SimilarProducts { products: products.into_iter().map(wire::Product::from).collect() }))
    }

    /// A product's photo
    #[oai(path = "/photos/:key", method = "get", tag = "ApiTags::Catalogue")]
    async fn photo(
        &self,
        /// The last part of a product's `photo`.
        key: Path<String>,
    ) -> Result<WithHeaders<Binary<Vec<u8>>>, Problem<ReadingOne>> {
        let photo = self.backend.photos.read(&key.0).await.map_err(|error| {
            tracing::warn!(%error, "a photo could not be read");
            Failure::unavailable("the photo cannot be read now")
        })?;
        let missing = || Failure::new(StatusCode::NOT_FOUND, "not-found", "there is no such photo");
        let photo = photo.ok_or_else(missing)?;
        // The key is made from the content, so what it names never changes.
        Ok(WithHeaders::new(Binary(photo.bytes))
            .header("Content-Type", photo.content_type)
            .header("X-Content-Type-Options", "nosniff")
            .header("Cache-Control", "public, max-age=31536000, immutable"))
    }

    /// Makes a product, or replaces it whole but for its photo
    #[oai(path = "/products/:id", method = "put", tag = "ApiTags::Administration")]
    async fn put_product(
        &self,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
        product: Json<wire::ProductIn>,
    ) -> Result<Json<wire::Product>, Problem<Administering>> {
        self.backend.admit(&key)?;
        let given = wire::ProductIn { id: Some(id.0), ..product.0 };
        self.backend.write_products(vec![given]).await?;
        Ok(Json(self.backend.service.product(ProductId(id.0)).await?.into()))
    }

    /// Makes or replaces up to 1,000 products: all of them, or none where one is wrong
    ///
    /// A product without an `id` is new. One that is replaced keeps its photo.
    #[oai(path = "/products", method = "post", tag = "ApiTags::Administration")]
    async fn post_products(
        &self,
        key: AdminKey,
        batch: Json<wire::ProductBatch>,
    ) -> Result<Json<wire::ProductNumbers>, Problem<Administering>> {
        self.backend.admit(&key)?;
        if batch.0.products.len() > MAX_BATCH {
            let detail = format!("at most {MAX_BATCH} products are taken at a time: send several batches");
            return Err(Error::invalid(detail).into());
        }
        let ids = self.backend.write_products(batch.0.products).await?;
        Ok(Json(wire::ProductNumbers { ids: ids.into_iter().map(|id| id.0).collect() }))
    }

    /// Removes a product
    #[oai(path = "/products/:id", method = "delete", tag = "ApiTags::Administration")]
    async fn delete_product(
        &self,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
    ) -> Result<Removed, Problem<Administering>> {
        self.backend.admit(&key)?;
        self.backend.service.delete_product(ProductId(id.0)).await?;
        Ok(Removed::Gone)
    }

    /// Gives a product its photo, in place of the one it had
    ///
    /// The product is found by photo as soon as this has answered.
    #[oai(path = "/products/:id/photo", method = "put", tag = "ApiTags::Administration")]
    async fn put_photo(
        &self,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
        upload: PhotoUpload,
    ) -> Result<Json<wire::Product>, Problem<UploadingProduct>> {
        self.backend.admit(&key)?;
        let photo = upload.checked(self.backend.max_upload, self.backend.photo_limits)?;
        Ok(Json(self.backend.put_photo(ProductId(id.0), photo).await?.into()))
    }

    /// Makes a category, or renames it
    #[oai(path = "/categories/:id", method = "put", tag = "ApiTags::Administration")]
    async fn put_category(
        &self,
        key: AdminKey,
        /// The category's number.
        id: Path<i64>,
        category: Json<wire::CategoryIn>,
    ) -> Result<Json<wire::Category>, Problem<Administering>> {
        self.backend.admit(&key)?;
        let category = Category { id: CategoryId(id.0), name: category.0.name.trim().to_owned() };
        self.backend.service.catalog().upsert_categories(std::slice::from_ref(&category)).await?;
        self.backend.service.refresh().await?;
        Ok(Json(wire::Category { id: category.id.0, name: category.name }))
    }
}
