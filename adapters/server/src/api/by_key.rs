//! Products by the shop's own keys.

use poem::Request;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use vitrina_core::Error;
use vitrina_core::product::ProductRef;

use super::admin::{AdminKey, Removed};
use super::body::Body;
use super::problem::{Failure, Problem, ReadingOne, Removing, WritingProduct};
use super::versions::{Read, Versioned, precondition};
use super::{ApiTags, Backend, wire};

/// The endpoints of products by key.
pub struct ByKeyApi {
    pub(super) backend: Backend,
}

#[OpenApi]
impl ByKeyApi {
    /// One product by the shop's own key
    #[oai(
        path = "/products/by-key/:key",
        method = "get",
        operation_id = "getProductByKey",
        tag = "ApiTags::Catalogue"
    )]
    async fn product(
        &self,
        request: &Request,
        /// Its key, percent-encoded.
        key: Path<String>,
    ) -> Result<Read, Problem<ReadingOne>> {
        Ok(Read::of(self.backend.shop.product(key.0).await?, request))
    }

    /// Makes a product with this key, or replaces the one that has it whole but for its photos
    #[oai(
        path = "/products/by-key/:key",
        method = "put",
        operation_id = "putProductByKey",
        tag = "ApiTags::Administration"
    )]
    async fn put_product(
        &self,
        request: &Request,
        admin: AdminKey,
        /// The product's key, percent-encoded.
        key: Path<String>,
        product: Body<wire::ProductIn>,
    ) -> Result<Versioned, Problem<WritingProduct>> {
        self.backend.admit(&admin)?;
        let given = keyed(product.0, &key.0)?;
        let which = ProductRef::Key(key.0);
        Ok(self.backend.write_product(which, given, precondition(request)?).await?.into())
    }

    /// Changes fields of the product of a key, and leaves all others as they are
    ///
    /// Fields that are left out stay, null clears one. Lists, `attributes` and `codes` are replaced whole.
    #[oai(
        path = "/products/by-key/:key",
        method = "patch",
        operation_id = "patchProductByKey",
        tag = "ApiTags::Administration"
    )]
    async fn patch_product(
        &self,
        request: &Request,
        admin: AdminKey,
        /// The product's key, percent-encoded.
        key: Path<String>,
        change: Body<wire::ProductPatch>,
    ) -> Result<Versioned, Problem<WritingProduct>> {
        self.backend.admit(&admin)?;
        let update = self.backend.shop.update(key.0, change.0.into_change()?);
        Ok(update.known_categories_only().only_if(precondition(request)?).await?.into())
    }

    /// Removes the product of a key
    #[oai(
        path = "/products/by-key/:key",
        method = "delete",
        operation_id = "deleteProductByKey",
        tag = "ApiTags::Administration"
    )]
    async fn delete_product(
        &self,
        request: &Request,
        admin: AdminKey,
        /// The product's key, percent-encoded.
        key: Path<String>,
    ) -> Result<Removed, Problem<Removing>> {
        self.backend.admit(&admin)?;
        self.backend.shop.delete(key.0).only_if(precondition(request)?).await?;
        Ok(Removed::Gone)
    }
}

/// The product, whose key is that of the path.
///
/// # Errors
/// 422 where the body has another one.
fn keyed(product: wire::ProductIn, key: &str) -> Result<wire::ProductIn, Failure> {
    if let Some(other) = product.key.as_ref().filter(|other| *other != key) {
        let detail = format!("the path has the key `{key}` and the body `{other}`: change a key with PATCH");
        return Err(Error::invalid(detail).into());
    }
    Ok(product)
}
