//! Vitrina lets a shop's customers find products by words or by a photo.
//!
//! This crate is the domain: its types, four traits ([`Catalog`], [`SearchIndex`], [`Classifier`], [`TaskQueue`]), the
//! rules that join them ([`SearchService`]), and the [`Worker`] that recognises photos. It names no database, model
//! runtime, broker or web framework; adapters bring those. Implementations in [`memory`] come with it:
//!
//! ```
//! use std::sync::Arc;
//! use vitrina::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
//! use vitrina::*;
//!
//! # futures_executor::block_on(async {
//! let catalog = Arc::new(MemoryCatalog::new());
//! catalog.upsert_categories(&[Category { id: CategoryId(1), name: "Camisetas".into() }]).await?;
//! catalog.upsert_products(&[ProductDraft {
//!     name: "Camiseta deportiva roja".into(),
//!     price: "12.99".parse()?,
//!     category: Some(CategoryId(1)),
//!     ..ProductDraft::default()
//! }]).await?;
//! let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
//! let shop = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, SearchOptions::default());
//! shop.refresh().await?;
//! let answer = shop.search_words(&WordSearch { text: "CAMISETAS rojas".into(), ..WordSearch::default() }).await?;
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
//! # use vitrina::memory::{MemoryCatalog, MemoryClassifier, MemoryIndex, MemoryQueue};
//! # use vitrina::*;
//! # futures_executor::block_on(async {
//! # let catalog = Arc::new(MemoryCatalog::new());
//! # catalog.upsert_categories(&[Category { id: CategoryId(4), name: "Zapatos".into() }]).await?;
//! # let queue = Arc::new(MemoryQueue::new(QueueOptions::default()));
//! # let shop = SearchService::new(catalog, Arc::new(MemoryIndex::new()), queue, SearchOptions::default());
//! # shop.refresh().await?;
//! let shoe = CategoryScore { category: CategoryId(4), score: 0.93 };
//! let seen = Recognition { categories: vec![shoe], ..Recognition::default() };
//! let classifier = Arc::new(MemoryClassifier::new().knowing("the bytes of a photo", seen));
//! let task = shop.submit_photo("the bytes of a photo".into()).await?;
//! let worker = Worker::new(shop.queue().clone(), classifier, WorkerOptions { drain: true, ..Default::default() });
//! let stop = Stop::new();
//! stop.stop(); // a worker that drains finishes what is there before it goes
//! worker.run(&stop).await;
//! let TaskAnswer::Completed(answer) = shop.task(task, &PhotoSearch::default(), Duration::ZERO).await? else { panic!() };
//! assert_eq!(answer.predictions[0].category.name, "Zapatos");
//! # Ok::<(), Error>(())
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod catalog;
mod categorizer;
mod classifier;
#[cfg(feature = "conformance")]
pub mod conformance;
mod discriminant;
mod embedding;
mod error;
mod facets;
mod index;
mod listing;
pub mod memory;
mod money;
mod product;
mod queue;
mod recognition;
mod remembering;
mod service;
mod synonyms;
pub mod text;
mod vocabulary;
mod worker;

pub use catalog::{Catalog, Change, Changes, FeedPosition, PhotoEmbedding};
pub use categorizer::Categorizer;
pub use classifier::{Classifier, PhotoError};
pub use discriminant::Discriminant;
pub use embedding::Embedding;
pub use error::{Error, ErrorKind, Result};
pub use facets::{FacetCounter, Facets, Passes, PriceRange};
pub use index::{Hit, SearchIndex, Suggestions, TextHits, TextQuery, catch_up, fair_shares};
pub use listing::{Cursor, CursorKey, DEFAULT_LIMIT, Filter, ListQuery, MAX_LIMIT, Page, Sort};
pub use money::Money;
pub use product::{Category, CategoryId, Product, ProductDraft, ProductId};
pub use queue::{
    Claim, Completion, DeadLetter, Lease, Outcome, QueueDepth, QueueOptions, Retry, Stage, TaskId, TaskQueue,
    TaskState,
};
pub use recognition::{CategoryScore, LabelScore, Recognition};
pub use remembering::Remembering;
pub use service::{
    Highlights, PhotoAnswer, PhotoSearch, Prediction, SearchOptions, SearchService, SimilarProduct,
    Suggested, TaskAnswer, WordAnswer, WordSearch,
};
pub use synonyms::Synonyms;
pub use vocabulary::Vocabulary;
pub use worker::{QueueReporter, Reporter, Stop, Worker, WorkerOptions};
