//! Vitrina's photo classifier on ONNX Runtime.
//!
//! [`OnnxClassifier`] implements [`vitrina_core::Classifier`]: it prepares photos as the model's [`Manifest`] says (by the
//! crate `vitrina-photo`), computes the model, and returns labels and an embedding. Any ImageNet-style classifier works by
//! writing a manifest.
//!
//! ```no_run
//! use vitrina_core::Classifier;
//! use vitrina_onnx::{OnnxClassifier, OnnxOptions};
//!
//! let classifier = OnnxClassifier::open("data/models/efficientnet_lite0", OnnxOptions::default())?;
//! let photo = std::fs::read("shoe.jpg").expect("a photo");
//! for classification in classifier.classify(&[&photo])? {
//!     match classification {
//!         Ok(classification) => println!("{:?}", classification.labels.first()),
//!         Err(error) => println!("{error}"),
//!     }
//! }
//! # Ok::<(), vitrina_core::Error>(())
//! ```
//!
//! ONNX Runtime's shared library is loaded when the first classifier is opened, once a process; [`find_library`] says
//! where it is looked for.

#![forbid(unsafe_code)]

mod classifier;
mod hugging_face;
mod manifest;
mod model;
mod network;
mod opening;
mod pool;
mod processor;
mod runtime;
mod wire;

pub use classifier::{OnnxClassifier, OnnxOptions};
pub use manifest::{EmbeddingOutput, Manifest, ModelFile, Scores, ScoresOutput};
pub use model::Model;
pub use opening::OpeningClassifier;
pub use runtime::{LIBRARY_VARIABLE, find_library};
pub use vitrina_photo::{Channels, Crop, Input, PhotoLimits, Resample};
