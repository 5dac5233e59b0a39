//! A web application of your own around an embedded shop, in poem.
//!
//! ```text
//! cargo run -p vitrina-examples --bin example-web-app -- FOLDER 127.0.0.1:3000
//! curl 'http://127.0.0.1:3000/search?q=zapatillas'
//! curl --data-binary @shoe.jpg http://127.0.0.1:3000/photo
//! ```

#![allow(clippy::print_stdout)]

use poem::http::StatusCode;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::{Data, Json, Query};
use poem::{EndpointExt, Route, Server, get, handler, post};
use serde_json::{Value, json};
use vitrina::{ErrorKind, NewProduct, Shop};

/// The largest photo that is accepted, in bytes.
const MAX_PHOTO: usize = 10 << 20;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "shop-data".to_owned());
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".to_owned());

    let shop = Shop::open(folder).await?;
    if shop.list().limit(1).await?.items.is_empty() {
        shop.put(NewProduct::new("Zapatilla roja", "59.90".parse()?).category("Zapatos")).await?;
    }
    let app = Route::new().at("/search", get(search)).at("/photo", post(photo)).data(shop);
    let acceptor = TcpListener::bind(address).into_acceptor().await?;
    println!("listening on {}", acceptor.local_addr().remove(0));
    Server::new_with_acceptor(acceptor).run(app).await?;
    Ok(())
}

#[derive(serde::Deserialize)]
struct Words {
    q: String,
}

#[handler]
async fn search(Data(shop): Data<&Shop>, Query(words): Query<Words>) -> poem::Result<Json<Value>> {
    let found = shop.search(words.q).limit(12).await.map_err(failed)?;
    let products: Vec<_> = found.products.iter().map(|product| product.name.as_str()).collect();
    Ok(Json(json!({"total": found.total, "products": products})))
}

#[handler]
async fn photo(Data(shop): Data<&Shop>, body: poem::Body) -> poem::Result<Json<Value>> {
    let photo = body.into_bytes_limit(MAX_PHOTO).await?;
    let found = shop.search_photo(photo).await.map_err(failed)?;
    let products: Vec<_> = found.products.iter().map(|like| like.product.name.as_str()).collect();
    Ok(Json(json!({"products": products})))
}

/// An error's message is fit for clients; its kind says whose fault it is.
fn failed(error: vitrina::Error) -> poem::Error {
    let status = match error.kind() {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Busy | ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    poem::Error::from_string(error.to_string(), status)
}
