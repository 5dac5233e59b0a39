//! Product sources: files and feeds of shop systems as streams of [`NewProduct`](vitrina_core::NewProduct).
//!
//! Formats are detected by their content: encoding, separator, headers in the languages that shop systems translate them
//! to. Every value that cannot be used is reported with its line, column and reason, and never stops the rest.
//!
//! ```
//! use vitrina_core::ProductSource;
//! use vitrina_import::{FileOptions, FileSource};
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! # let folder = tempfile::tempdir().unwrap();
//! # let file = folder.path().join("productos.csv");
//! std::fs::write(&file, "nombre;precio;categoría\nCamiseta roja;12,99 €;Ropa > Camisetas\nGorra;;Ropa\n").unwrap();
//! let mut source = FileSource::open(&file, FileOptions::default()).await?;
//! let batch = source.next_batch(1000).await?.unwrap();
//! assert_eq!(batch.products[0].product.name, "Camiseta roja");
//! assert_eq!(batch.products[0].product.price.unwrap().to_string(), "12.99");
//! assert_eq!(batch.problems[0].position.to_string(), "line 3"); // no price
//! # Ok::<(), vitrina_core::Error>(())
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod assemble;
#[cfg(feature = "databases")]
mod databases;
#[cfg(feature = "fetch")]
pub mod fetch;
mod field;
mod file;
mod groups;
mod headers;
mod lines;
mod options;
mod reader;
mod records;
mod row;
pub mod run;
mod spool;
mod values;

#[cfg(feature = "databases")]
pub use databases::{DatabaseOptions, DatabaseSource, System};
pub use file::{FileSource, read_all};
pub use options::{FileOptions, Format, Mapping};
