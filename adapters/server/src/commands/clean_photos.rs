//! `vitrina clean-photos`: photos that no product has any more.

use std::time::Duration;

use anyhow::Result;

use super::{builder, say};
use crate::cli::CleanPhotosOptions;

/// Deletes unused photos and prints how many.
///
/// # Errors
/// Those of the shop and of its store of photos.
pub async fn clean_photos(options: CleanPhotosOptions) -> Result<()> {
    let mut builder = builder(&options.shop)?;
    if let Some(url) = &options.photo_store {
        builder = builder.photos(url);
    }
    let age = Duration::from_secs(u64::from(options.older_than) * 3600);
    let deleted = builder.open().await?.delete_unused_photos(age).await?;
    say(&format!("deleted {deleted} photos that no product has"));
    Ok(())
}
