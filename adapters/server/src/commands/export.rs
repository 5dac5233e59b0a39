//! `vitrina export`, and the way back.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};
use futures_util::{StreamExt, pin_mut};
use vitrina::Shop;

use super::{builder, say};
use crate::cli::ExportOptions;

/// Writes every category and product to a file, or to standard output.
///
/// # Errors
/// Those of the catalogue and of the file.
pub async fn export(options: ExportOptions) -> Result<()> {
    let shop = builder(&options.shop)?.open().await?;
    let Some(path) = options.file else {
        return write(&shop, std::io::stdout().lock()).await.map(drop);
    };
    let shown = path.display();
    let file = File::create(&path).with_context(|| format!("{shown} cannot be written"))?;
    let products = write(&shop, file).await.with_context(|| format!("{shown} is not complete"))?;
    say(&format!("exported {products} products to {shown}"));
    Ok(())
}

/// Writes an export and returns how many products are in it.
async fn write(shop: &Shop, target: impl Write) -> Result<usize> {
    let (mut target, mut lines) = (BufWriter::new(target), 0);
    let exported = shop.export();
    pin_mut!(exported);
    while let Some(piece) = exported.next().await {
        let piece = piece?;
        lines += piece.iter().filter(|byte| **byte == b'\n').count();
        target.write_all(&piece)?;
    }
    target.flush()?;
    Ok(lines.saturating_sub(1))
}

/// Opens a file if it is an export.
pub(super) fn open_export(path: &Path) -> Option<BufReader<File>> {
    let mut file = BufReader::new(File::open(path).ok()?);
    let is_export = file.fill_buf().is_ok_and(vitrina::is_export);
    is_export.then_some(file)
}
