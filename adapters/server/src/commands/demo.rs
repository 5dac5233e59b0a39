//! The demo products: the categories and products of the checkout, and real products with photos where the set-up fetched them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use vitrina::Shop;
use vitrina_core::catalog::{Filter, ListQuery};
use vitrina_core::product::CategoryContents;
use vitrina_core::{Category, CategoryId, Error, NewProduct, ProductId, Result};
use vitrina_import::{FileOptions, FileSource, read_all};

/// A category as `data/demo/categories.json` writes it.
#[derive(serde::Deserialize)]
struct CategoryLine {
    id: i64,
    name: String,
}

/// A photo to try, as `data/demo/examples.json` writes it: that of a product which is sold without it.
#[derive(serde::Deserialize)]
struct ExampleLine {
    id: i64,
}

/// Fills an empty catalogue with the demo products, and returns how many; a catalogue that holds anything is left alone. Their
/// photos are not embedded yet: [`Shop::embed_missing`] does that.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) outside a checkout, and those of the shop.
pub(super) async fn fill_with_demo(shop: &Shop) -> Result<usize> {
    let catalog = shop.service().catalog();
    if catalog.count().await? > 0 {
        return Ok(0);
    }
    let folder =
        demo_folder().ok_or_else(|| Error::invalid("the demo products are in the checkout: run it there"))?;
    let lines: Vec<CategoryLine> = list(&folder.join("categories.json"))?;
    let with_photos = folder.join("vendure");
    let fetched = with_photos.join("vendure.jsonl");
    // Without the products with photos only the first six categories have something to show.
    let shown = if fetched.is_file() { lines.len() } else { 6 };
    let category = |line: CategoryLine| Category::new(CategoryId(line.id), line.name);
    let categories: Vec<_> = lines.into_iter().take(shown).map(category).collect();
    catalog.upsert_categories(&categories).await?;
    let own = products(&folder.join("products_es.jsonl")).await?;
    let mut filled = shop.put_all(own).embed_later().await?.ids.len();
    if fetched.is_file() {
        let examples: Vec<ExampleLine> = list(&folder.join("examples.json"))?;
        let mut real = products(&fetched).await?;
        // The photos that the page offers to try must not be the shop's own.
        for product in &mut real {
            if examples.iter().any(|example| Some(example.id) == product.id.map(|id| id.0)) {
                product.photos.clear();
            }
        }
        let images = with_photos.join("assets/images");
        filled += shop.put_all(real).photo_folder(images).embed_later().await?.ids.len();
    } else {
        tracing::info!("the demo products with photos were not fetched: `make setup` does it");
    }
    Ok(filled)
}

/// Returns the IDs of demo products that a shop holds: those with the ID and the name of one.
///
/// # Errors
/// Those of the catalogue.
pub(super) async fn held(shop: &Shop) -> Result<Vec<ProductId>> {
    let Some(folder) = demo_folder() else { return Ok(Vec::new()) };
    let mut held = Vec::new();
    for file in ["products_es.jsonl", "vendure/vendure.jsonl"].map(|name| folder.join(name)) {
        // A checkout may lack the products with photos.
        let Ok(demo) = products(&file).await else { continue };
        let names: HashMap<_, _> = demo.into_iter().filter_map(|demo| Some((demo.id?, demo.name))).collect();
        let ids: Vec<_> = names.keys().copied().collect();
        let known = shop.service().catalog().products(&ids).await?;
        held.extend(
            known.into_iter().filter(|known| names.get(&known.id) == Some(&known.name)).map(|known| known.id),
        );
    }
    Ok(held)
}

/// Removes demo products, and the demo's categories that no other product is in.
///
/// # Errors
/// Those of the catalogue.
pub(super) async fn remove(shop: &Shop, held: &[ProductId]) -> Result<()> {
    let catalog = shop.service().catalog();
    catalog.delete_products(held).await?;
    let Some(folder) = demo_folder() else { return Ok(()) };
    let demo: Vec<CategoryLine> = list(&folder.join("categories.json"))?;
    for category in catalog.categories().await? {
        let filter = Filter::default().categories(vec![category.id]);
        let query = ListQuery::default().filter(filter).limit(1);
        let own = demo.iter().any(|line| line.id == category.id.0 && line.name == category.name);
        if own && catalog.list(&query).await?.items.is_empty() {
            catalog.delete_category(category.id, CategoryContents::Release).await?;
        }
    }
    Ok(())
}

async fn products(file: &Path) -> Result<Vec<NewProduct>> {
    read_all(&mut FileSource::open(file, FileOptions::default()).await?).await
}

/// The demo folder of the checkout that the executable was built in, or that the working folder is in.
fn demo_folder() -> Option<PathBuf> {
    let starts = [std::env::current_exe().ok(), std::env::current_dir().ok()];
    let above = starts.iter().flatten().flat_map(|start| start.ancestors());
    above.map(|place| place.join("data/demo")).find(|place| place.is_dir())
}

fn list<T: serde::de::DeserializeOwned>(file: &Path) -> Result<Vec<T>> {
    let wrong = |what: &str| format!("{} {what}: take the checkout's own", file.display());
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::invalid(wrong("cannot be read")).with_source(error))?;
    serde_json::from_str(&text).map_err(|error| Error::invalid(wrong("is no such list")).with_source(error))
}
