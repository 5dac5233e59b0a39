//! Queries as builders: awaiting one runs it.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use vitrina_core::catalog::{Cursor, Filter, ListQuery, Page, Sort};
use vitrina_core::classify::Classification;
use vitrina_core::index::FacetChoice;
use vitrina_core::queue::NewTask;
use vitrina_core::search::{PhotoAnswer, PhotoSearch, SimilarProduct, TaskAnswer, WordAnswer, WordSearch};
use vitrina_core::{Error, Money, Product, ProductId, Result};

use crate::Shop;
use crate::runtime::off_thread;

type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// How many similar products are listed unless a limit is set.
const NEIGHBOURS: usize = 12;

/// How long a search by photo waits for a worker elsewhere unless a timeout is set.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A filter whose categories are named.
#[derive(Debug, Clone, Default)]
struct Wanted {
    categories: Vec<String>,
    filter: Filter,
}

impl Wanted {
    async fn resolve(self, shop: &Shop) -> Result<Filter> {
        let mut filter = self.filter;
        filter.categories.extend(shop.category_ids(&self.categories).await?);
        Ok(filter)
    }
}

/// The setters of every query that filters products.
macro_rules! filters {
    ($query:ident) => {
        impl $query<'_> {
            /// Keeps products of this category, by name (without case and accents) or ID; repeated, of any of them.
            pub fn category(mut self, name: impl Into<String>) -> Self {
                self.wanted.categories.push(name.into());
                self
            }

            /// Keeps products of this brand, without case; repeated, of any of them.
            pub fn brand(mut self, name: impl Into<String>) -> Self {
                self.wanted.filter.brands.push(name.into());
                self
            }

            /// Keeps products of this price or more.
            pub fn min_price(mut self, price: Money) -> Self {
                self.wanted.filter.min_price = Some(price);
                self
            }

            /// Keeps products of this price or less.
            pub fn max_price(mut self, price: Money) -> Self {
                self.wanted.filter.max_price = Some(price);
                self
            }

            /// Keeps products that can be bought now.
            pub fn in_stock(mut self) -> Self {
                self.wanted.filter.in_stock = true;
                self
            }

            /// Keeps products that have one of these values of an attribute, themselves or in a variant, without case.
            pub fn attribute<V: Into<String>>(
                mut self,
                name: impl Into<String>,
                values: impl IntoIterator<Item = V>,
            ) -> Self {
                let values = values.into_iter().map(Into::into).collect();
                self.wanted.filter.attributes.insert(name.into(), values);
                self
            }

            /// Sets the whole filter, in place of what was set before.
            pub fn filter(mut self, filter: Filter) -> Self {
                self.wanted = Wanted { categories: Vec::new(), filter };
                self
            }
        }
    };
}

/// The setters of every query that returns pages.
macro_rules! pages {
    ($query:ident, $answer:ident, $order:literal) => {
        impl $query<'_> {
            #[doc = concat!("Sets the order; default: ", $order, ".")]
            pub fn sort(mut self, sort: Sort) -> Self {
                self.page.sort = sort;
                self
            }

            /// Sets how many products are returned, 1 to 100; default: 24.
            pub fn limit(mut self, products: usize) -> Self {
                self.page.limit = products;
                self
            }

            #[doc = concat!("Goes on after the page whose [`next`](", stringify!($answer), "::next) this is.")]
            pub fn after(mut self, cursor: Cursor) -> Self {
                self.page.after = Some(cursor);
                self
            }
        }
    };
}

/// A search by words; see [`Shop::search`]. Awaiting it returns a [`WordAnswer`].
#[derive(Debug, Clone)]
#[must_use = "a search runs when it is awaited"]
pub struct Search<'a> {
    shop: &'a Shop,
    text: String,
    wanted: Wanted,
    /// The page, but for its filter and number.
    page: ListQuery,
    number: Option<usize>,
    facets: FacetChoice,
    explain: bool,
    ignore: Vec<String>,
}

filters!(Search);
pages!(Search, WordAnswer, "the best match first");

impl<'a> Search<'a> {
    pub(crate) fn new(shop: &'a Shop, text: String) -> Self {
        Self {
            shop,
            text,
            wanted: Wanted::default(),
            page: ListQuery::default(),
            number: None,
            facets: FacetChoice::None,
            explain: false,
            ignore: Vec::new(),
        }
    }

    /// Returns the page of this number, from 1 on, in place of [`after`](Self::after); it begins within the first 1,000
    /// products. A [`limit`](Self::limit) of 0 asks for the counts alone.
    pub fn page(mut self, number: usize) -> Self {
        self.number = Some(number);
        self
    }

    /// Counts the products by category, brand, price, stock and attributes.
    pub fn facets(mut self) -> Self {
        self.facets = FacetChoice::All;
        self
    }

    /// Counts the products by these facets alone: `category`, `brand`, `price`, or the name of an attribute.
    pub fn facets_named<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.facets = FacetChoice::Named(names.into_iter().map(Into::into).collect());
        self
    }

    /// Explains the scores of the first products, in [`WordAnswer::explanations`].
    pub fn explain(mut self) -> Self {
        self.explain = true;
        self
    }

    /// Searches for words that were understood as something else, by their token in [`WordAnswer::understood`].
    pub fn ignore(mut self, token: impl Into<String>) -> Self {
        self.ignore.push(token.into());
        self
    }
}

impl<'a> IntoFuture for Search<'a> {
    type Output = Result<WordAnswer>;
    type IntoFuture = Answering<'a, WordAnswer>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let list = self.page.filter(self.wanted.resolve(self.shop).await?);
            let Self { text, number: page, facets, explain, ignore, .. } = self;
            let search = WordSearch::default()
                .text(text)
                .list(list)
                .page(page)
                .facets(facets)
                .explain(explain)
                .ignore(ignore);
            let service = self.shop.service().clone();
            off_thread(async move { service.search_words(&search).await }).await
        })
    }
}

/// A search by photo; see [`Shop::search_photo`]. Awaiting it returns a [`PhotoAnswer`].
#[derive(Clone)]
#[must_use = "a search runs when it is awaited"]
pub struct SearchPhoto<'a> {
    shop: &'a Shop,
    photo: Vec<u8>,
    words: String,
    wanted: Wanted,
    limit: Option<usize>,
    timeout: Duration,
}

filters!(SearchPhoto);

impl<'a> SearchPhoto<'a> {
    pub(crate) fn new(shop: &'a Shop, photo: Vec<u8>) -> Self {
        let wanted = Wanted::default();
        Self { shop, photo, words: String::new(), wanted, limit: None, timeout: TIMEOUT }
    }

    /// Keeps products that these words find, too.
    pub fn words(mut self, text: impl Into<String>) -> Self {
        self.words = text.into();
        self
    }

    /// Returns at most this many products; default: 24, which is also the most.
    pub fn limit(mut self, products: usize) -> Self {
        self.limit = Some(products);
        self
    }

    /// Sets how long to wait for a worker, where photos are classified by workers elsewhere; default: 60 seconds.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.timeout = time;
        self
    }
}

impl<'a> IntoFuture for SearchPhoto<'a> {
    type Output = Result<PhotoAnswer>;
    type IntoFuture = Answering<'a, PhotoAnswer>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let filter = self.wanted.resolve(self.shop).await?;
            let search = PhotoSearch::default().text(self.words).filter(filter);
            let mut answer = match self.shop.classifier() {
                Ok(_) => {
                    let classification = self.shop.classify(self.photo).await?;
                    self.shop.products_like(classification, search).await?
                }
                Err(reason) => by_worker(self.shop, self.photo, &search, self.timeout, reason).await?,
            };
            answer.products.truncate(self.limit.unwrap_or(usize::MAX));
            Ok(answer)
        })
    }
}

/// Has a photo classified by a worker on the shop's queue.
async fn by_worker(
    shop: &Shop,
    photo: Vec<u8>,
    search: &PhotoSearch,
    timeout: Duration,
    reason: &str,
) -> Result<PhotoAnswer> {
    if !shop.has_workers() {
        return Err(Error::unavailable(reason));
    }
    let task = shop.service().submit_task(NewTask::from(photo)).await?;
    match shop.service().task(task, search, timeout).await? {
        TaskAnswer::Completed(answer) => Ok(answer),
        TaskAnswer::Failed(reason) => Err(Error::invalid(reason)),
        TaskAnswer::Pending { .. } => {
            let seconds = timeout.as_secs_f32();
            Err(Error::unavailable(format!(
                "no worker classified the photo within {seconds} s: start one, or wait longer"
            )))
        }
        TaskAnswer::Expired | TaskAnswer::Unknown => Err(Error::internal("the queue forgot the photo")),
    }
}

impl Shop {
    /// Classifies an encoded photo in this process.
    ///
    /// # Errors
    /// [`Unavailable`](vitrina_core::ErrorKind::Unavailable) without a classifier, saying what to do;
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a photo that cannot be used, with a
    /// [`PhotoError`](vitrina_core::classify::PhotoError) as its source; and those of the model.
    pub async fn classify(&self, photo: Vec<u8>) -> Result<Classification> {
        let mut seen = self.classify_all(vec![photo]).await?;
        let seen = seen.pop().ok_or_else(|| Error::internal("the classifier returned no result"))?;
        seen.map_err(|error| Error::invalid(error.to_string()).with_source(error))
    }

    /// Searches products for a photo that was classified already, here or elsewhere.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a wrong filter, and those of the catalogue and the index.
    pub async fn products_like(
        &self,
        classification: Classification,
        search: PhotoSearch,
    ) -> Result<PhotoAnswer> {
        let service = self.service().clone();
        off_thread(async move { service.products_like(&classification, &search).await }).await
    }
}

/// A list of visually similar products; see [`Shop::similar`].
#[derive(Debug, Clone)]
#[must_use = "a query runs when it is awaited"]
pub struct Similar<'a> {
    shop: &'a Shop,
    product: ProductId,
    wanted: Wanted,
    limit: usize,
}

filters!(Similar);

impl<'a> Similar<'a> {
    pub(crate) fn new(shop: &'a Shop, product: ProductId) -> Self {
        Self { shop, product, wanted: Wanted::default(), limit: NEIGHBOURS }
    }

    /// Sets how many products are returned, 1 to 100; default: 12.
    pub fn limit(mut self, products: usize) -> Self {
        self.limit = products;
        self
    }
}

impl<'a> IntoFuture for Similar<'a> {
    type Output = Result<Vec<SimilarProduct>>;
    type IntoFuture = Answering<'a, Vec<SimilarProduct>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let filter = self.wanted.resolve(self.shop).await?;
            let service = self.shop.service().clone();
            off_thread(async move { service.similar(self.product, &filter, self.limit).await }).await
        })
    }
}

/// A page of the catalogue; see [`Shop::list`].
#[derive(Debug, Clone)]
#[must_use = "a query runs when it is awaited"]
pub struct List<'a> {
    shop: &'a Shop,
    wanted: Wanted,
    /// The page, but for its filter.
    page: ListQuery,
}

filters!(List);
pages!(List, Page, "by ID");

impl<'a> List<'a> {
    pub(crate) fn new(shop: &'a Shop) -> Self {
        Self { shop, wanted: Wanted::default(), page: ListQuery::default() }
    }
}

impl<'a> IntoFuture for List<'a> {
    type Output = Result<Page<Product>>;
    type IntoFuture = Answering<'a, Page<Product>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let query = self.page.filter(self.wanted.resolve(self.shop).await?);
            self.shop.service().list(&query).await
        })
    }
}
