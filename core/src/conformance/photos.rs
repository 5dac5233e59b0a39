//! The cases of [`PhotoStore`].

#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::future::join_all;

use crate::photo::{PhotoFormat, PhotoKey};
use crate::{ErrorKind, PhotoStore};

const LIMIT: u64 = 64 << 20;

fn photo(seed: u8, length: usize) -> (PhotoKey, Bytes) {
    let bytes: Vec<u8> = (0..length).map(|n| (n as u8).wrapping_mul(31).wrapping_add(seed)).collect();
    (PhotoKey::of(&bytes, PhotoFormat::Png), bytes.into())
}

async fn read(store: &dyn PhotoStore, key: &PhotoKey) -> Option<Vec<u8>> {
    match store.get(key).await.unwrap() {
        Some(stream) => Some(stream.read(LIMIT).await.unwrap()),
        None => None,
    }
}

async fn keys(store: &dyn PhotoStore) -> BTreeSet<PhotoKey> {
    store.list().map_ok(|listed| listed.key).try_collect().await.unwrap()
}

pub async fn an_empty_store_has_nothing(store: &dyn PhotoStore) {
    store.ping().await.unwrap();
    assert!(keys(store).await.is_empty());
    let (key, _) = photo(1, 10);
    assert_eq!(read(store, &key).await, None);
    store.delete(&[key]).await.unwrap();
}

pub async fn a_photo_is_read_as_it_was_put(store: &dyn PhotoStore) {
    for length in [1, 70_000, 9_000_000] {
        let (key, bytes) = photo(2, length);
        store.put(&key, bytes.clone()).await.unwrap();
        let stream = store.get(&key).await.unwrap().unwrap();
        assert_eq!(stream.size, length as u64);
        assert!(stream.read(LIMIT).await.unwrap() == bytes, "{length} bytes");
    }
}

pub async fn a_photo_may_be_put_again(store: &dyn PhotoStore) {
    let (key, bytes) = photo(3, 1000);
    for _ in 0..3 {
        store.put(&key, bytes.clone()).await.unwrap();
    }
    assert_eq!(read(store, &key).await.unwrap(), bytes);
    assert_eq!(keys(store).await, [key].into());
}

pub async fn photos_may_be_put_at_once(store: &dyn PhotoStore) {
    let photos: Vec<_> = (0..4).map(|seed| photo(seed, 50_000)).collect();
    let puts = photos.iter().cycle().take(16);
    let done = join_all(puts.map(|(key, bytes)| store.put(key, bytes.clone()))).await;
    assert!(done.iter().all(|put| put.is_ok()), "{done:?}");
    assert_eq!(keys(store).await, photos.iter().map(|(key, _)| key.clone()).collect());
    for (key, bytes) in &photos {
        assert!(read(store, key).await.unwrap() == *bytes);
    }
}

pub async fn a_deleted_photo_is_gone(store: &dyn PhotoStore) {
    let [(kept, bytes), (gone, _)] = [photo(4, 10), photo(5, 10)];
    for (key, bytes) in [photo(4, 10), photo(5, 10)] {
        store.put(&key, bytes).await.unwrap();
    }
    for _ in 0..2 {
        store.delete(std::slice::from_ref(&gone)).await.unwrap();
        assert_eq!(read(store, &gone).await, None);
    }
    assert_eq!(read(store, &kept).await.unwrap(), bytes);
    assert_eq!(keys(store).await, [kept].into());
}

pub async fn the_list_says_when_photos_were_put(store: &dyn PhotoStore) {
    let (key, bytes) = photo(6, 10);
    store.put(&key, bytes).await.unwrap();
    let listed: Vec<_> = store.list().try_collect().await.unwrap();
    let minutes = Duration::from_secs(600);
    let put = listed[0].put;
    // Clocks of a store and of this machine differ.
    assert!(put < SystemTime::now() + minutes && put > SystemTime::now() - minutes, "{put:?}");
}

pub async fn reads_are_bounded(store: &dyn PhotoStore) {
    let (key, bytes) = photo(7, 5000);
    store.put(&key, bytes).await.unwrap();
    let error = store.get(&key).await.unwrap().unwrap().read(4999).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(store.get(&key).await.unwrap().unwrap().read(5000).await.unwrap().len(), 5000);
}
