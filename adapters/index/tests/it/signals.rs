//! What a shop knows beside the words: popularity, sales, newness and boosts order what fits alike.

use vitrina_core::index::{BoostKind, RankingWeights};
use vitrina_core::product::{SalePrice, Timestamp};

use super::*;

fn ranked(weights: &str, products: impl IntoIterator<Item = Product>) -> TantivyIndex {
    let weights = RankingWeights::from_json(weights).unwrap();
    let index = TantivyIndex::in_memory().unwrap().with_ranking(&weights).unwrap();
    apply(&index, &changed(products), 1);
    index
}

fn popular(id: i64, name: &str, popularity: f64) -> Product {
    Product { popularity: Some(popularity), ..product(id, name) }
}

#[test]
fn popularity_orders_equals_and_nothing_else() {
    let products = || {
        [
            popular(1, "Bota de piel", 3.0),
            popular(2, "Bota de piel", 900.0),
            product(3, "Bota de piel"),
            popular(4, "Caja para guardar una bota", 1e9),
            Product { stock: Some(0), ..popular(5, "Bota de piel", 1e9) },
        ]
    };
    let index = index_of(products());
    assert_eq!(found(&index, "bota de piel"), [2, 1, 3, 5, 4], "by the default weights");
    let none = ranked(r#"{"popularity": 0}"#, products());
    assert_eq!(found(&none, "bota de piel"), [1, 2, 3, 5, 4], "ties go to the lower number");
}

#[test]
fn sales_newness_brands_and_categories_count_as_the_shop_says() {
    let forever = |price| SalePrice { price: Money::from_minor(price), from: None, until: None };
    let products = || {
        [
            product(1, "Bota de piel"),
            Product { sale: Some(forever(500)), ..product(2, "Bota de piel") },
            Product { brand: Some("Zancada".into()), ..product(3, "Bota de piel") },
            Product {
                sale: Some(SalePrice { until: Some(Timestamp(1)), ..forever(500) }),
                ..product(4, "Bota de piel")
            },
            product(16, "Bota de piel"),
        ]
    };
    let first = |weights: &str| found(&ranked(weights, products()), "bota piel")[0];
    assert_eq!(first(r#"{"sale": 0.1}"#), 2, "the other sale is over");
    assert_eq!(first(r#"{"newness": 0.1}"#), 16);
    assert_eq!(first(r#"{"brands": {"ZANCADA": 0.1}}"#), 3);
    let last = found(&ranked(r#"{"sale": 0.1, "brands": {"Zancada": 0.05}}"#, products()), "bota piel");
    assert_eq!(last[..2], [2, 3], "the higher weight comes first");
    let two = || [in_category(1, "Bota de piel", 7, "Botas"), in_category(2, "Bota de piel", 8, "Botas")];
    assert_eq!(found(&ranked(r#"{"categories": {"8": 0.1}}"#, two()), "bota piel"), [2, 1]);
    assert_eq!(found(&ranked(r#"{"categories": {"7": 0.1}}"#, two()), "bota piel"), [1, 2]);
}

#[test]
fn out_of_stock_weighs_what_the_shop_says() {
    let products = || [Product { stock: Some(0), ..product(1, "Bota de piel") }, product(2, "Bota de piel")];
    assert_eq!(found(&ranked("{}", products()), "bota"), [2, 1]);
    assert_eq!(found(&ranked(r#"{"out_of_stock": 0}"#, products()), "bota"), [1, 2]);
    assert!(TantivyIndex::in_memory().unwrap().with_ranking(&wrong()).is_err());
}

fn wrong() -> RankingWeights {
    RankingWeights::default().popularity(3.0)
}

#[test]
fn explanations_name_every_signal_and_add_up() {
    let forever = SalePrice { price: Money::from_minor(500), from: None, until: None };
    let shown = Product {
        brand: Some("Zancada".into()),
        sale: Some(forever),
        stock: Some(0),
        ..popular(8, "Bota de piel", 5000.0)
    };
    let weights = r#"{"popularity": 0.05, "sale": 0.05, "newness": 0.05, "brands": {"zancada": 0.05}}"#;
    let index = ranked(weights, [shown, product(9, "Bota")]);
    let hits = block_on(index.text(&query("bota piel").explain(true))).unwrap();
    let explanation = hits.explanations.iter().find(|one| one.product == ProductId(8)).unwrap();
    let kinds: Vec<_> = explanation.boosts.iter().map(|boost| boost.kind).collect();
    for kind in
        [BoostKind::Popularity, BoostKind::Sale, BoostKind::Newness, BoostKind::Boost, BoostKind::OutOfStock]
    {
        assert!(kinds.contains(&kind), "{kind:?} is missing in {kinds:?}");
    }
    for (hit, explanation) in hits.hits.iter().zip(&hits.explanations) {
        assert!((hit.score - explanation.score()).abs() < 1e-5);
    }
}

#[test]
fn pages_go_on_where_signals_order_them() {
    let products = (1..=60).map(|id| popular(id, "Bota de piel", (id * 37 % 60) as f64 * 100.0));
    let index = index_of(products);
    let whole = found(&index, "bota");
    let (mut pieces, mut after) = (Vec::new(), None);
    loop {
        let hits = page(&index, Sort::Relevance, "bota", 7, after);
        pieces.extend(ids(&hits));
        after = hits.next.clone();
        if after.is_none() {
            break;
        }
    }
    assert_eq!(pieces, whole);
    assert_eq!(whole.len(), 60);
}
