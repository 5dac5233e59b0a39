//! The trait of catalogues: the truth about what a shop sells.

use async_trait::async_trait;

use crate::{Category, CategoryId, Embedding, ListQuery, Page, Product, ProductDraft, ProductId, Result};

/// A place in the change feed: everything up to it has been seen. 0 is before the first change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FeedPosition(pub u64);

/// What became of one entry of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A category was made or renamed.
    Category(Category),
    /// A category is gone.
    CategoryDeleted(CategoryId),
    /// A product was made or changed, or its embedding or the name of its category was.
    Product {
        /// The product as it is now.
        product: Product,
        /// How its photo looks, once that is known.
        embedding: Option<Embedding>,
    },
    /// A product is gone.
    ProductDeleted(ProductId),
}

/// A stretch of the change feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// Where to go on from; unchanged when nothing is new.
    pub position: FeedPosition,
}

/// How a product's photo looks, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoEmbedding {
    /// The product.
    pub product: ProductId,
    /// The model that made it, as [`Classifier::model`](crate::Classifier::model) says.
    pub model: String,
    /// The vector.
    pub embedding: Embedding,
}

/// Categories, products, and how their photos look.
///
/// # Contract
///
/// - Every write is atomic: all of a batch is written, or nothing is and the error says why. A write that has returned is
///   seen by every read that starts later.
/// - Writes that clients repeat (upserts, deletes) may be repeated with the same outcome.
/// - Text is kept as it is given, in any script.
/// - A catalogue that cannot be reached answers [`Unavailable`](crate::ErrorKind::Unavailable) within seconds and recovers
///   by itself.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Answers whether the catalogue can be reached now; for readiness checks.
    async fn ping(&self) -> Result<()>;

    /// All categories, by number.
    async fn categories(&self) -> Result<Vec<Category>>;

    /// Makes categories or renames them.
    ///
    /// - A batch with an invalid category is refused with [`Invalid`](crate::ErrorKind::Invalid), and so is one that would
    ///   give two categories the same name.
    /// - Renaming a category brings its products anew in the change feed.
    async fn upsert_categories(&self, categories: &[Category]) -> Result<()>;

    /// Removes a category and answers whether it was there; its products stay, without a category.
    async fn delete_category(&self, id: CategoryId) -> Result<bool>;

    /// The products of these numbers, in the order of the numbers; those that do not exist are left out.
    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>>;

    /// A page of the products that pass the filter.
    ///
    /// - [`Sort::Relevance`](crate::Sort::Relevance) orders by number; ties of every order are broken by number, ascending,
    ///   in [`Sort::Newest`](crate::Sort::Newest) descending. Names are ordered without case.
    /// - Following `next` to its end gives every product that was there all the time exactly once, whatever is written
    ///   meanwhile.
    /// - An invalid query is refused as [`ListQuery::validate`] says.
    async fn list(&self, query: &ListQuery) -> Result<Page<Product>>;

    /// How many products there are.
    async fn count(&self) -> Result<u64>;

    /// Writes products and answers their numbers, in order.
    ///
    /// - A draft with a number replaces that product whole, or makes it; one without takes a new number, higher than all
    ///   that were ever given by this catalogue.
    /// - A batch with an invalid draft, or one that names a category that does not exist, is refused with
    ///   [`Invalid`](crate::ErrorKind::Invalid), naming the product.
    /// - A product that is replaced keeps its embedding while its photo stays the same, and loses it with the photo.
    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>>;

    /// Removes products with their embeddings and answers how many were there.
    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64>;

    /// Stores how products' photos look, each replacing what was there.
    ///
    /// - Products that do not exist (any more) are passed over.
    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()>;

    /// Products that have a photo but no embedding of this model, by number, at most `limit`, of numbers above `after`.
    async fn without_embedding(&self, model: &str, after: ProductId, limit: usize) -> Result<Vec<Product>>;

    /// The change feed: what changed after `since`, at most `limit` entries, 1 at least.
    ///
    /// - Starting at 0 and following `position` gives the whole catalogue, then whatever changes.
    /// - No change is missed, whoever writes at the same time; a change may come more than once.
    /// - Of an entry that changed several times only the last state comes, at the place of its last change.
    /// - Categories come before products of theirs unless the product changed first and the category later.
    /// - A write by another program directly in the database shows up like one of ours where the database can tell.
    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes>;
}
