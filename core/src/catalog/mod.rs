//! The trait of catalogues, the truth about what a shop sells; filters, pages and the change feed.

mod listing;
mod once;

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;

use crate::classify::{Embedding, EmbeddingSpace, PhotoSum};
use crate::photo::PhotoKey;
use crate::product::{CategoryContents, OfferChange, ProductDraft, ProductRef};
use crate::{Category, CategoryId, Error, Product, ProductId, Result};

pub use listing::{Cursor, CursorKey, DEFAULT_LIMIT, Filter, ListQuery, MAX_LIMIT, Page, Sort};
pub use once::{Once, RequestKey};

/// A place in the change feed: everything up to it has been seen. 0 is before the first change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FeedPosition(pub u64);

/// What became of one entry of the catalogue.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant)] // Almost every change is a product's.
pub enum Change {
    /// A category was created, renamed or moved.
    Category(Category),
    /// A category is gone.
    CategoryDeleted(CategoryId),
    /// A product was created or changed, or an embedding of it, or one of its categories or of those above them.
    Product {
        /// The product as it is now.
        product: Product,
        /// The embeddings of its stored photos, in the order of the photos; those of one photo by space.
        embeddings: Vec<PhotoEmbedding>,
    },
    /// A product is gone.
    ProductDeleted(ProductId),
}

impl Change {
    /// Creates the change of a product with those of the embeddings that are of its photos, in their order.
    pub fn of_product(product: Product, embeddings: Vec<PhotoEmbedding>) -> Self {
        let keys = product.photo_keys();
        let places: HashMap<_, _> = keys.iter().zip(0_usize..).collect();
        let mut placed: Vec<_> =
            embeddings.into_iter().filter_map(|stored| Some((*places.get(&stored.photo)?, stored))).collect();
        placed.sort_by(|(a, one), (b, other)| {
            a.cmp(b).then_with(|| one.embedding.space().cmp(other.embedding.space()))
        });
        Self::Product { product, embeddings: placed.into_iter().map(|(_, stored)| stored).collect() }
    }
}

/// A batch of the change feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// What changed, in order.
    pub changes: Vec<Change>,
    /// Where to go on from; unchanged when nothing is new.
    pub position: FeedPosition,
}

/// A stored photo of a product: the main one, a further one, or that of a variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductPhoto {
    /// The product.
    pub product: ProductId,
    /// The photo's key in the photo store.
    pub photo: PhotoKey,
}

/// The embedding of a product's photo, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoEmbedding {
    /// The product.
    pub product: ProductId,
    /// The photo's key in the photo store.
    pub photo: PhotoKey,
    /// The embedding, in its space.
    pub embedding: Embedding,
}

/// What becomes of one product: it gets the product as it is, `None` where there is none, and returns what it is to be, or
/// `None` where there is to be none. It may be called several times for one write.
pub type ModifyProduct<'a> = dyn Fn(Option<Product>) -> Result<Option<ProductDraft>> + Send + Sync + 'a;

/// The products of a batch of changes on their way: what an implementation of [`Catalog::change_offers`] works with.
#[derive(Debug, Default)]
pub struct Offers {
    ids: Vec<Option<ProductId>>,
    /// The products as they were and as they are to be.
    products: BTreeMap<ProductId, (ProductDraft, ProductDraft)>,
}

impl Offers {
    /// Takes the next change of the batch, with the product that it names as the catalogue has it.
    ///
    /// # Errors
    /// What [`OfferChange::apply`] refuses, naming the product.
    pub fn change(
        &mut self,
        which: &ProductRef,
        change: &OfferChange,
        known: Option<ProductDraft>,
    ) -> Result<()> {
        let id = known.as_ref().and_then(|known| known.id);
        self.ids.push(id);
        let (Some(id), Some(known)) = (id, known) else { return Ok(()) };
        let (_, wanted) = self.products.entry(id).or_insert_with(|| (known.clone(), known));
        let refused = |error: Error| Error::invalid(format!("product {which}: {error}"));
        change.apply(wanted).map_err(refused)
    }

    /// Returns the IDs of the changes' products, in the order of the changes, and the products that differ from what they
    /// were: each as it was and as it is to be, by ID.
    pub fn finish(self) -> (Vec<Option<ProductId>>, Vec<(ProductDraft, ProductDraft)>) {
        let changed = self.products.into_values().filter(|(known, wanted)| known != wanted);
        (self.ids, changed.collect())
    }
}

/// Categories, products, and the embeddings of their photos.
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

    /// Releases files and connections, and returns once that is done; whatever is asked for afterwards may fail.
    ///
    /// The default does nothing, for catalogues that hold none.
    async fn close(&self) -> Result<()> {
        Ok(())
    }

    /// A name that no other catalogue has and that stays the same as long as this one lives, so that an index on disk is known
    /// to be of it.
    ///
    /// - A copy that goes on by itself, such as a backup, should have a name of its own.
    /// - A catalogue that does not know one returns `None`, as the default does: indexes are built anew at each start.
    async fn identity(&self) -> Result<Option<String>> {
        Ok(None)
    }

    /// All categories, by number.
    async fn categories(&self) -> Result<Vec<Category>>;

    /// Creates categories, renames them, or moves them below another parent.
    ///
    /// - A batch that [`CategoryTree::with`](crate::product::CategoryTree::with) refuses changes nothing. Categories of a batch may
    ///   be parents of each other, in any order.
    /// - Changing a category brings its products anew in the change feed, and those of all categories below it.
    async fn upsert_categories(&self, categories: &[Category]) -> Result<()>;

    /// Removes a category and returns whether it was there.
    ///
    /// - With [`Refuse`](CategoryContents::Refuse) one that has products or categories in it stays, with
    ///   [`Conflict`](crate::ErrorKind::Conflict).
    /// - With [`Release`](CategoryContents::Release) its products stay, without it; their next category, if any, becomes the
    ///   main one.
    /// - With [`MoveTo`](CategoryContents::MoveTo) its products get the other category in its place, each once.
    /// - The categories below it move as [`CategoryTree::without`](crate::product::CategoryTree::without) says, and what that refuses
    ///   is refused here.
    async fn delete_category(&self, id: CategoryId, contents: CategoryContents) -> Result<bool>;

    /// The products of these numbers, in the order of the numbers; those that do not exist are left out.
    async fn products(&self, ids: &[ProductId]) -> Result<Vec<Product>>;

    /// The products of these keys, in the order of the keys; those that do not exist are left out.
    async fn products_by_key(&self, keys: &[String]) -> Result<Vec<Product>>;

    /// A page of the products that pass the filter.
    ///
    /// - [`Sort::Relevance`] orders by number; ties of every order are broken by number, ascending,
    ///   in [`Sort::Newest`] descending. Names are ordered without case.
    /// - Following `next` to its end gives every product that was there all the time exactly once, whatever is written
    ///   meanwhile.
    /// - An invalid query is refused as [`ListQuery::validate`] says. A catalogue may also refuse a filter by attributes:
    ///   these are the index's.
    async fn list(&self, query: &ListQuery) -> Result<Page<Product>>;

    /// How many products there are.
    async fn count(&self) -> Result<u64>;

    /// Writes products and answers their numbers, in order.
    ///
    /// - A draft with an ID replaces that product whole, or creates it. One without an ID whose key a product has replaces
    ///   that product. Any other takes a new ID, higher than all that were ever given by this catalogue.
    /// - Of several drafts for one product the last counts.
    /// - A batch with an invalid draft, or one that names a category that does not exist, or an ID together with the key of
    ///   another product, is refused with [`Invalid`](crate::ErrorKind::Invalid), naming the product.
    /// - A product that is replaced keeps the embeddings of the photos that it still has, and loses the others.
    async fn upsert_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>>;

    /// Writes products as [`upsert_products`](Self::upsert_products) does, once a request: however often it is repeated, also at
    /// the same time and by several programs, the products are written by one of the calls.
    ///
    /// - The products and the record of the request, with their IDs, are written atomically. Without drafts the request alone
    ///   is recorded.
    /// - A request that is recorded with the same fingerprint writes nothing and returns the recorded IDs; one with another
    ///   fingerprint is refused as [`RequestKey::check`] says. What is refused or fails is not recorded.
    /// - Requests are forgotten after [`RequestKey::LIFETIME`], and the oldest of a scope beyond [`RequestKey::MOST`].
    /// - While the first call writes, others wait for it.
    async fn upsert_products_once(&self, drafts: &[ProductDraft], request: &RequestKey) -> Result<Once>;

    /// Returns the IDs that a request wrote that was recorded by [`upsert_products_once`](Self::upsert_products_once), `None`
    /// where none was; one with another fingerprint is refused as [`RequestKey::check`] says.
    async fn recorded_request(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>>;

    /// Changes one product by what it is, and returns its ID; `None` where there is no product afterwards.
    ///
    /// - The product does not change between the call of `modify` and the write. The default reads first and writes then:
    ///   catalogues that several programs write replace it.
    /// - A product that exists keeps its ID, whatever the draft says. A new one is written as
    ///   [`upsert_products`](Self::upsert_products) says, and what that refuses is refused here.
    /// - What `modify` refuses is refused with its error, and nothing is written.
    async fn modify_product(
        &self,
        which: &ProductRef,
        modify: &ModifyProduct<'_>,
    ) -> Result<Option<ProductId>> {
        let known = match which {
            ProductRef::Id(id) => self.products(&[*id]).await?,
            ProductRef::Key(key) => self.products_by_key(std::slice::from_ref(key)).await?,
        };
        let known = known.into_iter().next();
        let id = known.as_ref().map(|product| product.id);
        match (modify(known)?, id) {
            (Some(draft), _) => {
                let draft = ProductDraft { id: id.or(draft.id), ..draft };
                Ok(self.upsert_products(&[draft]).await?.first().copied())
            }
            (None, Some(id)) => self.delete_products(&[id]).await.map(|_| None),
            (None, None) => Ok(None),
        }
    }

    /// Changes prices, sales and stock of products, and returns their IDs, in order; `None` for one that does not exist,
    /// which is passed over.
    ///
    /// - Everything else of the products stays, embeddings included. Of several changes of one product each counts, in their
    ///   order.
    /// - A change that [`OfferChange::apply`] refuses refuses the batch with [`Invalid`](crate::ErrorKind::Invalid), naming
    ///   the product.
    /// - A product that is as the change wants it already does not come anew in the change feed.
    /// - The default reads first and writes then: catalogues that several programs write replace it.
    async fn change_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<Vec<Option<ProductId>>> {
        let mut offers = Offers::default();
        for (which, change) in changes {
            let known = match which {
                ProductRef::Id(id) => self.products(&[*id]).await?,
                ProductRef::Key(key) => self.products_by_key(std::slice::from_ref(key)).await?,
            };
            offers.change(which, change, known.into_iter().next().map(ProductDraft::from))?;
        }
        let (ids, changed) = offers.finish();
        let changed: Vec<_> = changed.into_iter().map(|(_, wanted)| wanted).collect();
        self.upsert_products(&changed).await?;
        Ok(ids)
    }

    /// Removes products with their embeddings and answers how many were there.
    async fn delete_products(&self, ids: &[ProductId]) -> Result<u64>;

    /// Stores embeddings of products' photos, each replacing that of the same product, photo and space.
    ///
    /// - Products that do not exist (any more) are passed over, and photos that their product does not have (any more).
    async fn put_embeddings(&self, embeddings: &[PhotoEmbedding]) -> Result<()>;

    /// Stored photos of products without an embedding of this space, by product and key, at most `limit`: those after `after`,
    /// or the first. Photos at URLs are not among them.
    async fn without_embedding(
        &self,
        space: &EmbeddingSpace,
        after: Option<&ProductPhoto>,
        limit: usize,
    ) -> Result<Vec<ProductPhoto>>;

    /// How many stored photos of products have no embedding of this space.
    async fn count_without_embedding(&self, space: &EmbeddingSpace) -> Result<u64>;

    /// Removes embeddings of other spaces from photos that have one of `space`, at most `limit` of them; returns how
    /// many there were. Photos without one of `space` keep what they have.
    async fn remove_superseded_embeddings(&self, space: &EmbeddingSpace, limit: usize) -> Result<u64>;

    /// The sum of customers' photos of this space, as [`add_query_photos`](Self::add_query_photos) stored it.
    ///
    /// - A catalogue that does not store it returns `None`, as the default does; every server then knows its own.
    async fn query_photos(&self, space: &EmbeddingSpace) -> Result<Option<PhotoSum>> {
        let _ = space;
        Ok(None)
    }

    /// Adds to the sum of customers' photos, as [`PhotoSum::merge`] does; nothing of what others add is lost.
    async fn add_query_photos(&self, added: &PhotoSum) -> Result<()> {
        let _ = added;
        Ok(())
    }

    /// The change feed: what changed after `since`, at most `limit` entries, 1 at least.
    ///
    /// - Starting at 0 and following `position` gives the whole catalogue, then whatever changes.
    /// - No change is missed, whoever writes at the same time; a change may come more than once.
    /// - Of an entry that changed several times only the last state comes, at the place of its last change.
    /// - Categories come before products of theirs unless the product changed first and the category later.
    /// - A write by another program directly in the database shows up like one of ours where the database can tell.
    async fn changes(&self, since: FeedPosition, limit: usize) -> Result<Changes>;
}
