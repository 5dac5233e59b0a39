//! `vitrina eval misspellings`: how much of what the right spelling finds is found in spite of a slip.

use anyhow::Result;

use super::files::{Products, judgments};
use super::measures::{Figures, recall};
use super::misspell::{Dice, misspell};
use super::{report, shop};
use crate::cli::EvalMisspellingsOptions;

/// How many misspellings are made of each query.
const SLIPS: u64 = 3;

/// Evaluates and prints.
///
/// `recall@50_kept` is what the misspelt queries reach together over what the right ones do; `same@10` the share of the
/// first ten products of the right spelling that are among the first ten again.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalMisspellingsOptions) -> Result<()> {
    let products = Products::read(&options.products)?;
    let judged = judgments(&options.judgments, &products, options.half)?;
    let service = shop::open(&products, None, None).await?;
    let (mut right, mut wrong, mut same, mut queries, mut none) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (number, judged) in (0..).zip(&judged) {
        let spelt = shop::found(&service, &judged.query).await?;
        if spelt.is_empty() {
            continue;
        }
        for slip in 0..SLIPS {
            let mut dice = Dice(options.seed.wrapping_add(number * SLIPS + slip));
            let Some(query) = misspell(&judged.query, &mut dice) else { continue };
            let found = shop::found(&service, &query).await?;
            let first = &spelt[..spelt.len().min(10)];
            let again = first.iter().filter(|product| found.iter().take(10).any(|other| other == *product));
            let share = again.count() as f64 / first.len() as f64;
            right += recall(judged, &spelt, 50);
            wrong += recall(judged, &found, 50);
            same += share;
            queries += 1.0;
            none += if found.is_empty() { 1.0 } else { 0.0 };
            if options.each && share < 0.5 {
                println!("{share:.2}  {} -> {query}", judged.query);
            }
        }
    }
    let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
    let figures = Figures::from([
        ("recall@50_kept", share(wrong, right)),
        ("same@10", share(same, queries)),
        ("zero_results", share(none, queries)),
        ("queries", queries),
    ]);
    report::print(&[("vitrina", figures)], options.json);
    Ok(())
}
