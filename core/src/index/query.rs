//! The query that a search index answers by words.

use super::FacetChoice;
use crate::CategoryId;
use crate::catalog::{Cursor, DEFAULT_LIMIT, Filter, Sort};
use crate::words::PriceOrder;

/// A query by words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TextQuery {
    /// What the customer typed; never read as a query language.
    pub text: String,
    /// Words that the products found must not have; a product that says that it lacks one ("sin cable") does not have it.
    pub without: Vec<String>,
    /// Categories that the text means: their products are found too, after those that the words themselves find.
    pub meant: Vec<CategoryId>,
    /// Which prices come first among products that fit alike; an index may leave this out.
    pub price_order: Option<PriceOrder>,
    /// Which products may be in the answer.
    pub filter: Filter,
    /// In what order.
    pub sort: Sort,
    /// Whether products that lack a word are left out by relevance too, as in the other orders.
    pub all_words: bool,
    /// How many, at most [`MAX_LIMIT`](crate::catalog::MAX_LIMIT); 0 for the counts alone, which are then those of a page of
    /// [`DEFAULT_LIMIT`].
    pub limit: usize,
    /// How many of the products in that order are passed over, at most [`MAX_SKIPPED`].
    pub skip: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Which facets to count, which looks at everything that is found: they count the products that
    /// [`total`](super::TextHits::total) counts.
    pub facets: FacetChoice,
    /// Whether to explain the scores of the first [`MAX_EXPLAINED`] products; an index may leave this out.
    pub explain: bool,
}

/// How many products are passed over at most: what comes behind is reached by cursors.
pub const MAX_SKIPPED: usize = 1000;

/// How many products of a page are explained at most.
pub const MAX_EXPLAINED: usize = 20;

impl Default for TextQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            without: Vec::new(),
            meant: Vec::new(),
            price_order: None,
            filter: Filter::default(),
            sort: Sort::default(),
            all_words: false,
            limit: DEFAULT_LIMIT,
            skip: 0,
            after: None,
            facets: FacetChoice::None,
            explain: false,
        }
    }
}

impl TextQuery {
    /// Sets the text that the customer typed.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Sets the words that the products found must not have.
    #[must_use]
    pub fn without(mut self, without: Vec<String>) -> Self {
        self.without = without;
        self
    }

    /// Sets the categories that the text means.
    #[must_use]
    pub fn meant(mut self, meant: Vec<CategoryId>) -> Self {
        self.meant = meant;
        self
    }

    /// Sets which prices come first among products that fit alike.
    #[must_use]
    pub fn price_order(mut self, price_order: Option<PriceOrder>) -> Self {
        self.price_order = price_order;
        self
    }

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

    /// Sets whether products that lack a word are left out by relevance too, as in the other orders.
    #[must_use]
    pub fn all_words(mut self, all_words: bool) -> Self {
        self.all_words = all_words;
        self
    }

    /// Sets the number of products, at most [`MAX_LIMIT`](crate::catalog::MAX_LIMIT).
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Sets the number of products that are passed over, at most [`MAX_SKIPPED`].
    #[must_use]
    pub fn skip(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Sets the end of the page before.
    #[must_use]
    pub fn after(mut self, after: Option<Cursor>) -> Self {
        self.after = after;
        self
    }

    /// Sets which facets to count.
    #[must_use]
    pub fn facets(mut self, facets: FacetChoice) -> Self {
        self.facets = facets;
        self
    }

    /// Sets whether to explain the scores of the first [`MAX_EXPLAINED`] products.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }
}
