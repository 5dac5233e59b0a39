//! A catalogue in a JSON file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use vitrina::core::catalog::{
    Change, Changes, FeedPosition, ListQuery, Once, Page, PhotoEmbedding, ProductPhoto, RequestKey,
};
use vitrina::core::classify::{Embedding, EmbeddingSpace, PhotoSum};
use vitrina::core::memory::MemoryCatalog;
use vitrina::core::product::{CategoryContents, ProductDraft};
use vitrina::core::{Catalog, Category, CategoryId, Money, Product, ProductId};
use vitrina::{Error, Result};

/// How many entries of the change feed are read at a time.
const BATCH: usize = 1000;

/// A [`Catalog`] in memory that writes all of it to a file after every write.
pub struct JsonCatalog {
    memory: MemoryCatalog,
    file: PathBuf,
    /// Held while the file is written.
    writing: Mutex<()>,
}

/// The file's content.
#[derive(Default, Serialize, Deserialize)]
struct Snapshot {
    /// The highest ID of a product that was ever given.
    highest: i64,
    categories: Vec<CategoryEntry>,
    products: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct CategoryEntry {
    id: i64,
    name: String,
    parent: Option<i64>,
    translations: BTreeMap<String, String>,
}

/// What a simple shop knows of a product: variants, attributes and codes are left out of this example.
#[derive(Serialize, Deserialize)]
struct Entry {
    id: i64,
    key: Option<String>,
    name: String,
    description: String,
    brand: Option<String>,
    /// In minor units.
    price: i64,
    categories: Vec<i64>,
    stock: Option<u32>,
    photos: Vec<String>,
    /// The photo's key, the embedding space and the numbers.
    embeddings: Vec<(String, String, Vec<f32>)>,
}

impl JsonCatalog {
    /// Opens the catalogue of a file; a file that does not exist is an empty catalogue.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina::ErrorKind::Unavailable) for a file that cannot be read, and
    /// [`Invalid`](vitrina::ErrorKind::Invalid) for one that is no catalogue.
    pub async fn open(file: impl AsRef<Path>) -> Result<Self> {
        let file = file.as_ref().to_path_buf();
        let shown = file.display().to_string();
        let snapshot = match tokio::fs::read(&file).await {
            Ok(content) => serde_json::from_slice(&content)
                .map_err(|error| Error::invalid(format!("{shown} is no catalogue")).with_source(error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Snapshot::default(),
            Err(error) => {
                return Err(Error::unavailable(format!("{shown} cannot be read")).with_source(error));
            }
        };
        let memory = MemoryCatalog::new();
        snapshot.restore(&memory).await?;
        Ok(Self { memory, file, writing: Mutex::new(()) })
    }

    /// Writes the file anew; readers see the old one or the new one.
    async fn save(&self) -> Result<()> {
        let _writing = self.writing.lock().await;
        let content = serde_json::to_vec(&Snapshot::of(&self.memory).await?);
        let content = content.map_err(|error| Error::internal("no JSON").with_source(error))?;
        let unwritable = |error| Error::unavailable("the catalogue cannot be written").with_source(error);
        let part = self.file.with_extension("part");
        tokio::fs::write(&part, content).await.map_err(unwritable)?;
        tokio::fs::rename(&part, &self.file).await.map_err(unwritable)
    }

    async fn saved<T>(&self, written: Result<T>) -> Result<T> {
        let written = written?;
        self.save().await?;
        Ok(written)
    }
}

impl Snapshot {
    /// Reads the whole catalogue from the change feed.
    async fn of(catalog: &MemoryCatalog) -> Result<Self> {
        let (mut snapshot, mut since) = (Self::default(), FeedPosition::default());
        loop {
            let Changes { changes, position } = catalog.changes(since, BATCH).await?;
            if changes.is_empty() && position == since {
                return Ok(snapshot);
            }
            since = position;
            for change in changes {
                match change {
                    Change::Category(category) => snapshot.categories.push(CategoryEntry::new(category)),
                    Change::Product { product, embeddings } => {
                        snapshot.highest = snapshot.highest.max(product.id.0);
                        snapshot.products.push(Entry::new(product, &embeddings));
                    }
                    Change::ProductDeleted(id) => snapshot.highest = snapshot.highest.max(id.0),
                    Change::CategoryDeleted(_) => {}
                }
            }
        }
    }

    async fn restore(self, catalog: &MemoryCatalog) -> Result<()> {
        let categories: Vec<_> = self.categories.into_iter().map(CategoryEntry::into_category).collect();
        catalog.upsert_categories(&categories).await?;
        if self.highest > 0 {
            // No ID is given twice, also where the last product was deleted.
            let last = ProductDraft {
                id: Some(ProductId(self.highest)),
                name: "deleted".into(),
                ..ProductDraft::default()
            };
            catalog.upsert_products(&[last]).await?;
            catalog.delete_products(&[ProductId(self.highest)]).await?;
        }
        for entry in self.products {
            let (draft, embeddings) = entry.into_draft()?;
            catalog.upsert_products(&[draft]).await?;
            catalog.put_embeddings(&embeddings).await?;
        }
        Ok(())
    }
}

impl CategoryEntry {
    fn new(category: Category) -> Self {
        let Category { id, name, parent, translations } = category;
        Self { id: id.0, name, parent: parent.map(|parent| parent.0), translations }
    }

    fn into_category(self) -> Category {
        let Self { id, name, parent, translations } = self;
        Category { id: CategoryId(id), name, parent: parent.map(CategoryId), translations }
    }
}

impl Entry {
    fn new(product: Product, embeddings: &[PhotoEmbedding]) -> Self {
        let numbers = |PhotoEmbedding { photo, embedding, .. }: &PhotoEmbedding| {
            (photo.to_string(), embedding.space().to_string(), embedding.as_slice().to_vec())
        };
        let categories = product.categories.iter().map(|path| path.category().id.0).collect();
        Self {
            id: product.id.0,
            key: product.key,
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price.minor(),
            categories,
            stock: product.stock,
            photos: product.photos,
            embeddings: embeddings.iter().map(numbers).collect(),
        }
    }

    fn into_draft(self) -> Result<(ProductDraft, Vec<PhotoEmbedding>)> {
        let product = ProductId(self.id);
        let embedding = |(photo, space, numbers): (String, String, Vec<f32>)| {
            let embedding = Embedding::new(numbers)?.in_space(EmbeddingSpace::new(space)?);
            Ok(PhotoEmbedding { product, photo: photo.parse()?, embedding })
        };
        let embeddings = self.embeddings.into_iter().map(embedding).collect::<Result<_>>()?;
        let draft = ProductDraft {
            id: Some(product),
            name: self.name,
            description: self.description,
            brand: self.brand,
            price: Money::from_minor(self.price),
            categories: self.categories.into_iter().map(CategoryId).collect(),
            stock: self.stock,
            photos: self.photos,
            key: self.key,
            ..ProductDraft::default()
        };
        Ok((draft, embeddings))
    }
}

#[async_trait]
impl Catalog for JsonCatalog {
    async fn ping(&self) -> Result<()> {
        self.memory.ping().await
    }

    async fn categories(&self) -> Result<Vec<Category>> {
        self.memory.categories().await
    }

    async fn upsert_categories(&self, categories: &[Category]) -> Result<()> {
        self.saved(self.memory.upsert_categories(categories).await).await
    }

    async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<bool> {
        self.saved(self.memory.delete_category(id, contents).await).await
    }

    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>> {
        self.memory.products(ids).await
    }

    async fn products_by_key(&self, keys: &[String]) -> Result<Vec<Product>> {
        self.memory.products_by_key(keys).await
    }

    async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        self.memory.list(query).await
    }

    async fn count(&self) -> Result<u64> {
        self.memory.count().await
    }

    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        self.saved(self.memory.upsert_products(drafts).await).await
    }

    /// Which requests were carried out is not in the file: this example forgets it when it is closed.
    async fn upsert_products_once(&self, drafts: &[ProductDraft], request: &RequestKey) -> Result<Once> {
        self.saved(self.memory.upsert_products_once(drafts, request).await).await
    }

    async fn recorded_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        self.memory.recorded_request(request).await
    }

    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64> {
        self.saved(self.memory.delete_products(ids).await).await
    }

    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()> {
        self.saved(self.memory.put_embeddings(embeddings).await).await
    }

    async fn without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>> {
        self.memory.without_embedding(space, after, limit).await
    }

    async fn count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64> {
        self.memory.count_without_embedding(space).await
    }

    async fn remove_superseded_embeddings(&self, space: &EmbeddingSpace, limit: usize) -> Result<u64> {
        self.saved(self.memory.remove_superseded_embeddings(space, limit).await).await
    }

    async fn query_photos(&self, space: &EmbeddingSpace) -> Result<Option<PhotoSum>> {
        self.memory.query_photos(space).await
    }

    async fn add_query_photos(&self, added: &PhotoSum) -> Result<()> {
        self.memory.add_query_photos(added).await
    }

    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes> {
        self.memory.changes(since, limit).await
    }
}
