//! Vitrina's doors to the network: the REST server with its OpenAPI document, and the `vitrina` command.
//!
//! The way of a request: [`http`] (limits, errors, metrics) → [`api`] (one file a group of endpoints: parse, call
//! [`SearchService`](vitrina::SearchService), map) → [`api::wire`] (what goes over the wire). [`shop`] puts a shop together
//! from a catalogue, an index, a queue and a model, for the server and for everyone who wants the engine in the process.
//! [`inference`] is the worker in a process of its own.

pub mod api;
pub mod cli;
pub mod commands;
pub mod http;
pub mod inference;
pub mod metrics;
pub mod shop;
