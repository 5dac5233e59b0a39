//! Export of a whole shop as JSON Lines, and the way back.
//!
//! The first line describes the export and lists the categories; every other line is a product with every field that it has.
//! [`Shop::restore`] reads exactly what [`Shop::export`] writes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::BufRead;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use serde::{Deserialize, Serialize};
use vitrina_core::catalog::{Cursor, ListQuery, MAX_LIMIT};
use vitrina_core::product::{
    Attribute, Availability, CategoryTree, Codes, ProductDraft, SalePrice, Texts, Timestamp, Variant,
};
use vitrina_core::{Category, CategoryId, Error, Money, Product, ProductId, Result};

use crate::Shop;

/// The version of the format.
const VERSION: u32 = 1;
/// How many products are read or written at a time.
const BATCH: usize = 500;
/// The longest line in bytes: the largest product, with room for escapes.
const MAX_LINE: u64 = 64 << 20;

/// The first line of an export.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    vitrina_export: u32,
    categories: Vec<ExportedCategory>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedCategory {
    id: i64,
    path: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    translations: BTreeMap<String, String>,
}

/// Every other line: the fields of [`Product`], categories by path.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedProduct {
    id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brand: Option<String>,
    price: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<SalePrice>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stock: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    availability: Option<Availability>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    photos: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    codes: Codes,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attributes: Vec<Attribute>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    popularity: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    translations: BTreeMap<String, Texts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    variants: Vec<Variant>,
}

/// What [`Shop::restore`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RestoreReport {
    /// Products that were written.
    pub written: u64,
    /// Those of them that were not there before.
    pub new: u64,
    /// Products that were there already, as they are in the export.
    pub unchanged: u64,
    /// Categories that were created.
    pub categories: u64,
}

/// Where an export stands.
enum At {
    Head,
    Products(Option<Cursor>),
    End,
}

impl Shop {
    /// Exports the shop as JSON Lines, in pieces of whole lines: its categories, then every product with every field. Products
    /// that are there all the time are in it once, whatever is written meanwhile; photos are their keys in the photo store,
    /// or URLs.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use futures_util::TryStreamExt;
    /// use vitrina::{NewProduct, Shop};
    ///
    /// let shop = Shop::in_memory();
    /// shop.put(NewProduct::new("Bota alta", "89.50".parse()?).key("B-1").category("Zapatos")).await?;
    /// let lines: Vec<u8> = shop.export().try_concat().await?;
    /// let copy = Shop::in_memory();
    /// copy.restore(&lines[..]).await?;
    /// assert_eq!(copy.product("B-1").await?, shop.product("B-1").await?);
    /// # Ok::<(), vitrina::Error>(())
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    /// Those of the catalogue; they end the stream.
    pub fn export(&self) -> BoxStream<'static, Result<Vec<u8>>> {
        stream::try_unfold((self.clone(), At::Head), |(shop, at)| shop.export_next(at)).boxed()
    }

    /// The lines at a place, and where the next ones are.
    async fn export_next(self, at: At) -> Result<Option<(Vec<u8>, (Self, At))>> {
        let (lines, next) = match at {
            At::Head => (self.export_head().await?, At::Products(None)),
            At::Products(after) => {
                let query = ListQuery::default().limit(MAX_LIMIT).after(after);
                let page = self.catalog().list(&query).await?;
                let mut lines = Vec::new();
                for product in page.items {
                    line(&mut lines, &ExportedProduct::from(product))?;
                }
                (lines, page.next.map_or(At::End, |next| At::Products(Some(next))))
            }
            At::End => return Ok(None),
        };
        Ok(Some((lines, (self, next))))
    }

    async fn export_head(&self) -> Result<Vec<u8>> {
        let tree = CategoryTree::new(self.categories().await?);
        let exported = |category: &Category| ExportedCategory {
            id: category.id.0,
            path: tree.path(category.id).map(|path| path.names()).unwrap_or_default(),
            translations: category.translations.clone(),
        };
        let categories = tree.iter().map(exported).collect();
        let mut lines = Vec::new();
        line(&mut lines, &Head { vitrina_export: VERSION, categories })?;
        Ok(lines)
    }

    /// Writes the categories and products of an export. Categories are those of the same path, products those of the same
    /// key, or of the same ID where they have no key; others are created, under their IDs where these are free. Into an
    /// empty shop this brings back what was exported. The bytes of photos are not in an export: copy the photo store.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the line that is none of an export, and those of the catalogue
    /// and the index. Lines before it, in batches of 500, stay written; an export can be restored again.
    pub async fn restore(&self, export: impl BufRead + Send) -> Result<RestoreReport> {
        let mut lines = Lines { input: export, number: 0 };
        let head: Head = lines.next()?.ok_or_else(|| Error::invalid("the export is empty"))?;
        if head.vitrina_export != VERSION {
            return Err(Error::invalid(format!(
                "the export is of version {}: this program reads version {VERSION}",
                head.vitrina_export
            )));
        }
        let mut report = RestoreReport::default();
        let paths = self.restore_categories(head.categories, &mut report).await?;
        loop {
            let mut batch = Vec::with_capacity(BATCH);
            while batch.len() < BATCH {
                let Some(product) = lines.next::<ExportedProduct>()? else { break };
                batch.push(product.into_draft(&paths, lines.number)?);
            }
            if batch.is_empty() {
                break;
            }
            self.restore_products(batch, &mut report).await?;
        }
        self.refresh().await?;
        Ok(report)
    }

    /// Creates the categories that are missing, and returns the IDs of all by path.
    async fn restore_categories(
        &self,
        mut exported: Vec<ExportedCategory>,
        report: &mut RestoreReport,
    ) -> Result<HashMap<Vec<String>, CategoryId>> {
        let known = self.categories().await?;
        let mut highest = known.iter().map(|category| category.id.0).max().unwrap_or(0);
        highest = exported.iter().map(|category| category.id).fold(highest, i64::max);
        let mut taken: HashSet<_> = known.iter().map(|category| category.id).collect();
        let tree = CategoryTree::new(known);
        let mut ids: HashMap<_, _> =
            tree.iter().filter_map(|category| Some((tree.path(category.id)?.names(), category.id))).collect();
        exported.sort_by_key(|category| category.path.len());
        let mut fresh = Vec::new();
        for ExportedCategory { id, path, translations } in exported {
            let Some((name, above)) = path.split_last() else {
                return Err(Error::invalid(format!("line 1: category {id} has no name")));
            };
            if ids.contains_key(&path) {
                continue;
            }
            let parent = match above {
                [] => None,
                above => Some(*ids.get(above).ok_or_else(|| {
                    Error::invalid(format!("line 1: category {id} is below one that is missing"))
                })?),
            };
            let mut free = CategoryId(id);
            if !taken.insert(free) {
                highest += 1;
                free = CategoryId(highest);
                taken.insert(free);
            }
            fresh.push(Category { id: free, name: name.clone(), parent, translations });
            ids.insert(path, free);
        }
        if !fresh.is_empty() {
            self.catalog().upsert_categories(&fresh).await?;
        }
        report.categories = fresh.len() as u64;
        Ok(ids)
    }

    async fn restore_products(&self, batch: Vec<ProductDraft>, report: &mut RestoreReport) -> Result<()> {
        let keys: Vec<_> = batch.iter().filter_map(|draft| draft.key.clone()).collect();
        let ids: Vec<_> = batch.iter().filter_map(|draft| draft.id).collect();
        let by_key = self.catalog().products_by_key(&keys).await?;
        let by_key: HashMap<_, _> =
            by_key.into_iter().filter_map(|known| Some((known.key.clone()?, known))).collect();
        let by_id: HashMap<_, _> =
            self.catalog().products(&ids).await?.into_iter().map(|known| (known.id, known)).collect();
        let mut written = Vec::with_capacity(batch.len());
        for mut draft in batch {
            let of_key = draft.key.as_ref().and_then(|key| by_key.get(key));
            let of_id = draft.id.and_then(|id| by_id.get(&id));
            let known = match (of_key, of_id) {
                (Some(known), _) => Some(known),
                (None, Some(known)) if known.key.is_none() && draft.key.is_none() => Some(known),
                (None, Some(_)) => {
                    draft.id = None;
                    None
                }
                (None, None) => None,
            };
            draft.id = known.map(|known| known.id).or(draft.id);
            match known.is_some_and(|known| ProductDraft::from(known.clone()) == draft) {
                true => report.unchanged += 1,
                false => {
                    report.new += u64::from(known.is_none());
                    written.push(draft);
                }
            }
        }
        report.written += written.len() as u64;
        self.catalog().upsert_products(&written).await.map(drop)
    }
}

/// Returns whether a file begins as an export does, from its first bytes.
pub fn is_export(head: &[u8]) -> bool {
    head.trim_ascii_start().starts_with(b"{\"vitrina_export\":")
}

fn line(lines: &mut Vec<u8>, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *lines, value)
        .map_err(|error| Error::internal("a product cannot be written as JSON").with_source(error))?;
    lines.push(b'\n');
    Ok(())
}

/// The lines of an export.
struct Lines<R> {
    input: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line that is not empty.
    fn next<T: for<'de> Deserialize<'de>>(&mut self) -> Result<Option<T>> {
        let mut line = Vec::new();
        loop {
            line.clear();
            self.number += 1;
            let read = std::io::Read::take(&mut self.input, MAX_LINE).read_until(b'\n', &mut line);
            let read =
                read.map_err(|error| Error::invalid("the export cannot be read").with_source(error))?;
            if read == 0 {
                return Ok(None);
            }
            if !line.trim_ascii().is_empty() {
                let wrong = |error| Error::invalid(format!("line {}: {error}", self.number));
                return serde_json::from_slice(&line).map(Some).map_err(wrong);
            }
        }
    }
}

impl From<Product> for ExportedProduct {
    fn from(product: Product) -> Self {
        Self {
            id: product.id.0,
            key: product.key,
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price,
            sale: product.sale,
            categories: product.categories.iter().map(|path| path.names()).collect(),
            stock: product.stock,
            availability: product.availability,
            photos: product.photos,
            link: product.link,
            codes: product.codes,
            attributes: product.attributes,
            tags: product.tags,
            popularity: product.popularity,
            translations: product.translations,
            updated_at: product.updated_at,
            variants: product.variants,
        }
    }
}

impl ExportedProduct {
    /// The product to be written.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a category that is not in the first line.
    fn into_draft(self, paths: &HashMap<Vec<String>, CategoryId>, line: u64) -> Result<ProductDraft> {
        let id = |path: &Vec<String>| {
            let missing = || {
                let path = path.join(" > ");
                Error::invalid(format!("line {line}: the category `{path}` is not in the first line"))
            };
            paths.get(path).copied().ok_or_else(missing)
        };
        Ok(ProductDraft {
            id: Some(ProductId(self.id)),
            categories: self.categories.iter().map(id).collect::<Result<_>>()?,
            key: self.key,
            name: self.name,
            description: self.description,
            brand: self.brand,
            price: self.price,
            sale: self.sale,
            stock: self.stock,
            availability: self.availability,
            photos: self.photos,
            link: self.link,
            codes: self.codes,
            attributes: self.attributes,
            tags: self.tags,
            popularity: self.popularity,
            translations: self.translations,
            updated_at: self.updated_at,
            variants: self.variants,
        })
    }
}
