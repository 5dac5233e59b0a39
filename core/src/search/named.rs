//! Products without photos, ranked by what a photo shows: the names of its labels against the products' names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SearchService;
use crate::catalog::Filter;
use crate::classify::LabelScore;
use crate::classify::category_names::CategoryName;
use crate::index::TextQuery;
use crate::text::{same_phrase, words};
use crate::words::Vocabulary;
use crate::{Product, ProductId, Result};

/// How many things that a photo may show are looked for, and from which share of the likeliest one's probability on.
const THINGS: usize = 3;
const LIKELY: f32 = 0.1;

/// How many searches are made for one thing, and how many products of each are looked at.
const SEARCHES: usize = 4;
const LOOKED_AT: usize = 50;

/// How well a product is known to be the thing: by the noun that its name begins with, alone or narrowed; by its category or
/// the noun at its name's end; by other words of its name; and by what it is said to be for, which makes it an accessory.
const IS: f32 = 1.0;
const IS_KIND: f32 = 0.8;
const OF_CATEGORY: f32 = 0.6;
const MENTIONS: f32 = 0.3;
const IS_FOR: f32 = 0.05;

/// Words after which a name says what the product is for, has or comes with.
const ENDS: [&str; 14] = [
    "para",
    "for",
    "de",
    "del",
    "of",
    "con",
    "with",
    "por",
    "sin",
    "without",
    "compatible",
    "y",
    "and",
    "en",
];

/// A thing that a photo may show, and what it is called.
#[derive(Debug)]
struct Thing {
    score: f32,
    /// Names and keywords in the shop's languages, names first.
    phrases: Vec<Vec<String>>,
}

impl SearchService {
    /// The products that pass the filter and are what the labels name, the surest first; of equals, those that come first by
    /// words.
    pub(super) async fn named_products(
        &self,
        labels: &[LabelScore],
        filter: &Filter,
    ) -> Result<Vec<ProductId>> {
        let things = things(labels, &self.options.vocabulary);
        let mut places: BTreeMap<ProductId, usize> = BTreeMap::new();
        for phrase in things.iter().flat_map(|thing| thing.phrases.iter().take(SEARCHES)) {
            let (text, filter) = (phrase.join(" "), filter.clone());
            let query = TextQuery { text, filter, limit: LOOKED_AT, ..TextQuery::default() };
            for (place, hit) in self.index.text(&query).await?.hits.into_iter().enumerate() {
                let known = places.entry(hit.product).or_insert(place);
                *known = place.min(*known);
            }
        }
        let ids: Vec<_> = places.keys().copied().collect();
        let products = self.shared(&ids).await?;
        let sure = |product: &Arc<Product>| {
            let sure = things.iter().map(|thing| thing.score * thing.is(product)).fold(0.0, f32::max);
            (sure, places.get(&product.id).copied().unwrap_or(LOOKED_AT), product.id)
        };
        let mut found: Vec<_> = products.iter().map(sure).filter(|(sure, ..)| *sure > 0.0).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
        Ok(found.into_iter().map(|(.., id)| id).collect())
    }
}

/// The likeliest things, each with the sum of its labels' probabilities as a share of the likeliest one's.
fn things(labels: &[LabelScore], vocabulary: &Vocabulary) -> Vec<Thing> {
    let mut by_names: BTreeMap<Vec<Vec<String>>, f32> = BTreeMap::new();
    for label in labels.iter().filter(|label| label.score.is_finite() && label.score > 0.0) {
        *by_names.entry(vocabulary.names_of(&label.label)).or_default() += label.score;
    }
    let named = by_names.into_iter().filter(|(phrases, _)| !phrases.is_empty());
    let mut things: Vec<_> = named.map(|(phrases, score)| Thing { score, phrases }).collect();
    things.sort_by(|a, b| b.score.total_cmp(&a.score));
    let most = things.first().map_or(1.0, |thing| thing.score);
    things.iter_mut().for_each(|thing| thing.score /= most);
    things.retain(|thing| thing.score >= LIKELY);
    things.truncate(THINGS);
    things
}

impl Thing {
    /// How sure it is that the product is this thing, 0 to 1.
    fn is(&self, product: &Product) -> f32 {
        let head = product.name.split([',', '(', ':', ';']).next().unwrap_or_default();
        let head = words(head.split(" - ").next().unwrap_or_default());
        let noun = head.iter().position(|word| ENDS.contains(&word.as_str())).unwrap_or(head.len());
        let (noun, rest) = head.split_at(noun);
        let starts = |text: &[String]| self.said(text).any(|start| start == 0);
        if starts(noun) {
            return if self.phrases.iter().any(|phrase| same_phrase(noun, phrase)) { IS } else { IS_KIND };
        }
        let is_for = self.said(rest).next().is_some();
        let of_category = product.category().is_some_and(|category| {
            CategoryName::new(&category.name).parts.first().is_some_and(|part| starts(part))
        });
        // English nouns come last: "Logitech Wireless Mouse".
        let ends = self.phrases.iter().any(|phrase| {
            noun.len() >= phrase.len() && same_phrase(&noun[noun.len() - phrase.len()..], phrase)
        });
        if is_for {
            IS_FOR
        } else if of_category || ends {
            OF_CATEGORY
        } else if self.said(&words(&product.name)).next().is_some() {
            MENTIONS
        } else {
            0.0
        }
    }

    /// Where a name of the thing begins in the text.
    fn said(&self, text: &[String]) -> impl Iterator<Item = usize> {
        let says = |start: usize, phrase: &Vec<String>| {
            text.get(start..start + phrase.len()).is_some_and(|part| same_phrase(part, phrase))
        };
        (0..text.len()).filter(move |start| self.phrases.iter().any(|phrase| says(*start, phrase)))
    }
}
