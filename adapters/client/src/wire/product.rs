//! Products as answers carry them.

use std::collections::BTreeMap;

use reqwest::Url;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vitrina_core::product::{Attribute, AttributeValue, Availability, Codes, SalePrice, Texts, Timestamp};
use vitrina_core::{Money, ProductId};

use crate::answer;

/// Values of attributes by name.
type Attributes = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
pub(crate) struct Product {
    id: i64,
    name: String,
    description: Option<String>,
    brand: Option<String>,
    #[serde(deserialize_with = "money")]
    price: Money,
    category: Option<String>,
    stock: Option<u32>,
    in_stock: Option<bool>,
    photo: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    key: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    url: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    codes: Codes,
    #[serde(default, deserialize_with = "lenient")]
    categories: Vec<Vec<String>>,
    #[serde(default, deserialize_with = "lenient")]
    attributes: Attributes,
    #[serde(default, deserialize_with = "lenient")]
    photos: Vec<String>,
    #[serde(flatten)]
    sale: Sale,
    #[serde(default, deserialize_with = "lenient")]
    availability: Option<Availability>,
    #[serde(default, deserialize_with = "lenient")]
    tags: Vec<String>,
    #[serde(default, deserialize_with = "lenient")]
    popularity: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    translations: BTreeMap<String, Texts>,
    #[serde(default, deserialize_with = "lenient")]
    updated_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    variants: Vec<Variant>,
    #[serde(default, deserialize_with = "lenient")]
    matched_variant: Option<Variant>,
    similarity: Option<f64>,
    resemblance: Option<String>,
    highlights: Option<Highlights>,
}

#[derive(Deserialize)]
struct Highlights {
    #[serde(default)]
    name: Vec<(usize, usize)>,
    #[serde(default)]
    description: Vec<(usize, usize)>,
}

#[derive(Deserialize)]
struct Sale {
    #[serde(default, deserialize_with = "lenient")]
    sale_price: Option<f64>,
    #[serde(default, deserialize_with = "lenient")]
    sale_from: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient")]
    sale_until: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Variant {
    key: Option<String>,
    #[serde(default)]
    codes: Codes,
    #[serde(default)]
    attributes: Attributes,
    price: Option<f64>,
    #[serde(flatten)]
    sale: Sale,
    stock: Option<u32>,
    availability: Option<Availability>,
    photo: Option<String>,
    url: Option<String>,
}

impl Product {
    pub(crate) fn into_answer(self, base: &Url) -> answer::Product {
        let photos = self.photos.iter().filter_map(|photo| photo_url(base, photo));
        answer::Product {
            id: ProductId(self.id),
            key: self.key,
            name: self.name,
            description: self.description.unwrap_or_default(),
            brand: self.brand,
            price: self.price,
            sale: self.sale.into_answer(),
            category: self.category,
            categories: self.categories,
            stock: self.stock,
            in_stock: self.in_stock.unwrap_or(self.stock != Some(0)),
            availability: self.availability,
            photo_urls: photos.collect(),
            photo_url: self.photo.and_then(|photo| photo_url(base, &photo)),
            link: self.url,
            codes: self.codes,
            attributes: attributes(self.attributes),
            tags: self.tags,
            popularity: self.popularity,
            translations: self.translations,
            updated_at: self.updated_at,
            variants: self.variants.into_iter().map(|variant| variant.into_answer(base)).collect(),
            matched_variant: self.matched_variant.map(|variant| variant.into_answer(base)),
            version: None,
            similarity: self.similarity,
            resemblance: self.resemblance,
            highlights: self
                .highlights
                .map(|places| answer::Highlights { name: places.name, description: places.description }),
        }
    }
}

impl Variant {
    fn into_answer(self, base: &Url) -> vitrina_core::product::Variant {
        vitrina_core::product::Variant {
            key: self.key,
            codes: self.codes,
            attributes: attributes(self.attributes),
            price: self.price.and_then(|price| Money::from_major(price).ok()),
            sale: self.sale.into_answer(),
            stock: self.stock,
            availability: self.availability,
            photo: self.photo.and_then(|photo| photo_url(base, &photo)),
            link: self.url,
        }
    }
}

impl Sale {
    fn into_answer(self) -> Option<SalePrice> {
        let price = Money::from_major(self.sale_price?).ok()?;
        Some(SalePrice { price, from: self.sale_from, until: self.sale_until })
    }
}

fn attributes(attributes: Attributes) -> Vec<Attribute> {
    let attribute = |(name, values): (String, Vec<String>)| {
        let values = values.into_iter().map(AttributeValue::Text).collect();
        Attribute { name, values }
    };
    attributes.into_iter().map(attribute).collect()
}

pub(super) fn all(products: Vec<Product>, base: &Url) -> Vec<answer::Product> {
    products.into_iter().map(|product| product.into_answer(base)).collect()
}

/// A photo's complete address: an `http(s)` one as it is, any other below the server's.
fn photo_url(base: &Url, photo: &str) -> Option<String> {
    match Url::parse(photo) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Some(url.into()),
        _ => {
            let below = format!("{}/{}", base.as_str().trim_end_matches('/'), photo.trim_start_matches('/'));
            Url::parse(&below).ok().map(String::from)
        }
    }
}

/// What a server of another make writes otherwise is as if it were not there.
fn lenient<'de, T: DeserializeOwned + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// A price: a number, or a decimal in a string, to the nearest cent.
pub(super) fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Price {
        Number(f64),
        Text(String),
    }
    let major = match Price::deserialize(deserializer)? {
        Price::Number(major) => major,
        Price::Text(text) => text.trim().parse().map_err(serde::de::Error::custom)?,
    };
    Money::from_major((major * 100.0).round() / 100.0).map_err(serde::de::Error::custom)
}
