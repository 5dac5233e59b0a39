//! The cases of [`SearchIndex`].

#![allow(missing_docs, clippy::unwrap_used)]

mod products;

use std::collections::BTreeSet;

use crate::catalog::{Change, FeedPosition, Filter, Sort};
use crate::classify::{Embedding, EmbeddingSpace};
use crate::index::{FacetChoice, MAX_SKIPPED, TextQuery, catch_up};
use crate::memory::MemoryCatalog;
use crate::product::ProductDraft;
use crate::{Catalog, Category, CategoryId, Money, Product, ProductId, SearchIndex};

pub use products::*;

fn product(id: i64, name: &str, description: &str) -> Product {
    Product {
        description: description.into(),
        price: Money::from_minor(100 * id),
        ..Product::new(ProductId(id), name)
    }
}

fn in_category(id: i64, name: &str, category: i64) -> Product {
    let category = Category::new(CategoryId(category), format!("Estante {category}"));
    Product { categories: vec![category.into()], ..product(id, name, "") }
}

fn space(name: &str) -> EmbeddingSpace {
    EmbeddingSpace::new(name).unwrap()
}

fn embedding(numbers: &[f32]) -> Embedding {
    Embedding::new(numbers.to_vec()).unwrap().in_space(space("m/1"))
}

fn seen(product: Product, numbers: Option<[f32; 3]>) -> Change {
    Change::Product { product, embeddings: numbers.iter().map(|numbers| embedding(numbers)).collect() }
}

async fn filled(index: &dyn SearchIndex, products: Vec<Product>) {
    let changes: Vec<_> = products.into_iter().map(|product| seen(product, None)).collect();
    index.apply(&changes, FeedPosition(changes.len() as u64)).await.unwrap();
}

/// Products that have a word of `without` are left out.
pub async fn unwanted_words_are_left_out(index: &dyn SearchIndex) {
    filled(
        index,
        vec![product(1, "Zapato rojo", ""), product(2, "Zapato azul", "de piel"), product(3, "Zapato", "")],
    )
    .await;
    let without = |text: &str, words: &[&str]| TextQuery {
        text: text.into(),
        without: words.iter().map(ToString::to_string).collect(),
        limit: 100,
        ..TextQuery::default()
    };
    let found = async |query| {
        let mut ids = found(index, &query).await;
        ids.sort_unstable();
        ids
    };
    assert_eq!(found(without("zapatos", &["piel"])).await, [1, 3]);
    assert_eq!(found(without("zapatos", &["pieles", "rojo"])).await, [3]);
    assert_eq!(found(without("", &["rojo"])).await, [2, 3]);
    assert_eq!(found(without("zapatos", &["verde"])).await, [1, 2, 3]);
}

fn words(text: &str) -> TextQuery {
    TextQuery { text: text.into(), limit: 100, ..TextQuery::default() }
}

async fn found(index: &dyn SearchIndex, query: &TextQuery) -> Vec<i64> {
    let hits = index.text(query).await.unwrap();
    assert!(hits.hits.iter().all(|hit| hit.score.is_finite()));
    hits.hits.iter().map(|hit| hit.product.0).collect()
}

async fn near(index: &dyn SearchIndex, numbers: &[f32], filter: Filter, limit: usize) -> Vec<i64> {
    let hits = index.similar(&embedding(numbers), &filter, limit).await.unwrap();
    hits.iter().map(|hit| hit.product.0).collect()
}

pub async fn an_empty_index_answers_empty(index: &dyn SearchIndex) {
    assert_eq!(index.position().await.unwrap(), FeedPosition(0));
    let hits = index.text(&words("camiseta")).await.unwrap();
    assert!(hits.hits.is_empty() && hits.total == 0 && hits.next.is_none());
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 5).await, [0; 0]);
    assert_eq!(index.embedding(ProductId(1), &space("m/1")).await.unwrap(), None);
    index.apply(&[Change::ProductDeleted(ProductId(1))], FeedPosition(1)).await.unwrap();
}

pub async fn the_position_is_what_was_applied(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "a", ""), product(2, "b", "")]).await;
    assert_eq!(index.position().await.unwrap(), FeedPosition(2));
    index.apply(&[], FeedPosition(9)).await.unwrap();
    assert_eq!(index.position().await.unwrap(), FeedPosition(9));
}

/// Where scores are explained, they are the sums of their terms, in the order of the hits.
pub async fn scores_are_the_sums_of_their_terms(index: &dyn SearchIndex) {
    let sold_out = Product { stock: Some(0), ..product(3, "Camiseta roja", "") };
    let products = vec![product(1, "Camiseta roja", ""), product(2, "Camiseta", "de rayas rojas"), sold_out];
    filled(index, products).await;
    for text in ["camiseta roja", "rayas", "camiseta de lunares", ""] {
        let hits = index.text(&TextQuery { explain: true, ..words(text) }).await.unwrap();
        for (hit, explanation) in hits.hits.iter().zip(&hits.explanations) {
            assert_eq!(hit.product, explanation.product, "{text}");
            assert!((hit.score - explanation.score()).abs() < 1e-3, "{text}: {hit:?} {explanation:?}");
        }
        assert!(index.text(&words(text)).await.unwrap().explanations.is_empty(), "{text}");
    }
}

/// A cleared index is as a new one.
pub async fn a_cleared_index_is_empty(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "Bota", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(7)).await.unwrap();
    index.clear().await.unwrap();
    an_empty_index_answers_empty(index).await;
    index.apply(&[seen(product(2, "Bota", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(3)).await.unwrap();
    assert_eq!(found(index, &words("bota")).await, [2]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 5).await, [2]);
    assert_eq!(index.position().await.unwrap(), FeedPosition(3));
}

pub async fn case_accents_punctuation_and_plural_do_not_matter(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "Teléfono móvil", ""), product(2, "Pantalón vaquero", "")]).await;
    for text in
        ["teléfono", "TELEFONO", "telefonos", "¡Teléfonos!", "móviles", "movil,", "  telefono\tmovil "]
    {
        assert_eq!(found(index, &words(text)).await, [1], "{text}");
    }
    for text in ["pantalones", "pantalon", "PANTALÓN", "vaqueros"] {
        assert_eq!(found(index, &words(text)).await, [2], "{text}");
    }
    assert_eq!(found(index, &words("bicicleta")).await, [0; 0]);
}

pub async fn a_query_without_a_word_finds_everything(index: &dyn SearchIndex) {
    filled(index, vec![product(3, "c", ""), product(1, "a", ""), product(2, "b", "")]).await;
    for text in ["", "   ", "?!", "¿…?"] {
        let hits = index.text(&words(text)).await.unwrap();
        assert_eq!(hits.hits.iter().map(|hit| hit.product.0).collect::<Vec<_>>(), [1, 2, 3], "{text}");
        assert_eq!(hits.total, 3);
    }
}

pub async fn all_words_come_before_some(index: &dyn SearchIndex) {
    let products = vec![
        product(1, "Camiseta camiseta camiseta", "camiseta"),
        product(2, "Gorra", "combina con camiseta deportiva roja"),
        product(3, "Camiseta deportiva", "azul"),
        product(4, "Lámpara", ""),
    ];
    filled(index, products).await;
    let ids = found(index, &words("camiseta deportiva roja")).await;
    assert_eq!(ids[0], 2);
    assert_eq!(ids[1], 3);
    assert_eq!(ids[2..], [1]);
}

pub async fn the_name_counts_more_than_the_description(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "Gorra", "para llevar con mochila"), product(2, "Mochila", "de viaje")])
        .await;
    assert_eq!(found(index, &words("mochila")).await, [2, 1]);
}

pub async fn products_of_a_meant_category_come_last(index: &dyn SearchIndex) {
    filled(
        index,
        vec![
            in_category(1, "Bota", 4),
            in_category(2, "Sandalia", 4),
            product(3, "Cordones para zapatilla", ""),
        ],
    )
    .await;
    let query = TextQuery { meant: vec![CategoryId(4)], ..words("zapatilla") };
    assert_eq!(found(index, &query).await, [3, 1, 2]);
    assert_eq!(found(index, &words("zapatilla")).await, [3]);
}

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

pub async fn what_is_in_stock_comes_first_among_equals(index: &dyn SearchIndex) {
    let gone = Product { stock: Some(0), ..product(1, "Bota de piel", "") };
    filled(index, vec![gone, product(2, "Bota de piel", ""), product(3, "Caja", "bota")]).await;
    assert_eq!(found(index, &words("bota piel")).await[..2], [2, 1]);
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

pub async fn other_orders_leave_out_what_lacks_a_word(index: &dyn SearchIndex) {
    filled(
        index,
        vec![product(1, "Tornillo rojo", ""), product(2, "Bota roja", ""), product(3, "Bota rojo", "")],
    )
    .await;
    let cheapest = TextQuery { sort: Sort::PriceAscending, ..words("bota rojo") };
    assert!(!found(index, &cheapest).await.contains(&1));
    assert!(found(index, &words("bota rojo")).await.contains(&1));
    let best = TextQuery { all_words: true, ..words("bota rojo") };
    let whole = found(index, &best).await;
    assert!(!whole.is_empty() && !whole.contains(&1), "{whole:?}");
    let some = TextQuery { all_words: true, ..words("bota tornillo") };
    assert_eq!(found(index, &some).await.len(), 3, "no product has both");
    let blue = TextQuery { sort: Sort::PriceAscending, ..words("bota tornillo") };
    assert_eq!(found(index, &blue).await, [1, 2, 3]);
}

pub async fn categories_are_predicted_from_the_best_products(index: &dyn SearchIndex) {
    filled(index, vec![in_category(1, "Bota", 4), in_category(2, "Bota alta", 4), in_category(3, "Caja", 5)])
        .await;
    let hits = index.text(&words("bota")).await.unwrap();
    assert_eq!(hits.categories.len(), 1);
    assert_eq!((hits.categories[0].category, hits.categories[0].score), (CategoryId(4), 1.0));
    assert!(hits.matched.contains(&"bota".to_owned()));
    assert!(index.text(&words("zzzzzz")).await.unwrap().categories.is_empty());
}

pub async fn suggestions_go_on_from_what_is_typed(index: &dyn SearchIndex) {
    filled(
        index,
        vec![product(1, "Zapato rojo", ""), product(2, "Zapato rosa", ""), product(3, "Gorra rota", "")],
    )
    .await;
    let suggested = index.suggest("zapato ro", 5).await.unwrap();
    assert_eq!(suggested.queries, ["zapato rojo", "zapato rosa"]);
    assert_eq!(suggested.products.len(), 2);
    assert_eq!(index.suggest("ZÁP", 5).await.unwrap().queries, ["zapato"]);
    for text in ["", "?!", "xyz"] {
        let nothing = index.suggest(text, 5).await.unwrap();
        assert!(nothing.queries.is_empty() && nothing.products.is_empty(), "{text}");
    }
}

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

pub async fn a_change_replaces_and_a_deletion_removes(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "Bota", ""), product(2, "Bota alta", "")]).await;
    let changes = [seen(product(1, "Sandalia", ""), None), Change::ProductDeleted(ProductId(2))];
    index.apply(&changes, FeedPosition(4)).await.unwrap();
    assert_eq!(found(index, &words("bota")).await, [0; 0]);
    assert_eq!(found(index, &words("sandalia")).await, [1]);
}

pub async fn changes_may_be_applied_again(index: &dyn SearchIndex) {
    for _ in 0..3 {
        filled(index, vec![product(1, "Bota", ""), product(2, "Bota alta", "")]).await;
    }
    assert_eq!(found(index, &words("bota")).await.len(), 2);
    let twice = [seen(product(3, "Bota", ""), None), seen(product(3, "Bota baja", ""), None)];
    index.apply(&twice, FeedPosition(5)).await.unwrap();
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 3);
}

pub async fn odd_queries_are_no_errors(index: &dyn SearchIndex) {
    filled(index, vec![product(1, "Bota", "")]).await;
    let long = "bota ".repeat(2000);
    let letters = "x".repeat(50_000);
    for text in [
        "+",
        "((",
        "\"abc",
        "AND",
        "OR NOT",
        "bota*",
        "name:bota",
        "👟",
        "\0",
        "%",
        "a\u{301}",
        &long,
        &letters,
    ] {
        index.text(&words(text)).await.unwrap_or_else(|error| panic!("{text:.20}: {error}"));
    }
    assert_eq!(found(index, &words("+bota)")).await, [1]);
}

pub async fn the_most_similar_come_first(index: &dyn SearchIndex) {
    let changes = [
        seen(product(1, "lejos", ""), Some([-1.0, 0.0, 0.0])),
        seen(product(2, "cerca", ""), Some([0.9, 0.1, 0.0])),
        seen(product(3, "igual", ""), Some([2.0, 0.0, 0.0])),
        seen(product(4, "igual", ""), Some([1.0, 0.0, 0.0])),
    ];
    index.apply(&changes, FeedPosition(4)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 10).await, [3, 4, 2, 1]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 2).await, [3, 4]);
    let known = index.embedding(ProductId(3), &space("m/1")).await.unwrap().unwrap();
    assert!((known.as_slice()[0] - 1.0).abs() < 0.01);
    let hits = index.similar(&known, &Filter::default(), 1).await.unwrap();
    assert!((hits[0].score - 1.0).abs() < 0.01);
    let several = [2, 3, 9].map(ProductId);
    let embeddings = index.embeddings(&several, &space("m/1")).await.unwrap();
    assert_eq!(embeddings.len(), 2, "the one that is not there is left out");
    assert_eq!(embeddings[&ProductId(3)], known);
    assert!(index.embeddings(&several, &space("m/2")).await.unwrap().is_empty());
}

pub async fn filters_apply_to_neighbours(index: &dyn SearchIndex) {
    let changes = [
        seen(Product { stock: Some(0), ..in_category(1, "a", 4) }, Some([1.0, 0.0, 0.0])),
        seen(in_category(2, "b", 4), Some([0.5, 0.5, 0.0])),
        seen(in_category(3, "c", 5), Some([1.0, 0.1, 0.0])),
    ];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let category = Filter { categories: vec![CategoryId(4)], ..Filter::default() };
    assert_eq!(near(index, &[1.0, 0.0, 0.0], category.clone(), 10).await, [1, 2]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter { in_stock: true, ..category }, 10).await, [2]);
}

pub async fn products_without_an_embedding_have_no_neighbours(index: &dyn SearchIndex) {
    let changes = [seen(product(1, "a", ""), None), seen(product(2, "b", ""), Some([1.0, 0.0, 0.0]))];
    index.apply(&changes, FeedPosition(2)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0, 0.0], Filter::default(), 10).await, [2]);
    assert_eq!(index.embedding(ProductId(1), &space("m/1")).await.unwrap(), None);
}

pub async fn embeddings_are_sampled_evenly_over_categories(index: &dyn SearchIndex) {
    let mut changes: Vec<_> =
        (1..=6).map(|id| seen(in_category(id, "bota", 1), Some([1.0, id as f32, 0.0]))).collect();
    changes.push(seen(in_category(7, "gorra", 2), Some([0.0, 0.0, 1.0])));
    changes.push(seen(in_category(8, "gorra", 2), None));
    changes.push(seen(product(9, "suelto", ""), Some([0.0, 1.0, 1.0])));
    index.apply(&changes, FeedPosition(9)).await.unwrap();
    let sampled = async |limit| index.sample_embeddings(&space("m/1"), limit).await.unwrap();
    let categories: Vec<i64> = sampled(100).await.iter().map(|(category, _)| category.0).collect();
    assert_eq!(categories, [1, 1, 1, 1, 1, 1, 2]);
    let few = sampled(4).await;
    assert_eq!(few.iter().map(|(category, _)| category.0).collect::<Vec<_>>(), [1, 1, 1, 2]);
    let newest = embedding(&[1.0, 6.0, 0.0]);
    assert!(few.iter().any(|(_, look)| look.cosine(&newest) > 0.999));
    index.apply(&[Change::ProductDeleted(ProductId(7))], FeedPosition(10)).await.unwrap();
    assert!(sampled(100).await.iter().all(|(category, _)| category.0 == 1));
}

pub async fn a_vector_of_another_length_finds_nothing(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "a", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(1)).await.unwrap();
    assert_eq!(near(index, &[1.0, 0.0], Filter::default(), 10).await, [0; 0]);
}

pub async fn embeddings_are_compared_within_their_space(index: &dyn SearchIndex) {
    let (old, new) = (space("m/1"), space("m/2"));
    let of_new = |numbers: &[f32]| embedding(numbers).in_space(space("m/2"));
    let both = |id: i64, one: [f32; 3], other: [f32; 3]| Change::Product {
        product: in_category(id, "bota", 4),
        embeddings: vec![embedding(&one), of_new(&other)],
    };
    let (left, right) = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]);
    let changes = [both(1, left, right), both(2, right, left), seen(in_category(3, "bota", 4), Some(left))];
    index.apply(&changes, FeedPosition(3)).await.unwrap();
    let found = async |embedding: &Embedding| -> Vec<i64> {
        let hits = index.similar(embedding, &Filter::default(), 10).await.unwrap();
        hits.iter().map(|hit| hit.product.0).collect()
    };
    assert_eq!(found(&embedding(&left)).await, [1, 3, 2]);
    assert_eq!(found(&of_new(&left)).await, [2, 1]);
    assert_eq!(found(&embedding(&left).in_space(space("m/3"))).await, [0; 0]);
    assert_eq!(found(&embedding(&left).in_space(EmbeddingSpace::default())).await, [0; 0]);
    let known = index.embedding(ProductId(1), &new).await.unwrap().unwrap();
    assert!(known.space() == &new && known.as_slice()[1] > 0.99);
    assert_eq!(index.embedding(ProductId(3), &new).await.unwrap(), None);
    let sampled = index.sample_embeddings(&new, 10).await.unwrap();
    assert!(sampled.len() == 2 && sampled.iter().all(|(_, look)| look.space() == &new));
    let counts = async || -> Vec<(EmbeddingSpace, usize, usize)> {
        let spaces = index.spaces().await.unwrap().into_iter();
        spaces.map(|known| (known.space, known.length, known.products)).collect()
    };
    assert_eq!(counts().await, [(old, 3, 3), (new.clone(), 3, 2)]);
    let only_new = |id: i64, numbers: [f32; 3]| Change::Product {
        product: in_category(id, "bota", 4),
        embeddings: vec![of_new(&numbers)],
    };
    index.apply(&[1, 2, 3].map(|id| only_new(id, left)), FeedPosition(4)).await.unwrap();
    assert_eq!(counts().await, [(new, 3, 3)]);
    assert_eq!(found(&embedding(&left)).await, [0; 0]);
}

pub async fn the_last_embedding_counts(index: &dyn SearchIndex) {
    index.apply(&[seen(product(1, "a", ""), Some([1.0, 0.0, 0.0]))], FeedPosition(1)).await.unwrap();
    index.apply(&[seen(product(1, "a", ""), Some([0.0, 1.0, 0.0]))], FeedPosition(2)).await.unwrap();
    let known = index.embedding(ProductId(1), &space("m/1")).await.unwrap().unwrap();
    assert!(known.as_slice()[1] > 0.99);
    index.apply(&[seen(product(1, "a", ""), None)], FeedPosition(3)).await.unwrap();
    assert_eq!(near(index, &[0.0, 1.0, 0.0], Filter::default(), 10).await, [0; 0]);
    index.apply(&[seen(product(1, "a", ""), Some([0.0, 1.0, 0.0]))], FeedPosition(4)).await.unwrap();
    index.apply(&[Change::ProductDeleted(ProductId(1))], FeedPosition(5)).await.unwrap();
    assert_eq!(near(index, &[0.0, 1.0, 0.0], Filter::default(), 10).await, [0; 0]);
}

pub async fn an_index_catches_up_with_a_catalogue(index: &dyn SearchIndex) {
    let catalog = MemoryCatalog::new();
    catalog.upsert_categories(&[Category::new(CategoryId(1), "Botas")]).await.unwrap();
    let draft = |n: i64| ProductDraft { name: format!("Bota {n}"), ..ProductDraft::default() };
    let ids = catalog.upsert_products(&(0..2500).map(draft).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 2501);
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 2500);
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 0);
    catalog.delete_products(&ids[..500]).await.unwrap();
    assert_eq!(catch_up(&catalog, index).await.unwrap(), 500);
    assert_eq!(index.text(&words("bota")).await.unwrap().total, 2000);
}
