//! Products as shops describe them: what import sources yield and what programs pass to be written.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::product::{Attribute, Codes};
use crate::{Money, ProductId};

/// A point in time: seconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The present moment by this machine's clock.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

/// A reduced price, and when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SalePrice {
    /// The price while the sale lasts.
    pub price: Money,
    /// The first moment at which it applies; `None` applies since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// The first moment at which it no longer applies; `None` never ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl SalePrice {
    /// Returns whether the price applies at this moment.
    pub fn is_valid_at(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.until.is_none_or(|until| moment < until)
    }
}

/// Whether a product can be ordered, where the shop says so apart from a stock level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// In stock.
    InStock,
    /// Out of stock.
    OutOfStock,
    /// Can be ordered before it is released.
    Preorder,
    /// Can be ordered and is delivered later.
    Backorder,
}

impl Availability {
    /// Returns whether it can be ordered now.
    pub fn is_in_stock(self) -> bool {
        self != Self::OutOfStock
    }

    /// The name on the wire, such as `in_stock`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InStock => "in_stock",
            Self::OutOfStock => "out_of_stock",
            Self::Preorder => "preorder",
            Self::Backorder => "backorder",
        }
    }
}

/// Where the bytes of a product's photo come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PhotoSource {
    /// The encoded picture (JPEG, PNG, WebP, GIF, BMP).
    Bytes(Vec<u8>),
    /// An `http(s)` URL.
    Url(String),
    /// A file, relative to the import's folder of photos.
    Path(PathBuf),
    /// The key of a photo that the shop's photo store holds already.
    Key(String),
}

/// The name and description of a product in one language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Texts {
    /// The name.
    pub name: String,
    /// The description, in plain text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// A product to be written, with categories by name and photos by source.
///
/// Start with [`NewProduct::new`]; every other part has a setter or a public field.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct NewProduct {
    /// The shop's own stable key; writing a product with a known key replaces that product.
    pub key: Option<String>,
    /// Vitrina's number of the product to replace; `None` is found by `key` or assigned.
    pub id: Option<ProductId>,
    /// The name, not empty.
    pub name: String,
    /// The description, in plain text.
    pub description: String,
    /// The brand.
    pub brand: Option<String>,
    /// The regular price. A product without a price, and without a variant that has one, is refused.
    pub price: Option<Money>,
    /// A reduced price.
    pub sale: Option<SalePrice>,
    /// Categories, each as a path of names from the root; the first is the main one. Missing ones are created.
    pub categories: Vec<Vec<String>>,
    /// Codes of the whole product.
    pub codes: Codes,
    /// The URL of the product's page in the shop.
    pub link: Option<String>,
    /// Attributes of the whole product.
    pub attributes: Vec<Attribute>,
    /// Photos, the main one first.
    pub photos: Vec<PhotoSource>,
    /// Pieces in stock; `None` where the shop does not count them.
    pub stock: Option<u32>,
    /// Availability, where the shop states it; it wins over `stock`.
    pub availability: Option<Availability>,
    /// Tags, searched like words of the description.
    pub tags: Vec<String>,
    /// How popular the product is; any non-negative number, higher is more popular.
    pub popularity: Option<f64>,
    /// Texts in further languages by ISO 639-1 code (`en`); `name` and `description` are in the shop's own.
    pub translations: BTreeMap<String, Texts>,
    /// When the shop last changed the product.
    pub updated_at: Option<Timestamp>,
    /// Variants, such as sizes and colours.
    pub variants: Vec<NewVariant>,
}

/// A variant of a [`NewProduct`]; what it leaves out is as in the product.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct NewVariant {
    /// The variant's own stable key, unique within the product.
    pub key: Option<String>,
    /// Its codes.
    pub codes: Codes,
    /// The attributes that distinguish it from its siblings.
    pub attributes: Vec<Attribute>,
    /// Its price.
    pub price: Option<Money>,
    /// Its reduced price.
    pub sale: Option<SalePrice>,
    /// Its stock.
    pub stock: Option<u32>,
    /// Its availability.
    pub availability: Option<Availability>,
    /// Its photo.
    pub photo: Option<PhotoSource>,
    /// Its own URL.
    pub link: Option<String>,
}

impl NewProduct {
    /// Creates a product with a name and a price.
    pub fn new(name: impl Into<String>, price: Money) -> Self {
        Self { name: name.into(), price: Some(price), ..Self::default() }
    }

    /// Sets the shop's own stable key.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Adds a category at the root of the tree; the first added is the main one.
    #[must_use]
    pub fn category(mut self, name: impl Into<String>) -> Self {
        self.categories.push(vec![name.into()]);
        self
    }

    /// Sets the description, in plain text.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Sets the brand.
    #[must_use]
    pub fn brand(mut self, name: impl Into<String>) -> Self {
        self.brand = Some(name.into());
        self
    }

    /// Sets the pieces in stock.
    #[must_use]
    pub fn stock(mut self, pieces: u32) -> Self {
        self.stock = Some(pieces);
        self
    }

    /// Adds a photo from the bytes of an encoded picture; the first added is the main one.
    #[must_use]
    pub fn photo(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.photos.push(PhotoSource::Bytes(bytes.into()));
        self
    }

    /// Adds an attribute.
    #[must_use]
    pub fn attribute(mut self, attribute: Attribute) -> Self {
        self.attributes.push(attribute);
        self
    }

    /// Adds a variant.
    #[must_use]
    pub fn variant(mut self, variant: NewVariant) -> Self {
        self.variants.push(variant);
        self
    }
}
