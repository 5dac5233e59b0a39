//! The bodies of the contract as they travel, read leniently: only what the course specification names must be there.

pub(crate) mod body;
mod facets;
mod product;

use std::collections::BTreeMap;

use reqwest::Url;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vitrina_core::product::ProductRef;
use vitrina_core::{CategoryId, Money, ProductId};

use crate::answer::{self, Progress, Readiness};
pub(crate) use product::Product;
use product::all;

#[derive(Deserialize)]
pub(crate) struct Categories {
    pub(crate) categories: Vec<Category>,
}

#[derive(Deserialize)]
pub(crate) struct Category {
    id: i64,
    name: String,
    parent: Option<i64>,
    #[serde(default)]
    translations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(crate) struct Products {
    products: Vec<Product>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Text {
    categories: Option<Vec<String>>,
    #[serde(default)]
    predictions: Vec<Prediction>,
    products: Vec<Product>,
    total: Option<u64>,
    total_is_exact: Option<bool>,
    next_cursor: Option<String>,
    did_you_mean: Option<String>,
    #[serde(default)]
    understood: Vec<UnderstoodPart>,
    #[serde(default)]
    unknown: Vec<String>,
    #[serde(default)]
    instead: Vec<String>,
    facets: Option<facets::Facets>,
}

#[derive(Deserialize)]
struct UnderstoodPart {
    kind: String,
    text: String,
    token: String,
    min_price: Option<f64>,
    max_price: Option<f64>,
}

#[derive(Deserialize)]
pub(crate) struct Suggestions {
    #[serde(default)]
    queries: Vec<String>,
    #[serde(default)]
    categories: Vec<Category>,
    #[serde(default)]
    products: Vec<Product>,
}

#[derive(Deserialize)]
pub(crate) struct ProductNumbers {
    pub(crate) ids: Vec<i64>,
}

#[derive(Deserialize)]
pub(crate) struct OffersUpdated {
    pub(crate) updated: u64,
    #[serde(default)]
    missing: Vec<ProductName>,
}

#[derive(Deserialize)]
struct ProductName {
    id: Option<i64>,
    key: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Submitted {
    #[serde(deserialize_with = "word")]
    pub(crate) task_id: String,
}

/// What a task has come to, or the answer to classified categories.
#[derive(Deserialize)]
pub(crate) struct Task {
    pub(crate) status: Option<String>,
    pub(crate) stage: Option<String>,
    categories: Option<Vec<String>>,
    predictions: Option<Vec<Prediction>>,
    products: Option<Vec<Product>>,
    not_sold: Option<bool>,
    pub(crate) error: Option<String>,
    pub(crate) detail: Option<String>,
}

#[derive(Deserialize)]
struct Prediction {
    label: i64,
    category: String,
    #[serde(alias = "confidence")]
    score: f64,
}

impl Categories {
    pub(crate) fn into_answer(self) -> Vec<vitrina_core::Category> {
        self.categories.into_iter().map(Category::into_answer).collect()
    }
}

impl Category {
    pub(crate) fn into_answer(self) -> vitrina_core::Category {
        let parent = self.parent.map(CategoryId);
        let translations = self.translations;
        vitrina_core::Category {
            parent,
            translations,
            ..vitrina_core::Category::new(CategoryId(self.id), self.name)
        }
    }
}

impl Products {
    pub(crate) fn into_answer(self, base: &Url) -> answer::ProductPage {
        answer::ProductPage { products: all(self.products, base), next_cursor: self.next_cursor }
    }
}

impl Text {
    pub(crate) fn into_answer(self, base: &Url) -> answer::TextAnswer {
        answer::TextAnswer {
            categories: self.categories.unwrap_or_default(),
            predictions: self.predictions.into_iter().map(Prediction::into_answer).collect(),
            total: self.total.unwrap_or(self.products.len() as u64),
            total_is_exact: self.total_is_exact.unwrap_or(true),
            products: all(self.products, base),
            next_cursor: self.next_cursor,
            did_you_mean: self.did_you_mean,
            understood: self.understood.into_iter().map(UnderstoodPart::into_answer).collect(),
            unknown: self.unknown,
            instead: self.instead,
            facets: self.facets.map(facets::Facets::into_answer),
        }
    }
}

impl UnderstoodPart {
    fn into_answer(self) -> answer::UnderstoodPart {
        let price = |major: Option<f64>| major.and_then(|major| Money::from_major(major).ok());
        answer::UnderstoodPart {
            kind: self.kind,
            text: self.text,
            token: self.token,
            min_price: price(self.min_price),
            max_price: price(self.max_price),
        }
    }
}

impl Suggestions {
    pub(crate) fn into_answer(self, base: &Url) -> answer::Suggestions {
        answer::Suggestions {
            queries: self.queries,
            categories: Categories { categories: self.categories }.into_answer(),
            products: all(self.products, base),
        }
    }
}

impl Prediction {
    fn into_answer(self) -> answer::Prediction {
        answer::Prediction { label: CategoryId(self.label), category: self.category, score: self.score }
    }
}

impl OffersUpdated {
    pub(crate) fn into_answer(self) -> answer::OffersUpdated {
        let named = |name: ProductName| {
            let id = name.id.map(|id| ProductRef::Id(ProductId(id)));
            id.or(name.key.map(ProductRef::Key))
        };
        let missing = self.missing.into_iter().filter_map(named).collect();
        answer::OffersUpdated { updated: self.updated, missing }
    }
}

impl Task {
    pub(crate) fn progress(&self) -> Progress {
        if self.stage.as_deref() == Some("started") { Progress::Started } else { Progress::Queued }
    }

    pub(crate) fn into_answer(self, base: &Url) -> answer::ImageAnswer {
        let predictions = self.predictions.unwrap_or_default();
        let predictions: Vec<_> = predictions.into_iter().map(Prediction::into_answer).collect();
        let named = || predictions.iter().map(|prediction| prediction.category.clone()).collect();
        answer::ImageAnswer {
            categories: self.categories.unwrap_or_else(named),
            products: all(self.products.unwrap_or_default(), base),
            predictions,
            not_sold: self.not_sold.unwrap_or(false),
        }
    }
}

/// A readiness report: one line for each dependency, under `dependencies` or `checks` or beside the status.
pub(crate) fn readiness(ready: bool, body: &Value) -> Readiness {
    let lines = ["dependencies", "checks"].into_iter().find_map(|key| body.get(key)).unwrap_or(body);
    let mut dependencies = BTreeMap::new();
    match lines {
        Value::Object(lines) => {
            let said = lines.iter().filter(|(name, _)| !matches!(name.as_str(), "status" | "ready"));
            dependencies.extend(said.map(|(name, line)| (name.clone(), state(line))));
        }
        Value::Array(lines) => {
            let named =
                lines.iter().filter_map(|line| Some((line.get("name")?.as_str()?.to_owned(), state(line))));
            dependencies.extend(named);
        }
        _ => {}
    }
    Readiness { ready, dependencies }
}

fn state(line: &Value) -> String {
    let from = |keys: &[&str]| keys.iter().find_map(|key| line.get(key).filter(|value| !value.is_null()));
    match line {
        Value::Bool(true) => "ok".into(),
        Value::Bool(false) => "unavailable".into(),
        Value::String(state) => state.clone(),
        Value::Object(_) => {
            from(&["detail", "error", "status", "state", "ok", "ready"]).map_or("unknown".into(), state)
        }
        other => other.to_string(),
    }
}

/// A task's id: a word, or a number of a server that counts.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("a task_id is a string")),
    }
}
