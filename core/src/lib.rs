//! Vitrina lets a shop's customers find products by words or by a photo.
//!
//! This crate is the domain: its types, four traits ([`Catalog`], [`SearchIndex`], [`Classifier`], [`TaskQueue`]), the
//! rules that join them ([`SearchService`]), and the [`Worker`] that recognises photos. It names no database, model
//! runtime, broker or web framework; adapters bring those. Implementations in [`memory`] come with it:
//!
//! ```
//! use std::sync::Arc;
//! use vitrina_core::memory::{MemoryCatalog, MemoryIndex, MemoryQueue};
//! use vitrina_core::*;
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
//! # use vitrina_core::memory::{MemoryCatalog, MemoryClassifier, MemoryIndex, MemoryQueue};
//! # use vitrina_core::*;
//! # futures_executor::block_on(async {
//! # let catalog = Arc::new(MemoryCatalog::new());
//! # catalog.upsert_categories(&[Category::new(CategoryId(4), "Zapatos")]).await?;
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
mod category_map;
mod category_names;
mod classifier;
mod codes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod data_file;
mod discriminant;
mod embedding;
mod error;
mod evidence;
mod explanation;
mod facets;
mod index;
mod keys;
mod lexicon;
mod listing;
pub mod memory;
mod money;
pub mod naming;
mod observation;
mod photo_format;
mod photo_store;
mod photo_sum;
mod product;
mod queue;
mod recognition;
mod remembering;
mod service;
mod source;
mod synonyms;
pub mod text;
mod understanding;
mod vocabulary;
mod weights;
mod worker;

pub use catalog::{Catalog, Change, Changes, FeedPosition, ModifyProduct, Offers, PhotoEmbedding};
pub use categorizer::Categorizer;
pub use category_map::ProductNames;
pub use classifier::{Classifier, PhotoError};
pub use codes::{CodePart, SHORTEST_CODE_PART, code_key, code_parts, has_last_digits};
pub use discriminant::{Discriminant, PhotoEvidence};
pub use embedding::{Embedding, EmbeddingSpace};
pub use error::{Error, ErrorKind, Result};
pub use explanation::{Boost, BoostKind, Explanation, TextField, WordScore};
pub use facets::{AttributeFacet, AttributePass, FacetChoice, FacetCounter, Facets, Passes, PriceRange};
pub use index::{
    EmbeddedProducts, Hit, MAX_EXPLAINED, MAX_SKIPPED, SearchIndex, Suggestions, TextHits, TextQuery,
    catch_up, clear_if_ahead, fair_shares,
};
pub use keys::{ApiKey, KeyDigest, KeyStore, Scope, check_origin};
pub use lexicon::Lexicon;
pub use listing::{Cursor, CursorKey, DEFAULT_LIMIT, Filter, ListQuery, MAX_LIMIT, Page, Sort};
pub use money::Money;
pub use observation::{LogTasks, STAGE_TARGET, TaskObserver, TraceContext};
pub use photo_format::PhotoFormat;
pub use photo_store::{ListedPhoto, PhotoKey, PhotoStore, PhotoStream};
pub use photo_sum::PhotoSum;
pub use product::{
    Attribute, AttributeValue, Availability, Category, CategoryChange, CategoryContents, CategoryId,
    CategoryPath, CategoryTree, Codes, NewProduct, NewVariant, OfferChange, PhotoSource, Precondition,
    Product, ProductChange, ProductDraft, ProductId, ProductRef, ProductVersion, SalePrice, Texts, Timestamp,
    Variant, check_language, not_empty,
};
pub use queue::{
    Claim, Completion, DeadLetter, Lease, MAX_BATCH_COST, NewTask, Outcome, QueueDepth, QueueOptions, Retry,
    Stage, TaskId, TaskQueue, TaskState,
};
pub use recognition::{CategoryScore, LabelScore, Recognition};
pub use remembering::Remembering;
pub use service::{
    FacetValue, Highlights, PhotoAnswer, PhotoSearch, Prediction, Resemblance, SearchOptions, SearchService,
    SimilarProduct, Suggested, TaskAnswer, WordAnswer, WordSearch,
};
pub use source::{
    MAX_SOURCE_BATCH, ProductSource, SourceBatch, SourcePosition, SourceProblem, SourceProduct,
    SourceProgress,
};
pub use synonyms::Synonyms;
pub use understanding::{Intent, PriceOrder, Understanding, UnderstoodPart};
pub use vocabulary::Vocabulary;
pub use weights::RankingWeights;
pub use worker::{QueueReporter, Reporter, Stop, Worker, WorkerOptions};
