//! `vitrina eval text`: judged queries, beside what databases do by themselves.

use anyhow::Result;
use vitrina_sql::baseline::{Fts5, FullText};

use super::files::{Judged, Products, judgments};
use super::measures::{DEPTH, Figures, figures};
use super::{report, shop};
use crate::cli::EvalTextOptions;

/// Evaluates and prints.
pub(super) async fn evaluate(options: EvalTextOptions) -> Result<()> {
    let products = Products::read(&options.products)?;
    let judged = judgments(&options.judgments, &products, options.half)?;
    let mut systems = vec![
        ("vitrina", vitrina(&products, &judged, &options).await?),
        ("sqlite_fts5", sqlite(&products, &judged).await?),
    ];
    if let Some(url) = &options.mariadb {
        systems.push(("mariadb_fulltext", mariadb(url, &products, &judged).await?));
    }
    report::print(&systems, options.json);
    Ok(())
}

async fn vitrina(products: &Products, judged: &[Judged], options: &EvalTextOptions) -> Result<Figures> {
    let service = shop::open(products, options.vocabulary.as_deref(), options.synonyms.as_deref()).await?;
    let mut answers = Vec::with_capacity(judged.len());
    for judged in judged {
        answers.push(shop::found(&service, &judged.query).await?);
    }
    if options.each {
        report::each(judged, &answers);
    }
    Ok(figures(judged, &answers))
}

async fn sqlite(products: &Products, judged: &[Judged]) -> Result<Figures> {
    let folder = tempfile::tempdir()?;
    let table = Fts5::fill(&folder.path().join("fts5.sqlite"), &products.all).await?;
    let mut answers = Vec::with_capacity(judged.len());
    for judged in judged {
        answers.push(table.search(&judged.query, DEPTH).await?);
    }
    Ok(figures(judged, &answers))
}

async fn mariadb(url: &str, products: &Products, judged: &[Judged]) -> Result<Figures> {
    let table = FullText::fill(url, &products.all).await?;
    let mut answers = Vec::with_capacity(judged.len());
    for judged in judged {
        match table.search(&judged.query, DEPTH).await {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                table.drop_database().await?;
                return Err(error.into());
            }
        }
    }
    table.drop_database().await?;
    Ok(figures(judged, &answers))
}
