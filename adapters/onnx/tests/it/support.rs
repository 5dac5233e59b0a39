//! The model where it is built.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use vitrina_onnx::{OnnxClassifier, OnnxOptions};
pub(crate) use vitrina_testing::pictures::{encode, jpeg, pattern, with_orientation};
pub(crate) use vitrina_testing::skip;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn model_directory() -> PathBuf {
    workspace().join("data/models/efficientnet_lite0")
}

/// The default model in floats, opened once, or none where it is not built or there is no runtime.
pub(crate) fn classifier() -> Option<&'static OnnxClassifier> {
    static CLASSIFIER: OnceLock<Result<OnnxClassifier, String>> = OnceLock::new();
    let classifier = CLASSIFIER.get_or_init(|| open(Some("fp32")).map_err(|error| error.chain().to_string()));
    classifier.as_ref().map_err(|reason| skip(reason)).ok()
}

/// The default model in this precision.
pub(crate) fn open(precision: Option<&str>) -> vitrina_core::Result<OnnxClassifier> {
    let precision = precision.map(str::to_owned);
    OnnxClassifier::open(model_directory(), OnnxOptions::default().precision(precision))
}
