//! Products over the wire beside their simple fields: variants, codes, attributes.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::Serialize;
use vitrina_core::product::{Attribute, AttributeValue, NewVariant, PhotoSource, SalePrice, Timestamp};
use vitrina_core::{Error, Money, Result};

/// Values of attributes by name, such as `{"color": ["rojo"]}`.
pub(crate) type Attributes = BTreeMap<String, Vec<String>>;

/// The codes by which a product or a variant is known outside the shop.
#[derive(Debug, Clone, Default, Object, Serialize)]
pub struct Codes {
    /// The shop's stock keeping unit.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The global trade item number: EAN, UPC or ISBN.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gtin: Option<String>,
    /// The manufacturer's part number.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mpn: Option<String>,
    /// Further codes.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
}

/// A variant of a product, such as a size or a colour; what it leaves out is as in the product.
#[derive(Debug, Clone, Default, Object, Serialize)]
pub struct Variant {
    /// The variant's own key, unique within the product.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its codes.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<Codes>,
    /// The attributes that distinguish it from the others.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// What it costs, with two decimals.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// Its reduced price.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_price: Option<f64>,
    /// From when the reduced price applies, in seconds since 1970.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_from: Option<i64>,
    /// Until when it applies, in seconds since 1970.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_until: Option<i64>,
    /// Pieces in stock.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<u32>,
    /// `in_stock`, `out_of_stock`, `preorder` or `backorder`.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// Where its photo is: a path of this server or an address.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// The address of its page in the shop.
    #[oai(nullable, skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The name and the description of a product in one language.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "ProductTexts")]
pub struct Texts {
    /// The name.
    pub name: String,
    /// The description, in plain text.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
}

/// Whether a product can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, poem_openapi::Enum, Serialize)]
#[oai(rename_all = "snake_case")]
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

impl From<vitrina_core::product::Availability> for Availability {
    fn from(availability: vitrina_core::product::Availability) -> Self {
        match availability {
            vitrina_core::product::Availability::InStock => Self::InStock,
            vitrina_core::product::Availability::OutOfStock => Self::OutOfStock,
            vitrina_core::product::Availability::Preorder => Self::Preorder,
            vitrina_core::product::Availability::Backorder => Self::Backorder,
        }
    }
}

impl From<Availability> for vitrina_core::product::Availability {
    fn from(availability: Availability) -> Self {
        match availability {
            Availability::InStock => Self::InStock,
            Availability::OutOfStock => Self::OutOfStock,
            Availability::Preorder => Self::Preorder,
            Availability::Backorder => Self::Backorder,
        }
    }
}

impl Codes {
    /// The codes, unless there is none.
    pub(crate) fn shown(codes: vitrina_core::product::Codes) -> Option<Self> {
        let shown = !codes.is_empty();
        let vitrina_core::product::Codes { sku, gtin, mpn, others } = codes;
        shown.then_some(Self { sku, gtin, mpn, others })
    }
}

impl From<Codes> for vitrina_core::product::Codes {
    fn from(codes: Codes) -> Self {
        Self { sku: codes.sku, gtin: codes.gtin, mpn: codes.mpn, others: codes.others }
    }
}

impl From<vitrina_core::product::Variant> for Variant {
    fn from(variant: vitrina_core::product::Variant) -> Self {
        Self {
            key: variant.key,
            codes: Codes::shown(variant.codes),
            attributes: shown_attributes(variant.attributes),
            price: variant.price.map(Money::to_major),
            sale_price: variant.sale.map(|sale| sale.price.to_major()),
            sale_from: variant.sale.and_then(|sale| sale.from).map(|from| from.0),
            sale_until: variant.sale.and_then(|sale| sale.until).map(|until| until.0),
            stock: variant.stock,
            availability: variant.availability.map(Availability::from),
            photo: variant.photo.map(shown_photo),
            url: variant.link,
        }
    }
}

impl Variant {
    /// The variant to be written.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a price that is none.
    pub(crate) fn into_new(self) -> Result<NewVariant> {
        let mut variant = NewVariant::default();
        variant.key = self.key;
        variant.codes = self.codes.map(Into::into).unwrap_or_default();
        variant.attributes = read_attributes(self.attributes);
        variant.price = self.price.map(Money::from_major).transpose()?;
        variant.sale = sale(self.sale_price, self.sale_from, self.sale_until)?;
        variant.stock = self.stock;
        variant.availability = self.availability.map(Into::into);
        variant.photo = self.photo.map(photo_source).transpose()?;
        variant.link = self.url;
        Ok(variant)
    }
}

/// A reduced price as it comes over the wire.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a price that is none.
pub(crate) fn sale(price: Option<f64>, from: Option<i64>, until: Option<i64>) -> Result<Option<SalePrice>> {
    let sale = |price| SalePrice { price, from: from.map(Timestamp), until: until.map(Timestamp) };
    Ok(price.map(Money::from_major).transpose()?.map(sale))
}

/// Attributes as answers show them: every value as text.
pub(crate) fn shown_attributes(attributes: Vec<Attribute>) -> Attributes {
    let shown = |attribute: Attribute| {
        (attribute.name, attribute.values.iter().map(AttributeValue::to_string).collect())
    };
    attributes.into_iter().map(shown).collect()
}

/// Attributes as they are written: values are texts.
pub(crate) fn read_attributes(attributes: Attributes) -> Vec<Attribute> {
    let read = |(name, values): (String, Vec<String>)| {
        let values = values.into_iter().map(AttributeValue::Text).collect();
        Attribute { name, values }
    };
    attributes.into_iter().map(read).collect()
}

/// Translations as answers show them.
pub(crate) fn shown_translations(
    translations: BTreeMap<String, vitrina_core::product::Texts>,
) -> BTreeMap<String, Texts> {
    let shown =
        |texts: vitrina_core::product::Texts| Texts { name: texts.name, description: texts.description };
    translations.into_iter().map(|(language, texts)| (language, shown(texts))).collect()
}

/// Translations as they are written.
pub(crate) fn read_translations(
    translations: BTreeMap<String, Texts>,
) -> BTreeMap<String, vitrina_core::product::Texts> {
    let read =
        |texts: Texts| vitrina_core::product::Texts { name: texts.name, description: texts.description };
    translations.into_iter().map(|(language, texts)| (language, read(texts))).collect()
}

/// Where a photo is: a path of this server or an address.
pub(crate) fn shown_photo(photo: String) -> String {
    let elsewhere = photo.starts_with("http://") || photo.starts_with("https://");
    if elsewhere { photo } else { format!("/photos/{photo}") }
}

/// A photo as it is written: what [`shown_photo`] shows.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for what is neither an address nor a photo of this server.
pub(crate) fn photo_source(photo: String) -> Result<PhotoSource> {
    if photo.starts_with("http://") || photo.starts_with("https://") {
        return Ok(PhotoSource::Url(photo));
    }
    let key = photo.strip_prefix("/photos/").map(|key| PhotoSource::Key(key.to_owned()));
    key.ok_or_else(|| Error::invalid(format!("the photo `{photo}` is neither a URL nor one of /photos/")))
}
