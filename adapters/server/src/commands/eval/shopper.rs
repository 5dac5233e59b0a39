//! `vitrina eval shopper`: whether the first products are the thing that a shopper's words ask for, by kind of query.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};
use vitrina_core::search::WordAnswer;
use vitrina_core::text::fold;
use vitrina_core::{ProductId, SearchService};
use vitrina_sql::baseline::Fts5;

use super::bootstrap::interval;
use super::files::{Judged, Products, judgments, kinds};
use super::measures::{DEPTH, Figures};
use super::shop;
use crate::cli::{EvalShopperOptions, Half};

/// How many of the first products are looked at.
const FIRST: usize = 10;

/// The kind of queries that are spelt wrong.
const MISSPELT: &str = "misspelt";

/// The name under which all kinds together are reported.
const ALL: &str = "all";

/// What a query found.
struct Outcome {
    /// The share of the first ten that are right, of as many as there are.
    precision: f64,
    first_is_right: bool,
    none_is_right: bool,
}

/// Evaluates and prints: for each kind of query the share of the first ten products that are the thing asked for (of as many
/// as there are), with its 95 % interval by bootstrap, how often the very first is, and how often none.
///
/// Of the queries that are spelt right it prints how many got a "did you mean", and of the shop's categories how many are
/// predicted first for their own name.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalShopperOptions) -> Result<()> {
    let products = Products::read_with(&options.products, options.categories)?;
    let judged = judgments(&options.queries, &products, Half::All)?;
    let kinds = kinds(&options.queries)?;
    let kind = |judged: &Judged| kinds.get(&judged.query).cloned().unwrap_or_default();
    let service = shop::open(&products, None, None).await?;
    let mut answers = Vec::with_capacity(judged.len());
    for judged in &judged {
        answers.push(shop::answer(&service, &judged.query).await?);
    }
    let found: Vec<Vec<ProductId>> = answers.iter().map(ids).collect();
    let folder = tempfile::tempdir()?;
    let table = Fts5::fill(&folder.path().join("fts5.sqlite"), &products.all).await?;
    let mut baseline = Vec::with_capacity(judged.len());
    for judged in &judged {
        baseline.push(table.search(&judged.query, DEPTH).await?);
    }
    let right: Vec<_> = judged.iter().zip(&answers).filter(|(judged, _)| kind(judged) != MISSPELT).collect();
    let corrected = right.iter().filter(|(_, answer)| answer.did_you_mean.is_some()).count();
    let corrected = corrected as f64 / right.len().max(1) as f64;
    let named = own_names(&service).await?;
    let (ours, theirs) = (by_kind(&judged, &found, kind), by_kind(&judged, &baseline, kind));
    if options.json {
        let mut vitrina = figures(&ours);
        vitrina.insert("did_you_mean", corrected);
        vitrina.insert("category_names", named);
        let mut object = json!({"vitrina": vitrina, "sqlite_fts5": figures(&theirs)});
        object["kinds"] = ours
            .iter()
            .map(|(kind, outcomes)| (kind.clone(), kind_figures(outcomes, theirs.get(kind))))
            .collect();
        println!("{object}");
        return Ok(());
    }
    println!("{:12} queries  right of ten (95 %)       FTS5   first right   none right", "");
    for (kind, outcomes) in ours {
        let (low, high) = precision_interval(&outcomes);
        let beside = theirs.get(&kind).map_or(0.0, |outcomes| mean(outcomes, |outcome| outcome.precision));
        println!(
            "{kind:12} {:7}  {:.3} ({low:.3} to {high:.3})  {beside:.3}        {:.3}        {:.3}",
            outcomes.len(),
            mean(&outcomes, |outcome| outcome.precision),
            mean(&outcomes, |outcome| share(outcome.first_is_right)),
            mean(&outcomes, |outcome| share(outcome.none_is_right)),
        );
    }
    println!("rightly spelt queries with a correction  {:.1} %", 100.0 * corrected);
    println!("categories first for their own name      {:.1} %", 100.0 * named);
    let mut each: Vec<_> = judged
        .iter()
        .zip(&answers)
        .map(|(judged, answer)| (outcome(judged, &ids(answer)), judged, answer))
        .collect();
    each.sort_by(|a, b| a.0.precision.total_cmp(&b.0.precision));
    for (outcome, judged, answer) in each.iter().take(options.worst) {
        let names: Vec<_> = answer.products.iter().take(3).map(|product| product.name.as_str()).collect();
        println!("{:.1}  {}: {}", outcome.precision, judged.query, names.join(" / "));
    }
    Ok(())
}

fn ids(answer: &WordAnswer) -> Vec<ProductId> {
    answer.products.iter().map(|product| product.id).collect()
}

fn outcome(judged: &Judged, found: &[ProductId]) -> Outcome {
    let is_right = |product: &ProductId| judged.grades.get(product).is_some_and(|grade| *grade > 0);
    let right = found.iter().take(FIRST).filter(|product| is_right(product)).count();
    Outcome {
        precision: right as f64 / judged.grades.len().clamp(1, FIRST) as f64,
        first_is_right: found.first().is_some_and(is_right),
        none_is_right: right == 0,
    }
}

fn by_kind(
    judged: &[Judged],
    found: &[Vec<ProductId>],
    kind: impl Fn(&Judged) -> String,
) -> BTreeMap<String, Vec<Outcome>> {
    let mut kinds: BTreeMap<String, Vec<Outcome>> = BTreeMap::new();
    for (judged, found) in judged.iter().zip(found).filter(|(judged, _)| !judged.grades.is_empty()) {
        kinds.entry(kind(judged)).or_default().push(outcome(judged, found));
        kinds.entry(ALL.to_owned()).or_default().push(outcome(judged, found));
    }
    kinds
}

/// The figures of all kinds together.
fn figures(kinds: &BTreeMap<String, Vec<Outcome>>) -> Figures {
    let Some(all) = kinds.get(ALL) else { return Figures::new() };
    let worst = kinds.values().map(|outcomes| mean(outcomes, |outcome| outcome.precision));
    Figures::from([
        ("precision@10", mean(all, |outcome| outcome.precision)),
        ("worst_kind", worst.fold(1.0, f64::min)),
        ("first_right", mean(all, |outcome| share(outcome.first_is_right))),
        ("none_right", mean(all, |outcome| share(outcome.none_is_right))),
        ("queries", all.len() as f64),
    ])
}

/// The figures of one kind of queries, beside those of FTS5.
fn kind_figures(outcomes: &[Outcome], baseline: Option<&Vec<Outcome>>) -> Value {
    let (low, high) = precision_interval(outcomes);
    json!({
        "queries": outcomes.len(),
        "precision@10": mean(outcomes, |outcome| outcome.precision),
        "low": low,
        "high": high,
        "sqlite_fts5": baseline.map_or(0.0, |outcomes| mean(outcomes, |outcome| outcome.precision)),
    })
}

fn precision_interval(outcomes: &[Outcome]) -> (f64, f64) {
    interval(&outcomes.iter().map(|outcome| outcome.precision).collect::<Vec<_>>())
}

/// The share of the shop's categories that are predicted first when their own name is asked for.
async fn own_names(service: &SearchService) -> Result<f64> {
    let categories = service.categories().await?;
    let mut first = 0;
    for category in &categories {
        let predicted = shop::answer(service, &category.name).await?.predicted;
        first += usize::from(
            predicted.first().is_some_and(|said| fold(&said.category.name) == fold(&category.name)),
        );
    }
    Ok(first as f64 / categories.len().max(1) as f64)
}

fn share(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

fn mean(outcomes: &[Outcome], value: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(value).sum::<f64>() / outcomes.len().max(1) as f64
}
