//! What the shop sells.

use poem::http::StatusCode;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::{Binary, Json, Response as WithHeaders};
use vitrina::{DEFAULT_LIMIT, ProductId};

use super::params::ListParams;
use super::problem::{Failure, Problem, Reading, ReadingOne};
use super::{ApiTags, Backend, wire};

/// How many neighbours are answered unless told.
const DEFAULT_NEIGHBOURS: u64 = 12;

pub struct CatalogApi {
    pub(super) backend: Backend,
}

#[OpenApi(tag = "ApiTags::Catalogue")]
impl CatalogApi {
    /// All categories, by number
    #[oai(path = "/categories", method = "get")]
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
    #[oai(path = "/products", method = "get")]
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
    #[oai(path = "/products/:id", method = "get")]
    async fn product(
        &self,
        /// Its number.
        id: Path<i64>,
    ) -> Result<Json<wire::Product>, Problem<ReadingOne>> {
        Ok(Json(self.backend.service.product(ProductId(id.0)).await?.into()))
    }

    /// The products whose photos look most like this one's
    ///
    /// Empty for a product without a photo.
    #[oai(path = "/products/:id/similar", method = "get")]
    async fn similar(
        &self,
        /// The product's number.
        id: Path<i64>,
        /// How many, 1 to 100; 12 unless told.
        limit: Query<Option<u64>>,
    ) -> Result<Json<wire::SimilarProducts>, Problem<ReadingOne>> {
        let limit = usize::try_from(limit.0.unwrap_or(DEFAULT_NEIGHBOURS)).unwrap_or(DEFAULT_LIMIT);
        let products = self.backend.service.similar(ProductId(id.0), limit).await?;
        Ok(Json(wire::SimilarProducts { products: products.into_iter().map(wire::Product::from).collect() }))
    }

    /// A product's photo
    #[oai(path = "/photos/:key", method = "get")]
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
}
