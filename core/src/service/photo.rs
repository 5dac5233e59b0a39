//! Photos: on their way through the queue, and the products for what they show.

use std::collections::HashMap;
use std::time::Duration;

use super::{CONSIDERED, Prediction, SearchService};
use crate::{
    Filter, Hit, ListQuery, MAX_LIMIT, Outcome, Product, ProductId, Recognition, Result, Sort, Stage, TaskId,
    TaskState,
};

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

impl SearchService {
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
