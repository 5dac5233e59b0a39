//! What shops have without Vitrina: the full-text search of their database, to measure ours against.
//!
//! Both hold the same four texts of a product (name, description, brand, category) and are asked the way their manuals
//! recommend. What a customer types reaches neither as a query language.

mod fts5;
mod full_text;

pub use fts5::Fts5;
pub use full_text::FullText;

use vitrina_core::Product;

/// How many products are written at a time.
const BATCH: usize = 500;

/// The four texts of a product.
fn texts(product: &Product) -> [&str; 4] {
    let brand = product.brand.as_deref().unwrap_or("");
    let category = product.category().map_or("", |category| category.name.as_str());
    [&product.name, &product.description, brand, category]
}
