//! `vitrina eval image`: whether a photo finds its category and its like.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use anyhow::{Result, bail};
use vitrina_core::SearchService;
use vitrina_core::catalog::MAX_LIMIT;
use vitrina_core::classify::Classification;
use vitrina_core::search::{PhotoAnswer, PhotoSearch};

use super::labelled::{
    Labelled, Photos, chosen, classified, one_photo_products, photos as photos_of, share_of, shuffled,
};
use super::measures::Figures;
use super::report;
use super::shop::photographed;
use crate::cli::EvalImageOptions;
use crate::commands::open_model;

/// The bins of the calibration error and the reliability curve.
const BINS: usize = 10;

/// Evaluates and prints: the shop as it is, what the labels alone and the photos alone would say, and the plain cosine.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalImageOptions) -> Result<()> {
    let folders = [options.catalog_photos.as_ref(), Some(&options.query_photos), options.negatives.as_ref()];
    let missing = folders.into_iter().flatten().find(|folder| !folder.is_dir());
    if let Some(missing) = missing.or(options.products.as_ref().filter(|file| !file.is_file())) {
        println!("skipped: there is no {}", missing.display());
        return Ok(());
    }
    let classifier = open_model(&options.model).await?;
    let (photos, categories) = catalogue(&options)?;
    let category_of = |label: &str| categories.get(label).cloned().unwrap_or_else(|| label.to_owned());
    let labels: BTreeSet<String> = photos.iter().map(|(label, _)| category_of(label)).collect();
    let lit = share_of(&labels, options.photographed, options.seed);
    let photos = photos.into_iter().filter(|(label, _)| lit.contains(&category_of(label))).collect();
    let known = classified(&*classifier, chosen(photos, options.per_category, options.seed))?;
    let vocabulary = options.vocabulary.as_deref();
    // A shop for each way, so that the mean of customers' photos in one does not reach the others.
    let shop = || photographed(&known, category_of, &labels, vocabulary, classifier.center());
    let asked = classified(&*classifier, shuffled(photos_of(&options.query_photos)?, options.seed))?;
    if asked.is_empty() {
        bail!("there is no photo that can be read in {}", options.query_photos.display());
    }
    let labels_alone = |seen: &Classification| Classification { embedding: None, ..seen.clone() };
    let photos_alone = |seen: &Classification| Classification { labels: Vec::new(), ..seen.clone() };
    let service = shop().await?;
    let mut vitrina = figures(&service, &asked, category_of, Clone::clone, options.each).await?;
    vitrina.insert("catalog_photos", known.len() as f64);
    vitrina.insert("photographed_categories", lit.len() as f64);
    if let Some(folder) = &options.negatives {
        let negatives = classified(&*classifier, negatives(folder, options.not_negatives.as_deref())?)?;
        let mut refused = 0.0;
        for negative in &negatives {
            refused += f64::from(answer(&service, &negative.classification).await?.not_sold);
        }
        vitrina.insert("negatives", negatives.len() as f64);
        vitrina.insert("negatives_refused", refused / negatives.len().max(1) as f64);
    }
    if options.json {
        println!("{}", serde_json::json!(vitrina));
        return Ok(());
    }
    let labels = figures(&shop().await?, &asked, category_of, labels_alone, false).await?;
    let alone = figures(&shop().await?, &asked, category_of, photos_alone, false).await?;
    let systems = [
        ("vitrina", vitrina),
        ("labels alone", labels),
        ("photos alone", alone),
        ("cosine", cosine(&known, &asked)),
        ("centered cosine", centered_cosine(&known, &asked)),
    ];
    report::print(&systems, false);
    Ok(())
}

/// The products' photos by label, and the category of each label that is a product's.
fn catalogue(options: &EvalImageOptions) -> Result<(Photos, HashMap<String, String>)> {
    match (&options.products, &options.catalog_photos) {
        (Some(table), _) => one_photo_products(table),
        (None, Some(folder)) => Ok((photos_of(folder)?, HashMap::new())),
        (None, None) => bail!("name --catalog-photos or --products"),
    }
}

fn negatives(folder: &Path, not_negatives: Option<&Path>) -> Result<Photos> {
    let left_out = not_negatives.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let left_out: Vec<_> = left_out.lines().map(str::trim).filter(|start| !start.is_empty()).collect();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut negatives = photos_of(folder)?;
    negatives.retain(|(_, path)| !left_out.iter().any(|start| name(path).starts_with(start)));
    Ok(negatives)
}

async fn answer(service: &SearchService, classification: &Classification) -> Result<PhotoAnswer> {
    Ok(service.products_like(classification, &PhotoSearch::default()).await?)
}

/// The figures of the answers to all photos.
///
/// `recall@k` is the share of photos that have one with their label among the first `k` products; `map` the mean of the
/// average precision of the first 100; `ece` the expected calibration error of the first category's score in ten bins (Guo
/// et al., 2017), where a photo that was refused counts as a score of 0.
#[allow(clippy::print_stdout)]
async fn figures(
    service: &SearchService,
    asked: &[Labelled],
    category_of: impl Fn(&str) -> String,
    part: impl Fn(&Classification) -> Classification,
    each: bool,
) -> Result<Figures> {
    let (mut top1, mut top3, mut refused) = (0.0, 0.0, 0.0);
    let (mut scored, mut hits) = (Vec::new(), Vec::new());
    for photo in asked {
        let answer = answer(service, &part(&photo.classification)).await?;
        let said: Vec<_> = answer.predictions.iter().map(|seen| seen.category.name.as_str()).collect();
        let category = category_of(&photo.label);
        let right = said.first().is_some_and(|name| *name == category);
        top1 += f64::from(right);
        top3 += f64::from(said.contains(&category.as_str()));
        refused += f64::from(answer.not_sold);
        scored.push((answer.predictions.first().map_or(0.0, |seen| seen.score), right));
        hits.push(answer.products.iter().map(|found| found.product.name == photo.label).collect());
        if each && !right {
            println!("{}: {said:?}", photo.path.display());
        }
        // What customers' photos have in common is taken over as in a server, which does so every second.
        service.refresh().await?;
    }
    let (error, curve) = calibration(&scored);
    if each {
        println!("score  right  photos");
        curve.iter().for_each(|(score, right, count)| println!("{score:.3}  {right:.3}  {count}"));
    }
    let count = asked.len() as f64;
    let mut figures = retrieval(&hits);
    figures.extend([
        ("category_top1", top1 / count),
        ("category_top3", top3 / count),
        ("ece", error),
        ("queries", count),
        ("refused", refused / count),
    ]);
    Ok(figures)
}

/// The figures of the products alone: for each photo whether each product shown has its label.
fn retrieval(hits: &[Vec<bool>]) -> Figures {
    let count = hits.len().max(1) as f64;
    let share = |depth: usize| {
        hits.iter().filter(|hits| hits.iter().take(depth).any(|hit| *hit)).count() as f64 / count
    };
    Figures::from([
        ("map", hits.iter().map(|hits| average_precision(hits)).sum::<f64>() / count),
        ("recall@1", share(1)),
        ("recall@5", share(5)),
        ("recall@10", share(10)),
    ])
}

/// The products by the cosine of the embeddings, in full precision.
fn cosine(known: &[Labelled], asked: &[Labelled]) -> Figures {
    let vectors = |photos: &[Labelled]| -> Vec<Vec<f32>> { photos.iter().map(vector).collect() };
    by_dot_product(known, &vectors(known), asked, &vectors(asked))
}

/// The same with each side's own mean subtracted: that of the products' photos, and that of all customers' photos.
fn centered_cosine(known: &[Labelled], asked: &[Labelled]) -> Figures {
    by_dot_product(known, &centered(known), asked, &centered(asked))
}

fn vector(photo: &Labelled) -> Vec<f32> {
    photo.classification.embedding.as_ref().map_or_else(Vec::new, |embedding| embedding.as_slice().to_vec())
}

fn centered(photos: &[Labelled]) -> Vec<Vec<f32>> {
    let vectors: Vec<_> = photos.iter().map(vector).collect();
    let length = vectors.iter().map(Vec::len).max().unwrap_or(0);
    let mean: Vec<f32> = (0..length)
        .map(|at| vectors.iter().filter_map(|vector| vector.get(at)).sum::<f32>() / vectors.len() as f32)
        .collect();
    let center = |vector: Vec<f32>| {
        let less: Vec<f32> = vector.iter().zip(&mean).map(|(number, mean)| number - mean).collect();
        let norm = less.iter().map(|number| number * number).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        less.into_iter().map(|number| number / norm).collect()
    };
    vectors.into_iter().map(center).collect()
}

fn by_dot_product(
    known: &[Labelled],
    products: &[Vec<f32>],
    asked: &[Labelled],
    queries: &[Vec<f32>],
) -> Figures {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let hits: Vec<Vec<bool>> = asked
        .iter()
        .zip(queries)
        .map(|(photo, query)| {
            let mut scored: Vec<_> =
                known.iter().zip(products).map(|(seen, vector)| (dot(query, vector), seen)).collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            scored.into_iter().take(MAX_LIMIT).map(|(_, seen)| seen.label == photo.label).collect()
        })
        .collect();
    retrieval(&hits)
}

fn average_precision(hits: &[bool]) -> f64 {
    let (mut found, mut sum) = (0.0, 0.0);
    for (place, _) in hits.iter().enumerate().filter(|(_, hit)| **hit) {
        found += 1.0;
        sum += found / (place + 1) as f64;
    }
    if found == 0.0 { 0.0 } else { sum / found }
}

/// The expected calibration error, and of each bin that has photos the mean score, the share that is right, the count.
fn calibration(scored: &[(f32, bool)]) -> (f64, Vec<(f64, f64, usize)>) {
    let mut bins = vec![(0.0, 0.0, 0); BINS];
    for (score, right) in scored {
        let bin = &mut bins[((score * BINS as f32) as usize).min(BINS - 1)];
        *bin = (bin.0 + f64::from(*score), bin.1 + f64::from(*right), bin.2 + 1);
    }
    let full = bins.into_iter().filter(|bin| bin.2 > 0);
    let curve: Vec<_> = full.map(|(score, right, n)| (score / n as f64, right / n as f64, n)).collect();
    let weigh = |(score, right, n): &(f64, f64, usize)| (score - right).abs() * *n as f64;
    (curve.iter().map(weigh).sum::<f64>() / scored.len().max(1) as f64, curve)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_right_as_often_as_they_say_have_no_error() {
        let half = [(0.5, true), (0.5, false), (1.0, true)];
        assert_eq!(calibration(&half).0, 0.0);
        assert!((calibration(&[(0.9, false)]).0 - 0.9).abs() < 1e-6);
    }

    #[test]
    fn average_precision_by_hand() {
        assert_eq!(average_precision(&[true, false, true]), (1.0 + 2.0 / 3.0) / 2.0);
        assert_eq!(average_precision(&[false]), 0.0);
    }
}
