//! The cases of [`Catalog`].

#![allow(missing_docs, clippy::unwrap_used)]

mod changes;
mod feed;
mod once;
mod products;

use std::collections::BTreeSet;

use crate::catalog::{FeedPosition, Filter, ListQuery, Sort};
use crate::product::{CategoryContents, ProductDraft};
use crate::{Catalog, Category, CategoryId, ErrorKind, Money, Product, ProductId};

pub use changes::*;
pub use feed::*;
pub use once::*;
pub use products::*;

fn category(id: i64, name: &str) -> Category {
    Category::new(CategoryId(id), name)
}

fn draft(name: &str, category: i64, minor: i64) -> ProductDraft {
    ProductDraft {
        name: name.into(),
        categories: vec![CategoryId(category)],
        price: Money::from_minor(minor),
        ..ProductDraft::default()
    }
}

/// A small shop: five products in two categories.
async fn shop(catalog: &dyn Catalog) -> Vec<ProductId> {
    catalog.upsert_categories(&[category(1, "Camisetas"), category(4, "Zapatos")]).await.unwrap();
    let drafts = [
        ProductDraft { brand: Some("Norte".into()), stock: Some(3), ..draft("Camiseta roja", 1, 1299) },
        ProductDraft { brand: Some("Sur".into()), stock: Some(0), ..draft("camiseta azul", 1, 999) },
        ProductDraft { brand: Some("Norte".into()), ..draft("Zapato negro", 4, 4990) },
        ProductDraft { brand: Some("Ñandú".into()), stock: Some(1), ..draft("Zapatilla", 4, 1299) },
        ProductDraft { categories: Vec::new(), ..draft("Ángulo", 1, 100) },
    ];
    catalog.upsert_products(&drafts).await.unwrap()
}

async fn listed(catalog: &dyn Catalog, filter: Filter) -> Vec<String> {
    let page = catalog.list(&ListQuery { filter, limit: 100, ..ListQuery::default() }).await.unwrap();
    page.items.into_iter().map(|product| product.name).collect()
}

pub async fn an_empty_catalogue_answers_empty(catalog: &dyn Catalog) {
    catalog.ping().await.unwrap();
    assert_eq!(catalog.categories().await.unwrap(), []);
    assert_eq!(catalog.products(&[ProductId(1)]).await.unwrap(), []);
    assert_eq!(catalog.products(&[]).await.unwrap(), []);
    assert_eq!(catalog.count().await.unwrap(), 0);
    let page = catalog.list(&ListQuery::default()).await.unwrap();
    assert!(page.items.is_empty() && page.next.is_none());
    let batch = catalog.changes(FeedPosition(0), 10).await.unwrap();
    assert!(batch.changes.is_empty());
}

pub async fn the_identity_stays(catalog: &dyn Catalog) {
    let identity = catalog.identity().await.unwrap();
    assert!(identity.as_ref().is_none_or(|identity| !identity.is_empty()));
    shop(catalog).await;
    assert_eq!(catalog.identity().await.unwrap(), identity);
}

pub async fn categories_are_listed_by_number(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(6, "Otros"), category(2, "Teléfonos")]).await.unwrap();
    catalog.upsert_categories(&[category(6, "Varios")]).await.unwrap();
    assert_eq!(catalog.categories().await.unwrap(), [category(2, "Teléfonos"), category(6, "Varios")]);
}

pub async fn category_names_stay_unique(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let error = catalog.upsert_categories(&[category(2, "Camisetas")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(catalog.categories().await.unwrap(), [category(1, "Camisetas")]);
}

pub async fn an_invalid_category_refuses_the_batch(catalog: &dyn Catalog) {
    for bad in [category(0, "Cero"), category(3, "  "), category(3, &"x".repeat(256))] {
        let error = catalog.upsert_categories(&[category(1, "Camisetas"), bad]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    assert_eq!(catalog.categories().await.unwrap(), []);
}

pub async fn a_deleted_category_leaves_its_products(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    assert!(catalog.delete_category(CategoryId(1), CategoryContents::Release).await.unwrap());
    assert!(!catalog.delete_category(CategoryId(1), CategoryContents::Release).await.unwrap());
    assert_eq!(catalog.categories().await.unwrap(), [category(4, "Zapatos")]);
    let products = catalog.products(&ids).await.unwrap();
    assert_eq!(products.len(), 5);
    assert_eq!(products[0].categories, []);
    assert_eq!(products[2].category(), Some(&category(4, "Zapatos")));
}

pub async fn products_come_back_as_they_were_written(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let full = ProductDraft {
        id: Some(ProductId(42)),
        description: "De algodón.\nLavar a 30°".into(),
        brand: Some("Norte".into()),
        stock: Some(7),
        photos: vec!["ab/abcdef.jpg".into()],
        ..draft("Camiseta", 1, 1299)
    };
    let bare =
        ProductDraft { id: Some(ProductId(43)), name: "Solo un nombre".into(), ..ProductDraft::default() };
    let dear = ProductDraft { id: Some(ProductId(44)), ..draft("Cara", 1, Money::MAX.minor()) };
    let ids = catalog.upsert_products(&[full.clone(), bare.clone(), dear.clone()]).await.unwrap();
    assert_eq!(ids, [ProductId(42), ProductId(43), ProductId(44)]);
    let products = catalog.products(&ids).await.unwrap();
    assert_eq!(products[0].category(), Some(&category(1, "Camisetas")));
    let again: Vec<_> = products.into_iter().map(ProductDraft::from).collect();
    assert_eq!(again, [full, bare, dear]);
    assert_eq!(catalog.count().await.unwrap(), 3);
}

pub async fn products_are_answered_in_the_order_asked(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let asked = [ids[3], ProductId(999_999), ids[0], ids[2]];
    let answered: Vec<_> =
        catalog.products(&asked).await.unwrap().into_iter().map(|product| product.id).collect();
    assert_eq!(answered, [ids[3], ids[0], ids[2]]);
}

pub async fn new_numbers_are_higher_than_all_before(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let given = ProductDraft { id: Some(ProductId(50)), ..draft("a", 1, 1) };
    catalog.upsert_products(&[given]).await.unwrap();
    let ids = catalog.upsert_products(&[draft("b", 1, 1), draft("c", 1, 1)]).await.unwrap();
    assert!(ids[0] > ProductId(50) && ids[1] > ids[0], "{ids:?}");
    catalog.delete_products(&ids).await.unwrap();
    let later = catalog.upsert_products(&[draft("d", 1, 1)]).await.unwrap();
    assert!(later[0] > ids[1], "a number was given twice: {later:?}");
}

pub async fn an_upsert_replaces_the_product_whole(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let replacement = ProductDraft { id: Some(ids[0]), name: "Otra".into(), ..ProductDraft::default() };
    assert_eq!(catalog.upsert_products(std::slice::from_ref(&replacement)).await.unwrap(), [ids[0]]);
    let product = catalog.products(&ids[..1]).await.unwrap().remove(0);
    assert_eq!(ProductDraft::from(product), replacement);
    assert_eq!(catalog.count().await.unwrap(), 5);
}

pub async fn an_invalid_product_refuses_the_batch(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    for bad in [
        draft(" ", 1, 1),
        draft("negativa", 1, -1),
        draft(&"x".repeat(256), 1, 1),
        ProductDraft { id: Some(ProductId(0)), ..draft("cero", 1, 1) },
    ] {
        let error = catalog.upsert_products(&[draft("buena", 1, 1), bad]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    assert_eq!(catalog.count().await.unwrap(), 0);
}

pub async fn an_unknown_category_refuses_the_batch(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let error = catalog.upsert_products(&[draft("buena", 1, 1), draft("perdida", 77, 1)]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("perdida"), "{error}");
    assert_eq!(catalog.count().await.unwrap(), 0);
}

pub async fn deleting_counts_what_was_there(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    assert_eq!(catalog.delete_products(&[ids[0], ProductId(999_999), ids[1]]).await.unwrap(), 2);
    assert_eq!(catalog.delete_products(&[ids[0]]).await.unwrap(), 0);
    assert_eq!(catalog.delete_products(&[]).await.unwrap(), 0);
    assert_eq!(catalog.count().await.unwrap(), 3);
}

pub async fn odd_text_is_kept(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "'; DROP TABLE product; --")]).await.unwrap();
    let names = ["Ñandú — “piel” 100 %", "日本語 🎽👟", "'; DELETE FROM product; --", "a\\b\"c`d", "%_?:x"];
    let drafts: Vec<_> = names.iter().map(|name| draft(name, 1, 1)).collect();
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    let kept: Vec<_> =
        catalog.products(&ids).await.unwrap().into_iter().map(|product| product.name).collect();
    assert_eq!(kept, names);
}

pub async fn filters_apply_alone_and_together(catalog: &dyn Catalog) {
    shop(catalog).await;
    let all = Filter::default();
    assert_eq!(listed(catalog, all.clone()).await.len(), 5);
    let shirts = Filter { categories: vec![CategoryId(1)], ..all.clone() };
    assert_eq!(listed(catalog, shirts.clone()).await, ["Camiseta roja", "camiseta azul"]);
    let both = Filter { categories: vec![CategoryId(4), CategoryId(1), CategoryId(99)], ..all.clone() };
    assert_eq!(listed(catalog, both).await.len(), 4);
    let brand = Filter { brands: vec!["NORTE".into(), "ñandú".into()], ..all.clone() };
    assert_eq!(listed(catalog, brand).await, ["Camiseta roja", "Zapato negro", "Zapatilla"]);
    let stocked = Filter { in_stock: true, ..all.clone() };
    assert_eq!(listed(catalog, stocked).await, ["Camiseta roja", "Zapato negro", "Zapatilla", "Ángulo"]);
    let price = |min: Option<i64>, max: Option<i64>| Filter {
        min_price: min.map(Money::from_minor),
        max_price: max.map(Money::from_minor),
        ..Filter::default()
    };
    assert_eq!(
        listed(catalog, price(Some(1299), None)).await,
        ["Camiseta roja", "Zapato negro", "Zapatilla"]
    );
    assert_eq!(listed(catalog, price(None, Some(999))).await, ["camiseta azul", "Ángulo"]);
    assert_eq!(listed(catalog, price(Some(1000), Some(2000))).await, ["Camiseta roja", "Zapatilla"]);
    let narrow = Filter { in_stock: true, max_price: Some(Money::from_minor(1300)), ..shirts };
    assert_eq!(listed(catalog, narrow).await, ["Camiseta roja"]);
}

const SORTS: [Sort; 5] =
    [Sort::Relevance, Sort::PriceAscending, Sort::PriceDescending, Sort::Name, Sort::Newest];

async fn paged(catalog: &dyn Catalog, sort: Sort, limit: usize) -> Vec<Product> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let query = ListQuery { sort, limit, after, ..ListQuery::default() };
        let page = catalog.list(&query).await.unwrap();
        assert!(page.items.len() <= limit);
        all.extend(page.items);
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
}

pub async fn every_sort_pages_through_everything_once(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let names = ["beta", "Alfa", "alfa", "Ñu", "zeta", "Beta", "ala", "ALFA"];
    let drafts: Vec<_> =
        names.iter().enumerate().map(|(n, name)| draft(name, 1, [300, 100, 200][n % 3])).collect();
    catalog.upsert_products(&drafts).await.unwrap();
    for sort in SORTS {
        for limit in [1, 3, 8] {
            let found = paged(catalog, sort, limit).await;
            let ids: BTreeSet<_> = found.iter().map(|product| product.id).collect();
            assert_eq!((found.len(), ids.len()), (8, 8), "{sort:?} by {limit}");
            for pair in found.windows(2) {
                let (a, b) = (&pair[0], &pair[1]);
                let in_order = match sort {
                    Sort::Relevance => a.id < b.id,
                    Sort::Newest => a.id > b.id,
                    Sort::PriceAscending => (a.price, a.id) < (b.price, b.id),
                    Sort::PriceDescending => a.price > b.price || (a.price == b.price && a.id < b.id),
                    Sort::Name if !a.name.is_ascii() || !b.name.is_ascii() => true,
                    Sort::Name => (a.name.to_lowercase(), a.id) < (b.name.to_lowercase(), b.id),
                };
                assert!(in_order, "{sort:?} by {limit}: {} before {}", a.name, b.name);
            }
        }
    }
}

pub async fn a_cursor_survives_writes_between_pages(catalog: &dyn Catalog) {
    let ids = shop(catalog).await;
    let first = catalog.list(&ListQuery { limit: 2, ..ListQuery::default() }).await.unwrap();
    assert_eq!(first.items.iter().map(|product| product.id).collect::<Vec<_>>(), ids[..2]);
    catalog.delete_products(&ids[..2]).await.unwrap();
    catalog.upsert_products(&[draft("nueva", 1, 1)]).await.unwrap();
    let rest =
        catalog.list(&ListQuery { limit: 10, after: first.next, ..ListQuery::default() }).await.unwrap();
    assert_eq!(rest.items[..3].iter().map(|product| product.id).collect::<Vec<_>>(), ids[2..]);
    assert_eq!(rest.items.len(), 4);
}

pub async fn invalid_queries_are_refused(catalog: &dyn Catalog) {
    shop(catalog).await;
    let page = catalog.list(&ListQuery { limit: 2, sort: Sort::Name, ..ListQuery::default() }).await.unwrap();
    for query in [
        ListQuery { limit: 0, ..ListQuery::default() },
        ListQuery { limit: 101, ..ListQuery::default() },
        ListQuery { sort: Sort::Newest, after: page.next, ..ListQuery::default() },
    ] {
        assert_eq!(catalog.list(&query).await.unwrap_err().kind(), ErrorKind::Invalid);
    }
}
