//! The cases of attributes, variants, the tree of categories and sale prices.

use super::{filled, found, near, product, seen, words};
use crate::catalog::{FeedPosition, Filter, Sort};
use crate::index::{FacetChoice, TextQuery};
use crate::product::{Attribute, CategoryTree, Codes, SalePrice, Timestamp, Variant};
use crate::{Category, CategoryId, Money, Product, SearchIndex};

fn with(id: i64, name: &str, attributes: &[(&str, &str)]) -> Product {
    let attributes = attributes.iter().map(|(name, value)| Attribute::text(*name, *value)).collect();
    Product { attributes, ..product(id, name, "") }
}

fn asking(attributes: &[(&str, &[&str])]) -> Filter {
    let values = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    let attributes = attributes.iter().map(|(name, all)| ((*name).to_owned(), values(all))).collect();
    Filter { attributes, ..Filter::default() }
}

fn shirts() -> Vec<Product> {
    let of_variant = Attribute::text("talla", "XL");
    let variant = Variant { attributes: vec![of_variant], ..Variant::default() };
    vec![
        with(1, "Camiseta", &[("color", "Rojo"), ("talla", "M")]),
        with(2, "Camiseta", &[("Color", "rojo"), ("talla", "L")]),
        Product { variants: vec![variant], ..with(3, "Camiseta", &[("color", "azul")]) },
        product(4, "Camiseta", ""),
    ]
}

pub async fn attributes_are_searched_filtered_and_counted(index: &dyn SearchIndex) {
    filled(index, shirts()).await;
    assert_eq!(found(index, &words("rojo")).await, [1, 2]);
    assert_eq!(found(index, &words("xl")).await, [3], "attributes of variants are searched");
    let all = |filter| TextQuery { filter, facets: FacetChoice::All, ..words("camiseta") };
    assert_eq!(found(index, &all(asking(&[("COLOR", &["ROJO"])]))).await, [1, 2]);
    assert_eq!(found(index, &all(asking(&[("color", &["rojo", "azul"])]))).await, [1, 2, 3]);
    assert_eq!(found(index, &all(asking(&[("color", &["rojo"]), ("talla", &["l"])]))).await, [2]);
    assert_eq!(found(index, &all(asking(&[("talla", &["xl"])]))).await, [3]);
    for nothing in [asking(&[("color", &["rojo oscuro"])]), asking(&[("material", &["rojo"])])] {
        assert_eq!(found(index, &all(nothing)).await, [0; 0]);
    }
    let sizes = TextQuery { facets: FacetChoice::Named(vec!["TALLA".into()]), ..words("camiseta") };
    let sizes = index.text(&sizes).await.unwrap().facets.unwrap();
    assert_eq!(sizes.attributes.iter().map(|facet| facet.name.as_str()).collect::<Vec<_>>(), ["talla"]);
    assert!(sizes.categories.is_empty() && sizes.prices.is_empty());
    let facets = index.text(&all(asking(&[("color", &["rojo"])]))).await.unwrap().facets.unwrap();
    let counts = |name: &str| -> Vec<(String, usize)> {
        let facet = facets.attributes.iter().find(|facet| facet.name.eq_ignore_ascii_case(name));
        let values = facet.map(|facet| facet.values.clone()).unwrap_or_default();
        values.into_iter().map(|(value, count)| (value.to_lowercase(), count)).collect()
    };
    assert_eq!(counts("color"), [("rojo".into(), 2), ("azul".into(), 1)], "its own filter is left out");
    assert_eq!(counts("talla"), [("l".into(), 1), ("m".into(), 1)]);
}

pub async fn codes_are_searched_with_and_without_separators(index: &dyn SearchIndex) {
    let codes =
        |sku: &str, gtin: &str| Codes { sku: Some(sku.into()), gtin: Some(gtin.into()), ..Codes::default() };
    let variant = Variant { codes: codes("ZAP-42/R", "8412345678912"), ..Variant::default() };
    let products = vec![
        Product { codes: codes("311-992 D3", "8412345678905"), ..product(1, "Cafetera", "") },
        Product { variants: vec![variant], ..product(2, "Zapatilla", "") },
        product(3, "Cafetera", ""),
    ];
    filled(index, products).await;
    for code in ["311-992 D3", "311992D3", "311992d3", "31 19 92 D3", "8412345678905", "8-412345-678905"] {
        assert_eq!(found(index, &words(code)).await, [1], "{code}");
    }
    for code in ["ZAP-42/R", "zap42r", "zap 42 r", "8412345678912"] {
        assert_eq!(found(index, &words(code)).await, [2], "{code}");
    }
    assert_eq!(found(index, &words("cafetera 311992d3")).await, [1, 3], "with other words");
    let unspaced = Product { codes: codes("311992D3", "8412345678905"), ..product(1, "Cafetera", "") };
    filled(index, vec![unspaced]).await;
    for code in ["311992d3", "311-992 D3", "311 992 D3", "311.992/D3"] {
        assert_eq!(found(index, &words(code)).await, [1], "{code} where the code has no separators");
    }
}

pub async fn codes_are_found_by_their_parts(index: &dyn SearchIndex) {
    let coded = |id: i64, sku: &str, gtin: &str| {
        let codes = Codes { sku: Some(sku.into()), gtin: Some(gtin.into()), ..Codes::default() };
        let variant = Variant { codes, ..Variant::default() };
        Product { variants: vec![variant], ..product(id, "Cafetera", "") }
    };
    let products = vec![
        coded(1, "311-992 D3", "8412345678905"),
        coded(2, "311-993 D4", "8412345671111"),
        coded(3, "ZAP-42/R", "5012345678900"),
        product(4, "Cafetera", ""),
    ];
    filled(index, products).await;
    for (part, expected) in [
        ("3119", vec![1, 2]),
        ("311-99", vec![1, 2]),
        ("311 99", vec![1, 2]),
        ("311-992", vec![1]),
        ("8412345", vec![1, 2]),
        ("678905", vec![1]),
        ("1111", vec![2]),
        ("zap4", vec![3]),
        ("ZAP-42", vec![3]),
    ] {
        let mut ids = found(index, &words(part)).await;
        ids.truncate(expected.len());
        ids.sort_unstable();
        assert_eq!(ids, expected, "{part}");
    }
    for nothing in ["31", "905", "2345"] {
        assert_eq!(found(index, &words(nothing)).await, [0; 0], "{nothing}");
    }
}

pub async fn attributes_filter_neighbours(index: &dyn SearchIndex) {
    let changes: Vec<_> = shirts().into_iter().map(|product| seen(product, Some([1.0, 0.0, 0.0]))).collect();
    index.apply(&changes, FeedPosition(4)).await.unwrap();
    let red = asking(&[("color", &["rojo"])]);
    assert_eq!(near(index, &[1.0, 0.0, 0.0], red, 10).await, [1, 2]);
}

pub async fn categories_count_and_filter_with_those_below(index: &dyn SearchIndex) {
    let tree = CategoryTree::new([
        Category::new(CategoryId(1), "Hogar"),
        Category::below(CategoryId(1), CategoryId(2), "Cocina"),
        Category::below(CategoryId(2), CategoryId(3), "Hornos"),
        Category::new(CategoryId(9), "Ofertas"),
    ]);
    let within = |id: i64, name: &str, categories: &[i64]| Product {
        categories: categories.iter().map(|id| tree.path(CategoryId(*id)).unwrap().clone()).collect(),
        ..product(id, name, "")
    };
    let products = vec![within(1, "Pieza", &[3, 9]), within(2, "Pieza", &[2]), within(3, "Pieza", &[9, 3])];
    filled(index, products).await;
    let of = |id: i64| TextQuery {
        filter: Filter { categories: vec![CategoryId(id)], ..Filter::default() },
        facets: FacetChoice::All,
        ..words("pieza")
    };
    assert_eq!(found(index, &of(1)).await, [1, 2, 3]);
    assert_eq!(found(index, &of(3)).await, [1, 3]);
    assert_eq!(found(index, &of(9)).await, [1, 3]);
    let facets = index.text(&of(9)).await.unwrap().facets.unwrap();
    let mut counts = facets.categories;
    counts.sort();
    let counted = [(1, 3), (2, 3), (3, 2), (9, 2)].map(|(id, count)| (CategoryId(id), count));
    assert_eq!(counts, counted);
}

pub async fn sale_prices_count_for_neighbours(index: &dyn SearchIndex) {
    let on_sale = |id: i64, until: i64| Product {
        price: Money::from_minor(900),
        sale: Some(SalePrice { price: Money::from_minor(100), from: None, until: Some(Timestamp(until)) }),
        ..product(id, "Taza", "")
    };
    let products = [on_sale(1, 4_000_000_000), on_sale(2, 1)];
    let changes: Vec<_> = products.map(|product| seen(product, Some([1.0, 0.0, 0.0]))).into();
    index.apply(&changes, FeedPosition(2)).await.unwrap();
    let cheap = Filter { max_price: Some(Money::from_minor(600)), ..Filter::default() };
    assert_eq!(near(index, &[1.0, 0.0, 0.0], cheap, 10).await, [1]);
}

pub async fn sale_prices_count_while_they_apply(index: &dyn SearchIndex) {
    let on_sale = |id: i64, price: i64, sale: i64, until: i64| Product {
        price: Money::from_minor(price),
        sale: Some(SalePrice { price: Money::from_minor(sale), from: None, until: Some(Timestamp(until)) }),
        ..product(id, "Taza", "")
    };
    let regular = Product { price: Money::from_minor(500), ..product(3, "Taza", "") };
    filled(index, vec![on_sale(1, 900, 100, 4_000_000_000), on_sale(2, 900, 100, 1), regular]).await;
    let cheap = Filter { max_price: Some(Money::from_minor(600)), ..Filter::default() };
    let query =
        TextQuery { filter: cheap, facets: FacetChoice::All, sort: Sort::PriceAscending, ..words("taza") };
    assert_eq!(found(index, &query).await, [1, 3]);
    let facets = index.text(&query).await.unwrap().facets.unwrap();
    assert_eq!(facets.price_span, Some((Money::from_minor(100), Money::from_minor(900))));
    let all = TextQuery { sort: Sort::PriceAscending, ..words("taza") };
    assert_eq!(found(index, &all).await, [1, 3, 2]);
}
