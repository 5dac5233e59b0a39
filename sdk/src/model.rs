//! The model that classifies photos: where it is found, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vitrina_core::{Classifier, Result};

use crate::Registry;

/// How to open a classifier.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ClassifierOptions {
    /// Which of the model's files to use, `fp32` or `int8`; `None` uses the one that suits this processor.
    pub precision: Option<String>,
    /// The shared library of ONNX Runtime; `None` looks where the crate `vitrina-onnx` says.
    pub library: Option<PathBuf>,
    /// Whether to return once the model's files are checked, while it is still being opened; photos wait for it.
    pub in_background: bool,
}

impl ClassifierOptions {
    /// Sets the precision.
    #[must_use]
    pub fn precision(mut self, precision: Option<String>) -> Self {
        self.precision = precision;
        self
    }

    /// Sets whether the model is opened in the background.
    #[must_use]
    pub fn in_background(mut self, in_background: bool) -> Self {
        self.in_background = in_background;
        self
    }

    /// Sets ONNX Runtime's shared library.
    #[must_use]
    pub fn library(mut self, library: Option<PathBuf>) -> Self {
        self.library = library;
        self
    }
}

/// Opens the model that is named, else the one that is found; the inner error says why there is none and what to do.
///
/// # Errors
/// Those of a model that was named.
pub(crate) async fn open(
    registry: &Registry,
    named: Option<&str>,
    options: ClassifierOptions,
    data_dir: Option<&Path>,
) -> Result<Result<Arc<dyn Classifier>, String>> {
    if let Some(url) = named {
        return registry.open_classifier(url, options).await.map(Ok);
    }
    let found = match find(data_dir) {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    match registry.open_classifier(&found.display().to_string(), options).await {
        Ok(classifier) => Ok(Ok(classifier)),
        Err(error) => {
            tracing::warn!(error = %error.chain(), "photos cannot be searched");
            // The reason goes to clients too (`/ready`), who need no paths of this machine.
            let reason = Some(error.to_string()).filter(|reason| !reason.contains(std::path::MAIN_SEPARATOR));
            Ok(Err(reason
                .unwrap_or_else(|| "the model cannot be opened: the log of this process says why".into())))
        }
    }
}

/// The folder of the model that is used unless one is named, or why there is none.
#[cfg(feature = "onnx")]
fn find(data_dir: Option<&Path>) -> Result<PathBuf, String> {
    crate::find_model(data_dir).ok_or_else(crate::onnx::not_found)
}

#[cfg(not(feature = "onnx"))]
fn find(_: Option<&Path>) -> Result<PathBuf, String> {
    Err("photos cannot be classified: add the cargo feature `onnx` to the crate `vitrina`, or name a classifier of your own \
         (`Registry::classifier`, `Shop::builder().model(…)`)"
        .into())
}
