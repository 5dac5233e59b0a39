//! `vitrina eval`: how good the search is, in the standard figures, on data that others have judged.

mod bootstrap;
mod categories;
mod files;
mod image;
mod labelled;
mod measures;
mod misspell;
mod misspellings;
mod report;
mod shop;
mod shopper;
mod similar;
mod text;

use anyhow::Result;

use crate::cli::Evaluation;

/// Evaluates what was asked for and prints the figures.
///
/// # Errors
/// Files that cannot be read, a server for comparison that does not answer.
pub async fn eval(what: Evaluation) -> Result<()> {
    match what {
        Evaluation::Text(options) => text::evaluate(options).await,
        Evaluation::Misspellings(options) => misspellings::evaluate(options).await,
        Evaluation::Shopper(options) => shopper::evaluate(options).await,
        Evaluation::Categories(options) => categories::evaluate(options).await,
        Evaluation::Image(options) => image::evaluate(options).await,
        Evaluation::Similar(options) => similar::evaluate(options).await,
    }
}
