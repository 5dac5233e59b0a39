//! What the shop's own people send.

use std::collections::BTreeMap;

use poem_openapi::Object;
use poem_openapi::types::{Example, MaybeUndefined};
use vitrina_core::CategoryId;
use vitrina_core::product::CategoryChange;

use super::patch::given;
use super::product::{Attributes, Availability, Codes, Texts, Variant};

/// A product to be written.
#[derive(Debug, Object)]
#[oai(example)]
pub struct ProductIn {
    /// The product to replace, or a number for a new one; without it the next free one is taken.
    #[oai(nullable)]
    pub id: Option<i64>,
    /// Its name.
    pub name: String,
    /// What it is, in plain text.
    #[oai(default, nullable)]
    pub description: String,
    /// Who makes it.
    #[oai(nullable)]
    pub brand: Option<String>,
    /// What it costs, with two decimals.
    pub price: f64,
    /// Its category by name or number, which must exist.
    #[oai(nullable)]
    pub category: Option<String>,
    /// Its category by number; `category` comes before it.
    #[oai(nullable)]
    pub category_id: Option<i64>,
    /// Pieces in stock; null where the shop does not count them.
    #[oai(nullable)]
    pub stock: Option<u32>,
    /// The shop's own key; a product that has it is replaced, unless `id` names one.
    #[oai(nullable)]
    pub key: Option<String>,
    /// The address of its page in the shop.
    #[oai(nullable)]
    pub url: Option<String>,
    /// Its codes.
    #[oai(nullable)]
    pub codes: Option<Codes>,
    /// The paths of its categories from the root, which must exist, the main one first; in place of `category`.
    #[oai(nullable)]
    pub categories: Option<Vec<Vec<String>>>,
    /// Values of its attributes by name.
    #[oai(nullable)]
    pub attributes: Option<Attributes>,
    /// Its photos, the main one first: addresses, or `/photos/…` of this server; without it those that it has stay.
    #[oai(nullable)]
    pub photos: Option<Vec<String>>,
    /// The reduced price.
    #[oai(nullable)]
    pub sale_price: Option<f64>,
    /// From when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_from: Option<i64>,
    /// Until when it applies, in seconds since 1970.
    #[oai(nullable)]
    pub sale_until: Option<i64>,
    /// Whether it can be ordered; it comes before `stock`.
    #[oai(nullable)]
    pub availability: Option<Availability>,
    /// Tags.
    #[oai(nullable)]
    pub tags: Option<Vec<String>>,
    /// How popular it is; any number that is not negative.
    #[oai(nullable)]
    pub popularity: Option<f64>,
    /// Its texts in further languages by ISO 639-1 code.
    #[oai(nullable)]
    pub translations: Option<BTreeMap<String, Texts>>,
    /// When the shop last changed it, in seconds since 1970.
    #[oai(nullable)]
    pub updated_at: Option<i64>,
    /// Its variants.
    #[oai(nullable)]
    pub variants: Option<Vec<Variant>>,
}

impl Example for ProductIn {
    fn example() -> Self {
        Self {
            id: None,
            name: "Camiseta deportiva roja".into(),
            description: "Camiseta transpirable para correr.".into(),
            brand: Some("Zancada".into()),
            price: 12.99,
            category: Some("Camisetas".into()),
            category_id: None,
            stock: Some(25),
            key: None,
            url: None,
            codes: None,
            categories: None,
            attributes: None,
            photos: None,
            sale_price: None,
            sale_from: None,
            sale_until: None,
            availability: None,
            tags: None,
            popularity: None,
            translations: None,
            updated_at: None,
            variants: None,
        }
    }
}

/// Products to be written together.
#[derive(Debug, Object)]
pub struct ProductBatch {
    /// Up to 1,000.
    pub products: Vec<ProductIn>,
}

/// The numbers of products that were written.
#[derive(Debug, Object)]
pub struct ProductNumbers {
    /// In the order of the products.
    pub ids: Vec<i64>,
}

/// A category to be made or renamed.
#[derive(Debug, Object)]
pub struct CategoryIn {
    /// Its name.
    pub name: String,
}

/// What changes of a category; fields that are left out stay.
#[derive(Debug, Default, Object)]
#[oai(example)]
pub struct CategoryPatch {
    /// Its name.
    pub name: Option<String>,
    /// The number of the category that it is to be part of; null for the root.
    #[oai(nullable)]
    pub parent: MaybeUndefined<i64>,
    /// Its names in further languages by ISO 639-1 code, all of them.
    #[oai(nullable)]
    pub translations: MaybeUndefined<BTreeMap<String, String>>,
}

impl Example for CategoryPatch {
    fn example() -> Self {
        Self { parent: MaybeUndefined::Value(4), ..Self::default() }
    }
}

impl CategoryPatch {
    /// The change in the domain's terms.
    pub(crate) fn into_change(self) -> CategoryChange {
        let mut change = CategoryChange::default();
        change.name = self.name;
        change.parent = given(self.parent).map(|parent| parent.map(CategoryId));
        change.translations = given(self.translations).map(Option::unwrap_or_default);
        change
    }
}
