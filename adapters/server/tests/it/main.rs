//! The server through its public doors: the HTTP contract against the real app, and the command as a process.

#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod admin;
mod catalog;
mod client;
mod command;
mod contract;
mod errors;
mod inference;
mod machines;
mod photos;
mod process;
mod reporter;
mod setup;
mod webhook;
mod words;
