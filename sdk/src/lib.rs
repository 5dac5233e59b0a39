#![doc = include_str!("../README.md")]
//!
//! # A shop in a test
//!
//! The same, run when this page is tested:
//!
//! ```
//! use vitrina::{NewProduct, Shop};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let folder = tempfile::tempdir().unwrap();
//! # let data = folder.path().join("data");
//! let shop = Shop::open(data).await?;
//! let shoe = NewProduct::new("Zapatilla roja", "59.90".parse()?).category("Zapatos");
//! let id = shop.put(shoe).await?;
//! let found = shop.search("zapatillas rojas").max_price("60".parse()?).await?;
//! assert_eq!(found.products[0].id, id);
//! assert_eq!(shop.categories().await?[0].name, "Zapatos");
//! # Ok::<(), vitrina::Error>(())
//! # }).unwrap();
//! ```
#![forbid(unsafe_code)]

/// The examples of the project's README.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

mod background;
mod builder;
mod categories;
mod change;
mod embed;
mod export;
#[cfg(feature = "import")]
mod import;
mod index;
mod model;
mod once;
#[cfg(feature = "onnx")]
mod onnx;
mod photos;
mod queries;
mod registry;
mod runtime;
mod shop;
mod single;
mod thumbnails;
mod vocabulary;
mod write;

pub use background::Background;
pub use builder::ShopBuilder;
pub use change::{OfferReport, Update};
pub use export::{RestoreReport, is_export};
#[cfg(feature = "import")]
pub use import::{FetchedPhotos, ShopTarget};
pub use index::IndexLocation;
pub use model::ClassifierOptions;
pub use once::RunningRequest;
#[cfg(feature = "onnx")]
pub use onnx::find_model;
pub use queries::{List, Search, SearchPhoto, Similar};
pub use registry::{CatalogBackend, NoKeys, Registry};
pub use shop::{Shop, ShopParts};
pub use single::{Delete, Put};
pub use thumbnails::THUMBNAIL_WIDTHS;
pub use vitrina_core as core;
pub use vitrina_core::catalog::{Page, Sort};
pub use vitrina_core::index::{Facets, RankingWeights};
pub use vitrina_core::product::{
    Attribute, CategoryChange, CategoryContents, NewVariant, OfferChange, PhotoSource, Precondition,
    ProductChange, ProductRef, ProductVersion,
};
pub use vitrina_core::queue::QueueOptions;
pub use vitrina_core::search::{PhotoAnswer, Prediction, SimilarProduct, Suggested, WordAnswer};
#[doc(no_inline)]
pub use vitrina_core::{
    Category, CategoryId, Error, ErrorKind, Money, NewProduct, Product, ProductId, Result,
};
/// Sources of products, and imports of them.
#[cfg(feature = "import")]
pub use vitrina_import as sources;
pub use vitrina_photo::{PhotoLimits, ThumbnailFormat};
pub use vocabulary::{built_in_lexicon, ranking, synonyms, vocabulary};
pub use write::{PutAll, PutReport};
