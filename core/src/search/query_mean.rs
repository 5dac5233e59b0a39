//! The running mean of customers' photos: what their style adds to every embedding, to be subtracted from queries.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use crate::classify::{Embedding, EmbeddingSpace, PhotoSum};
use crate::{Catalog, Result};

/// With so many photos half of the mean is subtracted: the fewer, the less is known of their style, and the more they may
/// all be of one thing.
const HALF: f32 = 30.0;

/// How many photos any client may add besides its tenth of all.
const CLIENT_PHOTOS: u64 = 5;

/// How often the sum is read from the catalogue where nothing was added here.
const READ_EVERY: Duration = Duration::from_secs(30);

/// How many clients and photos are remembered.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// The running mean of one shop, as this process knows it.
///
/// It is stored in the catalogue, so that all servers of a shop share it. A photo counts once, however often its result
/// is read; a client counts for few, so that nobody drags the mean away.
#[derive(Debug)]
pub(super) struct QueryMean {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What the catalogue has stored.
    stored: Option<PhotoSum>,
    /// What was added here since.
    added: Option<PhotoSum>,
    photos: LruCache<u64, ()>,
    clients: LruCache<u64, u64>,
    read: Option<Instant>,
}

impl Default for QueryMean {
    fn default() -> Self {
        let (photos, clients) = (LruCache::new(REMEMBERED), LruCache::new(REMEMBERED));
        Self { state: Mutex::new(State { stored: None, added: None, photos, clients, read: None }) }
    }
}

impl QueryMean {
    /// Counts a customer's photo.
    pub(super) fn add(&self, photo: &Embedding, client: Option<u64>) {
        let mut state = self.state();
        let key = fingerprint(photo);
        if state.photos.put(key, ()).is_some() {
            return;
        }
        if let Some(client) = client {
            let total = state.photos_in(photo.space());
            let own = state.clients.get_or_insert_mut(client, || 0);
            if *own >= CLIENT_PHOTOS + total / 10 {
                return;
            }
            *own += 1;
        }
        match &mut state.added {
            Some(sum) if sum.accepts(photo) => sum.add(photo),
            added => *added = Some(PhotoSum::of(photo)),
        }
    }

    /// The photo as it is searched with: less the part of the mean that is known, of unit length.
    pub(super) fn subtract(&self, photo: &Embedding) -> Embedding {
        let state = self.state();
        let sums: Vec<_> =
            [&state.stored, &state.added].into_iter().flatten().filter(|sum| sum.accepts(photo)).collect();
        let count = sums.iter().map(|sum| sum.photos).sum::<u64>() as f32;
        if count == 0.0 {
            return photo.clone();
        }
        // The mean is the sum over the count, of which `count / (count + HALF)` is subtracted.
        let mut numbers = photo.as_slice().to_vec();
        for sum in sums {
            numbers.iter_mut().zip(&sum.sum).for_each(|(number, sum)| *number -= sum / (count + HALF));
        }
        let centered = Embedding::new(numbers).map(|centered| centered.in_space(photo.space().clone()));
        centered.unwrap_or_else(|_| photo.clone())
    }

    /// Stores what was added, and takes over what other servers have stored. A failure is logged: searches go on with what
    /// is known, and it is tried again.
    pub(super) async fn share(&self, catalog: &dyn Catalog, space: &EmbeddingSpace) {
        let added = {
            let mut state = self.state();
            if state.added.is_none() && state.read.is_some_and(|read| read.elapsed() < READ_EVERY) {
                return;
            }
            state.read = Some(Instant::now());
            state.added.take()
        };
        if let Err(error) = self.exchange(catalog, space, added.as_ref()).await {
            tracing::warn!(error = %error.chain(), "the mean of customers' photos could not be shared");
            let mut state = self.state();
            match (&mut state.added, added) {
                (Some(newer), Some(sum)) if newer.space == sum.space => newer.merge(&sum),
                (newer @ None, sum) => *newer = sum,
                _ => {}
            }
        }
    }

    async fn exchange(
        &self,
        catalog: &dyn Catalog,
        space: &EmbeddingSpace,
        added: Option<&PhotoSum>,
    ) -> Result<()> {
        if let Some(sum) = added {
            catalog.add_query_photos(sum).await?;
        }
        let stored = catalog.query_photos(space).await?;
        let mut state = self.state();
        if stored.is_some() {
            state.stored = stored;
        } else if let Some(sum) = added {
            // A catalogue that stores no sum: this process keeps its own.
            match &mut state.stored {
                Some(known) if known.space == sum.space => known.merge(sum),
                known => *known = Some(sum.clone()),
            }
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn photos_in(&self, space: &EmbeddingSpace) -> u64 {
        [&self.stored, &self.added]
            .into_iter()
            .flatten()
            .filter(|sum| sum.space == *space)
            .map(|sum| sum.photos)
            .sum()
    }
}

/// Tells photos apart: FNV-1a over the bits of the numbers.
fn fingerprint(photo: &Embedding) -> u64 {
    photo.as_slice().iter().fold(0xcbf2_9ce4_8422_2325, |hash, number| {
        (hash ^ u64::from(number.to_bits())).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photo(numbers: [f32; 3]) -> Embedding {
        Embedding::new(numbers.to_vec()).unwrap()
    }

    #[test]
    fn the_first_photo_is_searched_as_it_is_and_later_ones_less_what_all_share() {
        let mean = QueryMean::default();
        let seen = photo([1.0, 0.2, 0.0]);
        assert_eq!(mean.subtract(&seen), seen);
        for number in 0..300 {
            mean.add(&photo([1.0, 0.0, number as f32 / 300.0]), None);
        }
        let centered = mean.subtract(&seen);
        assert!(centered.as_slice()[1] > 2.0 * seen.as_slice()[1], "{centered:?}");
    }

    #[test]
    fn a_photo_counts_once_and_a_client_for_few() {
        let mean = QueryMean::default();
        for _ in 0..10 {
            mean.add(&photo([1.0, 0.0, 0.0]), None);
        }
        assert_eq!(mean.state().photos_in(&EmbeddingSpace::default()), 1);
        for number in 0..1000 {
            mean.add(&photo([0.0, 1.0, number as f32]), Some(7));
        }
        assert!(mean.state().photos_in(&EmbeddingSpace::default()) <= 8);
    }
}
