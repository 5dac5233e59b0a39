//! Words: the categories that they mean, the products that have them, and where else to look.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::variants::VariantQuery;
use super::{CONSIDERED, Prediction, SearchService};
use tracing::Instrument;

use crate::catalog::{Cursor, Filter, ListQuery};
use crate::classify::{Categorizer, CategoryScore};
use crate::index::{Explanation, FacetChoice, Facets, MAX_SKIPPED, TextField, TextQuery};
use crate::queue::observation::index_stage;
use crate::text::matched_spans;
use crate::words::{Intent, Understanding, UnderstoodPart};
use crate::{Category, CategoryId, Error, Product, Result};

/// A category is answered without being named when at least this share of the best products is of it.
const STANDS_OUT: f32 = 0.2;

/// What is left to the other categories when the words are the name of one.
const BESIDE_NAMED: f32 = 0.25;

/// How many categories are proposed when nothing was found.
const INSTEAD: usize = 6;

/// A search by words.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct WordSearch {
    /// The words; empty lists all products.
    pub text: String,
    /// Which products, in what order, how many; a limit of 0 asks for the counts alone.
    pub list: ListQuery,
    /// Which page of so many products, from 1 on, in place of a cursor; it begins within the first [`MAX_SKIPPED`].
    pub page: Option<usize>,
    /// Which facets to count.
    pub facets: FacetChoice,
    /// Whether to explain the scores of the first products.
    pub explain: bool,
    /// Tokens of what was understood and is to be looked for as words instead.
    pub ignore: Vec<String>,
}

impl WordSearch {
    /// Sets the words.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Sets the filter, the order and the number of products.
    #[must_use]
    pub fn list(mut self, list: ListQuery) -> Self {
        self.list = list;
        self
    }

    /// Sets the page, from 1 on, in place of a cursor.
    #[must_use]
    pub fn page(mut self, page: Option<usize>) -> Self {
        self.page = page;
        self
    }

    /// Sets which facets to count.
    #[must_use]
    pub fn facets(mut self, facets: FacetChoice) -> Self {
        self.facets = facets;
        self
    }

    /// Sets whether to explain the scores of the first products.
    #[must_use]
    pub fn explain(mut self, explain: bool) -> Self {
        self.explain = explain;
        self
    }

    /// Sets the tokens of understood parts that are searched as words instead.
    #[must_use]
    pub fn ignore(mut self, ignore: Vec<String>) -> Self {
        self.ignore = ignore;
        self
    }

    /// Checks what a client may have made up.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, cursor or sort, a page beside a cursor, and a page that
    /// begins behind the first [`MAX_SKIPPED`] products.
    pub fn validate(&self) -> Result<()> {
        if self.list.limit > 0 {
            self.list.validate()?;
        }
        let Some(page) = self.page else { return Ok(()) };
        if self.list.after.is_some() {
            return Err(Error::invalid("`page` and `cursor` exclude each other: send one of them"));
        }
        let last = MAX_SKIPPED.div_ceil(self.list.limit.max(1));
        if !(1..=last).contains(&page) {
            let message = format!("`page` must be 1 to {last} with this `limit`: go on with `next_cursor`");
            return Err(Error::invalid(message));
        }
        Ok(())
    }

    /// How many products come before the page.
    fn skipped(&self) -> usize {
        self.page.map_or(0, |page| (page - 1) * self.list.limit)
    }
}

/// Where the words of a query are in a product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Highlights {
    /// The bytes of its name that they are found in, in order.
    pub name: Vec<Range<usize>>,
    /// The bytes of its description that they are found in, in order.
    pub description: Vec<Range<usize>>,
}

impl Highlights {
    /// The same places as pairs of start and end in characters (Unicode code points): those in the name, and those in the
    /// description.
    pub fn in_characters(&self, product: &Product) -> [Vec<(usize, usize)>; 2] {
        self.counted(product, |before| before.chars().count())
    }

    /// As [`in_characters`](Self::in_characters), in UTF-16 code units: the positions of JavaScript's strings.
    pub fn in_utf16(&self, product: &Product) -> [Vec<(usize, usize)>; 2] {
        self.counted(product, |before| before.encode_utf16().count())
    }

    fn counted(&self, product: &Product, count: fn(&str) -> usize) -> [Vec<(usize, usize)>; 2] {
        let places = |text: &str, ranges: &[Range<usize>]| {
            let place = |byte: usize| text.get(..byte).map_or(0, count);
            ranges.iter().map(|range| (place(range.start), place(range.end))).collect()
        };
        [places(&product.name, &self.name), places(&product.description, &self.description)]
    }
}

/// How a half-typed query may go on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suggested {
    /// Whole queries that find something.
    pub queries: Vec<String>,
    /// Categories that are named so.
    pub categories: Vec<Category>,
    /// Products that have the words so far.
    pub products: Vec<Product>,
}

/// The answer to words.
#[derive(Debug, Clone, PartialEq)]
pub struct WordAnswer {
    /// The predicted categories that stand out; if no product predicts one, every category whose keywords appear, the one with
    /// most matches first.
    pub categories: Vec<Category>,
    /// The categories that the words point to, the likeliest first: by their keywords and by the best products. Returned with
    /// the first page in the order of relevance.
    pub predicted: Vec<Prediction>,
    /// A page of products, the best first unless sorted otherwise.
    pub products: Vec<Product>,
    /// Where the words are in each of the products, in the same order.
    pub highlights: Vec<Highlights>,
    /// For each of the products the place of the variant that fits the words or the filter best, if one does.
    pub variants: Vec<Option<usize>>,
    /// How many products there are on all pages together: just so many, or at least.
    pub total: usize,
    /// Whether there may be more than `total`.
    pub at_least: bool,
    /// Where the next page begins.
    pub next: Option<Cursor>,
    /// The counts for narrowing down, where they were asked for.
    pub facets: Option<Facets>,
    /// The query with its misspelt words put right.
    pub did_you_mean: Option<String>,
    /// Why the first products stand where they do, in their order, where that was asked for.
    pub explanations: Vec<Explanation>,
    /// What the query says beside the words that were looked for.
    pub understood: Vec<UnderstoodPart>,
    /// The words, as typed, that no product of the shop has.
    pub unknown: Vec<String>,
    /// Where to look instead when the shop has no product for the words, whatever the filter: the categories with most
    /// products.
    pub instead: Vec<Category>,
}

impl SearchService {
    /// Products by words.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, cursor or sort, and those of the catalogue and the index.
    pub async fn search_words(&self, search: &WordSearch) -> Result<WordAnswer> {
        search.validate()?;
        let list = &search.list;
        let categorizer = self.categorizer();
        let read = Understanding::of(&search.text, &self.options.lexicon, &search.ignore);
        let meant = categorizer.of_words(&read.words);
        let query = TextQuery {
            text: read.words.clone(),
            without: read.without.clone(),
            meant: meant.iter().map(|score| score.category).collect(),
            price_order: read.price_order,
            filter: priced(&list.filter, &read),
            sort: list.sort,
            limit: list.limit,
            skip: search.skipped(),
            after: list.after.clone(),
            facets: search.facets.clone(),
            explain: search.explain,
            ..TextQuery::default()
        };
        let found = self.index.text(&query).instrument(index_stage()).await?;
        let predicted = predicted(&categorizer, &read.words, &meant, &found.categories);
        let stands_out = |said: &&Prediction| said.score >= STANDS_OUT;
        let mut categories: Vec<_> =
            predicted.iter().take(CONSIDERED).filter(stands_out).map(|said| said.category.clone()).collect();
        if found.categories.is_empty() {
            // No product predicts one: the vocabulary does.
            categories =
                meant.iter().filter_map(|said| categorizer.category(said.category).cloned()).collect();
        }
        // Where a filter left nothing, other categories would not help: the filter is to go.
        let nowhere = found.total == 0 && list.after.is_none() && list.filter == Filter::default();
        let instead = if nowhere { self.fullest(&categorizer).await? } else { Vec::new() };
        let ids: Vec<_> = found.hits.iter().map(|hit| hit.product).collect();
        let known: BTreeSet<_> = found.matched.into_iter().collect();
        let products = self.shown(&ids).await?;
        let of_variants = VariantQuery::new(&read.words, &known, &query.filter);
        let variants = products.iter().map(|product| of_variants.best(product)).collect();
        let highlights = products.iter().map(|product| Highlights {
            name: matched_spans(&product.name, &known),
            description: matched_spans(&product.description, &known),
        });
        let explanations = found.explanations.into_iter().map(|explanation| {
            let product = products.iter().find(|product| product.id == explanation.product);
            with_fields(explanation, product)
        });
        Ok(WordAnswer {
            explanations: explanations.collect(),
            categories,
            predicted,
            highlights: highlights.collect(),
            variants,
            products,
            total: found.total,
            at_least: found.at_least,
            next: found.next,
            facets: found.facets,
            did_you_mean: found.did_you_mean.map(|right| whole_query(&right, &read.parts)),
            understood: read.parts,
            unknown: found.unknown,
            instead,
        })
    }

    /// How a half-typed query may go on: at most `limit` of each kind.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, and those of the catalogue and the index.
    pub async fn suggest(&self, text: &str, limit: usize) -> Result<Suggested> {
        ListQuery { limit, ..ListQuery::default() }.validate()?;
        let found = self.index.suggest(text, limit).instrument(index_stage()).await?;
        let products = self.shown(&found.products).await?;
        let mut categories = self.categorizer().named_like(text);
        categories.truncate(limit);
        Ok(Suggested { queries: found.queries, categories, products })
    }

    /// The categories with most products.
    async fn fullest(&self, categorizer: &Categorizer) -> Result<Vec<Category>> {
        let facets = FacetChoice::Named(vec!["category".into()]);
        let everything = TextQuery { limit: 0, facets, ..TextQuery::default() };
        let facets = self.index.text(&everything).instrument(index_stage()).await?.facets.unwrap_or_default();
        let known = facets.categories.iter().filter_map(|(id, _)| categorizer.category(*id).cloned());
        Ok(known.take(INSTEAD).collect())
    }
}

/// An explanation with the fields in which each word was found.
fn with_fields(mut explanation: Explanation, product: Option<&Product>) -> Explanation {
    let Some(product) = product else { return explanation };
    let texts = [
        (TextField::Name, product.name.as_str()),
        (TextField::Category, product.category().map_or("", |category| category.name.as_str())),
        (TextField::Brand, product.brand.as_deref().unwrap_or("")),
        (TextField::Description, product.description.as_str()),
    ];
    for word in &mut explanation.words {
        let matched: BTreeSet<_> = word.matched.iter().cloned().collect();
        let has = texts.iter().filter(|(_, text)| !matched_spans(text, &matched).is_empty());
        word.fields = has.map(|(field, _)| *field).collect();
    }
    explanation
}

/// The filter with the prices that were asked for in words.
fn priced(filter: &Filter, read: &Understanding) -> Filter {
    Filter {
        min_price: filter.min_price.max(read.min_price),
        max_price: filter.max_price.into_iter().chain(read.max_price).min(),
        ..filter.clone()
    }
}

/// Words that were put right, with what was understood beside them, fillers left out.
fn whole_query(right: &str, parts: &[UnderstoodPart]) -> String {
    let said = parts.iter().filter(|part| part.intent != Intent::Filler).map(|part| part.text.as_str());
    right.split_whitespace().chain(said).collect::<Vec<_>>().join(" ")
}

/// The categories that the words point to, the likeliest first.
///
/// A category whose own name the words are comes first. Else the catalogue decides, by what the products of each category are
/// called; the vocabulary is asked where the catalogue knows none of the words.
fn predicted(
    categorizer: &Categorizer,
    words: &str,
    said: &[CategoryScore],
    seen: &[CategoryScore],
) -> Vec<Prediction> {
    let given = if seen.is_empty() { said } else { seen };
    let named = categorizer.named(words);
    let sum: f32 = given.iter().map(|given| given.score).sum::<f32>().max(f32::MIN_POSITIVE);
    let mut scores: BTreeMap<CategoryId, f32> = BTreeMap::new();
    for CategoryScore { category, score } in given {
        *scores.entry(*category).or_default() += score / sum;
    }
    if let Some(first) = named {
        scores.values_mut().for_each(|score| *score *= BESIDE_NAMED);
        *scores.entry(first).or_default() += 1.0 - BESIDE_NAMED;
    }
    let known = scores
        .into_iter()
        .filter_map(|(id, score)| Some(Prediction { category: categorizer.category(id)?.clone(), score }));
    let mut predicted: Vec<_> = known.collect();
    predicted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.id.cmp(&b.category.id)));
    predicted
}
