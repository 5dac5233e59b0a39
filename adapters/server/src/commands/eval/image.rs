//! `vitrina eval image`: whether a photo finds its category and its like.

use anyhow::{Result, bail};
use vitrina::{PhotoAnswer, PhotoSearch, Recognition, SearchService};

use super::labelled::{Labelled, chosen, photos, recognized};
use super::measures::Figures;
use super::report;
use super::shop::photographed;
use crate::cli::EvalImageOptions;
use crate::commands::open_model;

/// The bins of the calibration error and the reliability curve.
const BINS: usize = 10;

/// Evaluates and prints: the shop as it is, and what the labels alone and the photos alone would say.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalImageOptions) -> Result<()> {
    for folder in [Some(&options.catalog_photos), Some(&options.query_photos), options.strangers.as_ref()] {
        if let Some(missing) = folder.filter(|folder| !folder.is_dir()) {
            println!("skipped: there is no folder {}", missing.display());
            return Ok(());
        }
    }
    let classifier = open_model(&options.model).await?;
    let known = chosen(photos(&options.catalog_photos)?, options.per_category, options.seed);
    let known = recognized(&*classifier, known)?;
    let service = photographed(&known, classifier.model(), options.vocabulary.as_deref()).await?;
    let asked = recognized(&*classifier, photos(&options.query_photos)?)?;
    if asked.is_empty() {
        bail!("there is no photo that can be read in {}", options.query_photos.display());
    }
    let labels_alone = |seen: &Recognition| Recognition { embedding: None, ..seen.clone() };
    let photos_alone = |seen: &Recognition| Recognition { labels: Vec::new(), ..seen.clone() };
    let mut vitrina = figures(&service, &asked, Clone::clone, options.each).await?;
    vitrina.insert("catalog_photos", known.len() as f64);
    if let Some(folder) = &options.strangers {
        let left_out = match &options.not_strangers {
            Some(file) => std::fs::read_to_string(file)?,
            None => String::new(),
        };
        let left_out: Vec<_> = left_out.lines().map(str::trim).filter(|start| !start.is_empty()).collect();
        let name = |(_, path): &(String, std::path::PathBuf)| {
            path.file_name().unwrap_or_default().to_string_lossy().into_owned()
        };
        let mut strangers = photos(folder)?;
        strangers.retain(|photo| !left_out.iter().any(|start| name(photo).starts_with(start)));
        let strangers = recognized(&*classifier, strangers)?;
        let mut refused = 0.0;
        for stranger in &strangers {
            refused += f64::from(answer(&service, &stranger.recognition).await?.not_sold);
        }
        vitrina.insert("strangers", strangers.len() as f64);
        vitrina.insert("strangers_refused", refused / strangers.len().max(1) as f64);
    }
    if options.json {
        println!("{}", serde_json::json!(vitrina));
        return Ok(());
    }
    let labels = figures(&service, &asked, labels_alone, false).await?;
    let alone = figures(&service, &asked, photos_alone, false).await?;
    report::print(&[("vitrina", vitrina), ("labels alone", labels), ("photos alone", alone)], false);
    Ok(())
}

async fn answer(service: &SearchService, recognition: &Recognition) -> Result<PhotoAnswer> {
    Ok(service.products_like(recognition, &PhotoSearch::default()).await?)
}

/// The figures of the answers to all photos.
///
/// `recall@k` is the share of photos that have one of their kind among the first `k` products; `map` the mean of the
/// average precision of the first 100; `ece` the expected calibration error of the first category's score in ten bins (Guo
/// et al., 2017), where a photo that was refused counts as a score of 0.
#[allow(clippy::print_stdout)]
async fn figures(
    service: &SearchService,
    asked: &[Labelled],
    part: impl Fn(&Recognition) -> Recognition,
    each: bool,
) -> Result<Figures> {
    let (mut top1, mut top3, mut refused, mut precision) = (0.0, 0.0, 0.0, 0.0);
    let mut recall = [("recall@1", 1, 0.0), ("recall@5", 5, 0.0), ("recall@10", 10, 0.0)];
    let mut scored = Vec::new();
    for photo in asked {
        let answer = answer(service, &part(&photo.recognition)).await?;
        let said: Vec<_> = answer.predictions.iter().map(|seen| seen.category.name.as_str()).collect();
        let right = said.first().is_some_and(|name| *name == photo.label);
        top1 += f64::from(right);
        top3 += f64::from(said.contains(&photo.label.as_str()));
        refused += f64::from(answer.not_sold);
        scored.push((answer.predictions.first().map_or(0.0, |seen| seen.score), right));
        let hits: Vec<_> = answer.products.iter().map(|found| found.product.name == photo.label).collect();
        for (_, depth, sum) in &mut recall {
            *sum += f64::from(hits.iter().take(*depth).any(|hit| *hit));
        }
        precision += average_precision(&hits);
        if each && !right {
            println!("{}: {said:?}", photo.path.display());
        }
    }
    let (error, curve) = calibration(&scored);
    if each {
        println!("score  right  photos");
        curve.iter().for_each(|(score, right, count)| println!("{score:.3}  {right:.3}  {count}"));
    }
    let count = asked.len() as f64;
    let mut figures = Figures::from([
        ("category_top1", top1 / count),
        ("category_top3", top3 / count),
        ("ece", error),
        ("map", precision / count),
        ("queries", count),
        ("refused", refused / count),
    ]);
    figures.extend(recall.map(|(name, _, sum)| (name, sum / count)));
    Ok(figures)
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
