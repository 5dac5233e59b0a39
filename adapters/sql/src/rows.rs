//! Rows as both databases answer them, and what they mean.

use vitrina::{Category, CategoryId, Embedding, Money, Product, ProductId};

/// A row of `category`.
#[derive(sqlx::FromRow)]
pub(crate) struct CategoryRow {
    id: i64,
    name: String,
}

/// A row of `product` with its category's name.
#[derive(sqlx::FromRow)]
pub(crate) struct ProductRow {
    id: i64,
    name: String,
    description: String,
    brand: Option<String>,
    /// In minor units.
    price: i64,
    stock: Option<i64>,
    photo: Option<String>,
    category_id: Option<i64>,
    category_name: Option<String>,
}

/// A row of `product_embedding`.
#[derive(sqlx::FromRow)]
pub(crate) struct EmbeddingRow {
    product_id: i64,
    vector: Vec<u8>,
}

impl From<CategoryRow> for Category {
    fn from(row: CategoryRow) -> Self {
        Self { id: CategoryId(row.id), name: row.name }
    }
}

impl From<ProductRow> for Product {
    fn from(row: ProductRow) -> Self {
        let category = row.category_id.zip(row.category_name);
        Self {
            id: ProductId(row.id),
            name: row.name,
            description: row.description,
            brand: row.brand,
            price: Money::from_minor(row.price),
            category: category.map(|(id, name)| Category { id: CategoryId(id), name }),
            stock: row.stock.map(|pieces| u32::try_from(pieces.max(0)).unwrap_or(u32::MAX)),
            photo: row.photo,
        }
    }
}

impl EmbeddingRow {
    /// The product and its embedding; `None` where another program stored what is none.
    pub(crate) fn decode(self) -> Option<(ProductId, Embedding)> {
        match Embedding::from_bytes(&self.vector) {
            Ok(embedding) => Some((ProductId(self.product_id), embedding)),
            Err(error) => {
                tracing::warn!(product = self.product_id, %error, "a stored embedding is passed over");
                None
            }
        }
    }
}

/// All rows as what they mean.
pub(crate) fn all<R: Into<T>, T>(rows: Vec<R>) -> Vec<T> {
    rows.into_iter().map(Into::into).collect()
}
