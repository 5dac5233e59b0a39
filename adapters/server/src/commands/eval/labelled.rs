//! Photos in folders that are named after what they show.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrina_core::Classifier;
use vitrina_core::classify::Classification;

/// How many photos are classified at a time.
const BATCH: usize = 16;

/// Photos by label.
pub(super) type Photos = Vec<(String, PathBuf)>;

/// A photo that was classified.
pub(super) struct Labelled {
    /// What it shows: the name of its folder, empty for one that is in none, or a product's name.
    pub(super) label: String,
    pub(super) path: PathBuf,
    pub(super) classification: Classification,
}

/// The photos of a folder and of the folders in it, by path.
pub(super) fn photos(folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        if path.is_dir() {
            let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.extend(entries(&path)?.into_iter().map(|photo| (label.clone(), photo)));
        } else {
            found.push((String::new(), path));
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let listing =
        std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut paths = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Of each label the `count` photos that `seed` puts first; all where `count` is `None`.
pub(super) fn chosen(
    mut photos: Vec<(String, PathBuf)>,
    count: Option<usize>,
    seed: u64,
) -> Vec<(String, PathBuf)> {
    let Some(count) = count else { return photos };
    let place = |path: &Path| {
        let mut hasher = DefaultHasher::new();
        (seed, path.file_name()).hash(&mut hasher);
        hasher.finish()
    };
    photos.sort_by_cached_key(|(label, path)| (label.clone(), place(path)));
    let (mut taken, mut last) = (0, None);
    photos.retain(|(label, _)| {
        taken = if last.as_ref() == Some(label) { taken + 1 } else { 1 };
        last = Some(label.clone());
        taken <= count
    });
    photos
}

/// The photos in an order that `seed` decides: customers' photos come in no order of what they show.
pub(super) fn shuffled(mut photos: Photos, seed: u64) -> Photos {
    photos.sort_by_cached_key(|(_, path)| {
        let mut hasher = DefaultHasher::new();
        (seed, path.file_name()).hash(&mut hasher);
        hasher.finish()
    });
    photos
}

/// Those of the labels that `seed` chooses for a share of them: half of ten are five.
pub(super) fn share_of(labels: &BTreeSet<String>, share: f64, seed: u64) -> BTreeSet<String> {
    let mut shuffled: Vec<_> = labels.iter().cloned().collect();
    shuffled.sort_by_cached_key(|label| {
        let mut hasher = DefaultHasher::new();
        (seed, label).hash(&mut hasher);
        hasher.finish()
    });
    shuffled.truncate((share.clamp(0.0, 1.0) * shuffled.len() as f64).round() as usize);
    shuffled.into_iter().collect()
}

/// A table of products with one photo each: the photos by product, and each product's category.
pub(super) fn one_photo_products(table: &Path) -> Result<(Photos, HashMap<String, String>)> {
    let folder = table.parent().unwrap_or(Path::new("."));
    let (mut photos, mut categories) = (Vec::new(), HashMap::new());
    for row in super::files::table(table)? {
        let column =
            |name: &str| row.get(name).cloned().with_context(|| format!("the table has no column `{name}`"));
        let product = column("product")?;
        photos.push((product.clone(), folder.join(column("photo")?)));
        categories.insert(product, column("category")?);
    }
    Ok((photos, categories))
}

/// Classifies photos; one that cannot be read is named and left out.
pub(super) fn classified(
    classifier: &dyn Classifier,
    photos: Vec<(String, PathBuf)>,
) -> Result<Vec<Labelled>> {
    let mut all = Vec::with_capacity(photos.len());
    for batch in photos.chunks(BATCH) {
        let bytes = batch.iter().map(|(_, path)| Ok(std::fs::read(path)?)).collect::<Result<Vec<_>>>()?;
        let bytes: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        for ((label, path), result) in batch.iter().zip(classifier.classify(&bytes)?) {
            match result {
                Ok(classification) => {
                    all.push(Labelled { label: label.clone(), path: path.clone(), classification })
                }
                Err(error) => tracing::warn!(photo = %path.display(), %error, "left out"),
            }
        }
    }
    Ok(all)
}
