//! The demo products: the six categories of the course, and real products with photos where the set-up fetched them.

use vitrina::{Category, CategoryId, Error, Result, SearchService};

use super::{ImportReport, PhotoStore, checkout, import_file};

/// A category as `data/demo/categories.json` writes it.
#[derive(serde::Deserialize)]
struct CategoryLine {
    id: i64,
    name: String,
}

/// Fills an empty catalogue with the demo products; one that holds anything is left alone. Their photos are not recognised
/// yet: [`embed_missing`](super::embed_missing) does that.
///
/// # Errors
/// [`Invalid`](vitrina::ErrorKind::Invalid) where this is no checkout, and those of the import.
pub async fn fill_with_demo(service: &SearchService, photos: &PhotoStore) -> Result<ImportReport> {
    let mut report = ImportReport::default();
    if service.catalog().count().await? > 0 {
        return Ok(report);
    }
    let folder = checkout::demo()
        .ok_or_else(|| Error::invalid("the demo products are in the checkout: run it there"))?;
    let unreadable = |error| Error::invalid("data/demo/categories.json cannot be read").with_source(error);
    let text = std::fs::read_to_string(folder.join("categories.json")).map_err(unreadable)?;
    let lines: Vec<CategoryLine> = serde_json::from_str(&text).map_err(|error| {
        Error::invalid("data/demo/categories.json is no list of categories").with_source(error)
    })?;
    let with_photos = folder.join("vendure");
    let fetched = with_photos.join("vendure.jsonl");
    // Without the photos' products only the six categories of the course have something to show.
    let shown = if fetched.is_file() { lines.len() } else { 6 };
    let category = |line: CategoryLine| Category { id: CategoryId(line.id), name: line.name };
    let categories: Vec<_> = lines.into_iter().take(shown).map(category).collect();
    service.catalog().upsert_categories(&categories).await?;
    report += import_file(service, photos, &folder.join("products_es.jsonl"), None, None).await?;
    if fetched.is_file() {
        let images = with_photos.join("assets/images");
        report += import_file(service, photos, &fetched, Some(&images), None).await?;
    } else {
        tracing::info!("the demo products with photos were not fetched: `make setup` does it");
    }
    Ok(report)
}
