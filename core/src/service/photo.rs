//! Photos: on their way through the queue, and the products for what they show.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::mixing::{SAME, mixed};
use super::{CONSIDERED, Prediction, SearchService};
use crate::text::words;
use crate::{
    Embedding, Filter, Hit, ListQuery, MAX_LIMIT, Outcome, Product, ProductId, Recognition, Result, Sort,
    Stage, TaskId, TaskState, TextQuery,
};

/// What narrows the products for a photo.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PhotoSearch {
    /// Words that the products must be found by too; none without a word.
    pub text: String,
    /// Which products may be in the answer.
    pub filter: Filter,
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
    /// Takes a photo in, to be recognised by a worker.
    ///
    /// # Errors
    /// Those of [`TaskQueue::submit`](crate::TaskQueue::submit).
    pub async fn submit_photo(&self, photo: Vec<u8>) -> Result<TaskId> {
        self.queue.submit(photo).await
    }

    /// What a task has come to, at the latest after `wait`; once it has ended well, the products as `search` narrows them.
    ///
    /// # Errors
    /// Those of the queue, and of the catalogue and index once the photo is recognised.
    pub async fn task(&self, task: TaskId, search: &PhotoSearch, wait: Duration) -> Result<TaskAnswer> {
        Ok(match self.queue.wait(task, Stage::Ended, wait).await? {
            TaskState::Queued => TaskAnswer::Pending { started: false },
            TaskState::Started => TaskAnswer::Pending { started: true },
            TaskState::Ended(Outcome::Failed(reason)) => TaskAnswer::Failed(reason),
            TaskState::Ended(Outcome::Recognized(recognition)) => {
                TaskAnswer::Completed(self.products_like(&recognition, search).await?)
            }
            TaskState::Expired => TaskAnswer::Expired,
            TaskState::Unknown => TaskAnswer::Unknown,
        })
    }

    /// The products for a recognised photo, wherever it was recognised.
    ///
    /// Those of the predicted categories, the most similar first, each category with a share by its score; what shows the
    /// same thing as the photo comes before all others, what has no photo after. With words it is the products that have all of
    /// them (or some, where none has all), in the predicted categories if there are any there, the most similar first. A
    /// photo of what the shop does not sell brings what looks most like it.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong filter, and those of the catalogue and the index.
    pub async fn products_like(
        &self,
        recognition: &Recognition,
        search: &PhotoSearch,
    ) -> Result<PhotoAnswer> {
        ListQuery { filter: search.filter.clone(), ..ListQuery::default() }.validate()?;
        let predictions = self.predictions(recognition);
        let not_sold = predictions.is_empty();
        let products = match &recognition.embedding {
            _ if !words(&search.text).is_empty() => {
                self.with_words(recognition, &predictions, search).await?
            }
            None if not_sold => Vec::new(),
            Some(photo) if not_sold => {
                let hits = self.index.similar(photo, &search.filter, self.photo_limit()).await?;
                self.with_details(&hits, &[]).await?
            }
            photo => self.of_categories(photo.as_ref(), &predictions, search).await?,
        };
        Ok(PhotoAnswer { predictions, not_sold, products })
    }

    /// The products that look like this one, itself left out; none where it has no photo.
    ///
    /// Those of its own category come first, the most similar first, then the others: a shirt in another colour often looks
    /// less like it than trousers in its own.
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound), and those of the catalogue and the index.
    pub async fn similar(&self, id: ProductId, filter: &Filter, limit: usize) -> Result<Vec<SimilarProduct>> {
        ListQuery { limit, filter: filter.clone(), ..ListQuery::default() }.validate()?;
        let product = self.product(id).await?;
        let Some(embedding) = self.index.embedding(id).await? else { return Ok(Vec::new()) };
        let mut hits = Vec::new();
        if let Some(own) = product.category.filter(|_| filter.categories.is_empty()) {
            let own = Filter { categories: vec![own.id], ..filter.clone() };
            hits = self.index.similar(&embedding, &own, limit + 1).await?;
        }
        // The product itself is one more than is wanted.
        if hits.len() <= limit {
            let seen: HashSet<_> = hits.iter().map(|hit| hit.product).collect();
            let others = self.index.similar(&embedding, filter, limit + 1).await?;
            hits.extend(others.into_iter().filter(|hit| !seen.contains(&hit.product)));
        }
        hits.retain(|hit| hit.product != id);
        hits.truncate(limit);
        self.with_details(&hits, &[]).await
    }

    fn photo_limit(&self) -> usize {
        self.options.photo_limit.clamp(1, MAX_LIMIT)
    }

    async fn of_categories(
        &self,
        photo: Option<&Embedding>,
        predictions: &[Prediction],
        search: &PhotoSearch,
    ) -> Result<Vec<SimilarProduct>> {
        let limit = self.photo_limit();
        let wanted = &search.filter.categories;
        let shelves: Vec<_> = predictions
            .iter()
            .filter(|prediction| wanted.is_empty() || wanted.contains(&prediction.category.id))
            .map(|prediction| {
                let filter = Filter { categories: vec![prediction.category.id], ..search.filter.clone() };
                (prediction.score, filter)
            })
            .collect();
        let mut lists = Vec::new();
        if let Some(photo) = photo {
            let mut same = self.index.similar(photo, &search.filter, limit).await?;
            same.retain(|hit| hit.score >= SAME);
            lists.push((0.0, same));
            for (score, filter) in &shelves {
                lists.push((*score, self.index.similar(photo, filter, limit).await?));
            }
        }
        let hits = mixed(&lists, limit);
        let mut seen: HashSet<_> = hits.iter().map(|hit| hit.product).collect();
        let mut rest = Vec::new();
        for (_, filter) in shelves {
            let room = limit.saturating_sub(seen.len());
            if room == 0 {
                break;
            }
            let all = TextQuery { filter, limit: MAX_LIMIT, ..TextQuery::default() };
            let products = self.index.text(&all).await?.hits.into_iter().map(|hit| hit.product);
            rest.extend(products.filter(|product| seen.insert(*product)).take(room));
        }
        self.with_details(&hits, &rest).await
    }

    async fn with_words(
        &self,
        recognition: &Recognition,
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
        let mut hits = Vec::new();
        if let Some(photo) = &recognition.embedding {
            for product in &found {
                if let Some(look) = self.index.embedding(*product).await?
                    && look.as_slice().len() == photo.as_slice().len()
                {
                    hits.push(Hit { product: *product, score: photo.cosine(&look) });
                }
            }
        }
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.product.cmp(&b.product)));
        found.retain(|product| !hits.iter().any(|hit| hit.product == *product));
        hits.truncate(self.photo_limit());
        found.truncate(self.photo_limit() - hits.len());
        self.with_details(&hits, &found).await
    }

    /// The products that have all words, the best 100; where none has, those that have some.
    async fn having_words(&self, text: &str, filter: Filter) -> Result<Vec<ProductId>> {
        let best = TextQuery { text: text.to_owned(), filter, limit: MAX_LIMIT, ..TextQuery::default() };
        // Other orders than the best tell how many of the best have all words: they leave the rest out.
        let whole = TextQuery { sort: Sort::Newest, limit: 1, ..best.clone() };
        let count = self.index.text(&whole).await?.total;
        let hits = self.index.text(&best).await?.hits;
        Ok(hits.into_iter().take(count).map(|hit| hit.product).collect())
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

    /// The products of `hits`, then the others, whose photos were not compared.
    async fn with_details(&self, hits: &[Hit], others: &[ProductId]) -> Result<Vec<SimilarProduct>> {
        let ids: Vec<_> = hits.iter().map(|hit| hit.product).chain(others.iter().copied()).collect();
        let scores: HashMap<_, _> = hits.iter().map(|hit| (hit.product, hit.score)).collect();
        let products = self.catalog.products(&ids).await?;
        let scored = products.into_iter().map(|product| {
            let similarity = scores.get(&product.id).copied();
            SimilarProduct { product, similarity }
        });
        Ok(scored.collect())
    }
}
