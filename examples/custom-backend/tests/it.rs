//! The contracts of catalogues and queues over the backends of this crate, and the server over both.

#![allow(clippy::unwrap_used)]

use std::future::Future;
use std::process::Stdio;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use vitrina::core::queue::{Outcome, QueueOptions, Stage, TaskState};
use vitrina::core::{Catalog, TaskQueue};
use vitrina::{NewProduct, Shop};
use vitrina_custom_backend::{FolderQueue, JsonCatalog, registry};

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

async fn catalog() -> Option<(Arc<dyn Catalog>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let catalog = JsonCatalog::open(folder.path().join("products.json")).await.unwrap();
    Some((Arc::new(catalog), folder))
}

async fn queue(options: QueueOptions) -> Option<(Arc<dyn TaskQueue>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    let queue = FolderQueue::open(folder.path(), options).await.unwrap();
    Some((Arc::new(queue), folder))
}

mod contracts {
    use super::{block_on, catalog as fresh_catalog, queue as fresh_queue};

    vitrina_core::catalog_conformance!(block_on, fresh_catalog);
    vitrina_core::queue_conformance!(block_on, fresh_queue);
}

#[tokio::test]
async fn a_shop_over_both_keeps_its_products() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        Shop::builder()
            .registry(registry())
            .data_dir(folder.path())
            .catalog(format!("json:{}", folder.path().join("products.json").display()))
            .queue(format!("folder:{}", folder.path().join("queue").display()))
            .open()
    };
    let shop = open().await.unwrap();
    let cup = shop.put(NewProduct::new("Taza azul", "7".parse().unwrap()).category("Menaje")).await.unwrap();
    let plate = shop.put(NewProduct::new("Plato", "5".parse().unwrap())).await.unwrap();
    shop.delete(plate).await.unwrap();
    drop(shop);
    let shop = open().await.unwrap();
    assert_eq!(shop.search("taza").category("Menaje").await.unwrap().products[0].id, cup);
    let bowl = shop.put(NewProduct::new("Cuenco", "6".parse().unwrap())).await.unwrap();
    assert!(bowl > plate, "an ID is given once");
}

#[tokio::test]
async fn a_photo_survives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let queue = FolderQueue::open(folder.path(), QueueOptions::default()).await.unwrap();
    let task = queue.submit(b"a photo".to_vec()).await.unwrap();
    drop(queue);
    let queue = FolderQueue::open(folder.path(), QueueOptions::default()).await.unwrap();
    assert_eq!(queue.state(task).await.unwrap(), TaskState::Queued);
    let claim = queue.claim(1, std::time::Duration::ZERO).await.unwrap().remove(0);
    assert_eq!(claim.photo, b"a photo");
    queue.complete(claim.lease.task, Outcome::Failed("no photo".into())).await.unwrap();
    let ended = queue.wait(task, Stage::Ended, std::time::Duration::ZERO).await.unwrap();
    assert_eq!(ended, TaskState::Ended(Outcome::Failed("no photo".into())));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_stock_server_starts_over_both() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("products.json");
    let mut server = tokio::process::Command::new(env!("CARGO_BIN_EXE_shop-on-files"))
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder.path())
        .arg("--catalog")
        .arg(format!("json:{}", file.display()))
        .arg("--queue")
        .arg(format!("folder:{}", folder.path().join("queue").display()))
        .env("VITRINA_ADMIN_KEY", "a key for this test alone")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let url = line.trim().trim_start_matches("listening on ").to_owned();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let put = client
        .put(format!("{url}/products/7"))
        .bearer_auth("a key for this test alone")
        .header("content-type", "application/json")
        .body(r#"{"name": "Taza azul", "price": 7.5}"#)
        .send();
    assert_eq!(put.await.unwrap().status(), 200);
    let found = client.get(format!("{url}/products/7")).send().await.unwrap().text().await.unwrap();
    assert!(found.contains("Taza azul"), "{found}");
    assert!(std::fs::read_to_string(file).unwrap().contains("Taza azul"));
}
