//! Untrusted photos: read within bounds, prepared for a model, published without metadata.
//!
//! - [`inspect`] reads a photo's format and size from its header alone, for whoever takes uploads.
//! - [`decode`] and [`prepare`] turn a photo into pixels, and into the numbers that a model takes.
//! - [`publish`] strips a photo of everything but its picture; [`thumbnail`] makes a small one.
//!
//! The only crate that decodes pictures. JPEG, PNG, WebP, GIF and BMP; every size is bounded by [`PhotoLimits`].
//!
//! ```
//! use vitrina_photo::{PhotoLimits, inspect};
//!
//! assert!(inspect(b"not a photo", PhotoLimits::default()).is_err());
//! ```

#![forbid(unsafe_code)]

mod decode;
mod expense;
mod input;
mod jpeg;
mod lines;
mod photo;
mod preprocess;
mod publish;
mod resample;
mod thumbnail;

pub use decode::{DecodedPhoto, decode};
pub use expense::decoding_memory;
pub use input::{Channels, Crop, Input, Resample};
pub use photo::{PhotoInfo, PhotoLimits, inspect};
pub use preprocess::{Preprocessor, prepare, prepare_all};
pub use publish::{PublishedPhoto, publish};
pub use thumbnail::{ThumbnailFormat, thumbnail};
pub use vitrina_core::photo::PhotoFormat;
