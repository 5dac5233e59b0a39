//! A classifier that is opened on a thread of its own.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::thread::{Builder, JoinHandle};

use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, PhotoError};
use vitrina_core::{Classifier, Error, Result};

use crate::classifier::{Found, OnnxClassifier, OnnxOptions};

/// A [`Classifier`] whose networks are still being opened, which takes a second: whoever classifies meanwhile waits.
pub struct OpeningClassifier {
    space: EmbeddingSpace,
    center: Option<Embedding>,
    opened: Arc<OnceLock<Result<OnnxClassifier>>>,
    /// Opens the model. A program that ended meanwhile would unload the runtime under its hands.
    opening: Option<JoinHandle<()>>,
}

impl OpeningClassifier {
    /// Checks the model in `directory` and the runtime, and begins to open the model.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where the runtime or a file of the model is missing or damaged, and
    /// [`Internal`](vitrina_core::ErrorKind::Internal) where no thread can be started. What is found out later, as that the model
    /// does not fit its manifest, is logged, and is the error of each classification.
    pub fn open(directory: impl AsRef<Path>, options: OnnxOptions) -> Result<Self> {
        let found = Found::check(directory.as_ref(), options)?;
        let (space, center) = (found.space().clone(), found.center());
        let opened = Arc::new(OnceLock::new());
        let to_set = opened.clone();
        let open = move || {
            let classifier = found.open();
            if let Err(error) = &classifier {
                tracing::error!(error = %error.chain(), "photos cannot be classified");
            }
            // Nobody else sets it.
            let _ = to_set.set(classifier);
        };
        let opening = Builder::new()
            .name("model".into())
            .spawn(open)
            .map_err(|source| Error::internal("no thread can be started").with_source(source))?;
        Ok(Self { space, center, opened, opening: Some(opening) })
    }
}

impl Drop for OpeningClassifier {
    fn drop(&mut self) {
        if let Some(opening) = self.opening.take() {
            // A panic of the thread has been printed.
            let _ = opening.join();
        }
    }
}

impl Classifier for OpeningClassifier {
    fn space(&self) -> EmbeddingSpace {
        self.space.clone()
    }

    fn center(&self) -> Option<Embedding> {
        self.center.clone()
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        match self.opened.wait() {
            Ok(classifier) => classifier.classify(photos),
            Err(error) => Err(Error::new(error.kind(), error.to_string())),
        }
    }
}

impl fmt::Debug for OpeningClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpeningClassifier").field("space", &self.space).finish_non_exhaustive()
    }
}
