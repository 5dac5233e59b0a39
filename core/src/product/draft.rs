//! Products to be written, and what no catalogue may hold.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Attribute, AttributeValue, Availability, CategoryId, CategoryPath, Codes, Product, ProductId, SalePrice,
    Texts, Timestamp, Variant, check_language, photo_keys, stated_in_stock, within,
};
use crate::photo::PhotoKey;
use crate::{Error, Money, Result};

/// A product to be written: [`Product`] with its categories by ID, and perhaps no ID of its own yet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProductDraft {
    /// The product to replace or create under this ID; `None` is found by `key`, or takes the next free one.
    pub id: Option<ProductId>,
    /// The shop's own stable key; a product that has it already is replaced.
    pub key: Option<String>,
    /// Its name, not empty.
    pub name: String,
    /// A description in plain text.
    pub description: String,
    /// The brand.
    pub brand: Option<String>,
    /// The regular price, not negative.
    pub price: Money,
    /// A reduced price, and when it applies.
    pub sale: Option<SalePrice>,
    /// Its categories, which must exist; the first is the main one.
    pub categories: Vec<CategoryId>,
    /// Pieces in stock.
    pub stock: Option<u32>,
    /// Availability; it wins over `stock`.
    pub availability: Option<Availability>,
    /// Photos, the main one first: keys of the shop's photo store, or `http(s)` URLs.
    pub photos: Vec<String>,
    /// The URL of its page in the shop.
    pub link: Option<String>,
    /// Codes of the whole product.
    pub codes: Codes,
    /// Attributes of the whole product.
    pub attributes: Vec<Attribute>,
    /// Tags.
    pub tags: Vec<String>,
    /// How popular it is; any non-negative number.
    pub popularity: Option<f64>,
    /// Texts in further languages by ISO 639-1 code.
    pub translations: BTreeMap<String, Texts>,
    /// When the shop last changed it.
    pub updated_at: Option<Timestamp>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

impl ProductDraft {
    /// The longest key in characters.
    pub const MAX_KEY: usize = 255;
    /// The longest name in characters, so that every catalogue can hold it.
    pub const MAX_NAME: usize = 255;
    /// The longest description in bytes: what a MariaDB `TEXT` holds.
    pub const MAX_DESCRIPTION: usize = 65_535;
    /// The longest brand in characters.
    pub const MAX_BRAND: usize = 100;
    /// The longest photo key or URL in characters.
    pub const MAX_PHOTO: usize = 512;
    /// The most photos.
    pub const MAX_PHOTOS: usize = 100;
    /// The most categories.
    pub const MAX_CATEGORIES: usize = 100;
    /// The longest link in characters.
    pub const MAX_LINK: usize = 2_048;
    /// The longest code in characters, and the most `others`.
    pub const MAX_CODE: usize = 100;
    /// The most attributes, and the most values of one.
    pub const MAX_ATTRIBUTES: usize = 200;
    /// The longest name, text value or unit of an attribute in characters.
    pub const MAX_ATTRIBUTE: usize = 500;
    /// The most tags.
    pub const MAX_TAGS: usize = 250;
    /// The longest tag in characters.
    pub const MAX_TAG: usize = 255;
    /// The most languages.
    pub const MAX_LANGUAGES: usize = 50;
    /// The most variants.
    pub const MAX_VARIANTS: usize = 1_000;
    /// The most bytes of all texts together, without the description.
    pub const MAX_BYTES: usize = 400_000;

    /// The main category.
    pub fn category(&self) -> Option<CategoryId> {
        self.categories.first().copied()
    }

    /// The main photo.
    pub fn photo(&self) -> Option<&str> {
        self.photos.first().map(String::as_str)
    }

    /// The keys of its stored photos, as [`Product::photo_keys`] returns them.
    pub fn photo_keys(&self) -> Vec<PhotoKey> {
        photo_keys(&self.photos, &self.variants)
    }

    /// Returns whether the product is in stock by more than its own stock: its availability, or what its variants state.
    pub fn stated_in_stock(&self) -> Option<bool> {
        stated_in_stock(self.availability, self.stock, &self.variants)
    }

    /// The product that this draft becomes.
    pub fn into_product(self, id: ProductId, categories: Vec<CategoryPath>) -> Product {
        Product {
            id,
            key: self.key,
            name: self.name,
            description: self.description,
            brand: self.brand,
            price: self.price,
            sale: self.sale,
            categories,
            stock: self.stock,
            availability: self.availability,
            photos: self.photos,
            link: self.link,
            codes: self.codes,
            attributes: self.attributes,
            tags: self.tags,
            popularity: self.popularity,
            translations: self.translations,
            updated_at: self.updated_at,
            variants: self.variants,
        }
    }

    /// Checks what no catalogue may hold.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) naming the field that is empty, too long, negative, zero, or there too often.
    pub fn validate(&self) -> Result<()> {
        if self.id.is_some_and(|id| id.0 < 1) {
            return Err(Error::invalid("a product's id must be 1 or more"));
        }
        if self.name.trim().is_empty() {
            return Err(Error::invalid("a product needs a name"));
        }
        let text = |field, text: &str, limit| within(field, text.chars().count(), limit);
        text("name", &self.name, Self::MAX_NAME)?;
        within("description", self.description.len(), Self::MAX_DESCRIPTION)?;
        text("brand", self.brand.as_deref().unwrap_or(""), Self::MAX_BRAND)?;
        check_key(self.key.as_deref())?;
        check_money("price", self.price)?;
        check_sale(self.sale)?;
        within("number of categories", self.categories.len(), Self::MAX_CATEGORIES)?;
        let categories: BTreeSet<_> = self.categories.iter().collect();
        if categories.len() < self.categories.len() {
            return Err(Error::invalid("a category is there twice"));
        }
        within("number of photos", self.photos.len(), Self::MAX_PHOTOS)?;
        self.photos.iter().try_for_each(|photo| check_photo(photo))?;
        check_link(self.link.as_deref())?;
        check_codes(&self.codes)?;
        check_attributes(&self.attributes)?;
        within("number of tags", self.tags.len(), Self::MAX_TAGS)?;
        for tag in &self.tags {
            filled("tag", tag)?;
            text("tag", tag, Self::MAX_TAG)?;
        }
        if self.popularity.is_some_and(|popularity| !popularity.is_finite() || popularity < 0.0) {
            return Err(Error::invalid("the popularity must be a number that is not negative"));
        }
        within("number of translations", self.translations.len(), Self::MAX_LANGUAGES)?;
        for (language, texts) in &self.translations {
            check_language(language)?;
            text("name", &texts.name, Self::MAX_NAME)?;
            within("description", texts.description.len(), Self::MAX_DESCRIPTION)?;
        }
        self.validate_variants()?;
        within("product in bytes", self.bytes(), Self::MAX_BYTES)
    }

    fn validate_variants(&self) -> Result<()> {
        within("number of variants", self.variants.len(), Self::MAX_VARIANTS)?;
        let mut keys = BTreeSet::new();
        for variant in &self.variants {
            check_key(variant.key.as_deref())?;
            if let Some(key) = variant.key.as_deref().filter(|key| !keys.insert(*key)) {
                return Err(Error::invalid(format!("two variants have the key `{key}`")));
            }
            variant.price.map_or(Ok(()), |price| check_money("price", price))?;
            check_sale(variant.sale)?;
            variant.photo.as_deref().map_or(Ok(()), check_photo)?;
            check_link(variant.link.as_deref())?;
            check_codes(&variant.codes)?;
            check_attributes(&variant.attributes)?;
        }
        Ok(())
    }

    /// About how many bytes the texts have together, without the description.
    pub fn bytes(&self) -> usize {
        let option = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 12);
        let texts = self.photos.iter().chain(&self.tags);
        self.name.len()
            + option(&self.key)
            + option(&self.brand)
            + option(&self.link)
            + texts.map(|text| text.len() + 3).sum::<usize>()
            + details_bytes(&self.codes, &self.attributes, &self.translations, &self.variants)
    }
}

/// About how many bytes these parts of a product have together.
pub(super) fn details_bytes(
    codes: &Codes,
    attributes: &[Attribute],
    translations: &BTreeMap<String, Texts>,
    variants: &[Variant],
) -> usize {
    let of_attributes = |attributes: &[Attribute]| -> usize {
        let values = |attribute: &Attribute| attribute.values.iter().map(value_bytes).sum::<usize>();
        attributes.iter().map(|attribute| attribute.name.len() + values(attribute) + 24).sum()
    };
    let of_codes = |codes: &Codes| codes.iter().map(|code| code.len() + 12).sum::<usize>();
    let option = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 12);
    let variant = |variant: &Variant| {
        let texts = option(&variant.key) + option(&variant.photo) + option(&variant.link);
        texts + of_codes(&variant.codes) + of_attributes(&variant.attributes) + 64
    };
    let texts = translations.values().map(|texts| texts.name.len() + texts.description.len());
    of_codes(codes)
        + of_attributes(attributes)
        + texts.sum::<usize>()
        + variants.iter().map(variant).sum::<usize>()
}

impl From<Product> for ProductDraft {
    fn from(product: Product) -> Self {
        Self {
            id: Some(product.id),
            key: product.key,
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price,
            sale: product.sale,
            categories: product.categories.iter().map(|path| path.category().id).collect(),
            stock: product.stock,
            availability: product.availability,
            photos: product.photos,
            link: product.link,
            codes: product.codes,
            attributes: product.attributes,
            tags: product.tags,
            popularity: product.popularity,
            translations: product.translations,
            updated_at: product.updated_at,
            variants: product.variants,
        }
    }
}

fn filled(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(format!("a {field} is empty: leave it out")));
    }
    Ok(())
}

fn check_key(key: Option<&str>) -> Result<()> {
    let Some(key) = key else { return Ok(()) };
    filled("key", key)?;
    if key.chars().any(char::is_control) {
        return Err(Error::invalid("the key has a control character"));
    }
    within("key", key.chars().count(), ProductDraft::MAX_KEY)
}

pub(super) fn check_money(field: &str, price: Money) -> Result<()> {
    if price < Money::default() || price > Money::MAX {
        return Err(Error::invalid(format!("the {field} {price} is out of range")));
    }
    Ok(())
}

pub(super) fn check_sale(sale: Option<SalePrice>) -> Result<()> {
    let Some(SalePrice { price, from, until }) = sale else { return Ok(()) };
    check_money("sale price", price)?;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(Error::invalid("the sale ends before it begins"));
    }
    Ok(())
}

fn check_photo(photo: &str) -> Result<()> {
    filled("photo", photo)?;
    within("photo", photo.chars().count(), ProductDraft::MAX_PHOTO)
}

/// Pages link to it, so nothing but a web page may stand there.
fn check_link(link: Option<&str>) -> Result<()> {
    let Some(link) = link else { return Ok(()) };
    if !link.starts_with("https://") && !link.starts_with("http://") {
        return Err(Error::invalid("the link must begin with https:// or http://"));
    }
    within("link", link.chars().count(), ProductDraft::MAX_LINK)
}

fn check_codes(codes: &Codes) -> Result<()> {
    within("number of codes", codes.others.len(), ProductDraft::MAX_CODE)?;
    for code in codes.iter() {
        filled("code", code)?;
        within("code", code.chars().count(), ProductDraft::MAX_CODE)?;
    }
    Ok(())
}

fn check_attributes(attributes: &[Attribute]) -> Result<()> {
    within("number of attributes", attributes.len(), ProductDraft::MAX_ATTRIBUTES)?;
    let mut names = BTreeSet::new();
    for Attribute { name, values } in attributes {
        filled("name of an attribute", name)?;
        within("name of an attribute", name.chars().count(), ProductDraft::MAX_ATTRIBUTE)?;
        if !names.insert(name) {
            return Err(Error::invalid(format!(
                "the attribute `{name}` is there twice: list its values in one"
            )));
        }
        if values.is_empty() {
            return Err(Error::invalid(format!("the attribute `{name}` has no value: leave it out")));
        }
        within("number of values", values.len(), ProductDraft::MAX_ATTRIBUTES)?;
        for value in values {
            let text = match value {
                AttributeValue::Text(text) => {
                    filled("value of an attribute", text)?;
                    text
                }
                AttributeValue::Number { number, unit } => {
                    if !number.is_finite() {
                        return Err(Error::invalid(format!("the attribute `{name}` is no number")));
                    }
                    unit.as_deref().unwrap_or("")
                }
                AttributeValue::Flag(_) => continue,
            };
            within("value of an attribute", text.chars().count(), ProductDraft::MAX_ATTRIBUTE)?;
        }
    }
    Ok(())
}

fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::Text(text) => text.len() + 3,
        AttributeValue::Number { unit, .. } => 32 + unit.as_ref().map_or(0, String::len),
        AttributeValue::Flag(_) => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_catalogue_may_hold_is_named() {
        let draft = || ProductDraft { name: "a".into(), ..ProductDraft::default() };
        let variant = || Variant { key: Some("v".into()), ..Variant::default() };
        let attribute = |values| Attribute { name: "color".into(), values };
        let sale =
            SalePrice { price: Money::from_minor(1), from: Some(Timestamp(2)), until: Some(Timestamp(2)) };
        for (bad, named) in [
            (ProductDraft { key: Some(" ".into()), ..draft() }, "key"),
            (ProductDraft { link: Some("javascript:alert(1)".into()), ..draft() }, "link"),
            (ProductDraft { attributes: vec![attribute(vec![])], ..draft() }, "color"),
            (ProductDraft { attributes: vec![Attribute::text("a", "b"); 2], ..draft() }, "twice"),
            (ProductDraft { variants: vec![variant(), variant()], ..draft() }, "variants"),
            (ProductDraft { sale: Some(sale), ..draft() }, "sale"),
            (ProductDraft { popularity: Some(f64::NAN), ..draft() }, "popularity"),
            (ProductDraft { tags: vec!["".into()], ..draft() }, "tag"),
            (ProductDraft { categories: vec![CategoryId(1); 2], ..draft() }, "category"),
            (
                ProductDraft { translations: [("English".into(), Texts::default())].into(), ..draft() },
                "English",
            ),
        ] {
            let error = bad.validate().unwrap_err();
            assert!(error.to_string().contains(named), "{error}");
        }
        assert!(draft().validate().is_ok());
    }
}
