//! The photos of products: where their bytes are, and in which format.

mod format;
mod store;

pub use format::PhotoFormat;
pub use store::{ListedPhoto, PhotoKey, PhotoStore, PhotoStream};
