//! Long listings for clients that cannot page.

use super::{SearchService, WordAnswer, WordSearch};
use crate::catalog::{ListQuery, MAX_LIMIT, Page};
use crate::index::FacetChoice;
use crate::{Product, Result};

/// The most products of a long listing.
const MAX_LISTED: usize = 1000;
/// A long listing ends after the page with which names and descriptions together exceed so many bytes.
const MAX_BYTES: usize = 4 << 20;

impl SearchService {
    /// The beginning of the catalogue, for clients that cannot page: up to 1,000 products, whatever the limit of the query.
    ///
    /// It is read page by page, and ends early where the texts of its products exceed 4 MiB; [`Page::next`] names the rest.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn list_everything(&self, query: &ListQuery) -> Result<Page<Product>> {
        let mut query = ListQuery { limit: MAX_LIMIT, ..query.clone() };
        let mut page = self.list(&query).await?;
        while let Some(next) = page.next.take_if(|_| has_room(&page.items)) {
            query.after = Some(next);
            let more = self.list(&query).await?;
            page.items.extend(more.items);
            page.next = more.next;
        }
        Ok(page)
    }

    /// All products as an answer to no words, for clients that cannot page: up to 1,000, as
    /// [`list_everything`](Self::list_everything), whatever the limit of the search.
    ///
    /// # Errors
    /// As [`search_words`](Self::search_words).
    pub async fn search_everything(&self, search: &WordSearch) -> Result<WordAnswer> {
        let mut search = search.clone();
        search.list.limit = MAX_LIMIT;
        let mut answer = self.search_words(&search).await?;
        search.facets = FacetChoice::None;
        while let Some(next) = answer.next.take_if(|_| has_room(&answer.products)) {
            search.list.after = Some(next);
            let more = self.search_words(&search).await?;
            answer.products.extend(more.products);
            answer.highlights.extend(more.highlights);
            answer.variants.extend(more.variants);
            answer.next = more.next;
        }
        Ok(answer)
    }
}

fn has_room(products: &[Product]) -> bool {
    let bytes = products.iter().map(|product| product.name.len() + product.description.len()).sum::<usize>();
    products.len() + MAX_LIMIT <= MAX_LISTED && bytes <= MAX_BYTES
}
