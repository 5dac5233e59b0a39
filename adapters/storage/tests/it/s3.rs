//! Photos in a bucket of a real server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex};

use futures_util::TryStreamExt;
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::{ErrorKind, PhotoStore};
use vitrina_storage::ObjectPhotos;
use vitrina_testing::S3Server;

use crate::block_on;

/// One server for all cases, each in a bucket of its own. It goes when the process does.
static SERVER: LazyLock<Mutex<Option<S3Server>>> = LazyLock::new(|| Mutex::new(S3Server::start()));
static BUCKETS: AtomicUsize = AtomicUsize::new(0);

/// A URL in a fresh bucket, and the options of its server.
fn bucket() -> Option<(String, Vec<(String, String)>)> {
    let server = SERVER.lock().unwrap();
    let server = server.as_ref()?;
    let name = format!("shop-{}", BUCKETS.fetch_add(1, Ordering::Relaxed));
    server.create_bucket(&name);
    Some((format!("s3://{name}/vitrina/photos"), server.options()))
}

async fn fresh() -> Option<(Arc<dyn PhotoStore>, ())> {
    let (url, options) = bucket()?;
    Some((Arc::new(ObjectPhotos::in_s3(&url, options).unwrap()), ()))
}

vitrina_core::photos_conformance!(block_on, fresh);

#[tokio::test]
async fn two_shops_in_one_bucket_do_not_see_each_others_photos() {
    let Some((url, options)) = bucket() else { return };
    let one = ObjectPhotos::in_s3(&format!("{url}/one"), options.clone()).unwrap();
    let other = ObjectPhotos::in_s3(&format!("{url}/other"), options.clone()).unwrap();
    let again = ObjectPhotos::in_s3(&format!("{url}/one/"), options).unwrap();
    let key = PhotoKey::of(b"a photo", PhotoFormat::Jpeg);
    one.put(&key, "a photo".into()).await.unwrap();
    assert!(other.get(&key).await.unwrap().is_none());
    assert!(other.list().try_next().await.unwrap().is_none());
    assert!(again.get(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn a_bucket_that_does_not_exist_is_reported_and_so_is_a_server_that_is_gone() {
    let Some(mut server) = S3Server::start() else { return };
    let store = ObjectPhotos::in_s3("s3://nowhere/photos", server.options()).unwrap();
    let key = PhotoKey::of(b"a photo", PhotoFormat::Jpeg);
    assert_eq!(store.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
    let refused = store.put(&key, "a photo".into()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable);
    server.create_bucket("nowhere");
    store.put(&key, "a photo".into()).await.unwrap();
    store.ping().await.unwrap();

    server.kill();
    let error = store.get(&key).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    for text in [error.chain().to_string(), format!("{store:?}"), format!("{error:?}")] {
        assert!(!text.contains("a-secret-of-the-tests"), "{text}");
    }
    server.restart();
    server.create_bucket("nowhere");
    store.put(&key, "a photo".into()).await.unwrap();
    store.ping().await.unwrap();
}

#[test]
fn what_cannot_work_is_refused_when_the_store_is_opened() {
    let option = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for (url, options, says) in [
        ("s3:photos", vec![], "s3://BUCKET"),
        ("s3://", vec![], "s3://BUCKET"),
        ("s3:///photos", vec![], "s3://BUCKET"),
        ("s3://key:secret@bucket", vec![], "AWS_ACCESS_KEY_ID"),
        ("s3://bucket?region=x", vec![], "s3://BUCKET"),
        ("s3://bucket", vec![option("AWS_ACCESS_KEY_ID", "alone")], "AWS_"),
        ("s3://bucket", vec![option("AWS_ENDPOINT", "http://minio:9000")], "AWS_ALLOW_HTTP"),
    ] {
        let error = ObjectPhotos::in_s3(url, options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert!(error.to_string().contains(says), "{url}: {error}");
        assert!(!error.to_string().contains("secret@"), "{error}");
    }
}
