//! Words: the categories that they mean, the products that have them, and where else to look.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{CONSIDERED, Prediction, SearchService};
use crate::text::stretches;
use crate::{
    Categorizer, Category, CategoryId, CategoryScore, Cursor, Facets, Filter, ListQuery, Product, Result,
    TextQuery,
};

/// A category is answered without being named when at least this share of the best products is of it.
const STANDS_OUT: f32 = 0.2;

/// How many categories are proposed when nothing was found.
const INSTEAD: usize = 6;

/// What a customer typed, and how to answer it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WordSearch {
    /// The words; empty lists all products.
    pub text: String,
    /// Which products, in what order, how many.
    pub list: ListQuery,
    /// Whether to count facets.
    pub facets: bool,
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
        [characters(&product.name, &self.name), characters(&product.description, &self.description)]
    }
}

fn characters(text: &str, stretches: &[Range<usize>]) -> Vec<(usize, usize)> {
    let place = |byte: usize| text.get(..byte).map_or(0, |before| before.chars().count());
    stretches.iter().map(|stretch| (place(stretch.start), place(stretch.end))).collect()
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
    /// Every category whose keywords appear, the one with most matches first; where no keyword appears, the predicted
    /// ones that stand out.
    pub categories: Vec<Category>,
    /// The categories that the words point to, the likeliest first: by their keywords and by the best products. Told with
    /// the first page in the order of relevance.
    pub predicted: Vec<Prediction>,
    /// A page of products, the best first unless sorted otherwise.
    pub products: Vec<Product>,
    /// Where the words are in each of the products, in the same order.
    pub highlights: Vec<Highlights>,
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
        let list = &search.list;
        list.validate()?;
        let categorizer = self.categorizer();
        let meant = categorizer.of_words(&search.text);
        let query = TextQuery {
            text: search.text.clone(),
            meant: meant.iter().map(|score| score.category).collect(),
            filter: list.filter.clone(),
            sort: list.sort,
            limit: list.limit,
            after: list.after.clone(),
            facets: search.facets,
        };
        let found = self.index.text(&query).await?;
        let predicted = predicted(&categorizer, &meant, &found.categories);
        let mut categories: Vec<_> =
            query.meant.iter().filter_map(|id| categorizer.category(*id).cloned()).collect();
        if categories.is_empty() {
            let standing_out = predicted.iter().take(CONSIDERED).filter(|said| said.score >= STANDS_OUT);
            categories.extend(standing_out.map(|said| said.category.clone()));
        }
        // Where a filter left nothing, other categories would not help: the filter is to go.
        let nowhere = found.hits.is_empty() && list.after.is_none() && list.filter == Filter::default();
        let instead = if nowhere { self.fullest(&categorizer).await? } else { Vec::new() };
        let ids: Vec<_> = found.hits.iter().map(|hit| hit.product).collect();
        let known: BTreeSet<_> = found.matched.into_iter().collect();
        let products = self.catalog.products(&ids).await?;
        let highlights = products.iter().map(|product| Highlights {
            name: stretches(&product.name, &known),
            description: stretches(&product.description, &known),
        });
        Ok(WordAnswer {
            categories,
            predicted,
            highlights: highlights.collect(),
            products,
            total: found.total,
            at_least: found.at_least,
            next: found.next,
            facets: found.facets,
            did_you_mean: found.did_you_mean,
            instead,
        })
    }

    /// How a half-typed query may go on: at most `limit` of each kind.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a wrong limit, and those of the catalogue and the index.
    pub async fn suggest(&self, text: &str, limit: usize) -> Result<Suggested> {
        ListQuery { limit, ..ListQuery::default() }.validate()?;
        let found = self.index.suggest(text, limit).await?;
        let products = self.catalog.products(&found.products).await?;
        let mut categories = self.categorizer().named_like(text);
        categories.truncate(limit);
        Ok(Suggested { queries: found.queries, categories, products })
    }

    /// The categories with most products.
    async fn fullest(&self, categorizer: &Categorizer) -> Result<Vec<Category>> {
        let everything = TextQuery { limit: 1, facets: true, ..TextQuery::default() };
        let facets = self.index.text(&everything).await?.facets.unwrap_or_default();
        let known = facets.categories.iter().filter_map(|(id, _)| categorizer.category(*id).cloned());
        Ok(known.take(INSTEAD).collect())
    }
}

/// What the words say and what the best products are, joined: each half of the score, the likeliest first.
fn predicted(categorizer: &Categorizer, said: &[CategoryScore], seen: &[CategoryScore]) -> Vec<Prediction> {
    let mut scores: BTreeMap<CategoryId, f32> = BTreeMap::new();
    for given in [said, seen].into_iter().filter(|given| !given.is_empty()) {
        let weight = if said.is_empty() || seen.is_empty() { 1.0 } else { 0.5 };
        let sum: f32 = given.iter().map(|given| given.score).sum::<f32>().max(f32::MIN_POSITIVE);
        for CategoryScore { category, score } in given {
            *scores.entry(*category).or_default() += weight * score / sum;
        }
    }
    let known = scores
        .into_iter()
        .filter_map(|(id, score)| Some(Prediction { category: categorizer.category(id)?.clone(), score }));
    let mut predicted: Vec<_> = known.collect();
    predicted.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.category.id.cmp(&b.category.id)));
    predicted
}
