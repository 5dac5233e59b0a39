//! Products and changes as Python writes them: dictionaries, which come as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use vitrina_core::photo::PhotoKey;
use vitrina_core::product::{
    Attribute, AttributeValue, Availability, CategoryChange, Codes, NewVariant, OfferChange, PhotoSource,
    ProductChange, ProductRef, SalePrice, Texts, Timestamp,
};
use vitrina_core::{CategoryId, Error, Money, NewProduct, ProductId};

use crate::errors::Failure;

/// A field that may be left out (`None`) or null (`Some(None)`).
type Given<T> = Option<Option<T>>;

/// What a dictionary of a product may hold.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Fields {
    id: Option<i64>,
    #[serde(deserialize_with = "given")]
    key: Given<String>,
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    description: Given<String>,
    #[serde(deserialize_with = "given")]
    brand: Given<String>,
    price: Option<Price>,
    #[serde(deserialize_with = "given")]
    sale_price: Given<Price>,
    #[serde(deserialize_with = "given")]
    sale_from: Given<Timestamp>,
    #[serde(deserialize_with = "given")]
    sale_until: Given<Timestamp>,
    #[serde(deserialize_with = "given")]
    stock: Given<i64>,
    #[serde(deserialize_with = "given")]
    availability: Given<Availability>,
    #[serde(deserialize_with = "given")]
    category: Given<Category>,
    #[serde(deserialize_with = "given")]
    categories: Given<Vec<Vec<String>>>,
    #[serde(deserialize_with = "given")]
    codes: Given<Codes>,
    #[serde(deserialize_with = "given")]
    url: Given<String>,
    #[serde(deserialize_with = "given")]
    attributes: Given<Attributes>,
    #[serde(deserialize_with = "given")]
    photos: Given<Vec<String>>,
    #[serde(deserialize_with = "given")]
    tags: Given<Vec<String>>,
    #[serde(deserialize_with = "given")]
    popularity: Given<f64>,
    #[serde(deserialize_with = "given")]
    translations: Given<BTreeMap<String, Texts>>,
    #[serde(deserialize_with = "given")]
    updated_at: Given<Timestamp>,
    #[serde(deserialize_with = "given")]
    variants: Given<Vec<VariantFields>>,
}

/// What a dictionary of a variant may hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantFields {
    key: Option<String>,
    #[serde(default)]
    codes: Option<Codes>,
    #[serde(default)]
    attributes: Attributes,
    price: Option<Price>,
    sale_price: Option<Price>,
    sale_from: Option<Timestamp>,
    sale_until: Option<Timestamp>,
    stock: Option<i64>,
    availability: Option<Availability>,
    photo: Option<String>,
    url: Option<String>,
}

/// What a dictionary of a category's change may hold.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CategoryFields {
    name: Option<String>,
    #[serde(deserialize_with = "given")]
    parent: Given<i64>,
    #[serde(deserialize_with = "given")]
    translations: Given<BTreeMap<String, String>>,
}

/// An amount as a number or as text, which is exact.
#[derive(Deserialize)]
#[serde(untagged)]
enum Price {
    Number(f64),
    Text(String),
}

/// A category by its number, or by its name.
#[derive(Deserialize)]
#[serde(untagged)]
enum Category {
    Id(i64),
    Name(String),
}

/// Values of attributes by name, one or several of each.
type Attributes = BTreeMap<String, Values>;

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    Several(Vec<Value>),
    One(Value),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Plain(f64),
    Typed(AttributeValue),
}

fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Given<T>, D::Error> {
    Option::deserialize(field).map(Some)
}

/// Reads JSON that the package made of dictionaries.
pub(crate) fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(|error| {
        let message = error.to_string();
        // Where it stands in the JSON means nothing to those who wrote dictionaries.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        Error::invalid(format!("a product cannot be read: {message}")).into()
    })
}

impl Fields {
    /// A product to be written.
    pub(crate) fn into_new(self) -> Result<NewProduct, Failure> {
        let offer = self.offer()?;
        let sale = offer.sale_price.flatten().map(|price| SalePrice {
            price,
            from: offer.sale_from.flatten(),
            until: offer.sale_until.flatten(),
        });
        let id = self.id.map(ProductId);
        let change = Self { id: None, ..self }.into_change()?;
        let name = change.name.ok_or_else(|| Error::invalid("a product needs a `name`"))?;
        let mut product = NewProduct::new(name, Money::default());
        product.id = id;
        product.key = change.key.flatten();
        product.description = change.description.unwrap_or_default();
        product.brand = change.brand.flatten();
        product.price = offer.price;
        product.sale = sale;
        product.categories = change.categories.unwrap_or_default();
        product.codes = change.codes.unwrap_or_default();
        product.link = change.link.flatten();
        product.attributes = change.attributes.unwrap_or_default();
        product.photos = change.photos.unwrap_or_default();
        product.stock = offer.stock.flatten();
        product.availability = offer.availability.flatten();
        product.tags = change.tags.unwrap_or_default();
        product.popularity = change.popularity.flatten();
        product.translations = change.translations.unwrap_or_default();
        product.updated_at = change.updated_at.flatten();
        product.variants = change.variants.unwrap_or_default();
        Ok(product)
    }

    /// The change of one product; `id` and `key` name fields of it.
    pub(crate) fn into_change(self) -> Result<ProductChange, Failure> {
        if self.id.is_some() {
            return Err(Error::invalid("the ID of a product cannot change").into());
        }
        let mut change = ProductChange::from(self.offer()?);
        let list = |values: Option<Vec<String>>| values.unwrap_or_default();
        change.categories = match (self.categories, self.category) {
            (Some(paths), _) => Some(paths.unwrap_or_default()),
            (None, Some(category)) => Some(category.map(Category::path).into_iter().collect()),
            (None, None) => None,
        };
        change.key = self.key;
        change.name = self.name;
        change.description = self.description.map(Option::unwrap_or_default);
        change.brand = self.brand;
        change.codes = self.codes.map(Option::unwrap_or_default);
        change.link = self.url;
        change.attributes = self.attributes.map(|named| attributes(named.unwrap_or_default()));
        let sources =
            |photos: Option<Vec<String>>| photos.unwrap_or_default().into_iter().map(photo).collect();
        change.photos = self.photos.map(sources).transpose()?;
        change.tags = self.tags.map(list);
        change.popularity = self.popularity;
        change.translations = self.translations.map(Option::unwrap_or_default);
        change.updated_at = self.updated_at;
        let variants = self.variants.map(Option::unwrap_or_default);
        let variants = variants.map(|variants| variants.into_iter().map(VariantFields::into_new).collect());
        change.variants = variants.transpose()?;
        Ok(change)
    }

    /// A change in a batch, of the product that `id` or `key` names.
    pub(crate) fn into_named_offer(mut self) -> Result<(ProductRef, OfferChange), Failure> {
        let which = match (self.id.take(), self.key.take().flatten()) {
            (Some(id), None) => ProductRef::Id(ProductId(id)),
            (None, Some(key)) => ProductRef::Key(key),
            _ => return Err(Error::invalid("name the product of a change by `id` or by `key`").into()),
        };
        let offer = self.offer()?;
        match self.into_change()? == ProductChange::from(offer) {
            true => Ok((which, offer)),
            false => Err(Error::invalid(format!(
                "product {which}: a batch changes `price`, `sale_price`, `sale_from`, `sale_until`, `stock` and \
                 `availability`: use `update_product` for other fields"
            ))
            .into()),
        }
    }

    fn offer(&self) -> Result<OfferChange, Failure> {
        let stock = |pieces: Option<i64>| pieces.map(pieces_of).transpose();
        Ok(OfferChange {
            price: self.price.as_ref().map(Price::money).transpose()?,
            sale_price: self
                .sale_price
                .as_ref()
                .map(|price| price.as_ref().map(Price::money).transpose())
                .transpose()?,
            sale_from: self.sale_from,
            sale_until: self.sale_until,
            stock: self.stock.map(stock).transpose()?,
            availability: self.availability,
        })
    }
}

impl CategoryFields {
    pub(crate) fn into_change(self) -> CategoryChange {
        let mut change = CategoryChange::default();
        change.name = self.name;
        change.parent = self.parent.map(|parent| parent.map(CategoryId));
        change.translations = self.translations.map(Option::unwrap_or_default);
        change
    }
}

impl VariantFields {
    fn into_new(self) -> Result<NewVariant, Failure> {
        let mut variant = NewVariant::default();
        variant.key = self.key;
        variant.codes = self.codes.unwrap_or_default();
        variant.attributes = attributes(self.attributes);
        variant.price = self.price.as_ref().map(Price::money).transpose()?;
        let sale_price = self.sale_price.as_ref().map(Price::money).transpose()?;
        variant.sale =
            sale_price.map(|price| SalePrice { price, from: self.sale_from, until: self.sale_until });
        variant.stock = self.stock.map(pieces_of).transpose()?;
        variant.availability = self.availability;
        variant.photo = self.photo.map(photo).transpose()?;
        variant.link = self.url;
        Ok(variant)
    }
}

impl Price {
    fn money(&self) -> Result<Money, Error> {
        match self {
            Self::Number(major) => Money::from_major(*major),
            Self::Text(text) => text.parse(),
        }
    }
}

impl Category {
    /// As a path of one name or number.
    fn path(self) -> Vec<String> {
        match self {
            Self::Id(id) => vec![id.to_string()],
            Self::Name(name) => vec![name],
        }
    }
}

fn pieces_of(count: i64) -> Result<u32, Error> {
    u32::try_from(count).map_err(|_| Error::invalid(format!("a stock of {count} cannot be: count pieces")))
}

fn attributes(named: Attributes) -> Vec<Attribute> {
    let typed = |value: Value| match value {
        Value::Plain(number) => AttributeValue::Number { number, unit: None },
        Value::Typed(value) => value,
    };
    let attribute = |(name, values): (String, Values)| {
        let values = match values {
            Values::Several(values) => values.into_iter().map(typed).collect(),
            Values::One(value) => vec![typed(value)],
        };
        Attribute { name, values }
    };
    named.into_iter().map(attribute).collect()
}

/// A photo at a URL, or one that the shop has.
fn photo(photo: String) -> Result<PhotoSource, Error> {
    if photo.starts_with("http://") || photo.starts_with("https://") {
        return Ok(PhotoSource::Url(photo));
    }
    let key = photo.strip_prefix("/photos/").unwrap_or(&photo);
    let known = key.parse::<PhotoKey>().map(|_| PhotoSource::Key(key.to_owned()));
    known.map_err(|_| {
        Error::invalid(format!("the photo `{photo}` is neither a URL nor one that the shop has"))
    })
}
