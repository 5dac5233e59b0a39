//! Photos of imported products: files of a folder are stored with the product, URLs are fetched afterwards.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::time::UNIX_EPOCH;

use futures_util::StreamExt;
use futures_util::stream;
use vitrina_core::catalog::ListQuery;
use vitrina_core::product::{PhotoSource, ProductDraft};
use vitrina_core::{Error, ErrorKind, NewProduct, Product, Result};
use vitrina_import::fetch::{FetchedPhoto, PhotoFetcher, PhotoOutcome, Validators};
use vitrina_import::run::LeftOut;

use super::ShopTarget;
use crate::Shop;
use crate::photos::{inner, publish_photo, read_bounded};
use crate::runtime::blocking;

/// How many products are looked at, at a time.
const PAGE: usize = 100;
/// How many failures are kept with their reasons.
const FAILURES: usize = 1000;

/// What fetching photos did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FetchedPhotos {
    /// Photos that were fetched and stored.
    pub fetched: u64,
    /// Photos that were in the store.
    pub known: u64,
    /// Photos that could not be fetched or used, with the reasons of the first 1,000: they are tried again by later runs.
    pub failed: u64,
    /// URL and reason.
    pub failures: Vec<(String, String)>,
}

impl ShopTarget {
    /// Stores photos that are files and names those that were fetched already by their key; one that cannot be used is left out.
    pub(super) async fn resolve_photos(
        &self,
        product: &mut NewProduct,
        place: usize,
        dry_run: bool,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<()> {
        let mut photos = Vec::with_capacity(product.photos.len());
        for source in std::mem::take(&mut product.photos) {
            photos.extend(self.resolved(source, place, dry_run, left_out).await?);
        }
        product.photos = photos;
        for variant in &mut product.variants {
            if let Some(source) = variant.photo.take() {
                variant.photo = self.resolved(source, place, dry_run, left_out).await?;
            }
        }
        Ok(())
    }

    async fn resolved(
        &self,
        source: PhotoSource,
        place: usize,
        dry_run: bool,
        left_out: &mut Vec<LeftOut>,
    ) -> Result<Option<PhotoSource>> {
        let (stored, value) = match source {
            PhotoSource::Key(key) => return Ok(Some(PhotoSource::Key(key))),
            PhotoSource::Url(url) => {
                let key = self.log.as_ref().and_then(|log| log.key(&url));
                return Ok(Some(key.map_or(PhotoSource::Url(url), PhotoSource::Key)));
            }
            PhotoSource::Path(path) => (self.file(&path, dry_run).await, path.display().to_string()),
            PhotoSource::Bytes(bytes) => (self.stored(bytes, dry_run).await, String::new()),
        };
        match stored {
            Ok(key) => Ok(key.map(PhotoSource::Key)),
            Err(error) if error.kind() == ErrorKind::Invalid => {
                left_out.push(LeftOut { place, field: "photo".into(), value, reason: error.to_string() });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn stored(&self, bytes: Vec<u8>, dry_run: bool) -> Result<Option<String>> {
        let photo = publish_photo(&self.shop, bytes).await?;
        if dry_run {
            return Ok(None);
        }
        self.shop.store(photo).await.map(Some)
    }

    /// Stores a file, unless it was stored and has not changed since.
    async fn file(&self, path: &Path, dry_run: bool) -> Result<Option<String>> {
        let folder = self.photo_folder.as_ref();
        let folder = folder.ok_or_else(|| Error::invalid("name the folder of photos with --photos"))?;
        let path = folder.join(inner(path)?);
        let stamp = std::fs::metadata(&path).ok().map(|file| {
            let modified = file.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            Validators {
                etag: Some(file.len().to_string()),
                last_modified: modified.map(|time| time.as_nanos().to_string()),
            }
        });
        let name = format!("file:{}", path.display());
        if let (Some(log), Some(stamp)) = (&self.log, &stamp)
            && let Some(known) = log.get(&name).filter(|known| known.validators == *stamp)
        {
            return Ok(known.key);
        }
        let bytes = blocking(move || read_bounded(&path)).await??;
        let key = self.stored(bytes, dry_run).await?;
        if let (Some(log), Some(validators), Some(key)) = (&self.log, stamp, &key) {
            log.record(
                &name,
                FetchedPhoto { key: Some(key.clone()), validators, failure: None, asked_at: 0 },
            )?;
        }
        Ok(key)
    }
}

impl Shop {
    /// Fetches the photos of all products that are URLs, stores them in their place, and embeds them.
    ///
    /// Products can be searched by words meanwhile. What cannot be fetched stays a URL and is tried again by a later call.
    ///
    /// # Errors
    /// Those of the catalogue, the photo store and the model.
    pub async fn fetch_photos(
        &self,
        fetcher: &PhotoFetcher,
        progress: &(dyn Fn(&FetchedPhotos) + Sync),
    ) -> Result<FetchedPhotos> {
        let mut done = FetchedPhotos::default();
        let mut query = ListQuery::default().limit(PAGE);
        loop {
            let page = self.catalog().list(&query).await?;
            let urls: BTreeSet<_> = page.items.iter().flat_map(photos).filter(|url| is_url(url)).collect();
            let keys = self.fetch_all(urls.into_iter().cloned(), fetcher, &mut done).await;
            if !keys.is_empty() {
                // Read again: a product may have changed while its photos were on their way.
                let ids: Vec<_> = page.items.iter().map(|product| product.id).collect();
                let products = self.catalog().products(&ids).await?.into_iter();
                let drafts: Vec<_> =
                    products.filter_map(|product| with_photos(product.into(), &keys)).collect();
                self.catalog().upsert_products(&drafts).await?;
            }
            progress(&done);
            let Some(next) = page.next else { break };
            query.after = Some(next);
        }
        self.refresh_and_embed().await?;
        Ok(done)
    }

    /// Fetches photos, and returns the keys of those that are in the store by their URLs.
    async fn fetch_all(
        &self,
        urls: impl Iterator<Item = String>,
        fetcher: &PhotoFetcher,
        done: &mut FetchedPhotos,
    ) -> HashMap<String, String> {
        let fetching = urls.map(|url| async move {
            let key = self.fetched(fetcher, &url).await;
            (url, key)
        });
        let mut fetching = stream::iter(fetching).buffer_unordered(fetcher.at_once());
        let mut keys = HashMap::new();
        while let Some((url, outcome)) = fetching.next().await {
            match outcome {
                Ok((key, new)) => {
                    *(if new { &mut done.fetched } else { &mut done.known }) += 1;
                    keys.insert(url, key);
                }
                Err(reason) => {
                    done.failed += 1;
                    if done.failures.len() < FAILURES {
                        done.failures.push((url, reason));
                    }
                }
            }
        }
        keys
    }

    /// Returns the key of a photo and whether it is new; an error is a reason for the report.
    async fn fetched(
        &self,
        fetcher: &PhotoFetcher,
        url: &str,
    ) -> std::result::Result<(String, bool), String> {
        let photo = match fetcher.fetch(url).await.map_err(|error| error.to_string())? {
            PhotoOutcome::Known(key) => return Ok((key, false)),
            PhotoOutcome::Waiting(reason) => return Err(reason),
            PhotoOutcome::New(photo) => photo,
        };
        let stored = match publish_photo(self, photo.bytes.clone()).await {
            Ok(published) => self.store(published).await,
            Err(error) => Err(error),
        };
        match stored {
            Ok(key) => {
                fetcher.stored(url, photo, &key).map_err(|error| error.to_string())?;
                Ok((key, true))
            }
            Err(error) => {
                fetcher.failed(url, &error.to_string()).map_err(|error| error.to_string())?;
                Err(error.to_string())
            }
        }
    }
}

/// The photos of a product and of its variants.
fn photos(product: &Product) -> impl Iterator<Item = &String> {
    product.photos.iter().chain(product.variants.iter().filter_map(|variant| variant.photo.as_ref()))
}

fn is_url(photo: &str) -> bool {
    photo.starts_with("http://") || photo.starts_with("https://")
}

/// Returns the product with the keys of photos in place of their URLs; `None` if it has none of them.
fn with_photos(mut draft: ProductDraft, keys: &HashMap<String, String>) -> Option<ProductDraft> {
    let of_variants = draft.variants.iter_mut().filter_map(|variant| variant.photo.as_mut());
    let mut changed = false;
    for photo in draft.photos.iter_mut().chain(of_variants) {
        if let Some(key) = keys.get(photo) {
            photo.clone_from(key);
            changed = true;
        }
    }
    changed.then_some(draft)
}
