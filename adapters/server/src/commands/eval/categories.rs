//! `vitrina eval categories`: how well a query's words predict its department.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use vitrina_core::text::fold;

use super::files::{Products, table};
use super::measures::Figures;
use super::{report, shop};
use crate::cli::EvalCategoriesOptions;

/// Evaluates and prints: how often a right category is the first, and among the first three, of those queries whose
/// department the catalogue has.
#[allow(clippy::print_stdout)]
pub(super) async fn evaluate(options: EvalCategoriesOptions) -> Result<()> {
    let products = Products::read(&options.products)?;
    let known: BTreeSet<_> = products.categories().iter().map(|category| fold(&category.name)).collect();
    let mapping: BTreeMap<String, Vec<String>> = match &options.departments {
        Some(file) => serde_json::from_str(&std::fs::read_to_string(file)?)?,
        None => BTreeMap::new(),
    };
    let service = shop::open(&products, None, None).await?;
    let (mut first, mut three, mut queries, mut none) = (0.0, 0.0, 0.0, 0.0);
    for row in table(&options.queries)? {
        let query = row.get("query").context("the queries have no column `query`")?;
        let department = row.get("department").context("the queries have no column `department`")?;
        let same = vec![department.clone()];
        let right: BTreeSet<_> =
            mapping.get(department).unwrap_or(&same).iter().map(|name| fold(name)).collect();
        if !options.half.holds(query) || known.is_disjoint(&right) {
            continue;
        }
        let answer = shop::answer(&service, query).await?;
        let said: Vec<_> = answer.predicted.iter().map(|said| fold(&said.category.name)).collect();
        let among =
            |count: usize| if said.iter().take(count).any(|name| right.contains(name)) { 1.0 } else { 0.0 };
        queries += 1.0;
        first += among(1);
        three += among(3);
        none += if said.is_empty() { 1.0 } else { 0.0 };
        if options.each && among(3) == 0.0 {
            println!("{query}: {department}, not {said:?}");
        }
    }
    let share = |part: f64| if queries == 0.0 { 0.0 } else { part / queries };
    let figures = Figures::from([
        ("first", share(first)),
        ("first_three", share(three)),
        ("no_category", share(none)),
        ("queries", queries),
    ]);
    report::print(&[("vitrina", figures)], options.json);
    Ok(())
}
