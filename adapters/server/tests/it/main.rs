//! The server through its public interfaces: the HTTP contract against the real app, and the command as a process.

#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod admin;
mod by_key;
mod catalog;
mod categories;
mod changes;
mod client;
mod command;
mod connections;
mod contract;
mod drop_in;
mod errors;
mod evaluation;
mod export;
mod importing;
mod imports;
mod inference;
mod keys;
mod killed;
mod limits;
mod machines;
mod once;
mod photos;
mod process;
mod reporter;
mod served;
mod setup;
mod shared;
mod spaces;
mod storefront;
mod telemetry;
mod versions;
mod webhook;
mod words;
