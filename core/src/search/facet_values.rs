//! Values of one facet that begin with or contain a text: for a search box over a long list of brands.

use std::ops::Range;

use super::{SearchService, WordSearch};
use crate::index::{FacetChoice, Facets};
use crate::text::fold;
use crate::{Error, Result};

/// The facets whose values can be searched, besides attributes.
const FACETS: [&str; 2] = ["brand", "category"];

/// What the name of an attribute comes after.
const ATTRIBUTE: &str = "attributes.";

/// A value of a facet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// How many products would be found if the filter asked for just this value in its place.
    pub count: usize,
    /// The bytes of the value that match; empty where no text was given.
    pub matched: Range<usize>,
}

impl SearchService {
    /// The values of a facet (`brand`, `category`, or an attribute such as `attributes.color`) among the products of a search
    /// that contain a text, whatever its case and accents: those that begin with it first, then the most frequent; at most
    /// `limit`.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for an unknown facet, and as [`search_words`](Self::search_words).
    pub async fn facet_values(
        &self,
        search: &WordSearch,
        facet: &str,
        text: &str,
        limit: usize,
    ) -> Result<Vec<FacetValue>> {
        if !FACETS.contains(&facet) && !facet.starts_with(ATTRIBUTE) {
            let facets = FACETS.join(", ");
            let detail = format!("there is no facet `{facet}`: the facets are {facets} and {ATTRIBUTE}NAME");
            return Err(Error::invalid(detail));
        }
        let named = facet.strip_prefix(ATTRIBUTE).unwrap_or(facet);
        let facets = FacetChoice::Named(vec![named.to_owned()]);
        let mut search = WordSearch { facets, page: None, ..search.clone() };
        search.list.limit = 0;
        search.list.after = None;
        let counted = self.search_words(&search).await?.facets.unwrap_or_default();
        let text = fold(text.trim());
        let matching = self.values(counted, facet).into_iter().filter_map(|(value, count)| {
            let matched = place(&value, &text)?;
            Some(FacetValue { value, count, matched })
        });
        let mut matching: Vec<_> = matching.filter(|value| value.count > 0).collect();
        matching.sort_by(|a, b| {
            let begins = |value: &FacetValue| value.matched.start > 0;
            (begins(a), b.count, &a.value).cmp(&(begins(b), a.count, &b.value))
        });
        matching.truncate(limit);
        Ok(matching)
    }

    fn values(&self, facets: Facets, facet: &str) -> Vec<(String, usize)> {
        if facet == "brand" {
            return facets.brands;
        }
        if let Some(name) = facet.strip_prefix(ATTRIBUTE) {
            let name = name.to_lowercase();
            let attribute = facets.attributes.into_iter().find(|one| one.name.to_lowercase() == name);
            return attribute.map(|one| one.values).unwrap_or_default();
        }
        let categorizer = self.categorizer();
        let named = |(id, count)| Some((categorizer.category(id)?.name.clone(), count));
        facets.categories.into_iter().filter_map(named).collect()
    }
}

/// Where a folded text stands in a value: at its beginning or at that of a word, else anywhere.
fn place(value: &str, text: &str) -> Option<Range<usize>> {
    // The bytes of the value that each byte of its folded form comes from.
    let (mut folded, mut origins) = (String::new(), Vec::new());
    for (start, character) in value.char_indices() {
        let part = fold(character.encode_utf8(&mut [0; 4]));
        origins.extend(std::iter::repeat_n(start..start + character.len_utf8(), part.len()));
        folded.push_str(&part);
    }
    if text.is_empty() {
        return Some(0..0);
    }
    let is_word_begin = |at: usize| !folded[..at].ends_with(char::is_alphanumeric);
    let places = || folded.match_indices(text).map(|(at, _)| at);
    let at = places().find(|at| is_word_begin(*at)).or_else(|| places().next())?;
    Some(origins[at].start..origins[at + text.len() - 1].end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_whatever_their_case_and_accents() {
        assert_eq!(place("Cámaras réflex", "refl"), Some(9..14));
        assert_eq!(place("ÁRBOL", "arb"), Some(0..4));
        assert_eq!(place("Almenar", "men"), Some(2..5));
        assert_eq!(place("Sala de estar", "a"), Some(1..2), "no word begins with it");
        assert_eq!(place("Sala de arte", "a"), Some(8..9), "a word that begins with it comes first");
        assert_eq!(place("Zancada", "x"), None);
        assert_eq!(place("Zancada", ""), Some(0..0));
    }
}
