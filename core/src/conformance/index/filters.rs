//! The cases of filters and facet counts.

use super::{filled, found, in_category, words};
use crate::catalog::Filter;
use crate::index::{FacetChoice, TextQuery};
use crate::{CategoryId, Money, SearchIndex};

pub async fn filters_apply_to_words(index: &dyn SearchIndex) {
    let mut products: Vec<_> = (1..=4).map(|id| in_category(id, "Bota de piel", 4 + id % 2)).collect();
    products[0].stock = Some(0);
    products[1].brand = Some("Ñandú".into());
    filled(index, products).await;
    let with = |filter: Filter| TextQuery { filter, ..words("bota") };
    let category = Filter { categories: vec![CategoryId(5)], ..Filter::default() };
    assert_eq!(found(index, &with(category.clone())).await, [3, 1], "in stock first");
    assert_eq!(found(index, &with(Filter { in_stock: true, ..category })).await, [3]);
    assert_eq!(found(index, &with(Filter { brands: vec!["ÑANDÚ".into()], ..Filter::default() })).await, [2]);
    let price = Filter {
        min_price: Some(Money::from_minor(200)),
        max_price: Some(Money::from_minor(300)),
        ..Filter::default()
    };
    assert_eq!(found(index, &with(price.clone())).await, [2, 3]);
    let everything = TextQuery { filter: price, ..words("") };
    assert_eq!(index.text(&everything).await.unwrap().total, 2);
}

pub async fn facets_count_beside_their_own_filter(index: &dyn SearchIndex) {
    let mut products: Vec<_> = (1..=5).map(|id| in_category(id, "Bota roja", 4 + id % 2)).collect();
    products[0].brand = Some("Ñandú".into());
    products[1].brand = Some("ñandú".into());
    products[2].brand = Some("Zancada".into());
    products[3].stock = Some(0);
    products[4].name = "Bota azul".into();
    filled(index, products).await;
    let ask = |filter: Filter| TextQuery { facets: FacetChoice::All, filter, ..words("botas rojas") };
    let answer = index.text(&ask(Filter::default())).await.unwrap();
    let facets = answer.facets.unwrap();
    assert_eq!(facets.in_stock + facets.out_of_stock, answer.total, "counts agree");
    assert_eq!(facets.categories, [(CategoryId(5), 3), (CategoryId(4), 2)]);
    assert_eq!(facets.brands.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1]);
    assert_eq!((facets.in_stock, facets.out_of_stock), (4, 1));
    assert_eq!(facets.prices.iter().map(|range| range.count).sum::<usize>(), 5);
    let category = Filter { categories: vec![CategoryId(5)], ..Filter::default() };
    let facets = index.text(&ask(category)).await.unwrap().facets.unwrap();
    assert_eq!(facets.categories, [(CategoryId(5), 3), (CategoryId(4), 2)], "its own filter is left out");
    assert_eq!((facets.in_stock, facets.out_of_stock), (3, 0));
    assert_eq!(index.text(&words("bota")).await.unwrap().facets, None);
    let named = FacetChoice::Named(vec!["brand".into()]);
    let named =
        index.text(&TextQuery { facets: named, ..words("botas rojas") }).await.unwrap().facets.unwrap();
    assert_eq!((named.categories.len(), named.brands.len(), named.prices.len()), (0, 2, 0));
    assert_eq!((named.price_span, named.in_stock, named.out_of_stock), (None, 4, 1));
    let none = TextQuery { facets: FacetChoice::All, ..words("lámpara") };
    assert_eq!(index.text(&none).await.unwrap().facets.unwrap().categories, []);
}
