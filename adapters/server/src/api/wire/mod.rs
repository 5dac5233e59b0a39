//! What goes over the wire: the objects of the HTTP contract, made from the domain's types.

mod admin;
mod explanation;
mod facets;
mod imports;
mod patch;
mod photo;
pub(crate) mod product;
mod scores;
mod storefront;
mod text;

use std::collections::BTreeMap;

use poem_openapi::{Enum, Object};
use serde::Serialize;
use vitrina_core::search::SimilarProduct;

pub use admin::{CategoryIn, CategoryPatch, ProductBatch, ProductIn, ProductNumbers};
pub use imports::{Import, ImportBegun, ImportProblem, ImportRuns, RunningImport};
pub use patch::{OfferBatch, OfferPatch, OffersUpdated, ProductName, ProductPatch};
pub use photo::{PredictionSearch, TaskAccepted, TaskPending, TaskResult, classification, classified};
pub use scores::{CategoryScoreIn, LabelScoreIn};
pub use storefront::{
    BatchAnswer, EventsReceived, FacetValue, FacetValueSearch, FacetValues, SearchBatch, ShopEvent,
    ShopEvents,
};
pub use text::{HighlightUnits, Suggestions, TextAnswer, TextSearch};

/// A category of the shop.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct Category {
    /// Its number; the `label` of predictions.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The number of the category that it is part of; left out at the root.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<i64>,
    /// Its names in further languages by ISO 639-1 code.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, String>,
}

impl poem_openapi::types::Example for Category {
    fn example() -> Self {
        Self { id: 1, name: "Camisetas".into(), parent: None, translations: BTreeMap::new() }
    }
}

impl From<vitrina_core::Category> for Category {
    fn from(category: vitrina_core::Category) -> Self {
        Self {
            id: category.id.0,
            name: category.name,
            parent: category.parent.map(|parent| parent.0),
            translations: category.translations,
        }
    }
}

/// All categories.
///
/// Its schema is not named like its only field: generators name variables after schemas.
#[derive(Debug, Object)]
#[oai(rename = "CategoryList")]
pub struct Categories {
    /// By number.
    pub categories: Vec<Category>,
}

/// A product of the shop.
#[derive(Debug, Object, Serialize)]
#[oai(example)]
pub struct Product {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// What it is, in plain text.
    pub description: String,
    /// Who makes it.
    #[oai(nullable)]
    pub brand: Option<String>,
    /// What it costs, with two decimals.
    pub price: f64,
    /// The name of its category.
    #[oai(nullable)]
    pub category: Option<String>,
    /// The number of its category.
    #[oai(nullable)]
    pub category_id: Option<i64>,
    /// Pieces in stock; null where the shop does not count them.
    #[oai(nullable)]
    pub stock: Option<u32>,
    /// Whether it can be bought now.
    pub in_stock: bool,
    /// Where its photo is: a path of this server or an address.
    #[oai(nullable)]
    pub photo: Option<String>,
    /// The shop's own key.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The address of its page in the shop.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The shop's stock keeping unit, as in `codes`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// Its codes.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes: Option<product::Codes>,
    /// The paths of its categories from the root, the main one first.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Vec<String>>,
    /// Values of its attributes by name.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "product::Attributes::is_empty")]
    pub attributes: product::Attributes,
    /// All its photos, the main one first.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<String>,
    /// The reduced price; it applies from `sale_from` to `sale_until`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_price: Option<f64>,
    /// From when the reduced price applies, in seconds since 1970.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_from: Option<i64>,
    /// Until when it applies, in seconds since 1970.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale_until: Option<i64>,
    /// Whether it can be ordered, where the shop states it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub availability: Option<product::Availability>,
    /// Tags.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// How popular it is, by the shop's own measure.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub popularity: Option<f64>,
    /// Its texts in further languages by ISO 639-1 code.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub translations: BTreeMap<String, product::Texts>,
    /// When the shop last changed it, in seconds since 1970.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<i64>,
    /// Its variants, such as sizes and colours.
    #[oai(default, skip_serializing_if_is_empty)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<product::Variant>,
    /// The one of `variants` that the words or the filter ask for ("roja"), or whose photo resembles the one sent most, to be shown
    /// in place of the product: its photo, price, link and codes, as far as it has its own; in answers to words and photos only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched_variant: Option<product::Variant>,
    /// The visual similarity of its photo, the best of all that it and its variants have, -1 to 1; in answers to photos only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
    /// The similarity in words: `nearly_same` or `similar`; in answers to photos only, and left out where they have little
    /// in common.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resemblance: Option<String>,
    /// Where the words are in it; in answers to words only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highlights: Option<text::Highlights>,
}

impl poem_openapi::types::Example for Product {
    fn example() -> Self {
        Self {
            id: 1,
            name: "Camiseta deportiva roja".into(),
            description: "Camiseta transpirable para correr.".into(),
            brand: Some("Zancada".into()),
            price: 12.99,
            category: Some("Camisetas".into()),
            category_id: Some(1),
            stock: Some(25),
            in_stock: true,
            photo: None,
            key: None,
            url: None,
            sku: None,
            codes: None,
            categories: Vec::new(),
            attributes: product::Attributes::new(),
            photos: Vec::new(),
            sale_price: None,
            sale_from: None,
            sale_until: None,
            availability: None,
            tags: Vec::new(),
            popularity: None,
            translations: BTreeMap::new(),
            updated_at: None,
            variants: Vec::new(),
            matched_variant: None,
            similarity: None,
            resemblance: None,
            highlights: None,
        }
    }
}

impl From<vitrina_core::Product> for Product {
    fn from(product: vitrina_core::Product) -> Self {
        let in_stock = product.in_stock();
        let categories: Vec<_> = product.categories.iter().map(|path| path.names()).collect();
        let photos: Vec<_> = product.photos.into_iter().map(product::shown_photo).collect();
        let sale = product.sale;
        Self {
            id: product.id.0,
            name: product.name,
            description: product.description,
            brand: product.brand,
            price: product.price.to_major(),
            category_id: product.categories.first().map(|path| path.category().id.0),
            category: categories.first().and_then(|names| names.last()).cloned(),
            stock: product.stock,
            in_stock,
            photo: photos.first().cloned(),
            key: product.key,
            url: product.link,
            sku: product.codes.sku.clone(),
            codes: product::Codes::shown(product.codes),
            categories,
            attributes: product::shown_attributes(product.attributes),
            photos,
            sale_price: sale.map(|sale| sale.price.to_major()),
            sale_from: sale.and_then(|sale| sale.from).map(|from| from.0),
            sale_until: sale.and_then(|sale| sale.until).map(|until| until.0),
            availability: product.availability.map(Into::into),
            tags: product.tags,
            popularity: product.popularity,
            translations: product::shown_translations(product.translations),
            updated_at: product.updated_at.map(|at| at.0),
            variants: product.variants.into_iter().map(Into::into).collect(),
            matched_variant: None,
            similarity: None,
            resemblance: None,
            highlights: None,
        }
    }
}

impl From<SimilarProduct> for Product {
    fn from(similar: SimilarProduct) -> Self {
        let variant = similar.variant.and_then(|place| similar.product.variants.get(place).cloned());
        Self {
            matched_variant: variant.map(Into::into),
            similarity: similar.similarity.map(decimal),
            resemblance: similar.resemblance().map(|resemblance| resemblance.as_str().to_owned()),
            ..Self::from(similar.product)
        }
    }
}

/// A page of products.
#[derive(Debug, Object, Serialize)]
pub struct ProductPage {
    /// The products of this page.
    pub products: Vec<Product>,
    /// Send it as `cursor` for the next page; null on the last.
    #[oai(nullable)]
    pub next_cursor: Option<String>,
}

/// Visually similar products.
#[derive(Debug, Object, Serialize)]
pub struct SimilarProducts {
    /// The most similar first.
    pub products: Vec<Product>,
}

/// The order of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
pub enum Sort {
    /// The best first; without words, as the shop numbered them.
    Relevance,
    /// The cheapest first.
    PriceAsc,
    /// The dearest first.
    PriceDesc,
    /// By name.
    Name,
    /// The newest first.
    Newest,
}

impl From<Sort> for vitrina_core::catalog::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Relevance => Self::Relevance,
            Sort::PriceAsc => Self::PriceAscending,
            Sort::PriceDesc => Self::PriceDescending,
            Sort::Name => Self::Name,
            Sort::Newest => Self::Newest,
        }
    }
}

/// Which products may be in an answer.
#[derive(Debug, Default, Object)]
pub struct Filter {
    /// Any of these categories, or one below them, by name, by number, or by path (`Hogar > Cocina`).
    #[oai(default, nullable)]
    pub categories: Vec<String>,
    /// Any of these brands.
    #[oai(default, nullable)]
    pub brands: Vec<String>,
    /// The lowest price.
    #[oai(nullable)]
    pub min_price: Option<f64>,
    /// The highest price.
    #[oai(nullable)]
    pub max_price: Option<f64>,
    /// Only what can be bought now.
    #[oai(default, nullable)]
    pub in_stock: bool,
    /// For each of these attributes any of the values: `{"color": ["rojo", "azul"]}`.
    #[oai(nullable)]
    pub attributes: Option<product::Attributes>,
}

/// A category that a photo shows or that words point to.
#[derive(Debug, Object, Serialize)]
pub struct Prediction {
    /// The category's number.
    pub label: i64,
    /// Its name.
    pub category: String,
    /// How likely, 0 to 1.
    pub score: f64,
}

impl From<vitrina_core::search::Prediction> for Prediction {
    fn from(prediction: vitrina_core::search::Prediction) -> Self {
        Self {
            label: prediction.category.id.0,
            category: prediction.category.name,
            score: decimal(prediction.score),
        }
    }
}

/// A score with the digits that mean something: widened as it is, 0.93 would go out as 0.9300000071525574.
pub(crate) fn decimal(score: f32) -> f64 {
    (f64::from(score) * 1e6).round() / 1e6
}
