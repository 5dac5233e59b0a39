//! Categories and products.

mod attributes;
mod category;
mod change;
mod draft;
mod new;
mod variant;
mod version;

use std::collections::{BTreeMap, BTreeSet};

pub use attributes::{Attribute, AttributeValue, Codes};
pub use category::{
    Category, CategoryChange, CategoryContents, CategoryId, CategoryPath, CategoryTree, not_empty,
};
pub use change::{OfferChange, ProductChange, ProductRef};
pub use draft::ProductDraft;
pub use new::{Availability, NewProduct, NewVariant, PhotoSource, SalePrice, Texts, Timestamp};
pub use variant::Variant;
pub use version::{Precondition, ProductVersion};

use crate::photo::PhotoKey;
use crate::{Error, Money, Result};

/// The ID of a product in the shop's catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProductId(pub i64);

/// A product as the catalogue holds it.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// Its ID; newer products have higher ones.
    pub id: ProductId,
    /// The shop's own stable key.
    pub key: Option<String>,
    /// Its name as customers read it.
    pub name: String,
    /// A description in plain text; may be empty.
    pub description: String,
    /// The brand.
    pub brand: Option<String>,
    /// The regular price.
    pub price: Money,
    /// A reduced price, and when it applies.
    pub sale: Option<SalePrice>,
    /// Its categories with those above them; the first is the main one.
    pub categories: Vec<CategoryPath>,
    /// Pieces in stock; `None` where the shop does not count them.
    pub stock: Option<u32>,
    /// Availability, where the shop states it; it wins over `stock`.
    pub availability: Option<Availability>,
    /// Photos, the main one first: keys of the shop's photo store, or `http(s)` URLs.
    pub photos: Vec<String>,
    /// The URL of its page in the shop.
    pub link: Option<String>,
    /// Codes of the whole product.
    pub codes: Codes,
    /// Attributes of the whole product.
    pub attributes: Vec<Attribute>,
    /// Tags, searched like words of the description.
    pub tags: Vec<String>,
    /// How popular it is; higher is more popular.
    pub popularity: Option<f64>,
    /// Texts in further languages by ISO 639-1 code.
    pub translations: BTreeMap<String, Texts>,
    /// When the shop last changed it.
    pub updated_at: Option<Timestamp>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

impl Product {
    /// Creates a product with a name, and nothing else.
    pub fn new(id: ProductId, name: impl Into<String>) -> Self {
        let draft = ProductDraft { name: name.into(), ..ProductDraft::default() };
        draft.into_product(id, Vec::new())
    }

    /// The main category.
    pub fn category(&self) -> Option<&Category> {
        self.categories.first().map(CategoryPath::category)
    }

    /// The main photo.
    pub fn photo(&self) -> Option<&str> {
        self.photos.first().map(String::as_str)
    }

    /// The keys of its stored photos and of those of its variants, each once, in their order; photos at URLs have none.
    pub fn photo_keys(&self) -> Vec<PhotoKey> {
        photo_keys(&self.photos, &self.variants)
    }

    /// The price at this moment: the reduced one while it applies.
    pub fn price_at(&self, moment: Timestamp) -> Money {
        match self.sale {
            Some(sale) if sale.is_valid_at(moment) => sale.price,
            _ => self.price,
        }
    }

    /// The price now, by this machine's clock.
    pub fn current_price(&self) -> Money {
        if self.sale.is_some() { self.price_at(Timestamp::now()) } else { self.price }
    }

    /// Returns whether it can be ordered now; a product that nobody counts is in stock.
    pub fn in_stock(&self) -> bool {
        stated_in_stock(self.availability, self.stock, &self.variants).unwrap_or(self.stock != Some(0))
    }

    /// Its attributes and those of its variants; some may come more than once.
    pub fn all_attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().chain(self.variants.iter().flat_map(|variant| &variant.attributes))
    }

    /// The names and values of its attributes and those of its variants; some may come more than once.
    pub fn attribute_values(&self) -> impl Iterator<Item = (&str, String)> {
        self.all_attributes().flat_map(|attribute| {
            attribute.values.iter().map(|value| (attribute.name.as_str(), value.to_string()))
        })
    }

    /// Its codes and those of its variants.
    pub fn all_codes(&self) -> impl Iterator<Item = &str> {
        self.codes.iter().chain(self.variants.iter().flat_map(|variant| variant.codes.iter()))
    }

    /// Its codes and those of its variants as they are compared, each once.
    pub fn code_keys(&self) -> BTreeSet<String> {
        self.all_codes().map(crate::index::code_key).filter(|key| !key.is_empty()).collect()
    }

    /// About how much memory it takes, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let optional = [&self.key, &self.brand, &self.link].into_iter().flatten();
        let texts = optional.chain(&self.photos).chain(&self.tags).map(String::len).sum::<usize>();
        let details = draft::details_bytes(&self.codes, &self.attributes, &self.translations, &self.variants);
        let values = |attribute: &Attribute| size_of_val(attribute) + size_of_val(&attribute.values[..]);
        let inline = self.all_attributes().map(values).sum::<usize>()
            + size_of_val(&self.variants[..])
            + size_of_val(&self.photos[..])
            + size_of_val(&self.tags[..])
            + self.categories.iter().map(CategoryPath::memory).sum::<usize>();
        size_of::<Self>() + self.name.len() + self.description.len() + texts + details + inline
    }
}

/// The keys among these photos and those of variants, each once, in their order.
fn photo_keys(photos: &[String], variants: &[Variant]) -> Vec<PhotoKey> {
    let mut seen = BTreeSet::new();
    let all = photos.iter().chain(variants.iter().filter_map(|variant| variant.photo.as_ref()));
    all.filter(|photo| seen.insert(photo.as_str())).filter_map(|photo| photo.parse().ok()).collect()
}

/// Whether a product is in stock by more than its own stock: its availability, or what its variants state.
fn stated_in_stock(
    availability: Option<Availability>,
    stock: Option<u32>,
    variants: &[Variant],
) -> Option<bool> {
    if let Some(availability) = availability {
        return Some(availability.is_in_stock());
    }
    let stated = variants.iter().any(|variant| variant.stated_in_stock().is_some());
    let of_product = stock != Some(0);
    stated.then(|| variants.iter().any(|variant| variant.stated_in_stock().unwrap_or(of_product)))
}

fn within(field: &str, length: usize, limit: usize) -> Result<()> {
    if length > limit {
        return Err(Error::invalid(format!("the {field} is {length} long, {limit} at most")));
    }
    Ok(())
}

/// Checks a language: an ISO 639-1 code, perhaps with a region (`pt-br`).
///
/// # Errors
/// [`Invalid`](crate::ErrorKind::Invalid) naming what is no such code.
pub fn check_language(language: &str) -> Result<()> {
    let mut parts = language.split('-');
    let is_code = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase());
    if parts.next().is_some_and(is_code) && parts.next().is_none_or(is_code) && parts.next().is_none() {
        return Ok(());
    }
    Err(Error::invalid(format!("`{language}` is no language: write an ISO 639-1 code such as `en`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sale(price: i64, from: Option<i64>, until: Option<i64>) -> Option<SalePrice> {
        let price = Money::from_minor(price);
        Some(SalePrice { price, from: from.map(Timestamp), until: until.map(Timestamp) })
    }

    #[test]
    fn a_sale_price_applies_from_its_first_moment_to_its_last() {
        let mut product = Product { price: Money::from_minor(1000), ..Product::new(ProductId(1), "a") };
        let prices = |product: &Product| [9, 10, 19, 20].map(|at| product.price_at(Timestamp(at)).minor());
        product.sale = sale(700, Some(10), Some(20));
        assert_eq!(prices(&product), [1000, 700, 700, 1000]);
        product.sale = sale(700, None, Some(10));
        assert_eq!(prices(&product), [700, 1000, 1000, 1000]);
        product.sale = sale(700, None, None);
        assert_eq!(prices(&product), [700; 4]);
    }

    #[test]
    fn availability_wins_over_variants_and_these_over_the_stock() {
        let mut product = Product { stock: Some(0), ..Product::new(ProductId(1), "a") };
        assert!(!product.in_stock());
        product.variants = vec![Variant { stock: Some(0), ..Variant::default() }];
        product.stock = None;
        assert!(!product.in_stock());
        product.variants.push(Variant { stock: Some(3), ..Variant::default() });
        assert!(product.in_stock());
        product.availability = Some(Availability::OutOfStock);
        assert!(!product.in_stock());
        product.availability = Some(Availability::Backorder);
        assert!(product.in_stock());
    }
}
