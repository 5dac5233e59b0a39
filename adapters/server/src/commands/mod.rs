//! What the `vitrina` command does, a file for each of its words.

mod classify;
mod eval;
mod health;
mod import;
mod openapi;
mod serve;
mod worker;

pub use classify::classify;
pub use eval::eval;
pub use health::health;
pub use import::import;
pub use openapi::openapi;
pub use serve::serve;
pub use worker::worker;

use std::sync::Arc;

use anyhow::anyhow;
use vitrina::{Classifier, QueueOptions};

use crate::cli::{ModelOptions, ShopOptions};
use crate::shop::{ShopConfig, open_classifier};

/// The shop that the flags name.
fn shop_config(options: &ShopOptions, queue_url: Option<String>, queue: QueueOptions) -> ShopConfig {
    ShopConfig {
        catalog: options.catalog.clone(),
        data_dir: options.data_dir.clone(),
        model: options.model.model.clone(),
        precision: options.model.precision.clone(),
        onnxruntime: options.model.onnxruntime.clone(),
        vocabulary: options.vocabulary.clone(),
        synonyms: options.synonyms.clone(),
        confidence_threshold: options.confidence_threshold,
        queue_url,
        queue,
    }
}

/// The model that the flags name, for those who cannot do without.
async fn open_model(options: &ModelOptions) -> anyhow::Result<Arc<dyn Classifier>> {
    let ModelOptions { model, precision, onnxruntime } = options;
    let opened = open_classifier(model.as_deref(), precision.clone(), onnxruntime.as_deref()).await?;
    opened.map_err(|reason| anyhow!(reason))
}

/// A line for whoever runs the command; the log goes elsewhere.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
