//! Learning what the categories look like, beside the searches.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_channel::oneshot;

use crate::catalog::FeedPosition;
use crate::classify::{Discriminant, Embedding};
use crate::{Result, SearchIndex};

/// How many photos teach at most: they take about a second.
const PHOTOS: usize = 1500;

/// How much longer than learning takes the pause after it is, and from how many photos on there is one.
const PAUSE: u32 = 20;
const MANY: usize = 300;

/// What was learned, and when.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    learned: Option<Arc<Discriminant>>,
    position: FeedPosition,
    next: Option<Instant>,
}

/// What the categories look like.
pub(super) struct Looks {
    pub(super) learned: Option<Arc<Discriminant>>,
    /// Whether it was learned just now.
    pub(super) is_new: bool,
}

impl Lessons {
    /// What the categories look like by the index as it is, or as it was when there was time to learn.
    ///
    /// # Errors
    /// Those of the index.
    pub(super) async fn looks(&self, index: &dyn SearchIndex, center: Option<&Embedding>) -> Result<Looks> {
        let position = index.position().await?;
        {
            let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            if last.position == position || last.next.is_some_and(|next| Instant::now() < next) {
                return Ok(Looks { learned: last.learned.clone(), is_new: false });
            }
        }
        let photos = match index.spaces().await?.first() {
            Some(shop) => index.looks(&shop.space, PHOTOS).await?,
            None => Vec::new(),
        };
        let (many, started) = (photos.len() > MANY, Instant::now());
        let (done, learned) = oneshot::channel();
        let center = center.cloned();
        // A thread of its own: a second of arithmetic must not hold up the searches of an async runtime.
        std::thread::spawn(move || done.send(Discriminant::learn(&photos, center.as_ref())).is_ok());
        let learned = learned.await.ok().flatten().map(Arc::new);
        let next = many.then(|| Instant::now() + started.elapsed() * PAUSE);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Last { learned: learned.clone(), position, next };
        Ok(Looks { learned, is_new: true })
    }
}
