//! Partial changes of products: any fields of one, and prices and stock in batches.

use std::collections::{HashMap, HashSet};
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use vitrina_core::classify::Embedding;
use vitrina_core::photo::PhotoKey;
use vitrina_core::product::{OfferChange, Precondition, ProductChange, ProductDraft, ProductRef, Variant};
use vitrina_core::{CategoryId, Error, Product, ProductId, Result};

use crate::Shop;
use crate::write::{Options, given, paths, variant};

/// A change of a product on its way; see [`Shop::update`]. Awaiting it returns the [`Product`] as it is afterwards.
#[must_use = "the product is changed when this is awaited"]
pub struct Update<'a> {
    shop: &'a Shop,
    which: ProductRef,
    change: ProductChange,
    options: Options,
    precondition: Precondition,
}

impl Update<'_> {
    /// Changes the product only if it is as it must be, which is checked at the moment of the write; else the update fails
    /// with [`Changed`](vitrina_core::ErrorKind::Changed).
    pub fn only_if(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }

    /// Refuses categories that do not exist, by name or ID, instead of creating them.
    pub fn known_categories_only(mut self) -> Self {
        self.options.create_categories = false;
        self
    }
}

impl<'a> IntoFuture for Update<'a> {
    type Output = Result<Product>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Product>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.shop.change(self).await })
    }
}

/// What a batch of changes did; see [`Shop::update_offers`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct OfferReport {
    /// The IDs of the changes' products, in their order; `None` for a product that does not exist.
    pub ids: Vec<Option<ProductId>>,
}

/// A change with its categories by ID and its photos stored.
struct Resolved {
    change: ProductChange,
    categories: Option<Vec<CategoryId>>,
    photos: Option<Vec<String>>,
    variants: Option<Vec<Variant>>,
}

impl Shop {
    /// Changes fields of one product, by its ID or key, and leaves all others as they are.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use vitrina::{NewProduct, OfferChange, Shop};
    ///
    /// let shop = Shop::in_memory();
    /// shop.put(NewProduct::new("Bota alta", "89.50".parse()?).key("B-1").brand("Norte")).await?;
    /// let sold_out = OfferChange { stock: Some(Some(0)), ..OfferChange::default() };
    /// let boot = shop.update("B-1", sold_out).await?;
    /// assert_eq!((boot.in_stock(), boot.brand.as_deref()), (false, Some("Norte")));
    /// # Ok::<(), vitrina::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// Other writers of the same product are not overwritten: the fields are changed as they are at the moment of the
    /// write. Categories that do not exist are created. Photos and embeddings stay unless the change names photos.
    /// Searches that start after this has returned find the product as it is then.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound); [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the field that
    /// no catalogue may hold, the key that another product has, or the photo that cannot be read; and those of the catalogue,
    /// the photo store and the model. Nothing is written then.
    pub fn update(&self, which: impl Into<ProductRef>, change: impl Into<ProductChange>) -> Update<'_> {
        let options = Options::default();
        Update {
            shop: self,
            which: which.into(),
            change: change.into(),
            options,
            precondition: Precondition::None,
        }
    }

    /// Changes prices, sales and stock of any number of products, and nothing else of them: in batches of up to 10,000, each
    /// written whole or, if one of its changes is wrong, not at all, which ends the call.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the product of a change that is wrong, and those of the catalogue
    /// and the index.
    pub async fn update_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<OfferReport> {
        let mut report = OfferReport::default();
        for batch in changes.chunks(OfferChange::MAX_BATCH) {
            report.ids.extend(self.catalog().change_offers(batch).await?);
        }
        self.refresh().await?;
        Ok(report)
    }

    async fn change(&self, update: Update<'_>) -> Result<Product> {
        let Update { which, change, options, precondition, .. } = update;
        let known = self.product(which.clone()).await?;
        // Before anything is stored, and then again with the write.
        precondition.check(Some(&known))?;
        let before = known.photo_keys();
        let (resolved, embedded) = self.resolve(change, known, &options).await?;
        let modify = |known: Option<Product>| {
            let known = known.ok_or_else(|| which.not_found())?;
            precondition.check(Some(&known))?;
            let mut draft = ProductDraft::from(known);
            resolved.apply(&mut draft)?;
            Ok(Some(draft))
        };
        let id = self.catalog().modify_product(&which, &modify).await?;
        let id = id.ok_or_else(|| Error::internal("the catalogue returned no ID"))?;
        let product = self.product(id).await?;
        let mut added = product.photo_keys();
        added.retain(|photo| !before.contains(photo));
        self.put_embedded(id, embedded, added).await?;
        self.refresh().await?;
        Ok(product)
    }

    /// The change with its categories created and its photos stored, and the embeddings of new ones.
    async fn resolve(
        &self,
        mut change: ProductChange,
        known: Product,
        options: &Options,
    ) -> Result<(Resolved, HashMap<PhotoKey, Embedding>)> {
        let (mut photos, categories) = (change.photos.take(), change.categories.take());
        let variants = change.variants.take().map(|variants| variants.into_iter().map(variant));
        let (variants, mut variant_photos): (Option<Vec<Variant>>, Vec<_>) = match variants {
            Some(variants) => {
                let (variants, photos): (Vec<_>, Vec<_>) = variants.unzip();
                (Some(variants), photos)
            }
            None => (None, Vec::new()),
        };
        let mut resolved = Resolved { change, categories: None, photos: None, variants };
        // Before any category is created or photo stored, so that a wrong change leaves none behind.
        let mut draft = ProductDraft::from(known);
        resolved.apply(&mut draft)?;
        draft.validate()?;
        let new = photos.iter_mut().flatten().chain(variant_photos.iter_mut().flatten());
        let embedded = self.embed_new(new.collect()).await?;
        if let Some(photos) = photos {
            let mut stored = Vec::with_capacity(photos.len());
            for photo in photos {
                stored.push(self.stored(photo, options).await?);
            }
            resolved.photos = Some(stored);
        }
        for (variant, photo) in resolved.variants.iter_mut().flatten().zip(variant_photos) {
            if let Some(photo) = photo {
                variant.photo = Some(self.stored(photo, options).await?);
            }
        }
        if let Some(categories) = categories {
            let paths = paths(categories);
            let known = self.resolve_or_create(&paths, options.create_categories).await?.ids;
            let mut ids: Vec<_> = paths.iter().filter_map(|path| known.get(path).copied()).collect();
            let mut seen = HashSet::new();
            ids.retain(|id| seen.insert(*id));
            resolved.categories = Some(ids);
        }
        Ok((resolved, embedded))
    }
}

impl Resolved {
    fn apply(&self, draft: &mut ProductDraft) -> Result<()> {
        let change = &self.change;
        change.offer.apply(draft)?;
        set(&mut draft.key, change.key.clone().map(given));
        set(&mut draft.name, change.name.as_ref().map(|name| name.trim().to_owned()));
        set(&mut draft.description, change.description.as_ref().map(|text| text.trim().to_owned()));
        set(&mut draft.brand, change.brand.clone().map(given));
        set(&mut draft.link, change.link.clone().map(given));
        set(&mut draft.codes, change.codes.clone());
        set(&mut draft.attributes, change.attributes.clone());
        set(&mut draft.tags, change.tags.clone());
        set(&mut draft.popularity, change.popularity);
        set(&mut draft.translations, change.translations.clone());
        set(&mut draft.updated_at, change.updated_at);
        set(&mut draft.categories, self.categories.clone());
        set(&mut draft.photos, self.photos.clone());
        if let Some(variants) = &self.variants {
            let known = std::mem::replace(&mut draft.variants, variants.clone());
            for variant in draft.variants.iter_mut().filter(|variant| variant.photo.is_none()) {
                let mut same = known.iter().filter(|same| same.key.is_some() && same.key == variant.key);
                variant.photo = same.next().and_then(|same| same.photo.clone());
            }
        }
        Ok(())
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
