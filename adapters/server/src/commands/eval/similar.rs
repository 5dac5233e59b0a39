//! `vitrina eval similar`: whether the neighbours of a product's photo show the same product.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context, Result};
use vitrina_core::ProductId;
use vitrina_core::catalog::Filter;
use vitrina_core::index::Hit;

use super::files::{Judged, table};
use super::labelled::{Labelled, classified};
use super::measures::figures;
use super::report;
use super::shop::photographed;
use crate::cli::EvalSimilarOptions;
use crate::commands::open_model;

/// How many neighbours are looked at.
const NEIGHBOURS: usize = 10;

/// Evaluates and prints: the shop as it is, and the order of the photos' cosines alone.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalSimilarOptions) -> Result<()> {
    if !options.table.is_file() {
        println!("skipped: there is no file {}", options.table.display());
        return Ok(());
    }
    let rows = table(&options.table)?;
    let column = |row: &HashMap<String, String>, name: &str| {
        row.get(name).cloned().with_context(|| format!("the table has no column `{name}`"))
    };
    let photo = |row| Ok((column(row, "category")?, options.photos.join(column(row, "file")?)));
    let photos = rows.iter().map(photo).collect::<Result<Vec<_>>>()?;
    let shown = |row| Ok((options.photos.join(column(row, "file")?), column(row, "product")?));
    let shown: HashMap<_, _> = rows.iter().map(shown).collect::<Result<_>>()?;
    let classifier = open_model(&options.model).await?;
    let photos = classified(&*classifier, photos)?;
    let service = photographed(&photos, str::to_owned, &BTreeSet::new(), None, None).await?;
    let judged: Vec<_> = numbered(&photos)
        .map(|(id, photo)| {
            let same = numbered(&photos).filter(|(other, another)| {
                *other != id && shown.get(&another.path) == shown.get(&photo.path)
            });
            let query = photo.path.display().to_string();
            Judged { query, grades: same.map(|(other, _)| (other, 1)).collect() }
        })
        .collect();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for (id, photo) in numbered(&photos) {
        let similar = service.similar(id, &Filter::default(), NEIGHBOURS).await?;
        ours.push(similar.into_iter().map(|similar| similar.product.id).collect());
        plain.push(nearest(&photos, id, photo));
    }
    let figures = |answers: &[Vec<ProductId>]| {
        let mut figures = figures(&judged, answers);
        figures.retain(|name, _| !matches!(*name, "recall@50" | "zero_results"));
        figures
    };
    report::print(&[("vitrina", figures(&ours)), ("cosine", figures(&plain))], options.json);
    Ok(())
}

fn numbered(photos: &[Labelled]) -> impl Iterator<Item = (ProductId, &Labelled)> {
    (1..).map(ProductId).zip(photos)
}

/// The other photos by the cosine of the embeddings, in full precision.
fn nearest(photos: &[Labelled], id: ProductId, photo: &Labelled) -> Vec<ProductId> {
    let Some(wanted) = &photo.classification.embedding else { return Vec::new() };
    let mut hits: Vec<_> = numbered(photos)
        .filter(|(other, _)| *other != id)
        .filter_map(|(product, other)| {
            Some(Hit { product, score: wanted.cosine(other.classification.embedding.as_ref()?) })
        })
        .collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits.into_iter().take(NEIGHBOURS).map(|hit| hit.product).collect()
}
