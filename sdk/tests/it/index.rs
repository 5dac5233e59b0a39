//! The index on disk: what a shop that is opened again finds in it.

use std::path::Path;

use vitrina::core::NewProduct;
use vitrina::core::catalog::FeedPosition;
use vitrina::{IndexLocation, Shop};

async fn open(folder: &Path, index: IndexLocation) -> Shop {
    Shop::builder().data_dir(folder).index(index).refresh_every(None).open().await.unwrap()
}

async fn found(shop: &Shop, words: &str) -> usize {
    shop.search(words).await.unwrap().products.len()
}

async fn put(shop: &Shop, name: &str) {
    shop.put(NewProduct::new(name, "9.90".parse().unwrap())).await.unwrap();
}

#[tokio::test]
async fn a_shop_that_is_opened_again_takes_over_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let shop = open(folder.path(), IndexLocation::DataDir).await;
    put(&shop, "Bota alta").await;
    // Another process writes while this one is away.
    let memory = open(folder.path(), IndexLocation::Memory).await;
    drop(shop);
    put(&memory, "Bota baja").await;
    assert!(folder.path().join("index/meta.json").exists());
    let shop = Shop::builder().data_dir(folder.path()).refresh_every(None).catch_up_in_background();
    let shop = shop.open().await.unwrap();
    assert!(shop.service().index().position().await.unwrap() > FeedPosition(0), "it begins where it was");
    shop.refresh().await.unwrap();
    assert!(shop.service().is_fresh());
    assert_eq!(found(&shop, "botas").await, 2);
}

#[tokio::test]
async fn an_index_of_another_catalogue_is_built_anew() {
    let folder = tempfile::tempdir().unwrap();
    let shop = open(folder.path(), IndexLocation::DataDir).await;
    put(&shop, "Bota alta").await;
    put(&shop, "Bota baja").await;
    shop.close().await.unwrap();
    assert!(!folder.path().join("catalog.sqlite-wal").exists(), "a closed catalogue is one file");
    std::fs::rename(folder.path().join("catalog.sqlite"), folder.path().join("old.sqlite")).unwrap();
    let shop = open(folder.path(), IndexLocation::DataDir).await;
    assert_eq!(found(&shop, "botas").await, 0);
    put(&shop, "Bota nueva").await;
    assert_eq!(found(&shop, "botas").await, 1);
}

#[tokio::test]
async fn two_shops_on_one_folder_both_answer() {
    let folder = tempfile::tempdir().unwrap();
    let one = open(folder.path(), IndexLocation::DataDir).await;
    let two = open(folder.path(), IndexLocation::DataDir).await;
    put(&one, "Bota").await;
    two.refresh().await.unwrap();
    assert_eq!((found(&one, "bota").await, found(&two, "bota").await), (1, 1));
}
