//! Reads a file of products and reports what is in it: `cargo run -p vitrina-import --example read -- FILE [MAPPING]`.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use vitrina_core::ProductSource;
use vitrina_import::{FileOptions, FileSource, Mapping};

#[tokio::main]
async fn main() -> vitrina_core::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "productos.csv".into());
    let mut options = FileOptions::default();
    if let Some(mapping) = arguments.next() {
        options = options.mapping(Mapping::read(mapping.as_ref())?);
    }
    let began = Instant::now();
    let mut source = FileSource::open(file, options).await?;
    println!("{}", source.description());
    let (mut products, mut variants, mut problems, mut hidden) = (0, 0, 0, 0);
    while let Some(batch) = source.next_batch(1000).await? {
        products += batch.products.len();
        variants += batch.products.iter().map(|found| found.product.variants.len()).sum::<usize>();
        hidden += batch.hidden;
        for problem in batch.problems {
            problems += 1;
            if problems <= 20 {
                println!("{}: {} `{}` {}", problem.position, problem.field, problem.value, problem.reason);
            }
        }
    }
    for note in source.notes() {
        println!("note: {note}");
    }
    let rate = products as f64 / began.elapsed().as_secs_f64();
    println!(
        "{products} products, {variants} variants, {problems} problems, {hidden} not offered; {rate:.0} products a second"
    );
    Ok(())
}
