//! Writes of one product: created, replaced or deleted, where need be only if it is as the writer has seen it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use vitrina_core::product::{Precondition, ProductRef};
use vitrina_core::{Error, NewProduct, Product, ProductId, Result};

use crate::Shop;
use crate::write::{Options, add_categories, given};

/// A product to be written; see [`Shop::put`]. Awaiting it returns the [`ProductId`].
#[must_use = "the product is written when this is awaited"]
pub struct Put<'a> {
    shop: &'a Shop,
    product: NewProduct,
    options: Options,
    precondition: Precondition,
}

impl Put<'_> {
    /// Writes the product only if the one that it replaces is as it must be, which is checked at the moment of the write; else
    /// this fails with [`Changed`](vitrina_core::ErrorKind::Changed).
    pub fn only_if(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }

    /// Refuses a product whose category does not exist, by name or ID, instead of creating it.
    pub fn known_categories_only(mut self) -> Self {
        self.options.create_categories = false;
        self
    }
}

impl<'a> IntoFuture for Put<'a> {
    type Output = Result<ProductId>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<ProductId>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.shop.put_one(self).await })
    }
}

/// A product to be deleted; see [`Shop::delete`].
#[must_use = "the product is deleted when this is awaited"]
pub struct Delete<'a> {
    shop: &'a Shop,
    which: ProductRef,
    precondition: Precondition,
}

impl Delete<'_> {
    /// Deletes the product only if it is as it must be, which is checked at the moment of the write; else this fails with
    /// [`Changed`](vitrina_core::ErrorKind::Changed).
    pub fn only_if(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }
}

impl<'a> IntoFuture for Delete<'a> {
    type Output = Result<()>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.shop.delete_one(self).await })
    }
}

impl Shop {
    /// Writes one product and returns its ID: the one of [`NewProduct::id`], which is replaced or created, else that of the
    /// product with its key, which is replaced, else a new one.
    ///
    /// Categories that do not exist are created. Photos, also those of variants, are stripped of everything but the picture,
    /// stored, and embedded before this returns if the shop has a classifier; a product that replaces another and brings no
    /// photo keeps those of the other. Searches that start after this has returned find the product.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use vitrina::{ErrorKind, NewProduct, Precondition, ProductVersion, Shop};
    ///
    /// let shop = Shop::in_memory();
    /// let boot = |price: &str| NewProduct::new("Bota alta", price.parse().unwrap()).key("B-1");
    /// let id = shop.put(boot("89.50")).await?;
    /// let seen = Precondition::from(ProductVersion::of(&shop.product(id).await?));
    /// shop.put(boot("79.50")).only_if(seen.clone()).await?;
    /// let late = shop.put(boot("99.50")).only_if(seen).await.unwrap_err();
    /// assert_eq!(late.kind(), ErrorKind::Changed);
    /// # Ok::<(), vitrina::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the field that no catalogue may hold or the photo that cannot be
    /// read, and those of the catalogue, the photo store and the model; nothing is written then.
    pub fn put(&self, product: NewProduct) -> Put<'_> {
        Put { shop: self, product, options: Options::default(), precondition: Precondition::None }
    }

    /// Deletes a product by its ID or key; searches that start after this has returned do not find it.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound), and those of the catalogue and the index.
    pub fn delete(&self, which: impl Into<ProductRef>) -> Delete<'_> {
        Delete { shop: self, which: which.into(), precondition: Precondition::None }
    }

    async fn put_one(&self, put: Put<'_>) -> Result<ProductId> {
        let Put { mut product, options, precondition, .. } = put;
        let key = given(product.key.clone());
        let known = self.known(std::slice::from_ref(&product)).await?;
        // Before anything is stored, and then again with the write.
        let before = known.replaced(product.id, key.as_ref());
        precondition.check(before)?;
        let before = before.map(Product::photo_keys).unwrap_or_default();
        let of_variants = product.variants.iter_mut().filter_map(|variant| variant.photo.as_mut());
        let embedded = self.embed_new(product.photos.iter_mut().chain(of_variants).collect()).await?;
        let which = product.id.map(ProductRef::Id).or(key.map(ProductRef::Key));
        let (mut draft, paths) = self.draft(product, &known, &options).await?;
        let categories = self.resolve_or_create(&paths, options.create_categories).await?.ids;
        add_categories(&mut draft, &paths, &categories);
        let mut added = draft.photo_keys();
        added.retain(|photo| !before.contains(photo));
        let id = match which {
            Some(which) => {
                let replace = |known: Option<Product>| {
                    precondition.check(known.as_ref())?;
                    Ok(Some(draft.clone()))
                };
                self.catalog().modify_product(&which, &replace).await?
            }
            None => self.catalog().upsert_products(&[draft]).await?.first().copied(),
        };
        let id = id.ok_or_else(|| Error::internal("the catalogue returned no ID"))?;
        self.put_embedded(id, embedded, added).await?;
        self.refresh().await?;
        Ok(id)
    }

    async fn delete_one(&self, delete: Delete<'_>) -> Result<()> {
        let Delete { which, precondition, .. } = delete;
        let gone = |known: Option<Product>| {
            let known = known.ok_or_else(|| which.not_found())?;
            precondition.check(Some(&known)).map(|()| None)
        };
        self.catalog().modify_product(&which, &gone).await?;
        self.refresh().await.map(|_| ())
    }
}
