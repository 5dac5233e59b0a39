//! Photos of every kind, whole and broken, through the public functions.

#![allow(clippy::unwrap_used)] // of helpers; clippy.toml speaks of test functions alone

mod formats;
mod hostile;
mod publish;
