//! Writing products: categories by name, photos by source, embeddings with the photos.

use std::collections::HashMap;
use std::future::{Future, IntoFuture};
use std::path::PathBuf;
use std::pin::Pin;

use vitrina_core::catalog::RequestKey;
use vitrina_core::product::{NewVariant, PhotoSource, ProductDraft, ProductRef, Variant};
use vitrina_core::{CategoryId, Error, NewProduct, Product, ProductId, Result};

use crate::Shop;
use crate::categories::Resolved;
use crate::photos::{inner, publish_photo, read_bounded};
use crate::runtime::blocking;

/// How many products are written in one transaction.
const BATCH: usize = 1000;

/// What [`Shop::put_all`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PutReport {
    /// The IDs of the products, in their order.
    pub ids: Vec<ProductId>,
    /// How many categories were created.
    pub categories: usize,
    /// How many photos were embedded, those that were waiting since before included.
    pub embedded: usize,
}

/// Products to be written; see [`Shop::put_all`]. Awaiting it returns a [`PutReport`].
#[must_use = "products are written when this is awaited"]
pub struct PutAll<'a, I> {
    shop: &'a Shop,
    products: I,
    options: Options,
    embed: Embed,
}

/// When the photos of written products are embedded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Embed {
    Now,
    InBackground,
    Later,
}

#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) photo_folder: Option<PathBuf>,
    pub(crate) create_categories: bool,
    /// Whether errors name the product by its place.
    pub(crate) numbered: bool,
    /// The request that is carried out once.
    pub(crate) once: Option<RequestKey>,
}

impl Default for Options {
    fn default() -> Self {
        Self { photo_folder: None, create_categories: true, numbered: false, once: None }
    }
}

impl<I> PutAll<'_, I> {
    /// Sets the folder that [`PhotoSource::Path`] is relative to; paths that lead out of it are refused.
    pub fn photo_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.options.photo_folder = Some(folder.into());
        self
    }

    /// Refuses products whose category does not exist, by name or ID, instead of creating it.
    pub fn known_categories_only(mut self) -> Self {
        self.options.create_categories = false;
        self
    }

    /// Writes the products once, however often a call with this key is repeated, also by other programs on the same catalogue: a
    /// repeated call writes nothing and returns the IDs of the first. The key is remembered for 24 hours, together with the
    /// products: one that fails leaves none.
    ///
    /// At most 1,000 products are written so. While another call of this process writes them the call is refused with
    /// [`Conflict`](vitrina_core::ErrorKind::Conflict), and a key that belongs to another request with
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid).
    pub fn once(mut self, request: RequestKey) -> Self {
        self.options.once = Some(request);
        self
    }

    /// Leaves the photos to a later [`Shop::embed_missing`]: until then they are shown but not found by photo.
    pub fn embed_later(mut self) -> Self {
        self.embed = Embed::Later;
        self
    }

    /// Embeds the photos in the background once the products are written; a failure is logged, and the photos wait for the
    /// next time then. The shop stays open until it is done.
    pub fn embed_in_background(mut self) -> Self {
        self.embed = Embed::InBackground;
        self
    }
}

impl<'a, I> IntoFuture for PutAll<'a, I>
where
    I: IntoIterator<Item = NewProduct> + Send + 'a,
    I::IntoIter: Send,
{
    type Output = Result<PutReport>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<PutReport>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { shop, products, options, embed } = self;
            let mut products = products.into_iter();
            let mut report = PutReport::default();
            let mut with_photos = false;
            if let Some(request) = &options.once {
                let running = shop.carry_out(request)?;
                let products: Vec<_> = products.take(BATCH + 1).collect();
                if products.len() > BATCH {
                    let detail =
                        format!("at most {BATCH} products are written once a key: write several batches");
                    return Err(Error::invalid(detail));
                }
                with_photos = products.iter().any(has_photo);
                report.ids = match running.written().await? {
                    Some(ids) => ids,
                    None => shop.write(products, &options, 0).await?.0,
                };
            } else {
                loop {
                    let batch: Vec<_> = products.by_ref().take(BATCH).collect();
                    if batch.is_empty() {
                        break;
                    }
                    with_photos |= batch.iter().any(has_photo);
                    let (ids, categories) = shop.write(batch, &options, report.ids.len()).await?;
                    report.ids.extend(ids);
                    report.categories += categories;
                }
            }
            if embed == Embed::Now {
                report.embedded = shop.refresh_and_embed().await?;
            } else {
                shop.refresh().await?;
            }
            if embed == Embed::InBackground && with_photos {
                shop.embed_soon();
            }
            Ok(report)
        })
    }
}

impl Shop {
    /// Writes any number of products, in batches of 1,000: each batch is written whole or, if one of its products is wrong,
    /// not at all, and ends the call. Then their photos are embedded.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use vitrina::{NewProduct, Shop};
    ///
    /// # let data = tempfile::tempdir().unwrap();
    /// # let data = data.path();
    /// let shop = Shop::open(data).await?;
    /// let shoes = (1..=3).map(|n| NewProduct::new(format!("Zapato {n}"), "30".parse().unwrap()).category("Zapatos"));
    /// let report = shop.put_all(shoes).await?;
    /// assert_eq!((report.ids.len(), report.categories), (3, 1));
    /// # Ok::<(), vitrina::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`put`](Self::put); the message names the product by its place. Photos that the model cannot read are
    /// logged and passed over.
    pub fn put_all<I: IntoIterator<Item = NewProduct>>(&self, products: I) -> PutAll<'_, I> {
        let options = Options { numbered: true, ..Options::default() };
        PutAll { shop: self, products, options, embed: Embed::Now }
    }

    /// Gives a product its main photo, embeds it, and returns the product. What others write to the product meanwhile stays.
    ///
    /// # Errors
    /// [`NotFound`](vitrina_core::ErrorKind::NotFound) for a product that does not exist,
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a photo that cannot be used, with a
    /// [`PhotoError`](vitrina_core::classify::PhotoError) as its source, and those of the catalogue, the photo store and the model.
    pub async fn put_photo(&self, id: ProductId, photo: Vec<u8>) -> Result<Product> {
        // Before the photo is stored, and then again with the write.
        self.product(id).await?;
        let mut photo = PhotoSource::Bytes(photo);
        let embedded = self.embed_new(vec![&mut photo]).await?;
        let key = self.stored(photo, &Options::default()).await?;
        let which = ProductRef::Id(id);
        let replace = |known: Option<Product>| {
            let mut draft = ProductDraft::from(known.ok_or_else(|| which.not_found())?);
            match draft.photos.first_mut() {
                Some(main) => main.clone_from(&key),
                None => draft.photos.push(key.clone()),
            }
            Ok(Some(draft))
        };
        self.catalog().modify_product(&which, &replace).await?;
        self.put_embedded(id, embedded, Vec::new()).await?;
        self.refresh().await?;
        self.product(id).await
    }

    /// Writes one batch, and returns the products' IDs and how many categories were created.
    async fn write(
        &self,
        products: Vec<NewProduct>,
        options: &Options,
        before: usize,
    ) -> Result<(Vec<ProductId>, usize)> {
        let known = self.known(&products).await?;
        let mut drafts = Vec::with_capacity(products.len());
        let mut paths = Vec::with_capacity(products.len());
        for (place, product) in (before + 1..).zip(products) {
            let name = product.name.trim().to_owned();
            let numbered = |error: Error| match options.numbered {
                true => Error::new(error.kind(), format!("product {place} (`{name}`): {error}"))
                    .with_source(error),
                false => error,
            };
            let (draft, categories) = self.draft(product, &known, options).await.map_err(numbered)?;
            drafts.push(draft);
            paths.push(categories);
        }
        let Resolved { ids, created } =
            self.resolve_or_create(paths.iter().flatten(), options.create_categories).await?;
        for (draft, paths) in drafts.iter_mut().zip(&paths) {
            add_categories(draft, paths, &ids);
        }
        let ids = match &options.once {
            Some(request) => self.catalog().upsert_products_once(&drafts, request).await?.ids,
            None => self.catalog().upsert_products(&drafts).await?,
        };
        Ok((ids, created))
    }

    /// The products that these replace.
    pub(crate) async fn known(&self, products: &[NewProduct]) -> Result<Known> {
        let ids: Vec<_> = products.iter().filter_map(|product| product.id).collect();
        let without_id = products.iter().filter(|product| product.id.is_none());
        let keys: Vec<_> = without_id.filter_map(|product| given(product.key.clone())).collect();
        let by_id = self.catalog().products(&ids).await?;
        let by_key = self.catalog().products_by_key(&keys).await?;
        Ok(Known {
            by_id: by_id.into_iter().map(|known| (known.id, known)).collect(),
            by_key: by_key.into_iter().filter_map(|known| Some((known.key.clone()?, known))).collect(),
        })
    }

    /// A product as the catalogue takes it, its photos stored, and the paths of its categories, which are still to be
    /// resolved.
    pub(crate) async fn draft(
        &self,
        product: NewProduct,
        known: &Known,
        options: &Options,
    ) -> Result<(ProductDraft, Vec<Vec<String>>)> {
        let price =
            product.price.or_else(|| product.variants.iter().filter_map(|variant| variant.price).min());
        let key = given(product.key);
        let replaced = known.replaced(product.id, key.as_ref());
        let mut draft = ProductDraft {
            id: product.id,
            key,
            name: product.name.trim().to_owned(),
            description: product.description.trim().to_owned(),
            brand: given(product.brand),
            price: price.ok_or_else(|| Error::invalid("it has no price: give it one"))?,
            sale: product.sale,
            categories: Vec::new(),
            stock: product.stock,
            availability: product.availability,
            photos: replaced.map(|replaced| replaced.photos.clone()).unwrap_or_default(),
            link: given(product.link),
            codes: product.codes,
            attributes: product.attributes,
            tags: product.tags,
            popularity: product.popularity,
            translations: product.translations,
            updated_at: product.updated_at,
            variants: Vec::with_capacity(product.variants.len()),
        };
        let mut variant_photos = Vec::with_capacity(product.variants.len());
        for variant in product.variants {
            let mut same = replaced.into_iter().flat_map(|replaced| &replaced.variants);
            let same = same.find(|same| same.key.is_some() && same.key == variant.key);
            let (variant, photo) = self::variant(variant);
            draft.variants.push(Variant { photo: same.and_then(|same| same.photo.clone()), ..variant });
            variant_photos.push(photo);
        }
        // Before any photo is stored, so that a wrong product leaves none behind.
        draft.validate()?;
        if !product.photos.is_empty() {
            draft.photos.clear();
        }
        for source in product.photos {
            draft.photos.push(self.stored(source, options).await?);
        }
        for (variant, source) in draft.variants.iter_mut().zip(variant_photos) {
            if let Some(source) = source {
                variant.photo = Some(self.stored(source, options).await?);
            }
        }
        Ok((draft, paths(product.categories)))
    }

    /// Stores a photo and returns its key; the URL of one that lies elsewhere stays.
    pub(crate) async fn stored(&self, source: PhotoSource, options: &Options) -> Result<String> {
        let bytes = match source {
            PhotoSource::Url(url) | PhotoSource::Key(url) => return Ok(url),
            PhotoSource::Bytes(bytes) => bytes,
            PhotoSource::Path(path) => {
                let folder = options.photo_folder.clone();
                let folder =
                    folder.ok_or_else(|| Error::invalid("it has a photo: name the folder with --photos"))?;
                let path = folder.join(inner(&path)?);
                blocking(move || read_bounded(&path)).await??
            }
        };
        self.store(publish_photo(self, bytes).await?).await
    }
}

fn has_photo(product: &NewProduct) -> bool {
    !product.photos.is_empty() || product.variants.iter().any(|variant| variant.photo.is_some())
}

/// Adds the categories of paths, each once.
pub(crate) fn add_categories(
    draft: &mut ProductDraft,
    paths: &[Vec<String>],
    ids: &HashMap<Vec<String>, CategoryId>,
) {
    for id in paths.iter().filter_map(|path| ids.get(path)) {
        if !draft.categories.contains(id) {
            draft.categories.push(*id);
        }
    }
}

/// Products that are replaced.
pub(crate) struct Known {
    by_id: HashMap<ProductId, Product>,
    by_key: HashMap<String, Product>,
}

impl Known {
    /// The product that one of this ID, or else of this key, replaces.
    pub(crate) fn replaced(&self, id: Option<ProductId>, key: Option<&String>) -> Option<&Product> {
        match id {
            Some(id) => self.by_id.get(&id),
            None => key.and_then(|key| self.by_key.get(key)),
        }
    }
}

/// A variant as the catalogue takes it, without its photo, and where that comes from.
pub(crate) fn variant(variant: NewVariant) -> (Variant, Option<PhotoSource>) {
    let made = Variant {
        key: variant.key,
        codes: variant.codes,
        attributes: variant.attributes,
        price: variant.price,
        sale: variant.sale,
        stock: variant.stock,
        availability: variant.availability,
        photo: None,
        link: given(variant.link),
    };
    (made, variant.photo)
}

/// Paths of categories without spaces around their names, and without those of which nothing is left.
pub(crate) fn paths(categories: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let name = |name: String| given(Some(name));
    let paths = categories.into_iter().map(|path| path.into_iter().filter_map(name).collect::<Vec<_>>());
    paths.filter(|path| !path.is_empty()).collect()
}

/// The text without spaces around it, unless nothing is left.
pub(crate) fn given(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}
