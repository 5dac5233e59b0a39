//! The JSON column of products: what no query filters by or looks up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vitrina_core::product::{Attribute, Availability, Codes, ProductDraft, Texts, Timestamp, Variant};

/// The contents of `product.details`. What a product does not have is left out; null stands for nothing at all.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Details {
    /// The photos behind the main one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) more_photos: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) availability: Option<Availability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) link: Option<String>,
    #[serde(skip_serializing_if = "Codes::is_empty")]
    pub(crate) codes: Codes,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) attributes: Vec<Attribute>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) popularity: Option<f64>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) translations: BTreeMap<String, Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) variants: Vec<Variant>,
}

impl Details {
    /// The column's text for a product; `None` where there is nothing to keep.
    pub(crate) fn of(draft: &ProductDraft) -> Option<String> {
        let details = Self {
            more_photos: draft.photos.iter().skip(1).cloned().collect(),
            availability: draft.availability,
            link: draft.link.clone(),
            codes: draft.codes.clone(),
            attributes: draft.attributes.clone(),
            tags: draft.tags.clone(),
            popularity: draft.popularity,
            translations: draft.translations.clone(),
            updated_at: draft.updated_at,
            variants: draft.variants.clone(),
        };
        // Numbers are finite, which validation has seen to: nothing else could fail.
        if details == Self::default() { None } else { serde_json::to_string(&details).ok() }
    }

    /// Reads the column; nothing where another program wrote what is none.
    pub(crate) fn read(product: i64, text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::default() };
        serde_json::from_str(text).unwrap_or_else(|error| {
            tracing::warn!(product, %error, "the details of a product are passed over");
            Self::default()
        })
    }
}

/// The column of a category's translated names; `None` where there are none.
pub(crate) fn names(translations: &BTreeMap<String, String>) -> Option<String> {
    if translations.is_empty() { None } else { serde_json::to_string(translations).ok() }
}

/// Reads the column that [`names`] wrote.
pub(crate) fn read_names(category: i64, text: Option<&str>) -> BTreeMap<String, String> {
    let Some(text) = text else { return BTreeMap::new() };
    serde_json::from_str(text).unwrap_or_else(|error| {
        tracing::warn!(category, %error, "the translations of a category are passed over");
        BTreeMap::new()
    })
}
