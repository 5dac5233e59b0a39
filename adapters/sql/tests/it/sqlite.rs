//! The catalogue on SQLite.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;
use vitrina::{Catalog, Embedding, ErrorKind, PhotoEmbedding, ProductDraft, ProductId};

use crate::common::{self, Follower, block_on, category, draft};

async fn open(folder: &Path) -> Arc<dyn Catalog> {
    let path = folder.join("shop/catalog.db");
    vitrina_sql::open(&format!("sqlite:{}", path.display())).await.unwrap()
}

/// Another program's connection, as it comes without any setting.
async fn foreign(folder: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.join("shop/catalog.db")).foreign_keys(false);
    options.connect().await.unwrap()
}

async fn fresh() -> Option<(Arc<dyn Catalog>, TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    Some((open(folder.path()).await, folder))
}

vitrina::catalog_conformance!(block_on, fresh);

mod memory {
    use super::*;

    async fn fresh() -> Option<(Arc<dyn Catalog>, ())> {
        Some((vitrina_sql::open("sqlite::memory:").await.unwrap(), ()))
    }

    vitrina::catalog_conformance!(block_on, fresh);
}

#[test]
fn a_file_that_is_opened_again_has_kept_everything() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let ids = catalog.upsert_products(&[draft("a", 1), draft("b", 2)]).await.unwrap();
        let embedding = Embedding::new(vec![0.6, 0.8]).unwrap();
        let looks = PhotoEmbedding { product: ids[0], model: "m/1".into(), embedding };
        catalog.put_embeddings(&[looks]).await.unwrap();
        catalog.delete_products(&ids[1..]).await.unwrap();
        let before = catalog.changes(Default::default(), 10).await.unwrap();
        drop(catalog);
        let catalog = open(folder.path()).await;
        assert_eq!(catalog.changes(Default::default(), 10).await.unwrap(), before);
        let later = catalog.upsert_products(&[draft("c", 3)]).await.unwrap();
        assert!(later[0] > ids[1]);
        let url = format!("sqlite://{}", folder.path().join("shop/catalog.db").display());
        assert_eq!(vitrina_sql::open(&url).await.unwrap().count().await.unwrap(), 2);
    });
}

#[test]
fn another_programs_writes_come_with_the_feed() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        let mut follower = Follower::default();
        let mut other = foreign(folder.path()).await;
        for sql in [
            "INSERT INTO category (id, name) VALUES (1, 'Camisetas'), (2, 'Zapatos')",
            "INSERT INTO product (id, name, price, category_id) VALUES (1, 'a', 1, 1), (2, 'b', 2, 1), (3, 'c', 3, 2)",
            "INSERT OR IGNORE INTO product (id, name, price) VALUES (3, 'ignored', 3), (4, 'd', 4)",
            "UPDATE OR IGNORE product SET price = 100 + price WHERE id = 2",
            "REPLACE INTO product (id, name, price) VALUES (1, 'a anew', 7)",
            "UPDATE category SET name = 'Calzado' WHERE id = 2",
            "UPDATE product SET id = 9 WHERE id = 4",
            "DELETE FROM product WHERE id = 2",
            "DELETE FROM category WHERE id = 2",
        ] {
            sqlx::query(sql).execute(&mut other).await.unwrap();
            assert!(follower.follow(&*catalog).await > 0, "{sql}");
            follower.agrees_with(&*catalog).await;
        }
        assert_eq!(follower.products.keys().map(|id| id.0).collect::<Vec<_>>(), [1, 3, 9]);
        assert_eq!(follower.products[&ProductId(3)].category, None);
        assert_eq!(follower.categories.len(), 1);
    });
}

#[test]
fn a_replaced_row_loses_its_embedding() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let photo = ProductDraft { photo: Some("a.jpg".into()), ..draft("a", 1) };
        let ids = catalog.upsert_products(&[photo]).await.unwrap();
        let embedding = Embedding::new(vec![1.0]).unwrap();
        let looks = PhotoEmbedding { product: ids[0], model: "m/1".into(), embedding };
        catalog.put_embeddings(&[looks]).await.unwrap();
        let mut other = foreign(folder.path()).await;
        let replace = sqlx::query("REPLACE INTO product (id, name, photo) VALUES (?, 'b', 'b.jpg')");
        replace.bind(ids[0].0).execute(&mut other).await.unwrap();
        assert_eq!(catalog.without_embedding("m/1", ProductId(0), 10).await.unwrap().len(), 1);
    });
}

#[test]
fn a_large_batch_is_quick() {
    block_on(async {
        let (catalog, _folder) = fresh().await.unwrap();
        common::a_large_batch(&*catalog).await;
    });
}

#[test]
fn writers_in_two_processes_lose_nothing() {
    block_on(async {
        let (one, folder) = fresh().await.unwrap();
        let other = open(folder.path()).await;
        common::writers_of_the_same_products(&[one, other]).await;
    });
}

#[test]
fn many_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let opened: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| {
                    block_on(async { open(folder.path()).await.upsert_categories(&[category(1, "a")]).await })
                })
            })
            .collect();
        opened.into_iter().for_each(|one| one.join().unwrap().unwrap());
    });
}

#[test]
fn what_is_no_database_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "this is a text and certainly no database at all".repeat(100)).unwrap();
    let error = block_on(vitrina_sql::open(&format!("sqlite:{}", path.display()))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("no sqlite database"), "{}", error.chain());
    let error = block_on(vitrina_sql::open(&format!("sqlite:{}", folder.path().display()))).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
}
