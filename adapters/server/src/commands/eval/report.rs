//! Figures as they are printed: a table for people, JSON for programs.

use std::collections::BTreeMap;

use serde_json::json;
use vitrina_core::ProductId;

use super::files::Judged;
use super::measures::{Figures, figures};

/// Prints the figures of each system: side by side, or as one JSON object.
#[allow(clippy::print_stdout)]
pub(super) fn print(systems: &[(&'static str, Figures)], as_json: bool) {
    if as_json {
        let object: BTreeMap<_, _> = systems.iter().map(|(name, figures)| (name, figures)).collect();
        println!("{}", json!(object));
        return;
    }
    let width = systems.iter().flat_map(|(_, figures)| figures.keys().map(|name| name.len())).max();
    let width = width.unwrap_or(0);
    let header: String = systems.iter().map(|(name, _)| format!("  {name:>16}")).collect();
    println!("{:width$}{header}", "");
    let Some((_, first)) = systems.first() else { return };
    for name in first.keys() {
        let cell = |figures: &Figures| match figures.get(name) {
            Some(value) if value.fract() == 0.0 && *value > 1.0 => format!("  {value:>16}"),
            Some(value) => format!("  {value:>16.4}"),
            None => format!("  {:>16}", "-"),
        };
        let cells: String = systems.iter().map(|(_, figures)| cell(figures)).collect();
        println!("{name:width$}{cells}");
    }
}

/// Prints the figures of each query, the worst first: where to look for what is wrong.
#[allow(clippy::print_stdout)]
pub(super) fn each(judged: &[Judged], answers: &[Vec<ProductId>]) {
    let mut rows: Vec<_> = judged
        .iter()
        .zip(answers)
        .map(|(judged, answer)| {
            let figures = figures(std::slice::from_ref(judged), std::slice::from_ref(answer));
            (figures.get("ndcg@10").copied().unwrap_or(0.0), figures, &judged.query)
        })
        .filter(|(_, figures, _)| figures["queries"] > 0.0)
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (ndcg, figures, query) in rows {
        println!("{ndcg:.3}  {:.3}  {:.3}  {query}", figures["precision@10"], figures["recall@50"]);
    }
}
