//! What is asked for: order and page of a listing, and photos that were classified elsewhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use vitrina_core::CategoryId;
use vitrina_core::catalog::Sort;
use vitrina_core::classify::Embedding;
use vitrina_core::index::FacetChoice;

use crate::{ClientError, Filter, PhotoSearch, Result};

/// Which products, in what order, how many; the default is the server's first page of everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listing {
    /// Which products.
    pub filter: Filter,
    /// In what order.
    pub sort: Sort,
    /// How many, 1 to 100; without it 24 for words, and up to 1,000 for a listing or an empty query. 0 asks for the counts
    /// alone, in a search by words.
    pub limit: Option<usize>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Which page of `limit` products, from 1 on, in place of a cursor, in a search by words; within the first 1,000 products.
    pub page: Option<usize>,
    /// Which facets to count, in a search by words.
    pub facets: FacetChoice,
    /// Tokens of what was understood and is to be looked for as words instead, in a search by words.
    pub ignore: Vec<String>,
}

impl Listing {
    /// As the query string of `GET /products`.
    pub(crate) fn to_pairs(&self) -> Result<Vec<(&'static str, String)>> {
        if !self.filter.attributes.is_empty() {
            return Err(ClientError::invalid(
                "a listing cannot be filtered by attributes: search for an empty text instead",
            ));
        }
        let mut pairs = self.filter.to_pairs();
        if self.sort != Sort::default() {
            pairs.push(("sort", sort_word(self.sort).into()));
        }
        pairs.extend(self.limit.map(|limit| ("limit", limit.to_string())));
        pairs.extend(self.cursor.clone().map(|cursor| ("cursor", cursor)));
        Ok(pairs)
    }

    /// As the body of `POST /search/text`; what is not asked for is left out, so that strict servers take it.
    pub(crate) fn to_body(&self, query: &str) -> Value {
        let mut body = Map::from_iter([("query".to_owned(), json!(query))]);
        self.filter.put_into(&mut body);
        if self.sort != Sort::default() {
            body.insert("sort".into(), json!(sort_word(self.sort)));
        }
        if let Some(limit) = self.limit {
            body.insert("limit".into(), json!(limit));
        }
        if let Some(cursor) = &self.cursor {
            body.insert("cursor".into(), json!(cursor));
        }
        if let Some(page) = self.page {
            body.insert("page".into(), json!(page));
        }
        match &self.facets {
            FacetChoice::None => {}
            FacetChoice::All => drop(body.insert("facets".into(), json!(true))),
            FacetChoice::Named(names) => drop(body.insert("facets".into(), json!(names))),
        }
        if !self.ignore.is_empty() {
            body.insert("ignore".into(), json!(self.ignore));
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

/// What a photo shows, classified outside the server.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Classified {
    /// Categories of the shop and how likely each is.
    pub categories: Vec<(CategoryId, f64)>,
    /// Labels of the model and how likely each is; the server makes categories of them.
    pub labels: Vec<(String, f64)>,
    /// The photo's embedding, in the space of the model that made it; the server takes one of the unnamed space for its
    /// own.
    pub embedding: Option<Embedding>,
}

impl Classified {
    /// As the body of `POST /search/prediction`.
    pub(crate) fn to_body(&self, search: &PhotoSearch) -> Value {
        let scored = |label: Value, score: f64| json!({"label": label, "score": score});
        let categories: Vec<_> =
            self.categories.iter().map(|(id, score)| scored(json!(id.0), *score)).collect();
        let mut body = Map::from_iter([("categories".to_owned(), json!(categories))]);
        if !self.labels.is_empty() {
            let labels: Vec<_> =
                self.labels.iter().map(|(label, score)| scored(json!(label), *score)).collect();
            body.insert("labels".into(), json!(labels));
        }
        if let Some(embedding) = &self.embedding {
            body.insert("embedding".into(), json!(STANDARD.encode(embedding.to_bytes())));
            if !embedding.space().is_unnamed() {
                body.insert("model".into(), json!(embedding.space().as_str()));
            }
        }
        search.put_into(&mut body);
        Value::Object(body)
    }
}
