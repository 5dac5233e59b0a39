//! Filters, sorts and pages, alike for the catalogue and the search index.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::product::CategoryPath;
use crate::{CategoryId, Error, Money, Product, ProductId, Result};

/// Which products may be in an answer; an empty filter lets all of them pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Filter {
    /// Any of these categories, or one below them; empty for all.
    pub categories: Vec<CategoryId>,
    /// Any of these brands, compared without case; empty for all.
    pub brands: Vec<String>,
    /// The lowest price, inclusive; the reduced price counts while it applies.
    pub min_price: Option<Money>,
    /// The highest price, inclusive.
    pub max_price: Option<Money>,
    /// Only what can be bought now.
    pub in_stock: bool,
    /// For each of these attributes any of the values, compared without case; the product or a variant of it has them.
    pub attributes: BTreeMap<String, Vec<String>>,
}

impl Filter {
    /// Sets the categories; a product is in one of them, or in one below.
    #[must_use]
    pub fn categories(mut self, categories: Vec<CategoryId>) -> Self {
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

    /// Sets the attributes; a product has one of the values of each.
    #[must_use]
    pub fn attributes(mut self, attributes: BTreeMap<String, Vec<String>>) -> Self {
        self.attributes = attributes;
        self
    }

    /// Whether `product` passes.
    pub fn matches(&self, product: &Product) -> bool {
        let is_wanted = |path: &CategoryPath| path.iter().any(|above| self.categories.contains(&above.id));
        let price = product.current_price();
        let brand = product.brand.as_deref().unwrap_or("").to_lowercase();
        (self.categories.is_empty() || product.categories.iter().any(is_wanted))
            && (self.brands.is_empty() || self.brands.iter().any(|wanted| wanted.to_lowercase() == brand))
            && self.min_price.is_none_or(|min| price >= min)
            && self.max_price.is_none_or(|max| price <= max)
            && (!self.in_stock || product.in_stock())
            && self.attributes.iter().all(|(name, values)| has_attribute(product, name, values))
    }
}

fn has_attribute(product: &Product, name: &str, values: &[String]) -> bool {
    let name = name.to_lowercase();
    product.attribute_values().any(|(known, value)| {
        known.to_lowercase() == name
            && values.iter().any(|wanted| wanted.to_lowercase() == value.to_lowercase())
    })
}

/// The order of a listing; equals are ordered by their number, so every order is total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Sort {
    /// As the shop numbered them; for a search, the best first.
    #[default]
    Relevance,
    /// The cheapest first.
    PriceAscending,
    /// The dearest first.
    PriceDescending,
    /// By name, without case.
    Name,
    /// The newest first.
    Newest,
}

/// The default number of products on a page.
pub const DEFAULT_LIMIT: usize = 24;

/// The largest number of products on a page.
pub const MAX_LIMIT: usize = 100;

/// A request for a page of the catalogue.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ListQuery {
    /// Which products.
    pub filter: Filter,
    /// In what order.
    pub sort: Sort,
    /// How many, from 1 to [`MAX_LIMIT`].
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self { filter: Filter::default(), sort: Sort::default(), limit: DEFAULT_LIMIT, after: None }
    }
}

impl ListQuery {
    /// Sets the filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Sets the order.
    #[must_use]
    pub fn sort(mut self, sort: Sort) -> Self {
        self.sort = sort;
        self
    }

    /// Sets the number of products, 1 to [`MAX_LIMIT`].
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the end of the page before.
    #[must_use]
    pub fn after(mut self, after: Option<Cursor>) -> Self {
        self.after = after;
        self
    }

    /// Checks what a client may have made up.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when the limit is out of range or the cursor belongs to another order.
    pub fn validate(&self) -> Result<()> {
        if self.limit == 0 || self.limit > MAX_LIMIT {
            return Err(Error::invalid(format!("limit must be 1 to {MAX_LIMIT}")));
        }
        match &self.after {
            Some(cursor) if cursor.sort != self.sort => {
                Err(Error::invalid("the cursor belongs to another sort: ask for the first page again"))
            }
            _ => Ok(()),
        }
    }
}

/// A page of a listing.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None` on the last.
    pub next: Option<Cursor>,
}

/// The place after one item of an ordered listing.
///
/// It names the item's key rather than an offset, so that products that come or go neither repeat nor hide others.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cursor {
    /// The order it belongs to.
    pub sort: Sort,
    /// The item's key in that order.
    pub key: CursorKey,
    /// The item's number, which breaks ties.
    pub id: i64,
}

/// The key of an item in the order of its [`Cursor`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CursorKey {
    /// Ordered by number alone.
    Id,
    /// A price in minor units.
    Price(i64),
    /// A name.
    Name(String),
    /// The bits of a score (`f32::to_bits`).
    Score(u32),
}

impl Cursor {
    /// The place after `product` in the catalogue's order `sort`.
    pub fn after(sort: Sort, product: &Product) -> Self {
        let key = match sort {
            Sort::Relevance | Sort::Newest => CursorKey::Id,
            Sort::PriceAscending | Sort::PriceDescending => CursorKey::Price(product.current_price().minor()),
            Sort::Name => CursorKey::Name(product.name.clone()),
        };
        Self { sort, key, id: product.id.0 }
    }

    /// The place after a search hit of this score.
    pub fn after_score(score: f32, id: ProductId) -> Self {
        Self { sort: Sort::Relevance, key: CursorKey::Score(score.to_bits()), id: id.0 }
    }

    /// Which of two places of the same order comes first.
    pub fn order(&self, other: &Self) -> Ordering {
        let by_key = match (&self.key, &other.key) {
            (CursorKey::Price(a), CursorKey::Price(b)) => a.cmp(b),
            (CursorKey::Name(a), CursorKey::Name(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
            (CursorKey::Score(a), CursorKey::Score(b)) => f32::from_bits(*b).total_cmp(&f32::from_bits(*a)),
            _ => Ordering::Equal,
        };
        match self.sort {
            Sort::PriceDescending => by_key.reverse().then(self.id.cmp(&other.id)),
            Sort::Newest => other.id.cmp(&self.id),
            _ => by_key.then(self.id.cmp(&other.id)),
        }
    }

    /// The cursor as an opaque word for a URL.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// The cursor that [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for anything else.
    pub fn decode(word: &str) -> Result<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(word).ok();
        bytes
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .ok_or_else(|| Error::invalid("the cursor is not one of ours: ask for the first page again"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_word_and_nothing_else_passes() {
        let cursor = Cursor { sort: Sort::Name, key: CursorKey::Name("Ñandú".into()), id: 7 };
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        for word in ["", "x", "e30", "....", "bnVsbA"] {
            assert!(Cursor::decode(word).is_err(), "{word}");
        }
    }

    #[test]
    fn a_cursor_of_another_sort_is_refused() {
        let cursor = Cursor { sort: Sort::Name, key: CursorKey::Name("a".into()), id: 7 };
        let query = ListQuery { after: Some(cursor), ..ListQuery::default() };
        assert!(query.validate().is_err());
    }
}
