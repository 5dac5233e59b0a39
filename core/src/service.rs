//! The one place with the rules: words to categories and products, photos to tasks, outcomes to products.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::text::stretches;
use crate::{
    Catalog, Categorizer, Category, CategoryId, CategoryScore, Cursor, Error, Facets, Filter, Hit, ListQuery,
    MAX_LIMIT, Outcome, Page, Product, ProductId, Recognition, Result, SearchIndex, Sort, Stage, TaskId,
    TaskQueue, TaskState, TextQuery, Vocabulary, catch_up,
};

/// How many predicted categories are considered at most: the course's inference service returns three.
const CONSIDERED: usize = 3;

/// A category is answered without being named when at least this share of the best products is of it.
const STANDS_OUT: f32 = 0.2;

/// How many categories are proposed when nothing was found.
const INSTEAD: usize = 6;

/// What a [`SearchService`] may be told.
#[derive(Debug, Clone)]
pub struct SearchOptions {
    /// A predicted category is kept when its score is above this, 0 to 1.
    pub confidence_threshold: f32,
    /// The words and labels by which categories are known.
    pub vocabulary: Vocabulary,
    /// How many products an answer to a photo holds.
    pub photo_limit: usize,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self { confidence_threshold: 0.1, vocabulary: Vocabulary::empty(), photo_limit: 24 }
    }
}

/// What a customer typed, and how to answer it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordSearch {
    /// The words; empty lists all products.
    pub text: String,
    /// Which products, in what order, how many.
    pub list: ListQuery,
    /// Whether to count facets.
    pub facets: bool,
}

/// Where the words of a query are in a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlights {
    /// The bytes of its name that they are found in, in order.
    pub name: Vec<Range<usize>>,
    /// The bytes of its description that they are found in, in order.
    pub description: Vec<Range<usize>>,
}

/// How a half-typed query may go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suggested {
    /// Whole queries that find something.
    pub queries: Vec<String>,
    /// Categories that are named so.
    pub categories: Vec<Category>,
    /// Products that have the words so far.
    pub products: Vec<Product>,
}

/// The answer to words.
#[derive(Debug, Clone, PartialEq)]
pub struct WordAnswer {
    /// Every category whose keywords appear, the one with most matches first; where no keyword appears, the predicted
    /// ones that stand out.
    pub categories: Vec<Category>,
    /// The categories that the words point to, the likeliest first: by their keywords and by the best products. Told with
    /// the first page in the order of relevance.
    pub predicted: Vec<Prediction>,
    /// A page of products, the best first unless sorted otherwise.
    pub products: Vec<Product>,
    /// Where the words are in each of the products, in the same order.
    pub highlights: Vec<Highlights>,
    /// How many products there are on all pages together: just so many, or at least.
    pub total: usize,
    /// Whether there may be more than `total`.
    pub at_least: bool,
    /// Where the next page begins.
    pub next: Option<Cursor>,
    /// The counts for narrowing down, where they were asked for.
    pub facets: Option<Facets>,
    /// The query with its misspelt words put right.
    pub did_you_mean: Option<String>,
    /// Where to look instead when there is no product: the categories with most products.
    pub instead: Vec<Category>,
}

/// A category that a photo shows or that words point to.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The category.
    pub category: Category,
    /// How likely, 0 to 1.
    pub score: f32,
}

/// A product for a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarProduct {
    /// The product.
    pub product: Product,
    /// How alike the photos look, -1 to 1; `None` where the product has no photo to compare.
    pub similarity: Option<f32>,
}

/// The answer to a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoAnswer {
    /// The predicted categories above the threshold, the likeliest first, three at most.
    pub predictions: Vec<Prediction>,
    /// Products of these categories, the most similar first, those without a photo last.
    pub products: Vec<SimilarProduct>,
}

/// What a task has come to.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskAnswer {
    /// Not ended yet: it waits for a worker, or one has started with it.
    Pending {
        /// Whether a worker has it.
        started: bool,
    },
    /// Its products.
    Completed(PhotoAnswer),
    /// The photo could not be used; the reason is safe to show.
    Failed(String),
    /// Its result was kept as long as promised.
    Expired,
    /// There never was such a task.
    Unknown,
}

/// A shop that can be searched: a catalogue, an index that follows it, a queue of photos.
///
/// See the [crate's first page](crate) for an example. Handlers of every door parse, call this, and map the answer.
pub struct SearchService {
    catalog: Arc<dyn Catalog>,
    index: Arc<dyn SearchIndex>,
    queue: Arc<dyn TaskQueue>,
    options: SearchOptions,
    categorizer: RwLock<Arc<Categorizer>>,
}

impl SearchService {
    /// A service over these parts; call [`refresh`](Self::refresh) before the first search and regularly after it.
    pub fn new(
        catalog: Arc<dyn Catalog>,
        index: Arc<dyn SearchIndex>,
        queue: Arc<dyn TaskQueue>,
        options: SearchOptions,
    ) -> Self {
        let categorizer = RwLock::new(Arc::new(Categorizer::new(&[], &options.vocabulary)));
        Self { catalog, index, queue, options, categorizer }
    }

    /// The catalogue, for those that write to it.
    pub fn catalog(&self) -> &Arc<dyn Catalog> {
        &self.catalog
    }

    /// The search index.
    pub fn index(&self) -> &Arc<dyn SearchIndex> {
        &self.index
    }

    /// The queue, for workers and the webhook.
    pub fn queue(&self) -> &Arc<dyn TaskQueue> {
        &self.queue
    }

    /// Takes over what changed in the catalogue; answers how many changes there were.
    ///
    /// # Errors
    /// Those of the catalogue and the index; searches go on with what is known.
    pub async fn refresh(&self) -> Result<usize> {
        let taken = catch_up(&*self.catalog, &*self.index).await?;
        if taken > 0 {
            let categories = self.catalog.categories().await?;
            let fresh = Arc::new(Categorizer::new(&categories, &self.options.vocabulary));
            *self.categorizer.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        Ok(taken)
    }

    /// All categories, by number.
    ///
    /// # Errors
    /// Those of the catalogue.
    pub async fn categories(&self) -> Result<Vec<Category>> {
        self.catalog.categories().await
    }

    /// A page of the catalogue.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong query, and those of the catalogue.
    pub async fn list(&self, query: &ListQuery) -> Result<Page<Product>> {
        query.validate()?;
        self.catalog.list(query).await
    }

    /// One product.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue.
    pub async fn product(&self, id: ProductId) -> Result<Product> {
        let found = self.catalog.products(&[id]).await?.pop();
        found.ok_or_else(|| Error::not_found(format!("there is no product {}", id.0)))
    }

    /// Products by words.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, cursor or sort, and those of the catalogue and the index.
    pub async fn search_words(&self, search: &WordSearch) -> Result<WordAnswer> {
        let list = &search.list;
        list.validate()?;
        let categorizer = self.categorizer();
        let meant = categorizer.of_words(&search.text);
        let query = TextQuery {
            text: search.text.clone(),
            meant: meant.iter().map(|score| score.category).collect(),
            filter: list.filter.clone(),
            sort: list.sort,
            limit: list.limit,
            after: list.after.clone(),
            facets: search.facets,
        };
        let found = self.index.text(&query).await?;
        let predicted = predicted(&categorizer, &meant, &found.categories);
        let mut categories: Vec<_> =
            query.meant.iter().filter_map(|id| categorizer.category(*id).cloned()).collect();
        if categories.is_empty() {
            let standing_out = predicted.iter().take(CONSIDERED).filter(|said| said.score >= STANDS_OUT);
            categories.extend(standing_out.map(|said| said.category.clone()));
        }
        let instead = match found.hits.is_empty() && list.after.is_none() {
            true => self.fullest(&categorizer).await?,
            false => Vec::new(),
        };
        let ids: Vec<_> = found.hits.iter().map(|hit| hit.product).collect();
        let known: BTreeSet<_> = found.matched.into_iter().collect();
        let products = self.catalog.products(&ids).await?;
        let highlights = products.iter().map(|product| Highlights {
            name: stretches(&product.name, &known),
            description: stretches(&product.description, &known),
        });
        Ok(WordAnswer {
            categories,
            predicted,
            highlights: highlights.collect(),
            products,
            total: found.total,
            at_least: found.at_least,
            next: found.next,
            facets: found.facets,
            did_you_mean: found.did_you_mean,
            instead,
        })
    }

    /// How a half-typed query may go on: at most `limit` of each kind.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, and those of the catalogue and the index.
    pub async fn suggest(&self, text: &str, limit: usize) -> Result<Suggested> {
        ListQuery { limit, ..ListQuery::default() }.validate()?;
        let found = self.index.suggest(text, limit).await?;
        let products = self.catalog.products(&found.products).await?;
        let mut categories = self.categorizer().named_like(text);
        categories.truncate(limit);
        Ok(Suggested { queries: found.queries, categories, products })
    }

    /// The categories with most products.
    async fn fullest(&self, categorizer: &Categorizer) -> Result<Vec<Category>> {
        let everything = TextQuery { limit: 1, facets: true, ..TextQuery::default() };
        let facets = self.index.text(&everything).await?.facets.unwrap_or_default();
        let known = facets.categories.iter().filter_map(|(id, _)| categorizer.category(*id).cloned());
        Ok(known.take(INSTEAD).collect())
    }

    /// Takes a photo in, to be recognised by a worker.
    ///
    /// # Errors
    /// Those of [`TaskQueue::submit`].
    pub async fn submit_photo(&self, photo: Vec<u8>) -> Result<TaskId> {
        self.queue.submit(photo).await
    }

    /// What a task has come to, at the latest after `wait`.
    ///
    /// # Errors
    /// Those of the queue, and of the catalogue and index once the photo is recognised.
    pub async fn task(&self, task: TaskId, wait: Duration) -> Result<TaskAnswer> {
        Ok(match self.queue.wait(task, Stage::Ended, wait).await? {
            TaskState::Queued => TaskAnswer::Pending { started: false },
            TaskState::Started => TaskAnswer::Pending { started: true },
            TaskState::Ended(Outcome::Failed(reason)) => TaskAnswer::Failed(reason),
            TaskState::Ended(Outcome::Recognized(recognition)) => {
                TaskAnswer::Completed(self.products_like(&recognition).await?)
            }
            TaskState::Expired => TaskAnswer::Expired,
            TaskState::Unknown => TaskAnswer::Unknown,
        })
    }

    /// The products for a recognised photo, wherever it was recognised.
    ///
    /// # Errors
    /// Those of the catalogue and the index.
    pub async fn products_like(&self, recognition: &Recognition) -> Result<PhotoAnswer> {
        let predictions = self.predictions(recognition);
        if predictions.is_empty() {
            return Ok(PhotoAnswer { predictions, products: Vec::new() });
        }
        let limit = self.options.photo_limit.clamp(1, MAX_LIMIT);
        let categories = predictions.iter().map(|prediction| prediction.category.id).collect();
        let filter = Filter { categories, ..Filter::default() };
        let hits = match &recognition.embedding {
            Some(embedding) => self.index.similar(embedding, &filter, limit).await?,
            None => Vec::new(),
        };
        let mut products = self.with_details(&hits).await?;
        for prediction in &predictions {
            if products.len() >= limit {
                break;
            }
            let filter = Filter { categories: vec![prediction.category.id], ..Filter::default() };
            let page =
                self.catalog.list(&ListQuery { filter, limit: MAX_LIMIT, ..ListQuery::default() }).await?;
            let unseen =
                page.items.into_iter().filter(|product| !hits.iter().any(|hit| hit.product == product.id));
            let room = limit - products.len();
            products.extend(unseen.take(room).map(|product| SimilarProduct { product, similarity: None }));
        }
        Ok(PhotoAnswer { predictions, products })
    }

    /// The products that look most like this one, itself left out; none where it has no photo.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue and the index.
    pub async fn similar(&self, id: ProductId, limit: usize) -> Result<Vec<SimilarProduct>> {
        ListQuery { limit, sort: Sort::Relevance, ..ListQuery::default() }.validate()?;
        let Some(embedding) = self.index.embedding(id).await? else {
            return self.product(id).await.map(|_| Vec::new());
        };
        let mut hits = self.index.similar(&embedding, &Filter::default(), limit + 1).await?;
        hits.retain(|hit| hit.product != id);
        hits.truncate(limit);
        self.with_details(&hits).await
    }

    fn categorizer(&self) -> Arc<Categorizer> {
        self.categorizer.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn predictions(&self, recognition: &Recognition) -> Vec<Prediction> {
        let categorizer = self.categorizer();
        let scores = categorizer.of_photo(recognition).into_iter().take(CONSIDERED);
        let kept = scores.filter(|score| score.score > self.options.confidence_threshold);
        kept.filter_map(|score| {
            let category = categorizer.category(score.category)?.clone();
            Some(Prediction { category, score: score.score })
        })
        .collect()
    }

    async fn with_details(&self, hits: &[Hit]) -> Result<Vec<SimilarProduct>> {
        let ids: Vec<_> = hits.iter().map(|hit| hit.product).collect();
        let scores: HashMap<_, _> = hits.iter().map(|hit| (hit.product, hit.score)).collect();
        let products = self.catalog.products(&ids).await?;
        let scored = products.into_iter().map(|product| {
            let similarity = scores.get(&product.id).copied();
            SimilarProduct { product, similarity }
        });
        Ok(scored.collect())
    }
}

/// What the words say and what the best products are, joined: each half of the score, the likeliest first.
fn predicted(categorizer: &Categorizer, said: &[CategoryScore], seen: &[CategoryScore]) -> Vec<Prediction> {
    let mut scores: BTreeMap<CategoryId, f32> = BTreeMap::new();
    for given in [said, seen].into_iter().filter(|given| !given.is_empty()) {
        let weight = if said.is_empty() || seen.is_empty() { 1.0 } else { 0.5 };
        let sum: f32 = given.iter().map(|given| given.score).sum::<f32>().max(f32::MIN_POSITIVE);
        for CategoryScore { category, score } in given {
            *scores.entry(*category).or_default() += weight * score / sum;
        }
    }
    let known = scores
        .into_iter()
        .filter_map(|(id, score)| Some(Prediction { category: categorizer.category(id)?.clone(), score }));
    let mut predicted: Vec<_> = known.collect();
    predicted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.id.cmp(&b.category.id)));
    predicted
}
