//! The cases of partial changes: prices and stock in batches, and products by what they are.

use super::{category, draft, listed};
use crate::catalog::{Change, FeedPosition, Filter, ListQuery, PhotoEmbedding, Sort};
use crate::classify::{Embedding, EmbeddingSpace};
use crate::photo::{PhotoFormat, PhotoKey};
use crate::product::{
    Availability, Codes, OfferChange, ProductDraft, ProductRef, SalePrice, Timestamp, Variant,
};
use crate::{Catalog, CategoryId, Error, ErrorKind, Money, Product, ProductId};

/// A product with everything that a change of its offer must leave alone, and two plain ones.
async fn offers(catalog: &dyn Catalog) -> Vec<ProductId> {
    catalog.upsert_categories(&[category(1, "Camisetas"), category(2, "Rebajas")]).await.unwrap();
    let photo = PhotoKey::of(b"main", PhotoFormat::Jpeg);
    let full = ProductDraft {
        key: Some("R/1 ñ".into()),
        description: "De algodón".into(),
        brand: Some("Norte".into()),
        categories: vec![CategoryId(1), CategoryId(2)],
        photos: vec![photo.to_string(), "https://cdn.example/2.jpg".into()],
        codes: Codes { sku: Some("311-992".into()), ..Codes::default() },
        tags: vec!["verano".into()],
        popularity: Some(0.25),
        ..draft("Camiseta", 1, 1000)
    };
    let keyed = ProductDraft { key: Some("R2".into()), stock: Some(1), ..draft("Gorra", 1, 2000) };
    let ids = catalog.upsert_products(&[full, keyed, draft("Bolso", 1, 3000)]).await.unwrap();
    let space = EmbeddingSpace::new("m/1").unwrap();
    let embedding = Embedding::new(vec![1.0, 0.0]).unwrap().in_space(space);
    catalog.put_embeddings(&[PhotoEmbedding { product: ids[0], photo, embedding }]).await.unwrap();
    ids
}

fn price(minor: i64) -> OfferChange {
    OfferChange { price: Some(Money::from_minor(minor)), ..OfferChange::default() }
}

fn stock(pieces: Option<u32>) -> OfferChange {
    OfferChange { stock: Some(pieces), ..OfferChange::default() }
}

async fn product(catalog: &dyn Catalog, id: ProductId) -> Product {
    catalog.products(&[id]).await.unwrap().remove(0)
}

/// What came anew since, and where the feed ends.
async fn anew(catalog: &dyn Catalog, since: FeedPosition) -> (Vec<Change>, FeedPosition) {
    let changes = catalog.changes(since, 1_000).await.unwrap();
    (changes.changes, changes.position)
}

pub async fn offers_change_and_everything_else_stays(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let before = product(catalog, ids[0]).await;
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    let sale = OfferChange {
        sale_price: Some(Some(Money::from_minor(750))),
        sale_from: Some(Some(Timestamp(5))),
        sale_until: Some(Some(Timestamp(4_000_000_000))),
        availability: Some(Some(Availability::Backorder)),
        ..stock(Some(u32::MAX))
    };
    let changes = [
        (ids[0].into(), sale),
        ("R2".into(), price(2100)),
        (ProductId(999).into(), price(1)),
        ("nada".into(), price(1)),
        ("R/1 ñ".into(), price(990)),
    ];
    let changed = catalog.change_offers(&changes).await.unwrap();
    assert_eq!(changed, [Some(ids[0]), Some(ids[1]), None, None, Some(ids[0])]);
    let expected = Product {
        price: Money::from_minor(990),
        sale: Some(SalePrice {
            price: Money::from_minor(750),
            from: Some(Timestamp(5)),
            until: Some(Timestamp(4_000_000_000)),
        }),
        stock: Some(u32::MAX),
        availability: Some(Availability::Backorder),
        ..before.clone()
    };
    assert_eq!(product(catalog, ids[0]).await, expected);
    assert_eq!(product(catalog, ids[1]).await.price, Money::from_minor(2100));
    let (changes, _) = anew(catalog, at).await;
    let (mut products, mut embeddings) = (Vec::new(), 0);
    for change in changes {
        let Change::Product { product, embeddings: of_product } = change else { panic!("{change:?}") };
        products.push(product.id);
        embeddings += of_product.len();
    }
    products.sort_unstable();
    assert_eq!((products, embeddings), (ids[..2].to_vec(), 1), "the feed has both, the embedding stays");
    let rising = ListQuery { sort: Sort::PriceAscending, ..ListQuery::default() };
    let rising = catalog.list(&rising).await.unwrap().items;
    assert_eq!(rising.iter().map(|product| product.id).collect::<Vec<_>>(), ids);
    let cleared = OfferChange {
        sale_price: Some(None),
        availability: Some(None),
        price: Some(Money::from_minor(1000)),
        ..stock(None)
    };
    catalog.change_offers(&[(ids[0].into(), cleared)]).await.unwrap();
    assert_eq!(product(catalog, ids[0]).await, before);
    assert_eq!(catalog.change_offers(&[]).await.unwrap(), []);
}

pub async fn a_batch_of_offers_is_written_whole_or_not_at_all(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    let dates = OfferChange { sale_until: Some(Some(Timestamp(9))), ..OfferChange::default() };
    for bad in [price(-1), price(Money::MAX.minor() + 1), dates] {
        let batch = [(ids[0].into(), price(1)), ("R2".into(), bad)];
        let error = catalog.change_offers(&batch).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains("R2"), "{error}");
    }
    assert_eq!(product(catalog, ids[0]).await.price, Money::from_minor(1000));
    assert!(anew(catalog, at).await.0.is_empty());
    let many: Vec<_> = (1..=1200).map(|n| draft(&format!("{n}"), 1, n)).collect();
    let many = catalog.upsert_products(&many).await.unwrap();
    let mut batch: Vec<_> = many.iter().map(|id| (ProductRef::from(*id), price(5))).collect();
    batch.push((many[0].into(), price(-5)));
    catalog.change_offers(&batch).await.unwrap_err();
    assert_eq!(product(catalog, many[0]).await.price, Money::from_minor(1));
    batch.pop();
    let changed = catalog.change_offers(&batch).await.unwrap();
    assert_eq!(changed, many.iter().copied().map(Some).collect::<Vec<_>>());
    let cheap = Filter { max_price: Some(Money::from_minor(5)), ..Filter::default() };
    assert_eq!(listed(catalog, cheap).await.len(), 100, "a page of them");
    assert_eq!(product(catalog, many[1199]).await.price, Money::from_minor(5));
}

pub async fn offers_that_are_so_already_do_not_come_anew(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    let batch =
        [(ids[0].into(), price(1000)), ("R2".into(), stock(Some(1))), (ids[2].into(), stock(Some(7)))];
    catalog.change_offers(&batch).await.unwrap();
    let (changes, _) = anew(catalog, at).await;
    assert_eq!(changes.len(), 1);
    assert!(matches!(&changes[0], Change::Product { product, .. } if product.id == ids[2]));
}

pub async fn a_changed_stock_counts_with_variants_and_availability(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let variant = Variant { key: Some("v".into()), stock: Some(0), ..Variant::default() };
    let with = ProductDraft {
        variants: vec![variant, Variant::default()],
        stock: Some(0),
        ..draft("Falda", 1, 4000)
    };
    let skirt = catalog.upsert_products(&[with]).await.unwrap()[0];
    let stocked = || async { listed(catalog, Filter { in_stock: true, ..Filter::default() }).await };
    assert_eq!(stocked().await, ["Camiseta", "Gorra", "Bolso"]);
    let gone = OfferChange { availability: Some(Some(Availability::OutOfStock)), ..OfferChange::default() };
    let batch = [(skirt.into(), stock(Some(3))), ("R2".into(), stock(Some(0))), (ids[2].into(), gone)];
    catalog.change_offers(&batch).await.unwrap();
    assert_eq!(
        stocked().await,
        ["Camiseta", "Falda"],
        "a variant without stock of its own has the product's"
    );
    let back = OfferChange { availability: Some(None), ..OfferChange::default() };
    catalog.change_offers(&[(ids[2].into(), back)]).await.unwrap();
    assert_eq!(stocked().await, ["Camiseta", "Bolso", "Falda"]);
    assert_eq!(product(catalog, skirt).await.variants.len(), 2);
}

pub async fn a_product_is_modified_by_what_it_is(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let before = product(catalog, ids[0]).await;
    let renamed = |product: Option<Product>| {
        let product = product.ok_or_else(|| Error::not_found("nobody"))?;
        let name = format!("{} roja", product.name);
        Ok(Some(ProductDraft { name, id: Some(ProductId(77)), ..product.into() }))
    };
    let id = catalog.modify_product(&"R/1 ñ".into(), &renamed).await.unwrap();
    assert_eq!(id, Some(ids[0]), "its ID stays");
    assert_eq!(product(catalog, ids[0]).await, Product { name: "Camiseta roja".into(), ..before });
    assert_eq!(catalog.count_without_embedding(&EmbeddingSpace::new("m/1").unwrap()).await.unwrap(), 0);
    let error = catalog.modify_product(&ProductId(999).into(), &renamed).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotFound, "nobody".to_owned()));
    // Makes one where there is none, and removes one.
    let made = |known: Option<Product>| {
        assert!(known.is_none());
        Ok(Some(ProductDraft { key: Some("N".into()), ..draft("Nueva", 1, 5) }))
    };
    let new = catalog.modify_product(&"N".into(), &made).await.unwrap().unwrap();
    assert!(new > ids[2]);
    assert_eq!(product(catalog, new).await.name, "Nueva");
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    let removed = |known: Option<Product>| known.map(|_| None).ok_or_else(|| Error::not_found("nobody"));
    assert_eq!(catalog.modify_product(&new.into(), &removed).await.unwrap(), None);
    assert!(catalog.products(&[new]).await.unwrap().is_empty());
    assert_eq!(anew(catalog, at).await.0, [Change::ProductDeleted(new)]);
    assert!(catalog.modify_product(&new.into(), &removed).await.is_err());
}

pub async fn a_refused_modification_changes_nothing(catalog: &dyn Catalog) {
    let ids = offers(catalog).await;
    let (_, at) = anew(catalog, FeedPosition(0)).await;
    let with = |change: fn(&mut ProductDraft)| {
        move |known: Option<Product>| {
            let mut draft = ProductDraft::from(known.ok_or_else(|| Error::not_found("nobody"))?);
            change(&mut draft);
            Ok(Some(draft))
        }
    };
    let bad: [fn(&mut ProductDraft); 3] = [
        |draft| draft.name.clear(),
        |draft| draft.categories.push(CategoryId(99)),
        |draft| draft.key = Some("R2".into()),
    ];
    for change in bad {
        let error = catalog.modify_product(&ids[0].into(), &with(change)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    assert!(anew(catalog, at).await.0.is_empty());
}
