//! What the shop sells; its own people write it too.

use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use vitrina_core::catalog::DEFAULT_LIMIT;
use vitrina_core::product::{OfferChange, ProductRef};
use vitrina_core::{Error, ProductId};

use super::admin::{AdminKey, Removed};
use super::body::Body;
use super::params::{ListParams, attributes, filter};
use super::problem::{
    Administering, Creating, Problem, Reading, ReadingAlike, ReadingOne, Removing, UploadingProduct,
    WritingProduct,
};
use super::upload::PhotoUpload;
use super::versions::{Read, Versioned, precondition};
use super::written::Written;
use super::{ApiTags, Backend, wire};
use crate::body::RawBody;

/// The default number of neighbours.
const DEFAULT_NEIGHBOURS: u64 = 12;
/// The most products of one batch.
const MAX_BATCH: usize = 1000;

pub struct CatalogApi {
    pub(super) backend: Backend,
}

#[OpenApi]
impl CatalogApi {
    /// A page of the products
    ///
    /// Follow `next_cursor` for more: products that come or go meanwhile neither repeat nor hide others.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/products", method = "get", operation_id = "listProducts", tag = "ApiTags::Catalogue")]
    async fn products(
        &self,
        /// How many, 1 to 100. Without it up to 1,000 products are returned, as long as their texts stay below 4 MiB.
        limit: Query<Option<u64>>,
        /// The `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// A category by name or number; may be repeated.
        #[oai(default)]
        category: Query<Vec<String>>,
        /// A brand; may be repeated.
        #[oai(default)]
        brand: Query<Vec<String>>,
        /// The lowest price.
        min_price: Query<Option<f64>>,
        /// The highest price.
        max_price: Query<Option<f64>>,
        /// Only what can be bought now.
        in_stock: Query<Option<bool>>,
        /// The order.
        sort: Query<Option<wire::Sort>>,
    ) -> Result<Written<wire::ProductPage>, Problem<Reading>> {
        let filter = wire::Filter {
            categories: category.0,
            brands: brand.0,
            min_price: min_price.0,
            max_price: max_price.0,
            in_stock: in_stock.0.unwrap_or(false),
            attributes: None,
        };
        let params = ListParams { filter, sort: sort.0, limit: limit.0, cursor: cursor.0 };
        let service = self.backend.shop.service();
        let query = params.into_query(&self.backend.shop).await?;
        let page = match limit.0 {
            Some(_) => service.list(&query).await?,
            None => service.list_everything(&query).await?,
        };
        Ok(Written(wire::ProductPage {
            products: page.items.into_iter().map(wire::Product::from).collect(),
            next_cursor: page.next.map(|next| next.encode()),
        }))
    }

    /// One product
    #[oai(path = "/products/:id", method = "get", operation_id = "getProduct", tag = "ApiTags::Catalogue")]
    async fn product(
        &self,
        request: &Request,
        /// Its number.
        id: Path<i64>,
    ) -> Result<Read, Problem<ReadingOne>> {
        Ok(Read::of(self.backend.shop.product(ProductId(id.0)).await?, request))
    }

    /// The products with photos similar to this one's
    ///
    /// Those of its own category first, each the most similar first. Empty for a product without a photo.
    #[allow(clippy::too_many_arguments)]
    #[oai(
        path = "/products/:id/similar",
        method = "get",
        operation_id = "listSimilarProducts",
        tag = "ApiTags::Catalogue"
    )]
    async fn similar(
        &self,
        /// The product's number.
        id: Path<i64>,
        /// How many, 1 to 100; 12 by default.
        limit: Query<Option<u64>>,
        /// A category by name or number; may be repeated.
        #[oai(default)]
        category: Query<Vec<String>>,
        /// A brand; may be repeated.
        #[oai(default)]
        brand: Query<Vec<String>>,
        /// The lowest price.
        min_price: Query<Option<f64>>,
        /// The highest price.
        max_price: Query<Option<f64>>,
        /// Only what can be bought now.
        in_stock: Query<Option<bool>>,
        /// A value of an attribute as `name:value`, such as `color:rojo`; may be repeated. Of several values of an attribute one
        /// is enough.
        #[oai(default)]
        attribute: Query<Vec<String>>,
    ) -> Result<Written<wire::SimilarProducts>, Problem<ReadingAlike>> {
        let limit = usize::try_from(limit.0.unwrap_or(DEFAULT_NEIGHBOURS)).unwrap_or(DEFAULT_LIMIT);
        let wire_filter = wire::Filter {
            categories: category.0,
            brands: brand.0,
            min_price: min_price.0,
            max_price: max_price.0,
            in_stock: in_stock.0.unwrap_or(false),
            attributes: attributes(attribute.0)?,
        };
        let filter = filter(wire_filter, &self.backend.shop).await?;
        let products = self.backend.shop.service().similar(ProductId(id.0), &filter, limit).await?;
        Ok(Written(wire::SimilarProducts {
            products: products.into_iter().map(wire::Product::from).collect(),
        }))
    }

    /// Makes a product, or replaces it whole but for its photo
    ///
    /// With `If-Match` only if it has that version, with `If-None-Match: *` only if there is none.
    #[oai(
        path = "/products/:id",
        method = "put",
        operation_id = "putProduct",
        tag = "ApiTags::Administration"
    )]
    async fn put_product(
        &self,
        request: &Request,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
        product: Body<wire::ProductIn>,
    ) -> Result<Versioned, Problem<WritingProduct>> {
        self.backend.admit(&key)?;
        let which = ProductRef::Id(ProductId(id.0));
        Ok(self.backend.write_product(which, product.0, precondition(request)?).await?.into())
    }

    /// Makes or replaces up to 1,000 products: all of them, or none where one is wrong
    ///
    /// A product without an `id` or a known `key` is new. One that is replaced keeps its photo. With an `Idempotency-Key` the batch is
    /// written once, however often it is sent.
    #[oai(
        path = "/products",
        method = "post",
        operation_id = "postProducts",
        tag = "ApiTags::Administration"
    )]
    async fn post_products(
        &self,
        request: &Request,
        key: AdminKey,
        /// A key of this request, such as a UUID. Within 24 hours the same batch with the same key gets the first answer again; another
        /// batch with it gets 422, and the same one 409 while the first is still written.
        #[oai(
            name = "Idempotency-Key",
            validator(pattern = r#"^("([ !#-\[\]-~]|\\["\\]){1,255}"|[!#-~]{1,255})$"#)
        )]
        idempotency_key: Header<Option<String>>,
        batch: Body<wire::ProductBatch>,
    ) -> Result<Json<wire::ProductNumbers>, Problem<Creating>> {
        self.backend.admit(&key)?;
        let body = request.extensions().get::<RawBody>().map(|body| &body.0[..]).unwrap_or_default();
        let header = idempotency_key.as_deref();
        let once = self.backend.request_key(&key, header, "POST /products", &[body])?;
        if batch.0.products.len() > MAX_BATCH {
            let detail = format!("at most {MAX_BATCH} products are taken at a time: send several batches");
            return Err(Error::invalid(detail).into());
        }
        let ids = self.backend.write_products(batch.0.products, once).await?;
        Ok(Json(wire::ProductNumbers { ids: ids.into_iter().map(|id| id.0).collect() }))
    }

    /// Changes fields of a product, and leaves all others as they are
    ///
    /// Fields that are left out stay, null clears one. Lists, `attributes` and `codes` are replaced whole. With `If-Match` only if
    /// it has that version.
    #[oai(
        path = "/products/:id",
        method = "patch",
        operation_id = "patchProduct",
        tag = "ApiTags::Administration"
    )]
    async fn patch_product(
        &self,
        request: &Request,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
        change: Body<wire::ProductPatch>,
    ) -> Result<Versioned, Problem<WritingProduct>> {
        self.backend.admit(&key)?;
        let update = self.backend.shop.update(ProductId(id.0), change.0.into_change()?);
        Ok(update.known_categories_only().only_if(precondition(request)?).await?.into())
    }

    /// Changes prices, sales and stock of up to 10,000 products: all of them, or none where one is wrong
    ///
    /// Nothing else of the products changes. Those that do not exist are passed over and named in the answer.
    #[oai(
        path = "/products",
        method = "patch",
        operation_id = "patchProducts",
        tag = "ApiTags::Administration"
    )]
    async fn patch_products(
        &self,
        key: AdminKey,
        batch: Body<wire::OfferBatch>,
    ) -> Result<Json<wire::OffersUpdated>, Problem<Administering>> {
        self.backend.admit(&key)?;
        let given = batch.0.products;
        if given.len() > OfferChange::MAX_BATCH {
            let most = OfferChange::MAX_BATCH;
            let detail = format!("at most {most} changes are taken at a time: send several batches");
            return Err(Error::invalid(detail).into());
        }
        let named = |(place, patch): (usize, wire::OfferPatch)| {
            let placed = |error: Error| Error::invalid(format!("products[{place}]: {error}"));
            patch.into_named_change().map_err(placed)
        };
        let changes = given.into_iter().enumerate().map(named).collect::<Result<Vec<_>, _>>()?;
        let report = self.backend.shop.update_offers(&changes).await?;
        let updated = report.ids.iter().flatten().count() as u64;
        let missing = changes.into_iter().zip(&report.ids).filter(|(_, id)| id.is_none());
        let missing = missing.map(|((which, _), _)| which.into()).collect();
        Ok(Json(wire::OffersUpdated { updated, missing }))
    }

    /// Removes a product
    #[oai(
        path = "/products/:id",
        method = "delete",
        operation_id = "deleteProduct",
        tag = "ApiTags::Administration"
    )]
    async fn delete_product(
        &self,
        request: &Request,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
    ) -> Result<Removed, Problem<Removing>> {
        self.backend.admit(&key)?;
        self.backend.shop.delete(ProductId(id.0)).only_if(precondition(request)?).await?;
        Ok(Removed::Gone)
    }

    /// Gives a product its photo, in place of the one it had
    ///
    /// The product is found by photo as soon as this has answered.
    #[oai(
        path = "/products/:id/photo",
        method = "put",
        operation_id = "putProductPhoto",
        tag = "ApiTags::Administration"
    )]
    async fn put_photo(
        &self,
        key: AdminKey,
        /// The product's number.
        id: Path<i64>,
        upload: PhotoUpload,
    ) -> Result<Versioned, Problem<UploadingProduct>> {
        self.backend.admit(&key)?;
        let (photo, _) = upload.checked(self.backend.budgets.limits())?;
        Ok(self.backend.shop.put_photo(ProductId(id.0), photo).await?.into())
    }
}
