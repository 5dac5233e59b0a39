//! The trait of photo classifiers, the embeddings that they make, and how labels and the photos of a shop become its categories.

mod cached;
mod categorizer;
mod category_map;
pub(crate) mod category_names;
mod classification;
mod discriminant;
mod embedding;
mod evidence;
mod photo_sum;
mod phrase;

use crate::Result;

pub use cached::CachedClassifier;
pub use categorizer::Categorizer;
pub use category_map::ProductNames;
pub use classification::{CategoryScore, Classification, LabelScore};
pub use discriminant::{Discriminant, PhotoEvidence};
pub use embedding::{Embedding, EmbeddingSpace};
pub use photo_sum::PhotoSum;

/// Classifies photos with a pre-trained model.
///
/// # Contract
///
/// - [`classify`](Self::classify) is synchronous and may take long: call it off the async threads. It may be called from
///   several threads at once.
/// - It answers one result for each photo, in their order. A photo that cannot be read fails alone.
/// - All embeddings are of its [`space`](Self::space). Two classifiers have the same space only if their embeddings may be
///   compared.
/// - Photos come encoded (JPEG, PNG, …). Orientation notes in the file are applied; transparency is laid on white;
///   grey, indexed and deep colours are brought to 8-bit RGB. Decoding has bounds on pixels and memory.
/// - The same bytes give the same classification, whatever else is in the batch, within the model runtime's rounding.
/// - An error of the whole call means that the model itself failed; the photos may be tried again.
pub trait Classifier: Send + Sync {
    /// The space of its embeddings: the model and its version, such as `efficientnet_lite0/1`.
    fn space(&self) -> EmbeddingSpace;

    /// The direction that embeddings of all kinds of photos have in common, if the model says so: photos that resemble
    /// nothing in a shop are told from those that do by what is left when it is subtracted.
    fn center(&self) -> Option<Embedding> {
        None
    }

    /// Classifies a batch of encoded photos.
    ///
    /// # Errors
    /// The model runtime's failure; never a photo's.
    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>>;
}

/// Why a photo cannot be used; the message is safe to show to whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhotoError {
    /// The bytes are no picture of an accepted format.
    #[error("the file is not a picture that can be used here: send JPEG, PNG, WebP, GIF or BMP")]
    Unsupported,
    /// The picture has more pixels than the limit.
    #[error("the picture has {width} x {height} pixels: send one of at most {limit} in all")]
    TooManyPixels {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
        /// The most pixels that are decoded.
        limit: u64,
    },
    /// Decoding the picture would take more memory than the limit.
    #[error(
        "a picture of {width} x {height} pixels in this format takes too much memory: send a smaller one, or an ordinary \
         JPEG"
    )]
    TooMuchMemory {
        /// Its width in pixels.
        width: u32,
        /// Its height in pixels.
        height: u32,
    },
    /// The format is right, the content is damaged.
    #[error("the picture could not be read: {0}")]
    Unreadable(String),
}
