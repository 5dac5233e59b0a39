//! `vitrina health`: whether a server or a worker answers, for images that hold no other HTTP client.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::say;
use crate::cli::HealthOptions;

/// How long the answer may take.
const LIMIT: Duration = Duration::from_secs(5);

/// Asks an address, and prints what it says when it says yes.
///
/// # Errors
/// No answer in time, or any status but 2xx; the message repeats what was answered.
pub async fn health(options: HealthOptions) -> Result<()> {
    // The first provider of the process stands; any will do.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(LIMIT).no_proxy().build()?;
    let url = &options.url;
    let answered = client.get(url).send().await;
    let mut answer = answered.with_context(|| format!("{url} does not answer"))?;
    // The first piece is all of a health answer, and bounds what any other address may send.
    let said = answer.chunk().await?.unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    if !answer.status().is_success() {
        bail!("{url} answered {}: {said}", answer.status());
    }
    say(&said);
    Ok(())
}
