//! The client of a running server.
//!
//! ```text
//! make run
//! cargo run -p vitrina-examples --bin example-client -- http://127.0.0.1:8000 zapatillas [PHOTO]
//! ```

#![allow(clippy::print_stdout)]

use std::time::Duration;

use vitrina_client::{Client, Listing, PhotoSearch};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().unwrap_or_else(|| "http://127.0.0.1:8000".to_owned());
    let words = arguments.next().unwrap_or_else(|| "zapatillas".to_owned());

    let client = Client::new(&server)?;
    let found = client.search_text(&words, &Listing::default()).await?;
    println!("{} products for `{words}`", found.total);
    for product in found.products {
        println!("{} for {}", product.name, product.price);
    }
    if let Some(file) = arguments.next() {
        let photo = std::fs::read(file)?;
        let wanted = PhotoSearch::default();
        let timeout = Duration::from_secs(60);
        let answer = client.search_image(photo, &wanted, timeout, |stage| println!("photo: {stage}")).await?;
        for product in answer.products {
            println!("{} ({:?})", product.name, product.resemblance);
        }
    }
    Ok(())
}
