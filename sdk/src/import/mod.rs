//! Imports: products of a source compared with the catalogue and written by their keys, photos fetched afterwards.

mod differences;
mod photos;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Deserialize;
use vitrina_core::catalog::{Cursor, CursorKey, ListQuery, MAX_LIMIT, Sort};
use vitrina_core::product::{CategoryTree, ProductDraft};
use vitrina_core::{CategoryId, Error, ErrorKind, NewProduct, ProductId, ProductSource, Result};
use vitrina_import::fetch::FetchLog;
use vitrina_import::run::{ImportOptions, ImportRun, ImportTarget, Put, PutBatch, StoredProduct, import};
use vitrina_import::{FileOptions, FileSource, Mapping};

use crate::Shop;
use crate::write::{Options, add_categories};
use differences::differences;

pub use photos::FetchedPhotos;

/// A shop as the target of imports; see [`Shop::import_target`].
pub struct ShopTarget {
    shop: Shop,
    photo_folder: Option<PathBuf>,
    log: Option<Arc<FetchLog>>,
}

impl ShopTarget {
    /// Sets the folder that paths of photos are relative to; paths that lead out of it are refused.
    #[must_use]
    pub fn photo_folder(mut self, folder: Option<PathBuf>) -> Self {
        self.photo_folder = folder;
        self
    }

    /// Sets the log of fetched photos, by which a photo's URL is known to be in the store.
    #[must_use]
    pub fn fetched(mut self, log: Arc<FetchLog>) -> Self {
        self.log = Some(log);
        self
    }

    /// Writes products in one transaction. Where the catalogue refuses one of them (an ID together with the key of another
    /// product), the others are written without it; returns the places of the refused ones with the reasons.
    async fn write(&self, products: &[ProductDraft]) -> Result<Vec<(usize, String)>> {
        let mut parts: Vec<_> = std::iter::once(0..products.len()).collect();
        let mut refused = Vec::new();
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            match self.shop.catalog().upsert_products(&products[part.clone()]).await {
                Ok(_) => {}
                Err(error) if error.kind() != ErrorKind::Invalid => return Err(error),
                Err(error) if part.len() == 1 => refused.push((part.start, error.to_string())),
                Err(_) => {
                    let middle = part.start + part.len() / 2;
                    parts.extend([middle..part.end, part.start..middle]);
                }
            }
        }
        Ok(refused)
    }

    /// Returns the categories of paths, creating those that are missing unless `dry_run`.
    async fn categories(
        &self,
        paths: &[&Vec<String>],
        dry_run: bool,
    ) -> Result<HashMap<Vec<String>, CategoryId>> {
        if !dry_run {
            return Ok(self.shop.resolve_or_create(paths.iter().copied(), true).await?.ids);
        }
        let tree = CategoryTree::new(self.shop.categories().await?);
        Ok(paths.iter().filter_map(|path| Some(((*path).clone(), tree.find(path)?))).collect())
    }
}

/// How a file is imported, as programs in other languages write it: the same names as the flags of `vitrina import`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FileImport {
    format: Option<String>,
    mapping: Mapping,
    dry_run: bool,
    prune: bool,
    max_removals: f64,
}

impl Default for FileImport {
    fn default() -> Self {
        let ImportOptions { max_removals, .. } = ImportOptions::default();
        Self { format: None, mapping: Mapping::default(), dry_run: false, prune: false, max_removals }
    }
}

impl Shop {
    /// Imports a file with options as JSON (`format`, `mapping`, `dry_run`, `prune`, `max_removals` from 0 to 1) and returns the run
    /// as JSON: what bindings to other languages call.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for options that cannot be used and a file that is none of products; those
    /// of the index and the model.
    pub async fn import_file(&self, file: PathBuf, photos: Option<PathBuf>, options: &str) -> Result<String> {
        let options: FileImport = serde_json::from_str(options)
            .map_err(|error| Error::invalid(format!("the options of an import cannot be used: {error}")))?;
        let mut read = FileOptions::default().mapping(options.mapping);
        if let Some(format) = &options.format {
            read = read.format(format.parse()?);
        }
        let settings =
            ImportOptions::default().dry_run(options.dry_run).prune(options.prune, options.max_removals);
        let mut source = FileSource::open(file, read).await?;
        let target = self.import_target().photo_folder(photos);
        let run = import(&mut source, &target, &settings, &mut std::io::sink(), &|_| {}).await;
        if !settings.dry_run {
            self.refresh_and_embed().await?;
        }
        serde_json::to_string(&run)
            .map_err(|error| Error::internal("the run cannot be written").with_source(error))
    }

    /// Returns the shop as the target of imports.
    pub fn import_target(&self) -> ShopTarget {
        ShopTarget { shop: self.clone(), photo_folder: None, log: None }
    }

    /// Imports a source: writes what is new or changed, by key, then embeds the photos that the shop holds.
    ///
    /// # Errors
    /// Those of the index and the model; what became of the import itself is in the run.
    pub async fn import(&self, source: &mut dyn ProductSource, options: &ImportOptions) -> Result<ImportRun> {
        let run = import(source, &self.import_target(), options, &mut std::io::sink(), &|_| {}).await;
        if !options.dry_run {
            self.refresh_and_embed().await?;
        }
        Ok(run)
    }
}

fn refused(reason: String) -> Put {
    Put::Refused { field: "product".into(), reason }
}

#[async_trait]
impl ImportTarget for ShopTarget {
    async fn put(&self, products: Vec<NewProduct>, dry_run: bool) -> Result<PutBatch> {
        let known = self.shop.known(&products).await?;
        let options = Options::default();
        let mut batch = PutBatch::default();
        let mut drafts = Vec::with_capacity(products.len());
        for (place, mut product) in products.into_iter().enumerate() {
            self.resolve_photos(&mut product, place, dry_run, &mut batch.left_out).await?;
            match self.shop.draft(product, &known, &options).await {
                Ok(drafted) => drafts.push(Ok(drafted)),
                Err(error) if error.kind() == ErrorKind::Invalid => drafts.push(Err(error.to_string())),
                Err(error) => return Err(error),
            }
        }
        let paths: Vec<_> = drafts.iter().flatten().flat_map(|(_, paths)| paths).collect();
        let categories = self.categories(&paths, dry_run).await?;
        let (mut written, mut places) = (Vec::new(), Vec::new());
        for (place, drafted) in drafts.into_iter().enumerate() {
            let drafted = drafted.and_then(|(mut draft, paths)| {
                add_categories(&mut draft, &paths, &categories);
                // Again, now that its photos and categories are known.
                draft.validate().map_err(|error| error.to_string())?;
                Ok(draft)
            });
            let draft = match drafted {
                Ok(draft) => draft,
                Err(reason) => {
                    batch.outcomes.push(refused(reason));
                    continue;
                }
            };
            let stored = known.replaced(draft.id, draft.key.as_ref()).cloned().map(ProductDraft::from);
            let outcome = match stored.map(|stored| differences(&stored, &draft)) {
                None => Put::New,
                Some(fields) if fields.is_empty() => Put::Unchanged,
                Some(fields) => Put::Changed(fields),
            };
            if outcome != Put::Unchanged {
                written.push(draft);
                places.push(place);
            }
            batch.outcomes.push(outcome);
        }
        if !dry_run {
            for (at, reason) in self.write(&written).await? {
                batch.outcomes[places[at]] = refused(reason);
            }
        }
        Ok(batch)
    }

    async fn list(&self, after: ProductId, limit: usize) -> Result<Vec<StoredProduct>> {
        let cursor = Cursor { sort: Sort::Relevance, key: CursorKey::Id, id: after.0 };
        let query = ListQuery::default().limit(limit.min(MAX_LIMIT)).after(Some(cursor));
        let page = self.shop.catalog().list(&query).await?;
        Ok(page
            .items
            .into_iter()
            .map(|found| StoredProduct { id: found.id, key: found.key, name: found.name })
            .collect())
    }

    async fn remove(&self, ids: &[ProductId]) -> Result<u64> {
        self.shop.catalog().delete_products(ids).await
    }
}
