//! Variants of products, such as sizes and colours.

use serde::{Deserialize, Serialize};

use super::{Attribute, Availability, Codes, SalePrice};
use crate::Money;

/// A variant of a [`Product`](super::Product); what it leaves out is as in the product.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Variant {
    /// The variant's own stable key, unique within the product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its codes.
    #[serde(skip_serializing_if = "Codes::is_empty")]
    pub codes: Codes,
    /// The attributes that distinguish it from its siblings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Its price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Its reduced price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<SalePrice>,
    /// Its pieces in stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// Its availability.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// Its photo: a key of the shop's photo store, or an `http(s)` URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// Its own URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

impl Variant {
    /// Returns whether it can be ordered, where the variant itself states it.
    pub fn stated_in_stock(&self) -> Option<bool> {
        let availability = self.availability.map(Availability::is_in_stock);
        availability.or(self.stock.map(|pieces| pieces > 0))
    }
}
