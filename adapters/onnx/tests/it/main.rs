//! Integration tests. Those that need the model or the Python reference skip themselves loudly where it is missing, and
//! fail where `CI` is set: skipped must not look like passed.

#![allow(clippy::unwrap_used)] // of helpers; clippy.toml speaks of test functions alone

mod classify;
mod ensemble;
mod golden;
mod manifests;
mod precision;
mod reduced;
mod support;
