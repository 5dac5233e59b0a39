//! What the `vitrina` command does, a file for each of its words.

mod backup;
mod classify;
mod clean_photos;
mod eval;
mod export;
mod follow;
mod health;
mod import;
mod key;
mod openapi;
mod serve;
mod worker;

pub use backup::backup;
pub use classify::classify;
pub use clean_photos::clean_photos;
pub use eval::eval;
pub use export::export;
pub use health::health;
pub use import::{import, imports};
pub use key::key;
pub use openapi::openapi;
pub use serve::serve;
pub use worker::worker;

use std::sync::Arc;

use anyhow::anyhow;
use vitrina::{ClassifierOptions, ShopBuilder};
use vitrina_core::Classifier;

use crate::cli::{ModelOptions, ShopOptions};

/// The shop that the flags name.
///
/// # Errors
/// Those of the weights of the ranking.
fn builder(options: &ShopOptions) -> vitrina_core::Result<ShopBuilder> {
    let mut builder = with_model(ShopBuilder::default(), &options.model)
        .data_dir(&options.data_dir)
        .index(options.index.clone())
        .confidence_threshold(options.confidence_threshold);
    if let Some(url) = &options.catalog {
        builder = builder.catalog(url);
    }
    if let Some(file) = &options.vocabulary {
        builder = builder.vocabulary(file);
    }
    if let Some(file) = &options.synonyms {
        builder = builder.synonyms(file);
    }
    if let Some(file) = &options.ranking {
        builder = builder.ranking(vitrina::ranking(file)?);
    }
    Ok(builder)
}

fn with_model(builder: ShopBuilder, options: &ModelOptions) -> ShopBuilder {
    let ModelOptions { model, precision, onnxruntime } = options;
    let how = ClassifierOptions::default().precision(precision.clone()).library(onnxruntime.clone());
    let builder = builder.classifier_options(how);
    match model {
        Some(folder) => builder.model(folder),
        None => builder,
    }
}

/// The model that the flags name, for those who cannot do without.
async fn open_model(options: &ModelOptions) -> anyhow::Result<Arc<dyn Classifier>> {
    let opened = with_model(ShopBuilder::default(), options).open_classifier().await?;
    opened.map_err(|reason| anyhow!(reason))
}

/// A line for whoever runs the command; the log goes elsewhere.
#[allow(clippy::print_stdout)]
fn say(line: &str) {
    println!("{line}");
}
