//! A shop over a data folder: written, searched by words and by photo, opened again.

use std::io::Cursor;
use std::time::{Duration, SystemTime};

use vitrina::core::classify::Classification;
use vitrina::core::memory::MemoryClassifier;
use vitrina::{ErrorKind, NewProduct, PhotoSource, Shop, Sort};
use vitrina_testing::skip;

/// A PNG of one colour.
pub(crate) fn png(colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(64, 64, image::Rgb(colour));
    picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn product(name: &str, price: &str, category: &str) -> NewProduct {
    NewProduct::new(name, price.parse().unwrap()).category(category)
}

#[tokio::test(flavor = "current_thread")]
async fn products_are_put_found_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path().join("data")).await.unwrap();
    let shoe = shop.put(product("Zapatilla roja", "59.90", "Zapatos").brand("Camina")).await.unwrap();
    let boot = shop.put(product("Bota roja", "120", "ZAPATOS").stock(0)).await.unwrap();
    assert_eq!(shop.categories().await.unwrap().len(), 1, "a category is known without case");
    let found = shop.search("rojas").max_price("60".parse().unwrap()).await.unwrap();
    assert_eq!(found.products.iter().map(|found| found.id).collect::<Vec<_>>(), [shoe]);
    assert_eq!(shop.search("rojas").await.unwrap().total, 2);
    assert_eq!(shop.search("roja").category("zapatos").in_stock().brand("camina").await.unwrap().total, 1);
    let wrong = shop.search("roja").category("Barcos").await.unwrap_err();
    assert!(wrong.kind() == ErrorKind::Invalid && wrong.to_string().contains("Barcos"));
    let first = shop.list().limit(1).sort(Sort::PriceDescending).await.unwrap();
    assert_eq!(first.items[0].id, boot);
    let second = shop.list().limit(1).sort(Sort::PriceDescending).after(first.next.unwrap()).await.unwrap();
    assert_eq!(second.items[0].id, shoe);
    shop.delete(boot).await.unwrap();
    assert_eq!(shop.delete(boot).await.unwrap_err().kind(), ErrorKind::NotFound);
    let left = shop.search("bota").await.unwrap().products;
    assert!(left.iter().all(|found| found.id == shoe), "what is deleted is not found");
    drop(shop);
    let again = Shop::open(folder.path().join("data")).await.unwrap();
    assert_eq!(again.search("zapatilla").await.unwrap().products[0].id, shoe);
}

#[tokio::test(flavor = "current_thread")]
async fn a_batch_with_a_wrong_product_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let wrong = [product("Taza", "7", "Menaje"), product(" ", "7", "Menaje")];
    let error = shop.put_all(wrong).await.unwrap_err();
    assert!(error.to_string().starts_with("product 2"), "{error}");
    assert!(shop.list().await.unwrap().items.is_empty() && shop.categories().await.unwrap().is_empty());
    let unknown = shop.put_all([product("Taza", "7", "Menaje")]).known_categories_only().await.unwrap_err();
    assert!(unknown.to_string().contains("Menaje"), "{unknown}");
    let report = shop.put_all((0..2500).map(|n| product(&format!("Taza {n}"), "7", "Menaje"))).await.unwrap();
    assert_eq!((report.ids.len(), report.categories), (2500, 1));
    assert_eq!(shop.service().catalog().count().await.unwrap(), 2500);
}

#[tokio::test(flavor = "current_thread")]
async fn photos_come_from_bytes_files_and_urls_and_stay_with_what_replaces_the_product() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("in")).unwrap();
    std::fs::write(folder.path().join("in/azul.png"), png([0, 0, 255])).unwrap();
    let shop = Shop::open(folder.path().join("data")).await.unwrap();
    let with = |source| {
        let mut made = product("Taza", "7", "Menaje");
        made.photos.push(source);
        made
    };
    let sources =
        [PhotoSource::Path("azul.png".into()), PhotoSource::Url("https://cdn.example/1.png".into())];
    let report = shop.put_all(sources.map(with)).photo_folder(folder.path().join("in")).await.unwrap();
    let blue = shop.product(report.ids[0]).await.unwrap();
    let key = blue.photo().unwrap().to_owned();
    assert!(shop.photos().get(&key.parse().unwrap()).await.unwrap().is_some());
    assert_eq!(shop.product(report.ids[1]).await.unwrap().photo(), Some("https://cdn.example/1.png"));
    let outside = with(PhotoSource::Path("../secret.png".into()));
    let error = shop.put_all([outside]).photo_folder(folder.path().join("in")).await.unwrap_err();
    assert!(error.to_string().contains("leads out"), "{error}");
    let mut renamed = product("Taza azul", "8", "Menaje");
    renamed.id = Some(blue.id);
    shop.put(renamed).await.unwrap();
    let renamed = shop.product(blue.id).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.photo()), ("Taza azul", Some(key.as_str())));
    let broken = shop.put(product("Taza", "7", "Menaje").photo(b"no picture".to_vec())).await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::Invalid);
}

#[tokio::test(flavor = "current_thread")]
async fn a_photo_finds_the_product_that_was_put_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    if shop.classifier().is_err() {
        return skip("no model or no ONNX Runtime");
    }
    let red = shop.put(product("Taza roja", "7", "Menaje").photo(png([220, 20, 20]))).await.unwrap();
    let blue = shop.put(product("Taza azul", "9", "Menaje").photo(png([20, 20, 220]))).await.unwrap();
    let found = shop.search_photo(png([220, 20, 20])).await.unwrap();
    assert_eq!(found.products[0].product.id, red);
    let dear = shop.search_photo(png([220, 20, 20])).min_price("8".parse().unwrap()).await.unwrap();
    assert_eq!(dear.products.iter().map(|found| found.product.id).collect::<Vec<_>>(), [blue]);
    let words = shop.search_photo(png([220, 20, 20])).words("azul").await.unwrap();
    assert_eq!(words.products[0].product.id, blue);
    assert_eq!(shop.similar(red).await.unwrap()[0].product.id, blue);
    let broken = shop.search_photo(b"no picture".to_vec()).await.unwrap_err();
    assert_eq!(broken.kind(), ErrorKind::Invalid);
}

#[tokio::test(flavor = "current_thread")]
async fn a_shop_follows_what_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let other = Shop::open(folder.path()).await.unwrap();
    other.put(product("Sandalia", "20", "Zapatos")).await.unwrap();
    shop.refresh().await.unwrap();
    assert_eq!(shop.search("sandalia").await.unwrap().products.len(), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_search_by_photo_without_a_model_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let builder = Shop::builder().data_dir(folder.path());
    let error = builder.clone().model(folder.path().join("none")).open().await.unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    let registry = vitrina::Registry::default().classifier("blind", |_, _| async {
        let classifier = MemoryClassifier::new().knowing(png([1, 1, 1]), Classification::default());
        Ok(std::sync::Arc::new(classifier) as _)
    });
    let shop = builder.registry(registry).model("blind:").open().await.unwrap();
    shop.search_photo(png([1, 1, 1])).await.unwrap();
}

#[tokio::test(flavor = "current_thread")]
async fn photos_that_no_product_has_are_deleted_once_they_are_old() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::open(folder.path()).await.unwrap();
    let cup = shop.put(product("Taza", "7", "Menaje").photo(png([1, 2, 3]))).await.unwrap();
    let first = shop.product(cup).await.unwrap().photo().unwrap().to_owned();
    shop.put_photo(cup, png([3, 2, 1])).await.unwrap();
    let second = shop.product(cup).await.unwrap().photo().unwrap().to_owned();
    assert_eq!(shop.delete_unused_photos(Duration::ZERO).await.unwrap(), 0, "they are too young");
    let hours_ago = SystemTime::now() - Duration::from_secs(7200);
    for photo in std::fs::read_dir(folder.path().join("photos")).unwrap() {
        let file = std::fs::File::options().write(true).open(photo.unwrap().path()).unwrap();
        file.set_modified(hours_ago).unwrap();
    }
    assert_eq!(shop.delete_unused_photos(Duration::ZERO).await.unwrap(), 1);
    assert!(shop.photos().get(&first.parse().unwrap()).await.unwrap().is_none());
    assert!(shop.photos().get(&second.parse().unwrap()).await.unwrap().is_some());
}
