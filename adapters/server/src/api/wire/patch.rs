//! Partial changes as they come over the wire: what is left out stays, null clears.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};
use vitrina_core::product::{Attribute, OfferChange, ProductChange, ProductRef, Timestamp};
use vitrina_core::{Error, Money, ProductId, Result};

use super::product::{
    Attributes, Availability, Codes, Texts, Variant, photo_source, read_attributes, read_translations,
};

/// Fields of a product that change: those left out stay as they are, null clears one.
#[derive(Debug, Default, Object)]
#[oai(example)]
pub struct ProductPatch {
    /// Its name.
    pub name: Option<String>,
    /// What it is, in plain text.
    #[oai(nullable)]
    pub description: MaybeUndefined<String>,
    /// Who makes it.
    #[oai(nullable)]
    pub brand: MaybeUndefined<String>,
    /// What it costs, with two decimals.
    pub price: Option<f64>,
    /// Its only category by name or number, which must exist.
    #[oai(nullable)]
    pub category: MaybeUndefined<String>,
    /// Its only category by number; `category` comes before it.
    #[oai(nullable)]
    pub category_id: MaybeUndefined<i64>,
    /// Pieces in stock; null where the shop does not count them.
    #[oai(nullable)]
    pub stock: MaybeUndefined<u32>,
    /// The shop's own key, which no other product may have.
    #[oai(nullable)]
    pub key: MaybeUndefined<String>,
    /// The address of its page in the shop.
    #[oai(nullable)]
    pub url: MaybeUndefined<String>,
    /// Its codes, all of them.
    #[oai(nullable)]
    pub codes: MaybeUndefined<Codes>,
    /// The paths of its categories from the root, which must exist, the main one first; in place of `category`.
    #[oai(nullable)]
    pub categories: MaybeUndefined<Vec<Vec<String>>>,
    /// Values of its attributes by name, all of them.
    #[oai(nullable)]
    pub attributes: MaybeUndefined<Attributes>,
    /// Its photos, the main one first: addresses, or `/photos/…` of this server.
    #[oai(nullable)]
    pub photos: MaybeUndefined<Vec<String>>,
    /// The reduced price; null ends the sale, with its dates.
    #[oai(nullable)]
    pub sale_price: MaybeUndefined<f64>,
    /// From when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_from: MaybeUndefined<i64>,
    /// Until when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_until: MaybeUndefined<i64>,
    /// Whether it can be ordered; it comes before `stock`.
    #[oai(nullable)]
    pub availability: MaybeUndefined<Availability>,
    /// Tags, all of them.
    #[oai(nullable)]
    pub tags: MaybeUndefined<Vec<String>>,
    /// How popular it is; any number that is not negative.
    #[oai(nullable)]
    pub popularity: MaybeUndefined<f64>,
    /// Its texts in further languages by ISO 639-1 code, all of them.
    #[oai(nullable)]
    pub translations: MaybeUndefined<BTreeMap<String, Texts>>,
    /// When the shop last changed it, in seconds since 1970.
    #[oai(nullable)]
    pub updated_at: MaybeUndefined<i64>,
    /// Its variants, all of them; one without a photo keeps that of the variant with its key.
    #[oai(nullable)]
    pub variants: MaybeUndefined<Vec<Variant>>,
}

impl Example for ProductPatch {
    fn example() -> Self {
        Self {
            price: Some(9.99),
            stock: MaybeUndefined::Value(12),
            brand: MaybeUndefined::Null,
            ..Self::default()
        }
    }
}

/// A change of a product's price, sale and stock; what is left out stays, null clears.
#[derive(Debug, Default, Object)]
pub struct OfferPatch {
    /// The product's number.
    #[oai(nullable)]
    pub id: Option<i64>,
    /// The shop's own key of the product; in place of `id`.
    #[oai(nullable)]
    pub key: Option<String>,
    /// What it costs, with two decimals.
    pub price: Option<f64>,
    /// The reduced price; null ends the sale, with its dates.
    #[oai(nullable)]
    pub sale_price: MaybeUndefined<f64>,
    /// From when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_from: MaybeUndefined<i64>,
    /// Until when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_until: MaybeUndefined<i64>,
    /// Pieces in stock; null where the shop does not count them.
    #[oai(nullable)]
    pub stock: MaybeUndefined<u32>,
    /// Whether it can be ordered; it comes before `stock`.
    #[oai(nullable)]
    pub availability: MaybeUndefined<Availability>,
}

/// Changes that are written together.
#[derive(Debug, Object)]
#[oai(example)]
pub struct OfferBatch {
    /// Up to 10,000.
    pub products: Vec<OfferPatch>,
}

impl Example for OfferBatch {
    fn example() -> Self {
        let reduced =
            OfferPatch { id: Some(1), sale_price: MaybeUndefined::Value(9.99), ..OfferPatch::default() };
        let sold_out = OfferPatch {
            key: Some("REF-7".into()),
            stock: MaybeUndefined::Value(0),
            ..OfferPatch::default()
        };
        Self { products: vec![reduced, sold_out] }
    }
}

/// A product by the number or the key that a request named it by.
#[derive(Debug, Object)]
pub struct ProductName {
    /// The number.
    #[oai(skip_serializing_if_is_none)]
    pub id: Option<i64>,
    /// The key.
    #[oai(skip_serializing_if_is_none)]
    pub key: Option<String>,
}

/// What a batch of changes did.
#[derive(Debug, Object)]
pub struct OffersUpdated {
    /// How many of the changes found their product.
    pub updated: u64,
    /// The products of the others, which do not exist.
    pub missing: Vec<ProductName>,
}

impl From<ProductRef> for ProductName {
    fn from(which: ProductRef) -> Self {
        match which {
            ProductRef::Id(id) => Self { id: Some(id.0), key: None },
            ProductRef::Key(key) => Self { id: None, key: Some(key) },
        }
    }
}

impl ProductPatch {
    /// The change in the domain's terms.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a price that is none, and a photo that is neither a URL nor one of
    /// this server.
    pub(crate) fn into_change(self) -> Result<ProductChange> {
        let offer = OfferPatch {
            id: None,
            key: None,
            price: self.price,
            sale_price: self.sale_price,
            sale_from: self.sale_from,
            sale_until: self.sale_until,
            stock: self.stock,
            availability: self.availability,
        };
        let mut change = ProductChange::from(offer.into_change()?);
        let only = |category: Option<String>| category.map(|name| vec![name]).into_iter().collect();
        let by_id = self.category_id.map_value(|id| id.to_string());
        let category = if self.category.is_undefined() { by_id } else { self.category };
        change.categories = list(self.categories).or_else(|| given(category).map(only));
        change.key = given(self.key);
        change.name = self.name;
        change.description = given(self.description).map(Option::unwrap_or_default);
        change.brand = given(self.brand);
        change.link = given(self.url);
        change.codes = given(self.codes).map(|codes| codes.map(Into::into).unwrap_or_default());
        let attributes = |attributes: Option<Attributes>| -> Vec<Attribute> {
            read_attributes(attributes.unwrap_or_default())
        };
        change.attributes = given(self.attributes).map(attributes);
        let photos = list(self.photos).map(|photos| photos.into_iter().map(photo_source).collect());
        change.photos = photos.transpose()?;
        change.tags = list(self.tags);
        change.popularity = given(self.popularity);
        change.translations =
            given(self.translations).map(|texts| read_translations(texts.unwrap_or_default()));
        change.updated_at = given(self.updated_at).map(|at| at.map(Timestamp));
        let variants =
            list(self.variants).map(|variants| variants.into_iter().map(Variant::into_new).collect());
        change.variants = variants.transpose()?;
        Ok(change)
    }
}

impl OfferPatch {
    /// The product and its change in the domain's terms.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a price that is none, and unless there is either `id` or `key`.
    pub(crate) fn into_named_change(mut self) -> Result<(ProductRef, OfferChange)> {
        let which = match (self.id, self.key.take()) {
            (Some(id), None) => ProductRef::Id(ProductId(id)),
            (None, Some(key)) => ProductRef::Key(key),
            _ => return Err(Error::invalid("name the product by `id` or by `key`")),
        };
        let named = |error: Error| Error::invalid(format!("product {which}: {error}"));
        let change = self.into_change().map_err(named)?;
        Ok((which, change))
    }

    fn into_change(self) -> Result<OfferChange> {
        let price = |price: Option<f64>| price.map(Money::from_major).transpose();
        Ok(OfferChange {
            price: price(self.price)?,
            sale_price: given(self.sale_price).map(price).transpose()?,
            sale_from: given(self.sale_from).map(|from| from.map(Timestamp)),
            sale_until: given(self.sale_until).map(|until| until.map(Timestamp)),
            stock: given(self.stock),
            availability: given(self.availability).map(|stated| stated.map(Into::into)),
        })
    }
}

/// A field as the domain takes it: `None` where it was left out, `Some(None)` for null.
pub(super) fn given<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// A list, which null clears.
fn list<T>(field: MaybeUndefined<Vec<T>>) -> Option<Vec<T>> {
    given(field).map(Option::unwrap_or_default)
}
