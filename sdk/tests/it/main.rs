//! The SDK through its public interface.

#![allow(clippy::unwrap_used)]

mod change;
mod export;
#[cfg(feature = "import")]
mod fetching;
#[cfg(feature = "import")]
mod import;
mod index;
mod photos;
mod shop;
