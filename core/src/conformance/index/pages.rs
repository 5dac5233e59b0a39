//! The cases of sorting and paging.

use std::collections::BTreeSet;

use super::{filled, found, in_category, product, seen, words};
use crate::catalog::{Change, FeedPosition, Sort};
use crate::index::{FacetChoice, MAX_SKIPPED, TextQuery};
use crate::{Money, ProductId, SearchIndex};

pub async fn every_sort_pages_through_everything_once(index: &dyn SearchIndex) {
    let names = ["bota beta", "Bota alfa", "bota Alfa", "bota", "Bota zeta", "bota beta", "bota ala"];
    let mut products: Vec<_> =
        names.iter().enumerate().map(|(n, name)| product(n as i64 + 1, name, "")).collect();
    products
        .iter_mut()
        .for_each(|product| product.price = Money::from_minor([300, 100, 200][product.id.0 as usize % 3]));
    filled(index, products.clone()).await;
    for sort in [Sort::Relevance, Sort::PriceAscending, Sort::PriceDescending, Sort::Name, Sort::Newest] {
        let whole = found(index, &TextQuery { sort, ..words("bota") }).await;
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 7, "{sort:?}");
        for pair in whole.windows(2) {
            let (a, b) = (&products[pair[0] as usize - 1], &products[pair[1] as usize - 1]);
            let in_order = match sort {
                Sort::Relevance => true,
                Sort::Newest => a.id > b.id,
                Sort::PriceAscending => (a.price, a.id) < (b.price, b.id),
                Sort::PriceDescending => a.price > b.price || (a.price == b.price && a.id < b.id),
                Sort::Name => (a.name.to_lowercase(), a.id) < (b.name.to_lowercase(), b.id),
            };
            assert!(in_order, "{sort:?}: {} before {}", a.name, b.name);
        }
        for limit in [1, 2, 7] {
            let (mut pieces, mut after) = (Vec::new(), None);
            loop {
                let hits = index.text(&TextQuery { sort, limit, after, ..words("bota") }).await.unwrap();
                assert_eq!(hits.total, 7);
                pieces.extend(hits.hits.iter().map(|hit| hit.product.0));
                match hits.next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            assert_eq!(pieces, whole, "{sort:?} by {limit}");
        }
    }
}

/// A limit of 0 gives the counts of the first page without its products.
pub async fn a_limit_of_zero_gives_the_counts_alone(index: &dyn SearchIndex) {
    let mut products: Vec<_> = (1..=40).map(|id| in_category(id, "Bota roja", 4)).collect();
    products.push(product(41, "Bota azul", ""));
    filled(index, products).await;
    for text in ["botas rojas", "bota", "", "azul roja", "sombrero"] {
        let page = TextQuery { facets: FacetChoice::All, limit: 24, ..words(text) };
        let page = index.text(&page).await.unwrap();
        let counts = TextQuery { facets: FacetChoice::All, limit: 0, explain: true, ..words(text) };
        let counts = index.text(&counts).await.unwrap();
        assert!(counts.hits.is_empty() && counts.next.is_none() && counts.explanations.is_empty(), "{text}");
        assert_eq!((counts.total, counts.at_least), (page.total, page.at_least), "{text}");
        assert_eq!((&counts.facets, &counts.categories), (&page.facets, &page.categories), "{text}");
    }
}

/// Passing products over gives the same pages as cursors do, in every order.
pub async fn pages_by_number_are_those_by_cursor(index: &dyn SearchIndex) {
    let name = |id: i64| if id % 3 == 0 { "Bota roja" } else { "Bota" };
    filled(index, (1..=50).map(|id| product(id, name(id), "")).collect()).await;
    for sort in [Sort::Relevance, Sort::PriceDescending, Sort::Name, Sort::Newest] {
        for text in ["bota roja", ""] {
            let whole = found(index, &TextQuery { sort, ..words(text) }).await;
            for skip in [0, 7, 14, 49, 50, MAX_SKIPPED] {
                let query = TextQuery { sort, skip, limit: 7, ..words(text) };
                let page = index.text(&query).await.unwrap();
                let ids: Vec<_> = page.hits.iter().map(|hit| hit.product.0).collect();
                let wanted: Vec<_> = whole.iter().skip(skip).take(7).copied().collect();
                assert_eq!(ids, wanted, "{sort:?} {text} from {skip}");
                assert_eq!(page.next.is_some(), whole.len() > skip + 7, "{sort:?} {text} from {skip}");
                let rest = TextQuery { sort, after: page.next.clone(), ..words(text) };
                if page.next.is_some() {
                    assert_eq!(found(index, &rest).await, whole[skip + 7..], "{sort:?} {text} from {skip}");
                }
            }
        }
    }
}

pub async fn a_cursor_survives_changes_between_pages(index: &dyn SearchIndex) {
    filled(index, (1..=6).map(|id| product(id, "Bota", "")).collect()).await;
    for sort in [Sort::Relevance, Sort::PriceAscending, Sort::Name] {
        let first = index.text(&TextQuery { sort, limit: 2, ..words("bota") }).await.unwrap();
        assert_eq!(first.hits.iter().map(|hit| hit.product.0).collect::<Vec<_>>(), [1, 2]);
        index.apply(&[Change::ProductDeleted(ProductId(2))], FeedPosition(7)).await.unwrap();
        let rest = TextQuery { sort, after: first.next, ..words("bota") };
        assert_eq!(found(index, &rest).await, [3, 4, 5, 6], "{sort:?}");
        index.apply(&[seen(product(2, "Bota", ""), None)], FeedPosition(8)).await.unwrap();
    }
}
