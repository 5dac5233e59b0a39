//! Vitrina's HTTP client: products by words or by a photo from any server that speaks the contract.
//!
//! ```no_run
//! # async fn demo() -> Result<(), vitrina_client::ClientError> {
//! use std::time::Duration;
//! use vitrina_client::{Client, Listing, PhotoSearch};
//!
//! let client = Client::new("http://127.0.0.1:8000")?;
//! let found = client.search_text("camiseta deportiva roja", &Listing::default()).await?;
//! println!("{:?}: {} products", found.categories, found.total);
//!
//! let photo = std::fs::read("shoe.jpg").expect("a photo");
//! let wanted = PhotoSearch::default(); // or words and a filter, to narrow the answer down
//! let answer =
//!     client.search_image(photo, &wanted, Duration::from_secs(60), |stage| println!("{stage}")).await?;
//! for product in answer.products {
//!     println!("{} {}", product.name, product.price);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A server that only implements the course specification works too: what it leaves out of its answers stays empty, and
//! where it does not hold a request open ([`Prefer: wait`](https://www.rfc-editor.org/rfc/rfc7240)) the client asks again
//! at the pace that the server names.

#![forbid(unsafe_code)]

mod admin;
mod answer;
mod client;
mod error;
mod filter;
mod http;
mod listing;
mod photo;
mod wire;

pub use admin::ProductDraft;
pub use answer::{
    CategoryCount, Facets, Highlights, ImageAnswer, Prediction, PriceCount, Product, ProductPage, Progress,
    Readiness, Suggestions, TextAnswer,
};
pub use client::{Builder, Client};
pub use error::{ClientError, ClientErrorKind, Result};
pub use filter::{CategoryRef, Filter, PhotoSearch};
pub use listing::{Listing, Recognized};
