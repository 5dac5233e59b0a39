//! Photos as files.

use std::sync::Arc;

use tempfile::TempDir;
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::{ErrorKind, PhotoStore};
use vitrina_testing::SmallDisk;

use crate::block_on;

async fn fresh() -> Option<(Arc<dyn PhotoStore>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file:{}", folder.path().join("photos").display());
    Some((vitrina_storage::open(&url).await.unwrap(), folder))
}

vitrina_core::photos_conformance!(block_on, fresh);

#[tokio::test]
async fn what_lay_in_a_data_folder_before_is_read_and_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let key = PhotoKey::of(b"a photo", PhotoFormat::Jpeg);
    std::fs::write(folder.path().join(key.as_str()), "a photo").unwrap();
    std::fs::write(folder.path().join("secret.jpg"), "x").unwrap();
    let store = vitrina_storage::open(&format!("file://{}", folder.path().display())).await.unwrap();
    assert_eq!(store.get(&key).await.unwrap().unwrap().read(100).await.unwrap(), b"a photo");
    assert_eq!(store.file(&key).unwrap().file_name().unwrap().to_str(), Some(key.as_str()));
    for name in [
        "../secret.jpg",
        "secret.jpg",
        "",
        ".",
        "%2e%2e",
        &"a".repeat(64),
        &format!("{}.exe", "a".repeat(64)),
    ] {
        assert!(name.parse::<PhotoKey>().is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_photos_leaves_nothing_behind_and_recovers() {
    let Some(disk) = SmallDisk::mount(4 << 20) else { return };
    let store =
        vitrina_storage::open(&format!("file:{}", disk.path().join("photos").display())).await.unwrap();
    let photo = |byte: u8| {
        let bytes = vec![byte; 100_000];
        (PhotoKey::of(&bytes, PhotoFormat::Png), bytes)
    };
    let (first, bytes) = photo(1);
    store.put(&first, bytes.into()).await.unwrap();
    store.ping().await.unwrap();
    disk.fill();
    let (second, bytes) = photo(2);
    for _ in 0..2 {
        let error = store.put(&second, bytes.clone().into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
        let shown = error.to_string();
        assert!(!shown.contains(&disk.path().display().to_string()), "{shown} names no path");
        assert!(store.ping().await.is_err());
    }
    assert!(store.get(&second).await.unwrap().is_none(), "no part of a photo");
    disk.free();
    store.ping().await.unwrap();
    store.put(&second, bytes.into()).await.unwrap();
    let files = std::fs::read_dir(disk.path().join("photos")).unwrap();
    assert_eq!(files.count(), 2, "two photos, and no part of another");
}
