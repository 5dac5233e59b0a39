//! Photos: on their way through the queue, and the products for what they show.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::ranking::{Ranking, SAME, Scale};
use super::variants::of_photo;
use super::{CONSIDERED, Prediction, SearchService};
use tracing::Instrument;

use crate::catalog::{Filter, ListQuery, MAX_LIMIT};
use crate::classify::{Classification, Embedding};
use crate::index::{PhotoMatch, TextQuery};
use crate::queue::observation::index_stage;
use crate::queue::{NewTask, Outcome, Stage, TaskId, TaskState};
use crate::text::words;
use crate::{Product, ProductId, Result};

/// From this score on a predicted category is sure.
const SURE: f32 = 0.5;

/// A search by photo: what its products must have besides.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct PhotoSearch {
    /// Words that the products must be found by too; none without a word.
    pub text: String,
    /// Which products may be in the answer.
    pub filter: Filter,
    /// Who sent the photo, as an opaque number: it bounds what one client adds to the mean of customers' photos.
    pub client: Option<u64>,
}

impl PhotoSearch {
    /// Sets the words that the products must be found by too.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Sets the filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Sets the client that sent the photo, as an opaque number.
    #[must_use]
    pub fn client(mut self, client: Option<u64>) -> Self {
        self.client = client;
        self
    }
}

/// How much a product's photo, the best of all that it has, resembles the customer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resemblance {
    /// Most likely the same product.
    NearlySame,
    /// A product of the same kind and style.
    Similar,
}

impl Resemblance {
    /// Its name as it is sent: `nearly_same`, `similar`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NearlySame => "nearly_same",
            Self::Similar => "similar",
        }
    }
}

/// From this cosine on a product is called similar: of the products shown for 341 customers' photos of clothes, 79 in 100 of
/// those above it were of the photo's kind.
const SIMILAR: f32 = 0.65;

/// A product for a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct SimilarProduct {
    /// The product.
    pub product: Product,
    /// The visual similarity of its best photo, -1 to 1; `None` where the product has no photo to compare.
    pub similarity: Option<f32>,
    /// The place of the variant that the best photo shows; `None` where that is the main photo, or shows no variant.
    pub variant: Option<usize>,
}

impl SimilarProduct {
    /// The similarity in words; `None` where the photos have little in common or cannot be compared.
    pub fn resemblance(&self) -> Option<Resemblance> {
        match self.similarity? {
            same if same >= SAME => Some(Resemblance::NearlySame),
            similar if similar >= SIMILAR => Some(Resemblance::Similar),
            _ => None,
        }
    }
}

/// The answer to a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoAnswer {
    /// The predicted categories above the threshold, the likeliest first, three at most.
    pub predictions: Vec<Prediction>,
    /// Whether the photo shows nothing that the shop sells: there are no predictions, and the products are those that look
    /// most like it all the same.
    pub not_sold: bool,
    /// The products, the most similar first, those without a photo last.
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

impl SearchService {
    /// Takes a photo in, to be classified by a worker.
    ///
    /// # Errors
    /// Those of [`TaskQueue::enqueue`](crate::TaskQueue::enqueue).
    pub async fn submit_photo(&self, photo: Vec<u8>) -> Result<TaskId> {
        self.queue.submit(photo).await
    }

    /// Takes the photo of a client in, to be classified by a worker.
    ///
    /// # Errors
    /// Those of [`TaskQueue::enqueue`](crate::TaskQueue::enqueue).
    pub async fn submit_task(&self, task: NewTask) -> Result<TaskId> {
        self.queue.enqueue(task).await
    }

    /// What a task has come to, at the latest after `wait`; once it has ended well, the products as `search` narrows them.
    ///
    /// # Errors
    /// Those of the queue, and of the catalogue and index once the photo is classified.
    pub async fn task(&self, task: TaskId, search: &PhotoSearch, wait: Duration) -> Result<TaskAnswer> {
        Ok(match self.queue.wait(task, Stage::Ended, wait).await? {
            TaskState::Queued => TaskAnswer::Pending { started: false },
            TaskState::Started => TaskAnswer::Pending { started: true },
            TaskState::Ended(Outcome::Failed(reason)) => TaskAnswer::Failed(reason),
            TaskState::Ended(Outcome::Classified(classification)) => {
                TaskAnswer::Completed(self.products_like(&classification, search).await?)
            }
            TaskState::Expired => TaskAnswer::Expired,
            TaskState::Unknown => TaskAnswer::Unknown,
        })
    }

    /// The products for a classified photo, wherever it was classified.
    ///
    /// They are ordered by visual similarity and the probability of their categories together, so that the list is of one
    /// category where that is sure, and of several where it is not. What shows the same thing as the photo comes first,
    /// whatever its category. Products without a photo are ranked among those of their category that resemble the photo as
    /// much as any other of it. The list is full as long as there are products that pass the filter.
    ///
    /// With words it is the products that have all of them (or some, where none has all), in the predicted categories if
    /// there are any there, the most similar first. A photo of what the shop does not sell brings what resembles it most.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong filter, and those of the catalogue and the index.
    pub async fn products_like(
        &self,
        classification: &Classification,
        search: &PhotoSearch,
    ) -> Result<PhotoAnswer> {
        ListQuery { filter: search.filter.clone(), ..ListQuery::default() }.validate()?;
        let classification = &*self.comparable(classification).await?;
        let predictions = self.predictions(classification);
        let photo = classification.embedding.as_ref();
        if let Some(photo) = photo {
            self.query_mean.add(photo, search.client);
        }
        let products = if words(&search.text).is_empty() {
            self.without_words(classification, &predictions, search).await?
        } else {
            self.with_words(photo, &predictions, search).await?
        };
        Ok(PhotoAnswer { not_sold: predictions.is_empty(), predictions, products })
    }

    /// The products similar to this one, itself left out; none where it has no photo.
    ///
    /// Those of its own category come first, the most similar first, then the others: a shirt in another colour often looks
    /// less like it than trousers in its own.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue and the index.
    pub async fn similar(&self, id: ProductId, filter: &Filter, limit: usize) -> Result<Vec<SimilarProduct>> {
        ListQuery { limit, filter: filter.clone(), ..ListQuery::default() }.validate()?;
        let product = self.product(id).await?;
        let Some(embedding) = self.embedding(id).await? else { return Ok(Vec::new()) };
        let mut hits = Vec::new();
        if let Some(own) = product.category().filter(|_| filter.categories.is_empty()) {
            let own = Filter { categories: vec![own.id], ..filter.clone() };
            hits = self.index.similar(&embedding, &own, limit + 1).instrument(index_stage()).await?;
        }
        // The product itself is one more than is wanted.
        if hits.len() <= limit {
            let seen: HashSet<_> = hits.iter().map(|hit| hit.product).collect();
            let others = self.index.similar(&embedding, filter, limit + 1).instrument(index_stage()).await?;
            hits.extend(others.into_iter().filter(|hit| !seen.contains(&hit.product)));
        }
        let mut products: Vec<_> =
            hits.into_iter().map(|hit| hit.product).filter(|found| *found != id).collect();
        products.truncate(limit);
        self.with_similarity(Some(&embedding), &products).await
    }

    fn photo_limit(&self) -> usize {
        self.options.photo_limit.clamp(1, MAX_LIMIT)
    }

    async fn without_words(
        &self,
        classification: &Classification,
        predictions: &[Prediction],
        search: &PhotoSearch,
    ) -> Result<Vec<SimilarProduct>> {
        let photo = classification.embedding.as_ref();
        let limit = self.photo_limit();
        let wanted = &search.filter.categories;
        let predicted: Vec<_> = predictions
            .iter()
            .filter(|prediction| wanted.is_empty() || wanted.contains(&prediction.category.id))
            .map(|prediction| {
                let filter = Filter { categories: vec![prediction.category.id], ..search.filter.clone() };
                (prediction.score, filter)
            })
            .collect();
        let categorizer = self.categorizer();
        let mut ranking = Ranking::new(categorizer.photos_per_category());
        let mut similar = 0;
        if let Some(photo) = photo {
            let query = self.query_mean.subtract(photo);
            let scale = Scale::new(query.as_slice(), categorizer.catalog_mean());
            ranking
                .add_same(&self.index.similar(photo, &search.filter, limit).instrument(index_stage()).await?);
            ranking.add_similar(
                &self.index.similar(&query, &search.filter, limit).instrument(index_stage()).await?,
                scale,
                0.0,
            );
            for (score, filter) in &predicted {
                let hits = self.index.similar(&query, filter, limit).instrument(index_stage()).await?;
                ranking.add_similar(&hits, scale, *score);
                similar += hits.len();
            }
        } else if predictions.is_empty() {
            return Ok(Vec::new());
        }
        // Where the photos of the predicted categories do not fill the list, there may be products without one.
        let mut named_everywhere = false;
        if similar < limit {
            let mut anywhere = search.filter.clone();
            // Where the category is unsure, what the photo shows may be in another.
            let sure = predictions.first().is_some_and(|likeliest| likeliest.score >= SURE);
            if sure {
                anywhere.categories =
                    predicted.iter().flat_map(|(_, filter)| filter.categories.clone()).collect();
            }
            if let Some((likeliest, _)) = predicted.first() {
                named_everywhere = !sure;
                let named = self.named_products(&classification.labels, &anywhere).await?;
                ranking.add_named(named.into_iter().take(limit), *likeliest);
            }
            for (score, filter) in predicted {
                ranking.add_listed(self.listed(filter, limit).await?, score);
            }
        }
        let mut best = ranking.best(limit);
        if best.len() < limit {
            let mut seen: HashSet<_> = best.iter().copied().collect();
            let mut others = Vec::new();
            if !named_everywhere {
                others = self.named_products(&classification.labels, &search.filter).await?;
            }
            others.extend(self.listed(search.filter.clone(), MAX_LIMIT).await?);
            best.extend(others.into_iter().filter(|id| seen.insert(*id)));
            best.truncate(limit);
        }
        self.with_similarity(photo, &best).await
    }

    /// Products that pass the filter, in the catalogue's order.
    async fn listed(&self, filter: Filter, limit: usize) -> Result<Vec<ProductId>> {
        let all = TextQuery { filter, limit, ..TextQuery::default() };
        Ok(self
            .index
            .text(&all)
            .instrument(index_stage())
            .await?
            .hits
            .into_iter()
            .map(|hit| hit.product)
            .collect())
    }

    async fn with_words(
        &self,
        photo: Option<&Embedding>,
        predictions: &[Prediction],
        search: &PhotoSearch,
    ) -> Result<Vec<SimilarProduct>> {
        let mut filters = vec![search.filter.clone()];
        if search.filter.categories.is_empty() && !predictions.is_empty() {
            let categories = predictions.iter().map(|prediction| prediction.category.id).collect();
            filters.insert(0, Filter { categories, ..search.filter.clone() });
        }
        let mut found = Vec::new();
        for filter in filters {
            found = self.having_words(&search.text, filter).await?;
            if !found.is_empty() {
                break;
            }
        }
        let matches = self.best_photos(photo, &found).await?;
        // Stable: what cannot be compared stays in the order of the words, behind the rest.
        let rank =
            |product: &ProductId| matches.get(product).map_or(f32::NEG_INFINITY, |found| found.similarity);
        found.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
        found.truncate(self.photo_limit());
        self.details(&found, &matches).await
    }

    /// The products that have all words, the best 100; where none has, those that have some.
    async fn having_words(&self, text: &str, filter: Filter) -> Result<Vec<ProductId>> {
        let text = text.to_owned();
        let query = TextQuery { text, filter, all_words: true, limit: MAX_LIMIT, ..TextQuery::default() };
        let hits = self.index.text(&query).instrument(index_stage()).await?.hits;
        Ok(hits.into_iter().map(|hit| hit.product).collect())
    }

    fn predictions(&self, classification: &Classification) -> Vec<Prediction> {
        let categorizer = self.categorizer();
        let scores = categorizer.of_photo(classification).into_iter().take(CONSIDERED);
        let kept = scores.filter(|score| score.score > self.options.confidence_threshold);
        kept.filter_map(|score| {
            let category = categorizer.category(score.category)?.clone();
            Some(Prediction { category, score: score.score })
        })
        .collect()
    }

    /// The details of these products, each with how similar the best of its photos is to `photo`.
    async fn with_similarity(
        &self,
        photo: Option<&Embedding>,
        products: &[ProductId],
    ) -> Result<Vec<SimilarProduct>> {
        let matches = self.best_photos(photo, products).await?;
        self.details(products, &matches).await
    }

    /// The details of these products with what their best photos have come to.
    async fn details(
        &self,
        products: &[ProductId],
        matches: &HashMap<ProductId, PhotoMatch>,
    ) -> Result<Vec<SimilarProduct>> {
        let products = self.shown(products).await?;
        let scored = products.into_iter().map(|product| {
            let best = matches.get(&product.id);
            let variant = best.and_then(|best| of_photo(&product, best.photo.as_ref()?));
            SimilarProduct { similarity: best.map(|best| best.similarity), variant, product }
        });
        Ok(scored.collect())
    }

    async fn best_photos(
        &self,
        photo: Option<&Embedding>,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>> {
        match photo {
            Some(photo) => self.index.best_photos(photo, products).await,
            None => Ok(HashMap::new()),
        }
    }
}
