//! Photos in folders that are named after what they show.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vitrina::{Classifier, Recognition};

/// How many photos are recognised at a time.
const BATCH: usize = 16;

/// A photo that was recognised.
pub(super) struct Labelled {
    /// The name of its folder; empty for one that is in none.
    pub(super) label: String,
    pub(super) path: PathBuf,
    pub(super) recognition: Recognition,
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

/// Recognises photos; one that cannot be read is named and left out.
pub(super) fn recognized(
    classifier: &dyn Classifier,
    photos: Vec<(String, PathBuf)>,
) -> Result<Vec<Labelled>> {
    let mut all = Vec::with_capacity(photos.len());
    for batch in photos.chunks(BATCH) {
        let bytes = batch.iter().map(|(_, path)| Ok(std::fs::read(path)?)).collect::<Result<Vec<_>>>()?;
        let bytes: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        for ((label, path), result) in batch.iter().zip(classifier.classify(&bytes)?) {
            match result {
                Ok(recognition) => {
                    all.push(Labelled { label: label.clone(), path: path.clone(), recognition })
                }
                Err(error) => tracing::warn!(photo = %path.display(), %error, "left out"),
            }
        }
    }
    Ok(all)
}
