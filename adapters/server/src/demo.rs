//! The demo products: the categories and products of the checkout, real products with photos where the set-up fetched them, and
//! many generated ones for the large demo.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use vitrina::Shop;
use vitrina_core::catalog::{Filter, ListQuery};
use vitrina_core::product::{CategoryContents, CategoryTree};
use vitrina_core::{Category, CategoryId, Error, NewProduct, Product, Result};
use vitrina_import::{FileOptions, FileSource, read_all};

use crate::cli::DemoSize;

/// How many products are removed at a time.
const REMOVED: usize = 1000;

/// A category as `data/demo/categories.json` writes it.
#[derive(serde::Deserialize)]
struct CategoryLine {
    id: i64,
    name: String,
    translations: BTreeMap<String, String>,
}

/// The names of a category of the large demo in other languages, as `data/demo/large_categories.json` writes them.
#[derive(serde::Deserialize)]
struct NamesLine {
    path: Vec<String>,
    translations: BTreeMap<String, String>,
}

/// A photo to try, as `data/demo/examples.json` writes it: that of a product which is sold without it.
#[derive(serde::Deserialize)]
struct ExampleLine {
    id: i64,
}

/// The files of demo products below the demo's folder; all but the first may be missing.
const FILES: [&str; 3] = ["products_es.jsonl", "vendure/vendure.jsonl", LARGE];
const LARGE: &str = "large/products.jsonl";

/// Fills an empty catalogue with the demo products, and returns how many; a catalogue that holds anything is left alone. Their
/// photos are not embedded yet: [`Shop::embed_missing`] does that.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) outside a checkout, and without the products of the large demo where that is
/// asked for; those of the shop.
pub(crate) async fn fill(shop: &Shop, size: DemoSize) -> Result<usize> {
    let catalog = shop.service().catalog();
    if size == DemoSize::None || catalog.count().await? > 0 {
        return Ok(0);
    }
    let folder =
        demo_folder().ok_or_else(|| Error::invalid("the demo products are in the checkout: run it there"))?;
    let lines: Vec<CategoryLine> = list(&folder.join("categories.json"))?;
    let with_photos = folder.join("vendure");
    let fetched = with_photos.join("vendure.jsonl");
    // Without the products with photos only the first six categories have something to show.
    let shown = if fetched.is_file() { lines.len() } else { 6 };
    let category = |line: CategoryLine| Category {
        translations: line.translations,
        ..Category::new(CategoryId(line.id), line.name)
    };
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
    if size == DemoSize::Large {
        let file = folder.join(LARGE);
        if !file.is_file() {
            return Err(Error::invalid(
                "the large demo is not generated yet: run `python data/demo/large.py`",
            ));
        }
        filled += shop.put_all(products(&file).await?).embed_later().await?.ids.len();
        translate(shop, list(&folder.join("large_categories.json"))?).await?;
    }
    Ok(filled)
}

/// Gives the categories that came with the products of the large demo their names in other languages.
async fn translate(shop: &Shop, lines: Vec<NamesLine>) -> Result<()> {
    let catalog = shop.service().catalog();
    let tree = CategoryTree::new(catalog.categories().await?);
    let named = |line: NamesLine| {
        let category = tree.get(tree.find(&line.path)?)?.clone();
        Some(Category { translations: line.translations, ..category })
    };
    let categories: Vec<_> = lines.into_iter().filter_map(named).collect();
    catalog.upsert_categories(&categories).await
}

/// Returns the demo products that a shop holds: those with the ID and the name of one.
///
/// # Errors
/// Those of the catalogue.
pub(crate) async fn held(shop: &Shop) -> Result<Vec<Product>> {
    let Some(folder) = demo_folder() else { return Ok(Vec::new()) };
    let mut held = Vec::new();
    for file in FILES.map(|name| folder.join(name)) {
        let Ok(demo) = products(&file).await else { continue };
        let names: HashMap<_, _> = demo.into_iter().filter_map(|demo| Some((demo.id?, demo.name))).collect();
        let ids: Vec<_> = names.keys().copied().collect();
        let known = shop.service().catalog().products(&ids).await?;
        held.extend(known.into_iter().filter(|known| names.get(&known.id) == Some(&known.name)));
    }
    Ok(held)
}

/// Removes the demo from a shop that is about to import products of its own, where `replace` allows it, and returns how many
/// products that were.
///
/// # Errors
/// [`Conflict`](vitrina_core::ErrorKind::Conflict) for a shop that holds demo products and is to keep them, and those of the
/// catalogue.
pub(crate) async fn give_way(shop: &Shop, replace: bool) -> Result<usize> {
    let held = held(shop).await?;
    if !held.is_empty() && !replace {
        return Err(Error::conflict(
            "the shop holds the demo products, which are not mixed with others: import with --replace-demo, over HTTP with \
             `?replace_demo=true`, which removes them (`false` keeps them), or into another --data-dir",
        ));
    }
    remove(shop, &held).await?;
    Ok(held.len())
}

/// Removes demo products, and the demo's categories, with those of these products below them, that no other product is in.
async fn remove(shop: &Shop, held: &[Product]) -> Result<()> {
    let (Some(folder), false) = (demo_folder(), held.is_empty()) else { return Ok(()) };
    let catalog = shop.service().catalog();
    let ids: Vec<_> = held.iter().map(|product| product.id).collect();
    for batch in ids.chunks(REMOVED) {
        catalog.delete_products(batch).await?;
    }
    let demo: Vec<CategoryLine> = list(&folder.join("categories.json"))?;
    let is_demos =
        |category: &Category| demo.iter().any(|line| line.id == category.id.0 && line.name == category.name);
    let roots = catalog.categories().await?.into_iter().filter(is_demos);
    let mut own: BTreeMap<_, usize> = roots.map(|category| (category.id, 0)).collect();
    for path in held.iter().flat_map(|product| &product.categories) {
        if path.iter().next().is_some_and(|root| own.contains_key(&root.id)) {
            own.extend(path.iter().enumerate().map(|(depth, category)| (category.id, depth)));
        }
    }
    // Those below first: a category that has others in it is not empty.
    let mut own: Vec<_> = own.into_iter().collect();
    own.sort_by_key(|(_, depth)| Reverse(*depth));
    for (id, _) in own {
        let filter = Filter::default().categories(vec![id]);
        let query = ListQuery::default().filter(filter).limit(1);
        if catalog.list(&query).await?.items.is_empty() {
            catalog.delete_category(id, CategoryContents::Release).await?;
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
