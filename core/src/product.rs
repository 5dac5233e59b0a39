//! What a shop sells.

use crate::{Error, Money, Result};

/// The number of a category in the shop's catalogue; `label` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId(pub i64);

/// The number of a product in the shop's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub i64);

/// A shelf of the shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Category {
    /// Its number.
    pub id: CategoryId,
    /// Its name as customers read it, such as `Zapatos`.
    pub name: String,
}

/// A product as the catalogue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its number; newer products have higher ones.
    pub id: ProductId,
    /// Its name as customers read it.
    pub name: String,
    /// A description in plain text; may be empty.
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs.
    pub price: Money,
    /// The category it stands in.
    pub category: Option<Category>,
    /// Pieces in stock; `None` where the shop does not count them.
    pub stock: Option<u32>,
    /// Where its photo is: a key of the shop's photo folder, or an `http(s)` address.
    pub photo: Option<String>,
}

impl Product {
    /// Whether a customer can buy it now; a product that nobody counts is in stock.
    pub fn in_stock(&self) -> bool {
        self.stock != Some(0)
    }
}

/// A product to be written: [`Product`] with its category by number, and perhaps no number of its own yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductDraft {
    /// The product to replace or create under this number; `None` takes the next free one.
    pub id: Option<ProductId>,
    /// Its name, not empty.
    pub name: String,
    /// A description in plain text.
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs, not negative.
    pub price: Money,
    /// The category it stands in; it must exist.
    pub category: Option<CategoryId>,
    /// Pieces in stock.
    pub stock: Option<u32>,
    /// Where its photo is.
    pub photo: Option<String>,
}

impl ProductDraft {
    /// The longest name in characters, so that every catalogue can hold it.
    pub const MAX_NAME: usize = 255;
    /// The longest description in bytes: what a MariaDB `TEXT` holds.
    pub const MAX_DESCRIPTION: usize = 65_535;
    /// The longest brand in characters.
    pub const MAX_BRAND: usize = 100;
    /// The longest photo key or address in characters.
    pub const MAX_PHOTO: usize = 512;

    /// Checks what no catalogue may hold.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) naming the field that is empty, too long, negative or zero.
    pub fn validate(&self) -> Result<()> {
        if self.id.is_some_and(|id| id.0 < 1) {
            return Err(Error::invalid("a product's id must be 1 or more"));
        }
        if self.name.trim().is_empty() {
            return Err(Error::invalid("a product needs a name"));
        }
        within("name", self.name.chars().count(), Self::MAX_NAME)?;
        within("description", self.description.len(), Self::MAX_DESCRIPTION)?;
        within("brand", self.brand.as_deref().unwrap_or("").chars().count(), Self::MAX_BRAND)?;
        within("photo", self.photo.as_deref().unwrap_or("").chars().count(), Self::MAX_PHOTO)?;
        if self.price < Money::default() || self.price > Money::MAX {
            return Err(Error::invalid(format!("the price {} is out of range", self.price)));
        }
        Ok(())
    }
}

impl From<Product> for ProductDraft {
    fn from(product: Product) -> Self {
        Self {
            id: Some(product.id),
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price,
            category: product.category.map(|category| category.id),
            stock: product.stock,
            photo: product.photo,
        }
    }
}

impl Category {
    /// The longest name in characters, so that every catalogue can hold it.
    pub const MAX_NAME: usize = 50;

    /// Checks what no catalogue may hold.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when the number is below 1, or the name is empty or too long.
    pub fn validate(&self) -> Result<()> {
        if self.id.0 < 1 {
            return Err(Error::invalid("a category's id must be 1 or more"));
        }
        if self.name.trim().is_empty() {
            return Err(Error::invalid("a category needs a name"));
        }
        within("category name", self.name.chars().count(), Self::MAX_NAME)
    }
}

fn within(field: &str, length: usize, limit: usize) -> Result<()> {
    if length > limit {
        return Err(Error::invalid(format!("the {field} is {length} long, {limit} at most")));
    }
    Ok(())
}
