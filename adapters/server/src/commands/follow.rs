//! `vitrina serve --follow`: the server keeps in step with a source.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use vitrina::Shop;
use vitrina_core::queue::Stop;
use vitrina_import::fetch::{FetchPolicy, HostList, PhotoFetcher};
use vitrina_import::run::{FollowOptions, ImportOptions, SourceSpec, follow};

use super::import::opener;
use crate::cli::{ServeOptions, SourceOptions};
use crate::demo;
use crate::imports::Imports;

/// Follows the source of `--follow`, if there is one, until `stop`. A feed's photos are fetched from its own site.
///
/// # Errors
/// A mapping that cannot be used, a folder that cannot be written, and a shop that holds the demo.
pub(super) async fn follow_in_background(
    options: &ServeOptions,
    shop: &Shop,
    imports: Arc<Imports>,
    stop: Stop,
) -> Result<()> {
    let Some(source) = &options.follow else { return Ok(()) };
    if !demo::held(shop).await?.is_empty() {
        bail!(
            "{} holds the demo products: serve without --demo and import once with --replace-demo, or use another --data-dir",
            options.shop.data_dir.display()
        );
    }
    let folder = options.shop.data_dir.join("imports");
    let spec = SourceSpec::parse(source);
    let log = imports.fetched()?;
    let photos = match &spec {
        SourceSpec::Url(url) => {
            Some(PhotoFetcher::new(FetchPolicy::photos(HostList::of_site(url)?), log.clone())?)
        }
        _ => None,
    };
    let read = SourceOptions { mapping: options.follow_mapping.clone(), ..SourceOptions::default() };
    let mut opener = opener(spec, &read, &folder)?;
    let target = shop.import_target().fetched(log);
    let settings = ImportOptions::default().prune(true, options.max_removals / 100.0);
    let following = FollowOptions::new(Duration::from_secs(options.follow_interval), settings);
    let shop = shop.clone();
    tokio::spawn(async move {
        let (shop, photos) = (&shop, photos.as_ref());
        follow(&mut opener, &target, &following, imports.log(), &stop, |_| async move {
            let fetched = match photos {
                Some(fetcher) => shop.fetch_photos(fetcher, &|_| {}).await.map(|done| done.failed),
                None => shop.refresh().await.map(|_| 0),
            };
            match fetched {
                Ok(0) => {}
                Ok(failed) => tracing::warn!(failed, "photos of a feed were not fetched and are tried again"),
                Err(error) => tracing::warn!(error = %error.chain(), "photos of a feed were not fetched"),
            }
        })
        .await;
    });
    Ok(())
}
