//! Attributes of products: named values such as a colour or a screen size, and the codes that identify a product.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A named attribute with its values, such as `color: rojo` or `pantalla: 15.6 in`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// The attribute's name as customers read it.
    pub name: String,
    /// Its values, in the shop's order; not empty.
    pub values: Vec<AttributeValue>,
}

impl Attribute {
    /// Creates an attribute with one text value.
    pub fn text(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), values: vec![AttributeValue::Text(value.into())] }
    }
}

/// A typed value of an [`Attribute`]. In JSON: a string, a boolean, or `{"number": 15.6, "unit": "in"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    // First, since most are: reading tries the kinds in this order.
    /// Text.
    Text(String),
    /// A number, with its unit where it has one.
    Number {
        /// The number.
        number: f64,
        /// The unit as the shop writes it, such as `cm`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    /// Yes or no.
    Flag(bool),
}

/// As customers read it and filters name it: `rojo`, `15.6 in`, `true`.
impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Number { number, unit: Some(unit) } => write!(f, "{number} {unit}"),
            Self::Number { number, unit: None } => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The codes by which a product or a variant is known outside the shop.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Codes {
    /// The shop's stock keeping unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The global trade item number: EAN, UPC or ISBN, digits as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// The manufacturer's part number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mpn: Option<String>,
    /// Further codes, such as a supplier's reference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

impl Codes {
    /// Returns every code, `sku` first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let named = [&self.sku, &self.gtin, &self.mpn].into_iter().flatten();
        named.chain(&self.others).map(String::as_str)
    }

    /// Returns true if there is no code.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}
