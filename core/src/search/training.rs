//! Training of the discriminant on the photos of the index, beside the searches.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_channel::oneshot;

use crate::catalog::FeedPosition;
use crate::classify::{Discriminant, Embedding};
use crate::{Result, SearchIndex};

/// How many photos are trained on at most: they take about a second.
const PHOTOS: usize = 1500;

/// How much longer than training takes the pause after it is, and from how many photos on there is one.
const PAUSE: u32 = 20;
const MANY: usize = 300;

/// The discriminant that was trained last, and when.
#[derive(Debug, Default)]
pub(super) struct Training {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    discriminant: Option<Arc<Discriminant>>,
    position: FeedPosition,
    next: Option<Instant>,
}

/// A trained discriminant; none without photos.
pub(super) struct Trained {
    pub(super) discriminant: Option<Arc<Discriminant>>,
    /// Whether it was trained just now.
    pub(super) is_new: bool,
}

impl Training {
    /// Returns the discriminant of the index as it is, or as it was when there was time to train.
    ///
    /// # Errors
    /// Those of the index.
    pub(super) async fn current(
        &self,
        index: &dyn SearchIndex,
        center: Option<&Embedding>,
    ) -> Result<Trained> {
        let position = index.position().await?;
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.position == position || last.next.is_some_and(|next| Instant::now() < next) {
                return Ok(Trained { discriminant: last.discriminant.clone(), is_new: false });
            }
        }
        let photos = match index.spaces().await?.first() {
            Some(shop) => index.sample_embeddings(&shop.space, PHOTOS).await?,
            None => Vec::new(),
        };
        let (many, started) = (photos.len() > MANY, Instant::now());
        let (done, discriminant) = oneshot::channel();
        let center = center.cloned();
        // A thread of its own: a second of arithmetic must not hold up the searches of an async runtime.
        std::thread::spawn(move || done.send(Discriminant::train(&photos, center.as_ref())).is_ok());
        let discriminant = discriminant.await.ok().flatten().map(Arc::new);
        let next = many.then(|| Instant::now() + started.elapsed() * PAUSE);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Last { discriminant: discriminant.clone(), position, next };
        Ok(Trained { discriminant, is_new: true })
    }
}
