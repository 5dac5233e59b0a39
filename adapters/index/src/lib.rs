//! The search index of Vitrina on [tantivy]: products by words and by visual similarity.
//!
//! [`TantivyIndex`] implements [`SearchIndex`](vitrina_core::SearchIndex). It is derived from the catalogue and may be thrown
//! away at any time. What it does, and in what order it answers:
//!
//! - **Words** are folded (case and accents; ñ stays, and n is forgiven), letters and digits apart (`iphone15`), and kept in all
//!   forms that may be their singular, in Spanish and English, each with a weight. `roja` finds `rojo` too, after `roja`.
//! - **Forgiving**: an unknown word is completed if it is the last, else read as the word it was likeliest meant for: one edit
//!   away from five letters on, two from nine, or said alike; synonyms and neighbours written as one word stand in for words.
//! - **Ranking**: a product's score is 1 if it has all words that are needed, plus a fraction below 1 that says how well: rare
//!   words and those that name kinds of products count more than others, the head of the name more than its rest, the category,
//!   the brand and the description; products of the kind and category that the query asks for gain, accessories only where one
//!   is asked for. Of equals, what is in stock comes first. Products that are only of a meant category score 0.
//! - **Pages** go on after the score and number of the last product seen. Scores depend on the products there are, not on
//!   how they came in, so servers that are equally far in the change feed may answer pages in turns.
//! - **Visual similarity** is an exact scan over unit vectors in memory.
//!
//! ```
//! use vitrina_core::SearchIndex;
//! use vitrina_core::catalog::FeedPosition;
//! use vitrina_index::TantivyIndex;
//!
//! # futures_executor::block_on(async {
//! let index = TantivyIndex::in_memory()?;
//! assert_eq!(index.position().await?, FeedPosition(0));
//! # Ok::<(), vitrina_core::Error>(())
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod analysis;
mod answers;
mod asked;
mod attributes;
mod codes;
mod columns;
mod encoder;
mod explain;
mod facet_columns;
mod facets;
mod filter;
mod frequent;
mod index;
mod intersection;
mod kinds;
mod list;
mod matching;
mod more_texts;
mod negation;
mod page;
mod photo_id;
mod prices;
mod quantizer;
mod query;
mod ranking;
mod rotation;
mod schema;
mod search;
mod selection;
mod signals;
mod sound;
mod spelling;
mod storage;
mod stored;
mod vector_store;
mod vectors;
mod window;

pub use index::TantivyIndex;

use vitrina_core::Error;

/// The one translation of tantivy's errors; what went wrong is in the source, for the log.
fn failed(error: impl Into<tantivy::TantivyError>) -> Error {
    Error::internal("the search index failed: see the server's log").with_source(error.into())
}
