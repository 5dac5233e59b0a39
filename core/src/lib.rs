//! Vitrina lets a shop's customers find products by words or by a photo.
//!
//! This crate is the domain: its types, four traits ([`Catalog`], [`SearchIndex`], [`Classifier`], [`TaskQueue`]), the
//! rules that join them ([`SearchService`]), and the [`Worker`] that classifies photos. It names no database, model
//! runtime, broker or web framework; adapters bring those. Implementations in [`memory`] come with it:
//!
//! ```
//! use std::sync::Arc;
//! use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
//! use vitrina_core::product::ProductDraft;
//! use vitrina_core::queue::QueueOptions;
//! use vitrina_core::search::{SearchOptions, WordSearch};
//! use vitrina_core::{Catalog, Category, CategoryId, Error, SearchService};
//!
//! # futures_executor::block_on(async {
//! let catalog = Arc::new(MemoryCatalog::new());
//! catalog.upsert_categories(&[Category::new(CategoryId(1), "Camisetas")]).await?;
//! catalog.upsert_products(&[ProductDraft {
//!     name: "Camiseta deportiva roja".into(),
//!     price: "12.99".parse()?,
//!     categories: vec![CategoryId(1)],
//!     ..ProductDraft::default()
//! }]).await?;
//! let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
//! let shop = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, SearchOptions::default());
//! shop.refresh().await?;
//! let answer = shop.search_words(&WordSearch::default().text("CAMISETAS rojas")).await?;
//! assert_eq!(answer.categories[0].name, "Camisetas");
//! assert_eq!(answer.products[0].price.to_string(), "12.99");
//! # Ok::<(), Error>(())
//! # }).unwrap();
//! ```
//!
//! A photo takes the way through the queue and a worker:
//!
//! ```
//! # use std::{sync::Arc, time::Duration};
//! # use vitrina_core::memory::{MemoryCatalog, MemoryClassifier, MemoryIndex, MemoryQueue};
//! # use vitrina_core::classify::{CategoryScore, Classification};
//! # use vitrina_core::queue::{QueueOptions, Stop, WorkerOptions};
//! # use vitrina_core::search::{PhotoSearch, SearchOptions, TaskAnswer};
//! # use vitrina_core::{Catalog, Category, CategoryId, Error, SearchService, Worker};
//! # futures_executor::block_on(async {
//! # let catalog = Arc::new(MemoryCatalog::new());
//! # catalog.upsert_categories(&[Category::new(CategoryId(4), "Zapatos")]).await?;
//! # let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
//! # let shop = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, SearchOptions::default());
//! # shop.refresh().await?;
//! let shoe = CategoryScore { category: CategoryId(4), score: 0.93 };
//! let seen = Classification { categories: vec![shoe], ..Classification::default() };
//! let classifier = Arc::new(MemoryClassifier::new().knowing("the bytes of a photo", seen));
//! let task = shop.submit_photo("the bytes of a photo".into()).await?;
//! let worker = Worker::new(shop.queue().clone(), classifier, WorkerOptions::default().drain(true));
//! let stop = Stop::new();
//! stop.stop(); // a worker that drains finishes what is there before it goes
//! worker.run(&stop).await;
//! let TaskAnswer::Completed(answer) = shop.task(task, &PhotoSearch::default(), Duration::ZERO).await? else { panic!() };
//! assert_eq!(answer.predictions[0].category.name, "Zapatos");
//! # Ok::<(), Error>(())
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

pub mod catalog;
pub mod classify;
#[cfg(feature = "conformance")]
pub mod conformance;
mod data_file;
mod error;
pub mod index;
pub mod keys;
pub mod memory;
mod money;
pub mod naming;
pub mod photo;
pub mod product;
pub mod queue;
pub mod search;
pub mod source;
pub mod text;
pub mod words;

pub use catalog::Catalog;
pub use classify::Classifier;
pub use error::{Error, ErrorKind, Result};
pub use index::SearchIndex;
pub use keys::KeyStore;
pub use money::Money;
pub use photo::PhotoStore;
pub use product::{Category, CategoryId, NewProduct, Product, ProductId};
pub use queue::{TaskQueue, Worker};
pub use search::SearchService;
pub use source::ProductSource;
