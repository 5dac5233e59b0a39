//! Vitrina's photo classifier on ONNX Runtime.
//!
//! [`OnnxClassifier`] implements [`vitrina::Classifier`]: it decodes photos, prepares them as the model's [`Manifest`]
//! says, computes the model, and answers labels and an embedding. Any ImageNet-style classifier works by writing a
//! manifest. [`inspect`] reads a photo's format and size from its header alone, for whoever takes uploads.
//!
//! ```no_run
//! use vitrina::Classifier;
//! use vitrina_onnx::{OnnxClassifier, OnnxOptions};
//!
//! let classifier = OnnxClassifier::open("data/models/efficientnet_lite0", OnnxOptions::default())?;
//! let photo = std::fs::read("shoe.jpg").expect("a photo");
//! for recognition in classifier.classify(&[&photo])? {
//!     match recognition {
//!         Ok(recognition) => println!("{:?}", recognition.labels.first()),
//!         Err(error) => println!("{error}"),
//!     }
//! }
//! # Ok::<(), vitrina::Error>(())
//! ```
//!
//! ONNX Runtime's shared library is loaded when the first classifier is opened, once a process; [`find_library`] says
//! where it is looked for.

#![forbid(unsafe_code)]

mod classifier;
mod decode;
mod hugging_face;
mod jpeg;
mod manifest;
mod photo;
mod pool;
mod preprocess;
mod processor;
mod resample;
mod runtime;
mod wire;

pub use classifier::{OnnxClassifier, OnnxOptions};
pub use decode::{DecodedPhoto, decode};
pub use manifest::{
    Channels, Crop, EmbeddingOutput, Input, Manifest, ModelFile, Resample, Scores, ScoresOutput,
};
pub use photo::{PhotoFormat, PhotoInfo, PhotoLimits, inspect};
pub use preprocess::prepare;
pub use runtime::{LIBRARY_VARIABLE, find_library};
