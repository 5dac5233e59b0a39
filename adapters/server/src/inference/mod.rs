//! The inference service: a worker in a process of its own, with a small API for its health and for tests.

mod api;
mod webhook;

pub use api::{InferenceBackend, app};
pub use webhook::WebhookReporter;
