//! Photos by URL, fetched after their products.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use vitrina::sources::fetch::{FetchLog, FetchPolicy, HostList, PhotoFetcher};
use vitrina::{Money, NewProduct, PhotoSource, ProductId, Shop};

use crate::shop::png;

/// Answers each request on a thread of its own, after `before` has returned, with a picture for the path's length.
fn serve(before: impl Fn(&str) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let before = Arc::new(before);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let before = before.clone();
            std::thread::spawn(move || answer(stream, &*before));
        }
    });
    port
}

fn answer(mut stream: TcpStream, before: &dyn Fn(&str)) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    lines.find(|line| line.is_empty());
    before(&path);
    let picture = png([u8::try_from(path.len()).unwrap(), 0, 0]);
    let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", picture.len());
    let _ = stream.write_all(&[head.into_bytes(), picture].concat());
}

fn fetcher(folder: &std::path::Path) -> PhotoFetcher {
    let mut policy = FetchPolicy::photos(HostList::new(["127.0.0.1"]).unwrap());
    policy.private_addresses = true;
    policy.timeout = Duration::from_secs(10);
    policy.attempts = 1;
    let log = Arc::new(FetchLog::open(folder.join("photos.jsonl")).unwrap());
    PhotoFetcher::new(policy, log).unwrap()
}

fn product(name: &str, price: i64, url: String) -> NewProduct {
    let mut product = NewProduct::new(name, Money::from_minor(price)).key(name);
    product.photos.push(PhotoSource::Url(url));
    product
}

#[tokio::test(flavor = "multi_thread")]
async fn photos_of_several_products_are_fetched_at_once() {
    // Four must be on their way before the first is answered.
    let waiting = Arc::new((Mutex::new(BTreeSet::new()), Condvar::new()));
    let met = waiting.clone();
    let port = serve(move |path| {
        let mut seen = met.0.lock().unwrap();
        seen.insert(path.to_owned());
        met.1.notify_all();
        let _all = met.1.wait_timeout_while(seen, Duration::from_secs(20), |seen| seen.len() < 4).unwrap();
    });
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    let url = |number: usize| format!("http://127.0.0.1:{port}/{}.png", "a".repeat(number));
    let products = (1..=4).map(|number| product(&format!("P{number}"), 100, url(number)));
    shop.put_all(products).await.unwrap();
    let done = shop.fetch_photos(&fetcher(data.path()), &|_| {}).await.unwrap();
    assert_eq!((done.fetched, done.failed), (4, 0), "{done:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_that_changes_while_its_photo_is_on_its_way_keeps_the_change() {
    let data = tempfile::tempdir().unwrap();
    let shop = Shop::open(data.path()).await.unwrap();
    let (writer, runtime) = (shop.clone(), tokio::runtime::Handle::current());
    let port = serve(move |_| {
        let dearer = runtime.block_on(async {
            let mut draft =
                vitrina::core::product::ProductDraft::from(writer.product(ProductId(1)).await.unwrap());
            draft.price = Money::from_minor(200);
            writer.service().catalog().upsert_products(&[draft]).await
        });
        dearer.unwrap();
    });
    shop.put_all([product("Tetera", 100, format!("http://127.0.0.1:{port}/a.png"))]).await.unwrap();
    let done = shop.fetch_photos(&fetcher(data.path()), &|_| {}).await.unwrap();
    assert_eq!((done.fetched, done.failed), (1, 0), "{done:?}");
    let stored = shop.product(ProductId(1)).await.unwrap();
    assert_eq!(stored.price, Money::from_minor(200));
    assert!(!stored.photos[0].contains("://"), "{:?}", stored.photos);
}
