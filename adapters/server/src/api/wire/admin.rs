//! What the shop's own people send.

use poem_openapi::Object;

/// A product to be written.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ProductIn {
    /// The product to replace, or a number for a new one; without it the next free one is taken.
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// What it is, in plain text.
    #[oai(default)]
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs, with two decimals.
    pub price: f64,
    /// Its category by name or number, which must exist.
    pub category: Option<String>,
    /// Its category by number; `category` comes before it.
    pub category_id: Option<i64>,
    /// Pieces in stock; null where the shop does not count them.
    pub stock: Option<u32>,
}

impl poem_openapi::types::Example for ProductIn {
    fn example() -> Self {
        Self {
            id: None,
            name: "Camiseta deportiva roja".into(),
            description: "Camiseta transpirable para correr.".into(),
            brand: Some("Zancada".into()),
            price: 12.99,
            category: Some("Camisetas".into()),
            category_id: None,
            stock: Some(25),
        }
    }
}

/// Products to be written together.
#[derive(Debug, Object)]
pub struct ProductBatch {
    /// Up to 1,000.
    pub products: Vec<ProductIn>,
}

/// The numbers of products that were written.
#[derive(Debug, Object)]
pub struct ProductNumbers {
    /// In the order of the products.
    pub ids: Vec<i64>,
}

/// A category to be made or renamed.
#[derive(Debug, Object)]
pub struct CategoryIn {
    /// Its name.
    pub name: String,
}
