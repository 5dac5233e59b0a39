//! `vitrina classify`: what the model sees in photos.

use std::path::Path;

use anyhow::{Context, Result, bail};
use vitrina_core::classify::Classification;

use super::{open_model, say};
use crate::api::wire;
use crate::cli::ClassifyOptions;

/// How many labels people are shown.
const SHOWN: usize = 3;

/// Classifies one photo after the other and prints a line for each.
///
/// # Errors
/// A model that cannot be opened; and, once all others are done, photos that could not be read.
pub async fn classify(options: ClassifyOptions) -> Result<()> {
    let classifier = open_model(&options.model).await?;
    let mut unread = 0;
    for path in &options.photos {
        let bytes = std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let Some(seen) = classifier.classify(&[&bytes])?.pop() else { bail!("the model gave no answer") };
        match seen {
            Ok(seen) if options.json => say(&as_json(path, &seen)),
            Ok(seen) => say(&in_words(path, &seen)),
            Err(error) => {
                unread += 1;
                tracing::error!(photo = %path.display(), "{error}");
            }
        }
    }
    match unread {
        0 => Ok(()),
        _ => bail!("{unread} of {} photos could not be read", options.photos.len()),
    }
}

fn in_words(path: &Path, seen: &Classification) -> String {
    let labels: Vec<_> =
        seen.labels.iter().take(SHOWN).map(|label| format!("{} {:.3}", label.label, label.score)).collect();
    format!("{}: {}", path.display(), labels.join(", "))
}

fn as_json(path: &Path, seen: &Classification) -> String {
    let mut line = wire::classified(seen);
    line["photo"] = path.display().to_string().into();
    line.to_string()
}
