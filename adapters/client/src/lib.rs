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
//! Words and a filter narrow the products for a photo, which is classified once however often it is asked for:
//!
//! ```no_run
//! # async fn demo(client: vitrina_client::Client, photo: Vec<u8>) -> Result<(), vitrina_client::ClientError> {
//! use std::time::Duration;
//! use vitrina_core::Money;
//! use vitrina_client::{Filter, PhotoSearch};
//!
//! let task = client.submit_image(photo).await?;
//! let cheap = Filter::default().max_price(Some(Money::from_minor(2000)));
//! let wanted = PhotoSearch::default().text("roja").filter(cheap);
//! let answer = client.result(&task, &wanted, Duration::from_secs(10)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! With the key of the server's administration the catalogue can be written:
//!
//! ```no_run
//! # async fn demo(key: &str, photo: Vec<u8>) -> Result<(), vitrina_client::ClientError> {
//! use vitrina_core::{CategoryId, Money, NewProduct, ProductId};
//! use vitrina_client::Client;
//!
//! let client = Client::builder("http://127.0.0.1:8000").admin_key(key).build()?;
//! client.put_category(CategoryId(40), "Gorras").await?;
//! let cap = NewProduct::new("Gorra verde", Money::from_minor(950)).category("Gorras").stock(3);
//! client.put_product(ProductId(900), &cap).await?;
//! client.put_photo(ProductId(900), photo).await?;
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
mod conditional;
mod error;
mod filter;
mod http;
mod import;
mod listing;
mod photo;
mod wire;

pub use answer::{
    AttributeCounts, CategoryCount, Facets, Highlights, ImageAnswer, OffersUpdated, Prediction, PriceCount,
    Product, ProductPage, Progress, Readiness, Suggestions, TextAnswer, UnderstoodPart,
};
pub use client::{Builder, Client};
pub use conditional::ProductWrite;
pub use error::{ClientError, ClientErrorKind, Result};
pub use filter::{CategoryRef, Filter, PhotoSearch};
pub use import::{Import, ImportFile, ImportProblem, Imports, RunningImport};
pub use listing::{Classified, Listing};
