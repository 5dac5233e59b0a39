//! A shop embedded in a program, searched by words and by photo.
//!
//! ```text
//! cargo run -p vitrina-examples --bin example-embedded -- FOLDER PHOTO
//! ```

#![allow(clippy::print_stdout)]

use vitrina::{NewProduct, Shop};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "shop-data".to_owned());
    let photo = arguments.next().map(std::fs::read).transpose()?;

    let shop = Shop::open(folder).await?;
    let mut shoe = NewProduct::new("Zapatilla roja", "59.90".parse()?).category("Zapatos").brand("Camina");
    if let Some(photo) = &photo {
        shoe = shoe.photo(photo.clone());
    }
    shop.put(shoe).await?;
    shop.put(NewProduct::new("Camiseta roja", "12.99".parse()?).category("Camisetas")).await?;

    let found = shop.search("zapatillas rojas").max_price("60".parse()?).await?;
    for product in &found.products {
        println!("by words: {} for {}", product.name, product.price);
    }
    if let Some(photo) = photo {
        for like in shop.search_photo(photo).words("roja").await?.products {
            println!("by photo: {} ({:?})", like.product.name, like.resemblance());
        }
    }
    Ok(())
}
