//! A classifier with a cache of its answers.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;
use sha2::{Digest, Sha256};

use crate::classify::{Classification, Embedding, EmbeddingSpace, PhotoError};
use crate::{Classifier, Error, Result};

type Answer = Result<Classification, PhotoError>;
type Answers = LruCache<[u8; 32], Answer>;

/// A [`Classifier`] with an LRU cache of its answers by the SHA-256 of the photo.
///
/// Customers send the same photo again, with other filters or for the next shop; so do clients that try again.
///
/// ```
/// use std::num::NonZeroUsize;
/// use std::sync::Arc;
/// use vitrina_core::Classifier;
/// use vitrina_core::classify::{Classification, CachedClassifier};
/// use vitrina_core::memory::MemoryClassifier;
///
/// let model = MemoryClassifier::new().knowing("shoe", Classification::default());
/// let classifier = CachedClassifier::new(Arc::new(model), NonZeroUsize::MIN);
/// assert_eq!(classifier.classify(&[b"shoe"])?, [Ok(Classification::default())]);
/// # Ok::<(), vitrina_core::Error>(())
/// ```
pub struct CachedClassifier {
    classifier: Arc<dyn Classifier>,
    answers: Mutex<Answers>,
}

impl CachedClassifier {
    /// Creates a classifier that keeps the last `most` answers of another: with an embedding of 1280 numbers about 6 kB each.
    pub fn new(classifier: Arc<dyn Classifier>, most: NonZeroUsize) -> Self {
        Self { classifier, answers: Mutex::new(LruCache::new(most)) }
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Classifier for CachedClassifier {
    fn space(&self) -> EmbeddingSpace {
        self.classifier.space()
    }

    fn center(&self) -> Option<Embedding> {
        self.classifier.center()
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Answer>> {
        let keys: Vec<[u8; 32]> = photos.iter().map(|photo| Sha256::digest(photo).into()).collect();
        let mut known: HashMap<[u8; 32], Option<Answer>> = HashMap::new();
        let mut new = Vec::new();
        let mut answers = self.answers();
        for (key, photo) in keys.iter().zip(photos) {
            known.entry(*key).or_insert_with(|| {
                let answer = answers.get(key).cloned();
                if answer.is_none() {
                    new.push((*key, *photo));
                }
                answer
            });
        }
        drop(answers); // others need not wait for the model
        if !new.is_empty() {
            let asked: Vec<&[u8]> = new.iter().map(|(_, photo)| *photo).collect();
            let found = self.classifier.classify(&asked)?;
            let mut answers = self.answers();
            for ((key, _), answer) in new.into_iter().zip(found) {
                answers.put(key, answer.clone());
                known.insert(key, Some(answer));
            }
        }
        let missing = || Error::internal("the classifier answered fewer photos than it was given");
        keys.iter().map(|key| known.get(key).cloned().flatten().ok_or_else(missing)).collect()
    }
}
