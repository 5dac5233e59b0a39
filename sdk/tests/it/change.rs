//! Partial changes of products, and of categories.

use vitrina::{
    CategoryChange, CategoryContents, ErrorKind, NewProduct, NewVariant, OfferChange, PhotoSource,
    Precondition, ProductChange, ProductVersion, Shop,
};

use crate::shop::png;

fn boot() -> NewProduct {
    NewProduct::new("Bota alta", "89.50".parse().unwrap())
        .key("B-1")
        .brand("Norte")
        .category("Zapatos")
        .stock(3)
}

fn stock(pieces: u32) -> OfferChange {
    OfferChange { stock: Some(Some(pieces)), ..OfferChange::default() }
}

#[tokio::test]
async fn a_change_leaves_alone_what_it_does_not_name() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let id = shop.put(boot().photo(png([1, 2, 3]))).await.unwrap();
    let before = shop.product(id).await.unwrap();
    let mut change = ProductChange::from(stock(0));
    change.name = Some("  Bota baja ".into());
    change.categories = Some(vec![vec!["Zapatos".into(), "Botas".into()], vec!["Rebajas".into()]]);
    let after = shop.update("B-1", change).await.unwrap();
    assert_eq!((after.name.as_str(), after.stock, after.price), ("Bota baja", Some(0), before.price));
    assert_eq!((&after.photos, &after.brand, after.id), (&before.photos, &before.brand, id));
    assert_eq!(after.categories[0].names(), ["Zapatos", "Botas"]);
    assert_eq!(shop.search("baja").await.unwrap().products[0].id, id);
    let mut unknown = ProductChange::default();
    unknown.categories = Some(vec![vec!["Barcos".into()]]);
    let error = shop.update(id, unknown).known_categories_only().await.unwrap_err();
    assert!(error.to_string().contains("Barcos"), "{error}");
}

#[tokio::test]
async fn a_wrong_change_leaves_no_category_and_no_photo_behind() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let id = shop.put(boot()).await.unwrap();
    let mut change = ProductChange::default();
    change.name = Some(" ".into());
    change.categories = Some(vec![vec!["Nueva".into()]]);
    change.photos = Some(vec![PhotoSource::Bytes(png([9, 9, 9]))]);
    assert_eq!(shop.update(id, change).await.unwrap_err().kind(), ErrorKind::Invalid);
    assert_eq!(shop.categories().await.unwrap().len(), 1);
    let photos = std::fs::read_dir(folder.path().join("photos")).map_or(0, Iterator::count);
    assert_eq!(photos, 0);
    let mut change = ProductChange::default();
    change.photos =
        Some(vec![PhotoSource::Bytes(png([9, 9, 9])), PhotoSource::Url("https://cdn.example/2.jpg".into())]);
    let after = shop.update(id, change).await.unwrap();
    assert_eq!((after.photos.len(), after.photos[1].as_str()), (2, "https://cdn.example/2.jpg"));
}

#[tokio::test]
async fn variants_that_are_replaced_keep_their_photos() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let variant = |key: &str, photo: Option<&str>| {
        let mut variant = NewVariant::default();
        variant.key = Some(key.into());
        variant.photo = photo.map(|url| PhotoSource::Url(url.into()));
        variant
    };
    let id = shop.put(boot().variant(variant("r", Some("https://cdn.example/r.jpg")))).await.unwrap();
    let mut change = ProductChange::default();
    change.variants = Some(vec![variant("a", None), variant("r", None)]);
    let photos: Vec<_> =
        shop.update(id, change).await.unwrap().variants.into_iter().map(|variant| variant.photo).collect();
    assert_eq!(photos, [None, Some("https://cdn.example/r.jpg".to_owned())]);
}

#[tokio::test]
async fn of_two_writers_with_one_version_the_second_is_told() {
    let shop = Shop::in_memory();
    let id = shop.put(boot()).await.unwrap();
    let seen = Precondition::from(ProductVersion::of(&shop.product(id).await.unwrap()));
    shop.update(id, stock(2)).only_if(seen.clone()).await.unwrap();
    let error = shop.update(id, stock(1)).only_if(seen.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert_eq!(shop.delete(id).only_if(seen.clone()).await.unwrap_err().kind(), ErrorKind::Changed);
    assert_eq!(shop.put(boot()).only_if(seen.clone()).await.unwrap_err().kind(), ErrorKind::Changed);
    let absent = shop.put(boot()).only_if(Precondition::Absent).await.unwrap_err();
    assert_eq!(absent.kind(), ErrorKind::Changed);
    assert_eq!(shop.product(id).await.unwrap().stock, Some(2));
    assert_eq!(shop.put(boot()).only_if(Precondition::Exists).await.unwrap(), id);
    shop.delete(id).only_if(Precondition::Exists).await.unwrap();
    let of_a_new_category = NewProduct::new("Vale", "5".parse().unwrap()).key("B-1").category("Rebajas");
    let gone = shop.put(of_a_new_category.clone()).only_if(seen).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Changed);
    assert_eq!(shop.categories().await.unwrap().len(), 1, "what is refused creates no category");
    let strict = shop.put(of_a_new_category.clone()).known_categories_only().await.unwrap_err();
    assert_eq!(strict.kind(), ErrorKind::Invalid);
    let made = shop.put(of_a_new_category).only_if(Precondition::Absent).await.unwrap();
    assert_eq!(shop.product(made).await.unwrap().category().unwrap().name, "Rebajas");
}

#[tokio::test]
async fn categories_move_and_are_deleted_with_or_without_their_contents() {
    let shop = Shop::in_memory();
    let id = shop.put(boot()).await.unwrap();
    let shoes = shop.categories().await.unwrap()[0].id;
    let other = shop.put(NewProduct::new("Vale", "5".parse().unwrap()).category("Rebajas")).await.unwrap();
    let sales = shop.product(other).await.unwrap().category().unwrap().id;
    shop.update_category(shoes, CategoryChange::move_to(Some(sales))).await.unwrap();
    assert_eq!(shop.product(id).await.unwrap().categories[0].names(), ["Rebajas", "Zapatos"]);
    let refused = shop.delete_category(shoes, CategoryContents::Refuse).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    shop.delete_category(shoes, CategoryContents::MoveTo(sales)).await.unwrap();
    assert_eq!(shop.product(id).await.unwrap().categories[0].names(), ["Rebajas"]);
    let gone = shop.update_category(shoes, CategoryChange::rename("Nada")).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound);
}
