//! Filters, and the request of a search by photo.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vitrina_core::{CategoryId, Money};

/// A category, by name or by ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CategoryRef {
    /// By its name.
    Name(String),
    /// By its ID.
    Id(CategoryId),
}

/// Which products may be in an answer; the default lets all of them pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Any of these categories; empty for all.
    pub categories: Vec<CategoryRef>,
    /// Any of these brands; empty for all.
    pub brands: Vec<String>,
    /// The lowest price, inclusive.
    pub min_price: Option<Money>,
    /// The highest price, inclusive.
    pub max_price: Option<Money>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// For each of these attributes any of the values; empty for all. Only [`Client::products`](crate::Client::products) cannot
    /// filter by them.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Filter {
    /// Sets the categories; a product is in one of them, or in one below.
    #[must_use]
    pub fn categories(mut self, categories: Vec<CategoryRef>) -> Self {
        self.categories = categories;
        self
    }

    /// Sets the brands; a product has one of them.
    #[must_use]
    pub fn brands(mut self, brands: Vec<String>) -> Self {
        self.brands = brands;
        self
    }

    /// Sets the lowest price, inclusive.
    #[must_use]
    pub fn min_price(mut self, min_price: Option<Money>) -> Self {
        self.min_price = min_price;
        self
    }

    /// Sets the highest price, inclusive.
    #[must_use]
    pub fn max_price(mut self, max_price: Option<Money>) -> Self {
        self.max_price = max_price;
        self
    }

    /// Sets whether only products in stock pass.
    #[must_use]
    pub fn in_stock(mut self, in_stock: bool) -> Self {
        self.in_stock = in_stock;
        self
    }

    /// Lets only products pass that have one of these values of an attribute.
    ///
    /// ```
    /// # use vitrina_client::Filter;
    /// let filter = Filter::default().attribute("color", ["rojo", "azul"]).attribute("talla", ["M"]);
    /// assert_eq!(filter.attributes["color"], ["rojo", "azul"]);
    /// ```
    #[must_use]
    pub fn attribute<V: Into<String>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        self.attributes.insert(name.into(), values.into_iter().map(Into::into).collect());
        self
    }

    /// As a part of a query string.
    pub(crate) fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        pairs.extend(self.categories.iter().map(|category| ("category", category.as_text())));
        pairs.extend(self.brands.iter().map(|brand| ("brand", brand.clone())));
        pairs.extend(self.min_price.map(|price| ("min_price", price.to_string())));
        pairs.extend(self.max_price.map(|price| ("max_price", price.to_string())));
        if self.in_stock {
            pairs.push(("in_stock", "true".into()));
        }
        for (name, values) in &self.attributes {
            let name = name.replace(':', "\\:");
            pairs.extend(values.iter().map(|value| ("attribute", format!("{name}:{value}"))));
        }
        pairs
    }

    /// As the field `filter` of `body`; what is not asked for is left out, so that strict servers take it.
    pub(crate) fn put_into(&self, body: &mut Map<String, Value>) {
        let mut filter = Map::new();
        if !self.categories.is_empty() {
            let names = self.categories.iter().map(CategoryRef::as_text).collect::<Vec<_>>();
            filter.insert("categories".into(), json!(names));
        }
        if !self.brands.is_empty() {
            filter.insert("brands".into(), json!(self.brands));
        }
        if let Some(price) = self.min_price {
            filter.insert("min_price".into(), json!(price.to_major()));
        }
        if let Some(price) = self.max_price {
            filter.insert("max_price".into(), json!(price.to_major()));
        }
        if self.in_stock {
            filter.insert("in_stock".into(), json!(true));
        }
        if !self.attributes.is_empty() {
            filter.insert("attributes".into(), json!(self.attributes));
        }
        if !filter.is_empty() {
            body.insert("filter".into(), Value::Object(filter));
        }
    }
}

/// A search by photo: what its products must have besides; the default lets all of them pass.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct PhotoSearch {
    /// Words that the products must be found by too; empty for none.
    pub text: String,
    /// Which products may be in the answer.
    pub filter: Filter,
}

impl PhotoSearch {
    /// Sets the words that the products must be found by too.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Sets the filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// As the query string of a task's result.
    pub(crate) fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let words = (!self.text.is_empty()).then(|| ("query", self.text.clone()));
        words.into_iter().chain(self.filter.to_pairs()).collect()
    }

    /// As fields of `body`.
    pub(crate) fn put_into(&self, body: &mut Map<String, Value>) {
        if !self.text.is_empty() {
            body.insert("query".into(), json!(self.text));
        }
        self.filter.put_into(body);
    }
}

impl CategoryRef {
    fn as_text(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Id(id) => id.0.to_string(),
        }
    }
}
