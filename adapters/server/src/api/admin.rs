//! What the shop's own people may do, behind a key.

use poem_openapi::auth::Bearer;
use poem_openapi::{ApiResponse, SecurityScheme};
use vitrina_core::catalog::RequestKey;
use vitrina_core::keys::Scope;
use vitrina_core::product::{Precondition, ProductRef, Timestamp};
use vitrina_core::{Error, Money, NewProduct, Product, ProductId};

use super::problem::Failure;
use super::wire::product::{photo_source, read_attributes, read_translations, sale};
use super::{Backend, wire};

/// The administration key, as `Authorization: Bearer KEY`.
#[derive(SecurityScheme)]
#[oai(ty = "bearer")]
pub(super) struct AdminKey(Bearer);

/// A product that is gone.
#[derive(ApiResponse)]
pub(super) enum Removed {
    /// It is gone
    #[oai(status = 204)]
    Gone,
}

impl AdminKey {
    /// The key itself.
    pub(super) fn token(&self) -> &str {
        &self.0.token
    }
}

impl Backend {
    /// Lets the bearer of the key in.
    ///
    /// # Errors
    /// 403 for any other, and for everybody where there is no key.
    pub(super) fn admit(&self, key: &AdminKey) -> Result<(), Failure> {
        self.access.admit(&key.0.token, Scope::Admin, None)
    }

    /// Makes or replaces one product, which keeps the photos that it has where the new one names none.
    ///
    /// # Errors
    /// 412 where it is not as it must be, what no catalogue may hold, categories that do not exist, and those of the
    /// catalogue.
    pub(super) async fn write_product(
        &self,
        which: ProductRef,
        product: wire::ProductIn,
        precondition: Precondition,
    ) -> Result<Product, Failure> {
        let mut product = new_product(product)?;
        match which {
            ProductRef::Id(id) => product.id = Some(id),
            ProductRef::Key(key) => (product.id, product.key) = (None, Some(key)),
        }
        let id = self.shop.put(product).known_categories_only().only_if(precondition).await?;
        Ok(self.shop.product(id).await?)
    }

    /// Writes products, which keep the photos they have, and returns their IDs; with a key once, however often that is sent.
    ///
    /// # Errors
    /// What [`PutAll::once`](vitrina::PutAll::once) refuses, what no catalogue may hold, categories that do not exist, and those of the catalogue.
    pub(super) async fn write_products(
        &self,
        products: Vec<wire::ProductIn>,
        request: Option<RequestKey>,
    ) -> Result<Vec<ProductId>, Failure> {
        let products = products.into_iter().map(new_product).collect::<Result<Vec<_>, Error>>()?;
        let mut write = self.shop.put_all(products).known_categories_only().embed_in_background();
        if let Some(request) = request {
            write = write.once(request);
        }
        Ok(write.await?.ids)
    }
}

fn new_product(given: wire::ProductIn) -> Result<NewProduct, Error> {
    let mut product = NewProduct::new(given.name, Money::from_major(given.price)?);
    product.id = given.id.map(ProductId);
    product.description = given.description;
    product.brand = given.brand;
    product.stock = given.stock;
    let category = given.category.or_else(|| given.category_id.map(|id| id.to_string()));
    product.categories = match given.categories {
        Some(paths) => paths,
        None => category.into_iter().map(|category| vec![category]).collect(),
    };
    product.key = given.key;
    product.link = given.url;
    product.codes = given.codes.map(Into::into).unwrap_or_default();
    product.attributes = read_attributes(given.attributes.unwrap_or_default());
    let photos = given.photos.unwrap_or_default().into_iter().map(photo_source);
    product.photos = photos.collect::<Result<_, Error>>()?;
    product.sale = sale(given.sale_price, given.sale_from, given.sale_until)?;
    product.availability = given.availability.map(Into::into);
    product.tags = given.tags.unwrap_or_default();
    product.popularity = given.popularity;
    product.translations = read_translations(given.translations.unwrap_or_default());
    product.updated_at = given.updated_at.map(Timestamp);
    let variants = given.variants.unwrap_or_default().into_iter().map(wire::product::Variant::into_new);
    product.variants = variants.collect::<Result<_, Error>>()?;
    Ok(product)
}
