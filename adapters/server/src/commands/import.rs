//! `vitrina import`: products from a file into the catalogue.

use anyhow::Result;
use vitrina::QueueOptions;

use super::{say, shop_config};
use crate::cli::ImportOptions;
use crate::shop::{Shop, import_file};

/// Imports a file and says what came of it.
///
/// # Errors
/// Those of the shop and of [`import_file`].
pub async fn import(options: ImportOptions) -> Result<()> {
    let shop = Shop::open(&shop_config(&options.shop, None, QueueOptions::default())).await?;
    let classifier = shop.classifier.as_deref().ok();
    let report =
        import_file(&shop.service, &shop.photos, &options.file, options.photos.as_deref(), classifier)
            .await?;
    say(&format!(
        "imported {} products ({} new categories), recognised {} photos",
        report.products, report.categories, report.photos
    ));
    Ok(())
}
