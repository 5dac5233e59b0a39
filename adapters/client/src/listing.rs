//! What is asked for: filters, order and page, and photos that were recognised elsewhere.

use serde_json::{Value, json};
use vitrina::{CategoryId, Embedding, Money, Sort};

use crate::ClientError;

/// A category, by either of its two names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CategoryRef {
    /// By its name.
    Name(String),
    /// By its number.
    Id(CategoryId),
}

/// Which products, in what order, how many; the default is the server's first page of everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
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
    /// In what order.
    pub sort: Sort,
    /// How many; `None` for as many as the server likes.
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Whether to count facets, in a search by words.
    pub facets: bool,
}

impl Listing {
    /// As the query string of `GET /products`.
    pub(crate) fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        for category in &self.categories {
            pairs.push(("category", category.as_text()));
        }
        pairs.extend(self.brands.iter().map(|brand| ("brand", brand.clone())));
        pairs.extend(self.min_price.map(|price| ("min_price", price.to_string())));
        pairs.extend(self.max_price.map(|price| ("max_price", price.to_string())));
        if self.in_stock {
            pairs.push(("in_stock", "true".into()));
        }
        if self.sort != Sort::default() {
            pairs.push(("sort", sort_word(self.sort).into()));
        }
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        pairs.extend(self.cursor.clone().map(|cursor| ("cursor", cursor)));
        pairs
    }

    /// As the body of `POST /search/text`; what is not asked for is left out, so that strict servers take it.
    pub(crate) fn to_body(&self, query: &str) -> Value {
        let mut filter = serde_json::Map::new();
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
        let mut body = serde_json::Map::from_iter([("query".to_owned(), json!(query))]);
        if !filter.is_empty() {
            body.insert("filter".into(), Value::Object(filter));
        }
        if self.sort != Sort::default() {
            body.insert("sort".into(), json!(sort_word(self.sort)));
        }
        if let Some(limit) = self.limit {
            body.insert("limit".into(), json!(limit));
        }
        if let Some(cursor) = &self.cursor {
            body.insert("cursor".into(), json!(cursor));
        }
        if self.facets {
            body.insert("facets".into(), json!(true));
        }
        Value::Object(body)
    }

    /// The order that is called `word` on the wire.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) naming the words that there are.
    pub fn sort_from(word: &str) -> Result<Sort, ClientError> {
        let known = SORTS.iter().find(|(_, known)| *known == word);
        known.map(|(sort, _)| *sort).ok_or_else(|| {
            let words = SORTS.map(|(_, word)| word).join(", ");
            ClientError::invalid(format!("there is no sort `{word}`: use one of {words}"))
        })
    }
}

const SORTS: [(Sort, &str); 5] = [
    (Sort::Relevance, "relevance"),
    (Sort::PriceAscending, "price_asc"),
    (Sort::PriceDescending, "price_desc"),
    (Sort::Name, "name"),
    (Sort::Newest, "newest"),
];

fn sort_word(sort: Sort) -> &'static str {
    SORTS.iter().find(|(known, _)| *known == sort).map_or("relevance", |(_, word)| word)
}

impl CategoryRef {
    fn as_text(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Id(id) => id.0.to_string(),
        }
    }
}

/// What a photo shows, recognised outside the server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Recognized {
    /// Categories of the shop and how likely each is.
    pub categories: Vec<(CategoryId, f64)>,
    /// Labels of the model and how likely each is; the server makes categories of them.
    pub labels: Vec<(String, f64)>,
    /// What the photo looks like.
    pub embedding: Option<Embedding>,
}

impl Recognized {
    pub(crate) fn to_body(&self) -> Value {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;

        let scored = |label: Value, score: f64| json!({"label": label, "score": score});
        let categories: Vec<_> =
            self.categories.iter().map(|(id, score)| scored(json!(id.0), *score)).collect();
        let mut body = json!({"categories": categories});
        if !self.labels.is_empty() {
            body["labels"] = self.labels.iter().map(|(label, score)| scored(json!(label), *score)).collect();
        }
        if let Some(embedding) = &self.embedding {
            body["embedding"] = json!(STANDARD.encode(embedding.to_bytes()));
        }
        body
    }
}
