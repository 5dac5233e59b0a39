//! The bodies of the contract as they travel, read leniently: only what the course specification names must be there.

mod facets;

use std::collections::BTreeMap;

use reqwest::Url;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use vitrina::{CategoryId, Money, ProductId};

use crate::answer::{self, Progress, Readiness};

#[derive(Deserialize)]
pub(crate) struct Categories {
    pub(crate) categories: Vec<Category>,
}

#[derive(Deserialize)]
pub(crate) struct Category {
    id: i64,
    name: String,
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
    instead: Vec<String>,
    facets: Option<facets::Facets>,
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
struct Highlights {
    #[serde(default)]
    name: Vec<(usize, usize)>,
    #[serde(default)]
    description: Vec<(usize, usize)>,
}

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
    similarity: Option<f64>,
    highlights: Option<Highlights>,
}

#[derive(Deserialize)]
pub(crate) struct ProductNumbers {
    pub(crate) ids: Vec<i64>,
}

#[derive(Deserialize)]
pub(crate) struct Submitted {
    #[serde(deserialize_with = "word")]
    pub(crate) task_id: String,
}

/// What a task has come to, or the answer to recognised categories.
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
    pub(crate) fn into_answer(self) -> Vec<vitrina::Category> {
        self.categories.into_iter().map(Category::into_answer).collect()
    }
}

impl Category {
    pub(crate) fn into_answer(self) -> vitrina::Category {
        vitrina::Category { id: CategoryId(self.id), name: self.name }
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
            instead: self.instead,
            facets: self.facets.map(facets::Facets::into_answer),
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

impl Product {
    pub(crate) fn into_answer(self, base: &Url) -> answer::Product {
        answer::Product {
            id: ProductId(self.id),
            name: self.name,
            description: self.description.unwrap_or_default(),
            brand: self.brand,
            price: self.price,
            category: self.category,
            stock: self.stock,
            in_stock: self.in_stock.unwrap_or(self.stock != Some(0)),
            photo_url: self.photo.and_then(|photo| photo_url(base, &photo)),
            similarity: self.similarity,
            highlights: self
                .highlights
                .map(|places| answer::Highlights { name: places.name, description: places.description }),
        }
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

fn all(products: Vec<Product>, base: &Url) -> Vec<answer::Product> {
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

/// A price: a number, or a decimal in a string, to the nearest cent.
fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Money, D::Error> {
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

/// A task's id: a word, or a number of a server that counts.
fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("a task_id is a string")),
    }
}
