//! The cases of words: how they match, and how products are ranked.

use super::{filled, found, in_category, product, words};
use crate::catalog::Sort;
use crate::index::TextQuery;
use crate::{CategoryId, Product, SearchIndex};

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

pub async fn what_is_in_stock_comes_first_among_equals(index: &dyn SearchIndex) {
    let gone = Product { stock: Some(0), ..product(1, "Bota de piel", "") };
    filled(index, vec![gone, product(2, "Bota de piel", ""), product(3, "Caja", "bota")]).await;
    assert_eq!(found(index, &words("bota piel")).await[..2], [2, 1]);
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
