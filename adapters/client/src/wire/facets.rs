//! Facets as they travel.

use serde::Deserialize;
use vitrina_core::{CategoryId, Money};

use super::product::money;
use crate::answer::{self, AttributeCounts, CategoryCount, PriceCount};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Facets {
    categories: Vec<Category>,
    brands: Vec<Brand>,
    prices: Vec<Price>,
    in_stock: u64,
    out_of_stock: u64,
    attributes: Vec<Attribute>,
}

#[derive(Deserialize)]
struct Category {
    label: i64,
    category: String,
    count: u64,
}

#[derive(Deserialize)]
struct Brand {
    brand: String,
    count: u64,
}

#[derive(Deserialize)]
struct Attribute {
    name: String,
    values: Vec<Count>,
}

#[derive(Deserialize)]
struct Count {
    value: String,
    count: u64,
}

#[derive(Deserialize)]
struct Price {
    min: Amount,
    max: Option<Amount>,
    count: u64,
}

#[derive(Deserialize)]
struct Amount(#[serde(deserialize_with = "money")] Money);

impl Facets {
    pub(super) fn into_answer(self) -> answer::Facets {
        let category = |found: Category| CategoryCount {
            label: CategoryId(found.label),
            category: found.category,
            count: found.count,
        };
        let price = |found: Price| PriceCount {
            min: found.min.0,
            max: found.max.map(|max| max.0),
            count: found.count,
        };
        let values =
            |values: Vec<Count>| values.into_iter().map(|found| (found.value, found.count)).collect();
        let attribute = |found: Attribute| AttributeCounts { name: found.name, values: values(found.values) };
        answer::Facets {
            categories: self.categories.into_iter().map(category).collect(),
            brands: self.brands.into_iter().map(|found| (found.brand, found.count)).collect(),
            prices: self.prices.into_iter().map(price).collect(),
            in_stock: self.in_stock,
            out_of_stock: self.out_of_stock,
            attributes: self.attributes.into_iter().map(attribute).collect(),
        }
    }
}
