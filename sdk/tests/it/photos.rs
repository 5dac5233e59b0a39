//! Photos of products and of their variants: each is embedded, and a photo finds the product by the best of them.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use vitrina::core::Classifier;
use vitrina::core::classify::{Classification, Embedding, EmbeddingSpace, PhotoError};
use vitrina::{
    NewProduct, NewVariant, OfferChange, PhotoSource, ProductChange, Registry, Shop, SimilarProduct,
};

use crate::shop::png;

const MAIN: u8 = 0;
const BACK: u8 = 1;
const RED: u8 = 2;
const BLUE: u8 = 3;
const BOOT: u8 = 4;
const UNREADABLE: u8 = 9;

fn photo(number: u8) -> Vec<u8> {
    png([number, 7, 7])
}

/// A model that sees each photo along an axis of its own, and counts the photos that it is asked for.
#[derive(Default)]
struct Axes {
    classified: AtomicUsize,
    /// What the next call waits for.
    held: Mutex<Option<Receiver<()>>>,
}

impl Axes {
    /// Holds the next call up until something is sent.
    fn hold(&self) -> Sender<()> {
        let (release, wait) = channel();
        *self.held.lock().unwrap() = Some(wait);
        release
    }

    async fn has_been_asked_for(&self, photos: usize) {
        while self.classified.load(Ordering::Relaxed) < photos {
            tokio::task::yield_now().await;
        }
    }
}

impl Classifier for Axes {
    fn space(&self) -> EmbeddingSpace {
        EmbeddingSpace::new("axes/1").unwrap()
    }

    fn classify(&self, photos: &[&[u8]]) -> vitrina::Result<Vec<Result<Classification, PhotoError>>> {
        self.classified.fetch_add(photos.len(), Ordering::Relaxed);
        let held = self.held.lock().unwrap().take();
        if let Some(wait) = held {
            wait.recv().unwrap();
        }
        let classified = |bytes: &&[u8]| {
            let number =
                (0..UNREADABLE).find(|number| photo(*number) == *bytes).ok_or(PhotoError::Unsupported)?;
            let numbers = (0..UNREADABLE).map(|axis| if axis == number { 1.0 } else { 0.01 });
            let embedding = Embedding::new(numbers.collect()).unwrap().in_space(self.space());
            Ok(Classification { embedding: Some(embedding), ..Classification::default() })
        };
        Ok(photos.iter().map(classified).collect())
    }
}

async fn open(folder: &Path, model: &Arc<Axes>) -> Shop {
    let model = model.clone();
    let registry = Registry::default().classifier("axes", move |_, _| {
        let model = model.clone();
        async move { Ok(model as Arc<dyn Classifier>) }
    });
    Shop::builder().data_dir(folder).registry(registry).model("axes:").open().await.unwrap()
}

fn variant(key: &str, number: Option<u8>, stock: u32) -> NewVariant {
    let mut variant = NewVariant::default();
    variant.key = Some(key.into());
    variant.stock = Some(stock);
    variant.photo = number.map(|number| PhotoSource::Bytes(photo(number)));
    variant
}

/// A polo shirt in red, and in blue in two sizes of which the first is sold out.
fn polo() -> NewProduct {
    NewProduct::new("Polo", "20".parse().unwrap())
        .key("polo")
        .photo(photo(MAIN))
        .photo(photo(BACK))
        .variant(variant("red", Some(RED), 3))
        .variant(variant("blue-s", Some(BLUE), 0))
        .variant(variant("blue-m", Some(BLUE), 3))
}

fn boot() -> NewProduct {
    NewProduct::new("Bota", "90".parse().unwrap()).key("boot").photo(photo(BOOT))
}

/// The products for a photo: their names, whether they have the same photo, and the keys of the variants that it shows.
async fn found(shop: &Shop, number: u8) -> Vec<(String, bool, Option<String>)> {
    let seen = |found: SimilarProduct| {
        let variant = found.variant.and_then(|place| found.product.variants[place].key.clone());
        (found.product.name, found.similarity.is_some_and(|similarity| similarity > 0.98), variant)
    };
    shop.search_photo(photo(number)).await.unwrap().products.into_iter().map(seen).collect()
}

fn same(name: &str, variant: Option<&str>) -> (String, bool, Option<String>) {
    (name.into(), true, variant.map(str::to_owned))
}

#[tokio::test]
async fn a_product_is_found_by_each_of_its_photos() {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Axes::default());
    let shop = open(folder.path(), &model).await;
    shop.put(boot()).await.unwrap();
    shop.put(polo()).await.unwrap();
    assert_eq!(model.classified.load(Ordering::Relaxed), 5, "the same photo of two variants counts once");
    each_photo_leads_to_its_product(&shop).await;
    shop.close().await.unwrap();
    each_photo_leads_to_its_product(&open(folder.path(), &model).await).await;
}

async fn each_photo_leads_to_its_product(shop: &Shop) {
    for (number, variant) in [(MAIN, None), (BACK, None), (RED, Some("red")), (BLUE, Some("blue-m"))] {
        let found = found(shop, number).await;
        assert_eq!(found[0], same("Polo", variant), "{number}");
        assert_eq!(found.len(), 2, "each product once");
    }
    assert_eq!(found(shop, BOOT).await[0], same("Bota", None));
}

#[tokio::test]
async fn photos_that_are_replaced_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Axes::default());
    let shop = open(folder.path(), &model).await;
    let id = shop.put(polo()).await.unwrap();
    let has = async |number: u8| found(&shop, number).await[0].1;
    let back = shop.product(id).await.unwrap().photos[1].clone();
    let mut change = ProductChange::default();
    change.photos = Some(vec![PhotoSource::Bytes(photo(BOOT))]);
    change.variants = Some(vec![variant("red", None, 3), variant("blue-s", Some(MAIN), 0)]);
    shop.update(id, change).await.unwrap();
    assert!(has(BOOT).await && has(RED).await && has(MAIN).await, "new ones, and what stays of a variant");
    assert!(!has(BACK).await && !has(BLUE).await);
    // A photo that is in the store comes back, and is embedded with the write.
    let mut change = ProductChange::default();
    change.photos = Some(vec![PhotoSource::Bytes(photo(BOOT)), PhotoSource::Key(back)]);
    shop.update(id, change).await.unwrap();
    assert!(has(BACK).await && has(BOOT).await);
    shop.put_photo(id, photo(BLUE)).await.unwrap();
    assert!(has(BLUE).await && has(BACK).await && !has(BOOT).await, "the main photo alone was replaced");
    assert_eq!(shop.embed_missing().await.unwrap(), 0, "nothing waits");
}

#[tokio::test]
async fn photos_of_a_batch_are_embedded_and_what_cannot_be_read_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Axes::default());
    let shop = open(folder.path(), &model).await;
    let twin =
        NewProduct::new("Otra bota", "80".parse().unwrap()).photo(photo(BOOT)).photo(photo(UNREADABLE));
    let report = shop.put_all([polo(), boot(), twin]).await.unwrap();
    assert_eq!(report.embedded, 6, "four of the shirt, and one of each boot");
    assert_eq!(model.classified.load(Ordering::Relaxed), 6, "the boots' photo once, and what cannot be read");
    for number in [MAIN, BACK, RED, BLUE] {
        assert_eq!(found(&shop, number).await[0].0, "Polo");
    }
    let boots = found(&shop, BOOT).await;
    assert_eq!(boots[..2], [same("Bota", None), same("Otra bota", None)]);
    let broken = shop.put(boot().photo(photo(UNREADABLE))).await.unwrap_err();
    assert_eq!(broken.kind(), vitrina::ErrorKind::Invalid);
}

#[tokio::test]
async fn what_others_write_while_a_photo_is_embedded_stays() {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Axes::default());
    let shop = open(folder.path(), &model).await;
    let id = shop.put(boot()).await.unwrap();
    let release = model.hold();
    let sell = async {
        model.has_been_asked_for(2).await;
        let price = Some("70".parse().unwrap());
        shop.update(id, OfferChange { price, ..OfferChange::default() }).await.unwrap();
        release.send(()).unwrap();
    };
    let (photographed, ()) = tokio::join!(shop.put_photo(id, photo(RED)), sell);
    assert_eq!(photographed.unwrap().price, "70".parse().unwrap());
    assert_eq!(found(&shop, RED).await[0], same("Bota", None));
}

#[tokio::test]
async fn photos_that_are_in_the_store_already_are_embedded_in_the_background() {
    let folder = tempfile::tempdir().unwrap();
    let model = Arc::new(Axes::default());
    let shop = open(folder.path(), &model).await;
    let id = shop.put(boot()).await.unwrap();
    let key = shop.product(id).await.unwrap().photos[0].clone();
    // Two batches, the second while the first is being embedded.
    let release = model.hold();
    for name in ["Otra bota", "Una más"] {
        let mut product = NewProduct::new(name, "80".parse().unwrap());
        product.photos = vec![PhotoSource::Key(key.clone())];
        let report = shop.put_all([product]).embed_in_background().await.unwrap();
        assert_eq!(report.embedded, 0);
        model.has_been_asked_for(2).await;
    }
    release.send(()).unwrap();
    while found(&shop, BOOT).await.iter().filter(|(_, same, _)| *same).count() < 3 {
        tokio::task::yield_now().await;
    }
}
