//! Partial changes of products: what a change does not name stays as it is.

use std::collections::BTreeMap;
use std::fmt;

use super::{
    Attribute, Availability, Codes, NewVariant, PhotoSource, ProductDraft, ProductId, SalePrice, Texts,
    Timestamp,
};
use crate::{Error, Money, Result};

/// A product that is named by its ID or by the shop's own key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ProductRef {
    /// The product of this ID.
    Id(ProductId),
    /// The product of this key.
    Key(String),
}

impl ProductRef {
    /// The error for a product that does not exist.
    pub fn not_found(&self) -> Error {
        Error::not_found(format!("there is no product {self}"))
    }
}

/// As messages name it: `7`, or `` `REF-7` `` for a key.
impl fmt::Display for ProductRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{}", id.0),
            Self::Key(key) => write!(f, "`{key}`"),
        }
    }
}

impl From<ProductId> for ProductRef {
    fn from(id: ProductId) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for ProductRef {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for ProductRef {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

/// A change of a product's price, sale and stock: what shops change most often.
///
/// `None` leaves a field as it is; `Some(None)` clears one that is optional.
///
/// ```
/// use vitrina_core::Money;
/// use vitrina_core::product::OfferChange;
///
/// let sold_out = OfferChange { stock: Some(Some(0)), ..OfferChange::default() };
/// let reduced = OfferChange { sale_price: Some(Some(Money::from_minor(799))), ..OfferChange::default() };
/// let sale_over = OfferChange { sale_price: Some(None), ..OfferChange::default() };
/// # assert!(sold_out != reduced && reduced != sale_over);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OfferChange {
    /// The regular price.
    pub price: Option<Money>,
    /// The reduced price; clearing it ends the sale, with its dates.
    pub sale_price: Option<Option<Money>>,
    /// The first moment of the sale.
    pub sale_from: Option<Option<Timestamp>>,
    /// The first moment after the sale.
    pub sale_until: Option<Option<Timestamp>>,
    /// Pieces in stock.
    pub stock: Option<Option<u32>>,
    /// Availability, which wins over `stock`.
    pub availability: Option<Option<Availability>>,
}

impl OfferChange {
    /// The most changes of a batch.
    pub const MAX_BATCH: usize = 10_000;

    /// Changes these fields of a product.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a price that is out of range, a sale that ends before it begins, and dates
    /// of a sale for a product without a reduced price; the product is as it was then.
    pub fn apply(&self, draft: &mut ProductDraft) -> Result<()> {
        let sale = self.sale(draft.sale)?;
        let price = self.price.unwrap_or(draft.price);
        super::draft::check_money("price", price)?;
        super::draft::check_sale(sale)?;
        draft.price = price;
        draft.sale = sale;
        draft.stock = self.stock.unwrap_or(draft.stock);
        draft.availability = self.availability.unwrap_or(draft.availability);
        Ok(())
    }

    /// The sale after the change of this one.
    fn sale(&self, sale: Option<SalePrice>) -> Result<Option<SalePrice>> {
        let dated = self.sale_from.flatten().is_some() || self.sale_until.flatten().is_some();
        match self.sale_price.unwrap_or(sale.map(|sale| sale.price)) {
            Some(price) => Ok(Some(SalePrice {
                price,
                from: self.sale_from.unwrap_or(sale.and_then(|sale| sale.from)),
                until: self.sale_until.unwrap_or(sale.and_then(|sale| sale.until)),
            })),
            None if dated => {
                Err(Error::invalid("the sale has dates and no price: give `sale_price` with them"))
            }
            None => Ok(None),
        }
    }
}

/// A change of any of a product's fields, with categories by name and photos by source.
///
/// `None` leaves a field as it is; `Some(None)` clears one that is optional. Lists are replaced whole, and cleared by an
/// empty one.
///
/// ```
/// use vitrina_core::product::{OfferChange, ProductChange};
///
/// let mut change = ProductChange::from(OfferChange { stock: Some(Some(12)), ..OfferChange::default() });
/// change.brand = Some(None);
/// change.tags = Some(vec!["verano".into()]);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ProductChange {
    /// Price, sale and stock.
    pub offer: OfferChange,
    /// The shop's own stable key.
    pub key: Option<Option<String>>,
    /// The name.
    pub name: Option<String>,
    /// The description, in plain text.
    pub description: Option<String>,
    /// The brand.
    pub brand: Option<Option<String>>,
    /// Categories, each as a path of names from the root; the first is the main one.
    pub categories: Option<Vec<Vec<String>>>,
    /// Codes of the whole product, all of them.
    pub codes: Option<Codes>,
    /// The URL of the product's page in the shop.
    pub link: Option<Option<String>>,
    /// Attributes of the whole product, all of them.
    pub attributes: Option<Vec<Attribute>>,
    /// Photos, the main one first.
    pub photos: Option<Vec<PhotoSource>>,
    /// Tags.
    pub tags: Option<Vec<String>>,
    /// How popular the product is.
    pub popularity: Option<Option<f64>>,
    /// Texts in further languages by ISO 639-1 code.
    pub translations: Option<BTreeMap<String, Texts>>,
    /// When the shop last changed the product.
    pub updated_at: Option<Option<Timestamp>>,
    /// Variants, all of them. One that brings no photo keeps that of the variant with its key.
    pub variants: Option<Vec<NewVariant>>,
}

impl From<OfferChange> for ProductChange {
    fn from(offer: OfferChange) -> Self {
        Self { offer, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_sale() -> ProductDraft {
        let sale = SalePrice {
            price: Money::from_minor(700),
            from: Some(Timestamp(10)),
            until: Some(Timestamp(20)),
        };
        ProductDraft { price: Money::from_minor(1000), sale: Some(sale), ..ProductDraft::default() }
    }

    #[test]
    fn a_sale_changes_field_by_field() {
        let mut draft = on_sale();
        let until = OfferChange { sale_until: Some(None), ..OfferChange::default() };
        until.apply(&mut draft).unwrap();
        assert_eq!(draft.sale.map(|sale| (sale.from, sale.until)), Some((Some(Timestamp(10)), None)));
        let over = OfferChange { sale_price: Some(None), ..OfferChange::default() };
        over.apply(&mut draft).unwrap();
        assert_eq!(draft.sale, None);
        let dates = OfferChange { sale_from: Some(Some(Timestamp(1))), ..OfferChange::default() };
        assert!(dates.apply(&mut draft).unwrap_err().to_string().contains("sale_price"));
        until.apply(&mut draft).unwrap();
    }

    #[test]
    fn a_refused_change_changes_nothing() {
        let mut draft = on_sale();
        let price = OfferChange { price: Some(Money::from_minor(-1)), ..OfferChange::default() };
        let dates = OfferChange { sale_from: Some(Some(Timestamp(20))), ..OfferChange::default() };
        for bad in [price, dates] {
            bad.apply(&mut draft).unwrap_err();
            assert_eq!(draft, on_sale());
        }
    }
}
