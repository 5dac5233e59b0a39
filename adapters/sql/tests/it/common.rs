//! What both databases are asked.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use vitrina_core::catalog::{Change, FeedPosition, ListQuery, Sort};
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::product::{OfferChange, ProductDraft, ProductRef};
use vitrina_core::{Catalog, Category, CategoryId, Money, Product, ProductId};

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Runtime::new().unwrap().block_on(future)
}

pub(crate) fn category(id: i64, name: &str) -> Category {
    Category::new(CategoryId(id), name)
}

/// The key of a photo with this content.
pub(crate) fn photo_key(content: &str) -> PhotoKey {
    PhotoKey::of(content.as_bytes(), PhotoFormat::Jpeg)
}

pub(crate) fn draft(name: &str, minor: i64) -> ProductDraft {
    ProductDraft {
        name: name.into(),
        price: Money::from_minor(minor),
        categories: vec![CategoryId(1)],
        ..ProductDraft::default()
    }
}

/// What a follower of the feed knows.
#[derive(Debug, Default)]
pub(crate) struct Follower {
    pub(crate) at: FeedPosition,
    pub(crate) categories: BTreeMap<CategoryId, String>,
    pub(crate) products: BTreeMap<ProductId, Product>,
}

impl Follower {
    /// Follows the feed to its end and answers how many changes came.
    pub(crate) async fn follow(&mut self, catalog: &dyn Catalog) -> usize {
        let mut seen = 0;
        loop {
            let batch = catalog.changes(self.at, 7).await.unwrap();
            if batch.changes.is_empty() {
                assert_eq!(batch.position, self.at);
                return seen;
            }
            assert!(batch.position > self.at);
            self.at = batch.position;
            seen += batch.changes.len();
            for change in batch.changes {
                match change {
                    Change::Category(category) => drop(self.categories.insert(category.id, category.name)),
                    Change::CategoryDeleted(id) => drop(self.categories.remove(&id)),
                    Change::Product { product, .. } => drop(self.products.insert(product.id, product)),
                    Change::ProductDeleted(id) => drop(self.products.remove(&id)),
                }
            }
        }
    }

    /// Checks that the follower knows what the catalogue holds, no more and no less.
    pub(crate) async fn agrees_with(&self, catalog: &dyn Catalog) {
        let truth = everything(catalog).await;
        let known: Vec<_> = self.products.values().cloned().collect();
        assert_eq!(known, truth);
    }
}

/// Follows the feed until `stop` is set and it has come to its end.
pub(crate) async fn follow_until(catalog: Arc<dyn Catalog>, stop: Arc<AtomicBool>) -> Follower {
    let mut follower = Follower::default();
    loop {
        let last = stop.load(Ordering::SeqCst);
        follower.follow(&*catalog).await;
        if last {
            return follower;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
}

pub(crate) async fn everything(catalog: &dyn Catalog) -> Vec<Product> {
    let (mut all, mut query) = (Vec::new(), ListQuery::default().limit(100));
    loop {
        let page = catalog.list(&query).await.unwrap();
        all.extend(page.items);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}

/// Ten thousand products are written, replaced, listed and read from the feed.
pub(crate) async fn a_large_batch(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let drafts: Vec<_> = (0..10_000)
        .map(|n| ProductDraft {
            description: "De algodón. ".repeat(20),
            ..draft(&format!("Camiseta {n}"), n)
        })
        .collect();
    let started = Instant::now();
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    println!("10,000 products written in {:?}", started.elapsed());
    let numbered: Vec<_> =
        drafts.iter().zip(&ids).map(|(draft, id)| ProductDraft { id: Some(*id), ..draft.clone() }).collect();
    let started = Instant::now();
    assert_eq!(catalog.upsert_products(&numbered).await.unwrap(), ids);
    println!("10,000 products replaced in {:?}", started.elapsed());
    assert!(ids.is_sorted() && ids.len() == 10_000);
    let names: Vec<_> = catalog.products(&ids[..100]).await.unwrap().into_iter().map(|p| p.name).collect();
    assert_eq!(names, drafts[..100].iter().map(|draft| draft.name.clone()).collect::<Vec<_>>());
    let started = Instant::now();
    let mut position = FeedPosition(0);
    let mut reported = 0;
    loop {
        let batch = catalog.changes(position, 1_000).await.unwrap();
        if batch.changes.is_empty() {
            break;
        }
        reported += batch.changes.len();
        position = batch.position;
    }
    println!("10,001 changes reported in {:?}", started.elapsed());
    assert_eq!(reported, 10_001);
    for sort in [Sort::Name, Sort::PriceDescending] {
        let started = Instant::now();
        let page = catalog.list(&ListQuery::default().sort(sort)).await.unwrap();
        let next = catalog.list(&ListQuery::default().sort(sort).after(page.next)).await.unwrap();
        println!("two pages by {sort:?} in {:?}", started.elapsed());
        assert_eq!(next.items.len(), 24);
    }
}

/// Tasks that write the same products in opposite orders all succeed, and a follower sees the last state.
pub(crate) async fn writers_of_the_same_products(catalogs: &[Arc<dyn Catalog>]) {
    catalogs[0].upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let follower = tokio::spawn(follow_until(catalogs[0].clone(), stop.clone()));
    let writers: Vec<_> = (0..8)
        .map(|writer: usize| {
            let catalog = catalogs[writer % catalogs.len()].clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let numbered = |n: i64| ProductDraft { id: Some(ProductId(n)), ..draft("a", round) };
                    let mut batch: Vec<_> = (1..=20).map(numbered).collect();
                    if writer.is_multiple_of(2) {
                        batch.reverse();
                    }
                    batch.push(draft(&format!("de {writer}"), round));
                    catalog.upsert_products(&batch).await.unwrap();
                    if round % 3 == 0 {
                        catalog.delete_products(&[ProductId(1 + round), ProductId(2)]).await.unwrap();
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    let follower = follower.await.unwrap();
    follower.agrees_with(&*catalogs[0]).await;
    let numbered = follower.products.values().filter(|product| product.name.starts_with("de ")).count();
    assert_eq!(numbered, 80);
}

/// Tasks that change one product by what it is lose nothing of each other.
pub(crate) async fn modifications_of_one_product(catalogs: &[Arc<dyn Catalog>]) {
    catalogs[0].upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let counted = ProductDraft { stock: Some(0), key: Some("A".into()), ..draft("a", 1) };
    let id = catalogs[0].upsert_products(&[counted]).await.unwrap()[0];
    let tasks: Vec<_> = (0..8)
        .map(|task: usize| {
            let catalog = catalogs[task % catalogs.len()].clone();
            tokio::spawn(async move {
                let which =
                    if task.is_multiple_of(2) { ProductRef::Id(id) } else { ProductRef::Key("A".into()) };
                let more = |known: Option<Product>| {
                    let mut draft = ProductDraft::from(known.unwrap());
                    draft.stock = draft.stock.map(|pieces| pieces + 1);
                    draft.categories.clear();
                    Ok(Some(draft))
                };
                for _ in 0..10 {
                    catalog.modify_product(&which, &more).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(catalogs[0].products(&[id]).await.unwrap()[0].stock, Some(80));
}

/// Ten thousand prices change in one call, and the feed has them.
pub(crate) async fn a_large_batch_of_offers(catalog: &dyn Catalog) {
    catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
    let drafts: Vec<_> = (1..=10_000)
        .map(|n| ProductDraft { key: Some(format!("K{n}")), ..draft(&format!("Camiseta {n}"), n) })
        .collect();
    let ids = catalog.upsert_products(&drafts).await.unwrap();
    let mut follower = Follower::default();
    follower.follow(catalog).await;
    let changes: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let which = if n.is_multiple_of(2) {
                ProductRef::Id(*id)
            } else {
                ProductRef::Key(format!("K{}", n + 1))
            };
            let price = Some(Money::from_minor(n as i64 + 5));
            (which, OfferChange { price, stock: Some(Some(n as u32)), ..OfferChange::default() })
        })
        .collect();
    let started = Instant::now();
    let changed = catalog.change_offers(&changes).await.unwrap();
    println!("10,000 prices and stocks changed in {:?}", started.elapsed());
    assert!(changed.iter().flatten().eq(&ids));
    assert_eq!(follower.follow(catalog).await, 10_000);
    let last = &follower.products[&ids[9_999]];
    assert_eq!((last.price, last.stock), (Money::from_minor(10_004), Some(9_999)));
    follower.agrees_with(catalog).await;
}
