//! Vitrina's network interfaces: the REST server with its OpenAPI document, and the `vitrina` command.
//!
//! The way of a request: [`connections`] → [`http`] (limits, errors, metrics), with [`limits`] and [`body`] → [`api`] (one file a group of endpoints: parse, call
//! [`SearchService`](vitrina_core::SearchService), map) → [`api::wire`] (what goes over the wire). [`inference`] is the worker in a process of its own.

pub use commands::serve;

pub mod access;
pub mod api;
pub mod body;
mod caching;
pub mod cli;
pub mod commands;
pub mod connections;
pub mod day;
mod demo;
pub mod events;
pub mod http;
pub mod imports;
pub mod inference;
mod layer;
pub mod limits;
pub mod metrics;
pub mod telemetry;
mod tls;
