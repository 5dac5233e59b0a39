//! The catalogue on SQLite.

use std::path::Path;
use std::sync::Arc;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;
use vitrina_core::catalog::{Change, PhotoEmbedding, ProductPhoto};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::product::ProductDraft;
use vitrina_core::{Catalog, ErrorKind, ProductId};
use vitrina_sql::SqliteCatalog;
use vitrina_testing::SmallDisk;

use crate::common::{self, Follower, block_on, category, draft, photo_key};
use crate::photos;

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

vitrina_core::catalog_conformance!(block_on, fresh);

mod memory {
    use super::*;

    async fn fresh() -> Option<(Arc<dyn Catalog>, ())> {
        Some((vitrina_sql::open("sqlite::memory:").await.unwrap(), ()))
    }

    vitrina_core::catalog_conformance!(block_on, fresh);
}

#[test]
fn a_file_that_is_opened_again_has_kept_everything() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let photos = ["main", "back"].map(|photo| photo_key(photo).to_string()).into();
        let drafts = [ProductDraft { photos, ..draft("a", 1) }, draft("b", 2)];
        let ids = catalog.upsert_products(&drafts).await.unwrap();
        let embedded = ["back", "main"].map(|photo| PhotoEmbedding {
            product: ids[0],
            photo: photo_key(photo),
            embedding: Embedding::new(vec![0.6, 0.8]).unwrap().in_space(space()),
        });
        catalog.put_embeddings(&embedded).await.unwrap();
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
        assert_eq!(follower.products[&ProductId(3)].category(), None);
        assert_eq!(follower.categories.len(), 1);
    });
}

fn space() -> EmbeddingSpace {
    EmbeddingSpace::new("m/1").unwrap()
}

#[test]
fn embeddings_of_an_older_version_are_kept() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("shop")).unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("shop/catalog.db"));
        let mut old = options.create_if_missing(true).connect().await.unwrap();
        let mut migrator = sqlx::migrate!("migrations/sqlite");
        migrator.dangerous_set_table_name("vitrina_migration");
        migrator.run_direct(Some(1), &mut old, false).await.unwrap();
        let main = photo_key("main");
        let product = sqlx::query("INSERT INTO product (id, name, photo) VALUES (7, 'a', ?)");
        product.bind(main.as_str()).execute(&mut old).await.unwrap();
        let embedding = "INSERT INTO product_embedding (product_id, model, vector) VALUES (7, 'm/1', x'0000803f00000000')";
        sqlx::query(embedding).execute(&mut old).await.unwrap();
        old.close().await.unwrap();
        let catalog = open(folder.path()).await;
        let changes = catalog.changes(Default::default(), 10).await.unwrap().changes;
        let embedding = Embedding::new(vec![1.0, 0.0]).unwrap().in_space(space());
        let kept = PhotoEmbedding { product: ProductId(7), photo: main, embedding };
        let Change::Product { embeddings, .. } = &changes[0] else { panic!("{changes:?}") };
        assert_eq!(*embeddings, [kept]);
        let gone = ProductDraft { id: Some(ProductId(7)), name: "a".into(), ..ProductDraft::default() };
        catalog.upsert_products(&[gone]).await.unwrap();
        let changes = catalog.changes(Default::default(), 10).await.unwrap().changes;
        assert!(matches!(&changes[0], Change::Product { embeddings, .. } if embeddings.is_empty()));
    });
}

#[test]
fn a_replaced_row_loses_its_embedding() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let photo = ProductDraft { photos: vec![photo_key("a").to_string()], ..draft("a", 1) };
        let ids = catalog.upsert_products(&[photo]).await.unwrap();
        let embedding = Embedding::new(vec![1.0]).unwrap().in_space(space());
        let of_photo = PhotoEmbedding { product: ids[0], photo: photo_key("a"), embedding };
        catalog.put_embeddings(&[of_photo]).await.unwrap();
        let mut other = foreign(folder.path()).await;
        let replace = sqlx::query("REPLACE INTO product (id, name, photo) VALUES (?, 'b', ?)");
        replace.bind(ids[0].0).bind(photo_key("b").as_str()).execute(&mut other).await.unwrap();
        let lacking = catalog.without_embedding(&space(), None, 10).await.unwrap();
        assert_eq!(lacking, [ProductPhoto { product: ids[0], photo: photo_key("b") }]);
    });
}

#[test]
fn photos_of_an_older_version_are_kept_and_wait_for_embeddings() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("shop")).unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("shop/catalog.db"));
        let mut old = options.create_if_missing(true).connect().await.unwrap();
        let mut migrator = sqlx::migrate!("migrations/sqlite");
        migrator.dangerous_set_table_name("vitrina_migration");
        migrator.run_direct(Some(30), &mut old, false).await.unwrap();
        let add = |sql: &'static str| sqlx::query(sql);
        for (id, photo, details) in photos::rows_of_an_older_version() {
            let product = add("INSERT INTO product (id, name, photo, details) VALUES (?, 'a', ?, ?)");
            product.bind(id).bind(photo).bind(details).execute(&mut old).await.unwrap();
            for model in ["m/1", "m/2"] {
                let embedding = add("INSERT INTO product_embedding VALUES (?, ?, x'0000803f00000000')");
                embedding.bind(id).bind(model).execute(&mut old).await.unwrap();
            }
        }
        old.close().await.unwrap();
        let catalog = open(folder.path()).await;
        photos::belong_to_main_photos(&*catalog).await;
        let rows = sqlx::query_scalar("SELECT COUNT(*) FROM product_embedding");
        let rows: i64 = rows.fetch_one(&mut foreign(folder.path()).await).await.unwrap();
        assert_eq!(rows, 6, "no row is lost");
    });
}

#[test]
fn photos_that_other_programs_write_are_known() {
    block_on(async {
        let (catalog, folder) = fresh().await.unwrap();
        let mut other = foreign(folder.path()).await;
        for (sql, wanted) in photos::writes_of_other_programs() {
            sqlx::query(AssertSqlSafe(sql.clone())).execute(&mut other).await.unwrap();
            photos::lack(&*catalog, &sql, &wanted).await;
        }
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
fn a_large_batch_of_offers_is_quick() {
    block_on(async {
        let (catalog, _folder) = fresh().await.unwrap();
        common::a_large_batch_of_offers(&*catalog).await;
    });
}

#[test]
fn modifications_of_one_product_lose_nothing() {
    block_on(async {
        let (one, folder) = fresh().await.unwrap();
        let other = open(folder.path()).await;
        common::modifications_of_one_product(&[one, other]).await;
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

#[test]
fn a_full_disk_ends_no_later_write() {
    let Some(disk) = SmallDisk::mount(4 << 20) else { return };
    block_on(async {
        let catalog = open(disk.path()).await;
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let ids = catalog.upsert_products(&[draft("a", 1)]).await.unwrap();
        catalog.ping().await.unwrap();
        disk.fill();
        let large = ProductDraft { description: "De algodón. ".repeat(100), ..draft("b", 2) };
        let batch = vec![large; 1_000];
        for attempt in 0..3 {
            let error = catalog.upsert_products(&batch).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "attempt {attempt}: {}", error.chain());
            let error = catalog.ping().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "attempt {attempt}: {}", error.chain());
        }
        assert_eq!(catalog.products(&ids).await.unwrap().len(), 1, "reads go on");
        disk.free();
        catalog.ping().await.expect("space is back");
        catalog.upsert_products(&batch).await.unwrap();
        assert_eq!(catalog.count().await.unwrap(), 1_001);
    });
}

#[test]
fn a_backup_holds_what_the_file_alone_does_not() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop/catalog.db").display().to_string();
        let catalog = SqliteCatalog::open(&path).await.unwrap();
        catalog.upsert_categories(&[category(1, "Camisetas")]).await.unwrap();
        let ids = catalog.upsert_products(&[draft("a", 1), draft("b", 2)]).await.unwrap();
        // Nothing has moved these from the write-ahead log into the file yet.
        std::fs::create_dir(folder.path().join("plain")).unwrap();
        std::fs::copy(folder.path().join("shop/catalog.db"), folder.path().join("plain/catalog.db")).unwrap();
        let copy = folder.path().join("copy/shop/catalog.db");
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        catalog.backup(&copy).await.unwrap();
        catalog.upsert_products(&[draft("later", 3)]).await.unwrap();
        assert_eq!(catalog.backup(&copy).await.unwrap_err().kind(), ErrorKind::Invalid, "never over another");

        let restored = open(&folder.path().join("copy")).await;
        assert_eq!(restored.products(&ids).await.unwrap(), catalog.products(&ids).await.unwrap());
        assert_eq!(restored.count().await.unwrap(), 2);
        assert_ne!(restored.identity().await.unwrap(), catalog.identity().await.unwrap());
        let next = restored.upsert_products(&[draft("c", 3)]).await.unwrap();
        assert!(next[0] > ids[1], "it goes on where it was");
        let plain = SqliteCatalog::open(&folder.path().join("plain/catalog.db").display().to_string()).await;
        assert_ne!(plain.unwrap().count().await.unwrap(), 2, "a plain copy lacks the log");
    });
}

#[test]
fn products_of_an_older_version_are_kept_and_gain_what_is_new() {
    block_on(async {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("shop")).unwrap();
        let options = SqliteConnectOptions::new().filename(folder.path().join("shop/catalog.db"));
        let mut old = options.create_if_missing(true).connect().await.unwrap();
        let mut migrator = sqlx::migrate!("migrations/sqlite");
        migrator.dangerous_set_table_name("vitrina_migration");
        migrator.run_direct(Some(10), &mut old, false).await.unwrap();
        for sql in [
            "INSERT INTO category (id, name) VALUES (1, 'Camisetas')",
            "INSERT INTO product (id, name, description, price, category_id, brand, stock, photo) \
             VALUES (7, 'Camiseta', 'De algodón', 1299, 1, 'Norte', 3, 'a.jpg')",
        ] {
            sqlx::query(sql).execute(&mut old).await.unwrap();
        }
        old.close().await.unwrap();
        let catalog = open(folder.path()).await;
        let kept = catalog.products(&[ProductId(7)]).await.unwrap().remove(0);
        let wanted = ProductDraft {
            id: Some(ProductId(7)),
            description: "De algodón".into(),
            brand: Some("Norte".into()),
            stock: Some(3),
            photos: vec!["a.jpg".into()],
            ..draft("Camiseta", 1_299)
        };
        assert_eq!(ProductDraft::from(kept), wanted);
        let keyed = ProductDraft { key: Some("ref-7".into()), ..wanted };
        catalog.upsert_products(std::slice::from_ref(&keyed)).await.unwrap();
        let unnumbered = ProductDraft { id: None, stock: Some(2), ..keyed };
        assert_eq!(catalog.upsert_products(&[unnumbered]).await.unwrap(), [ProductId(7)]);
    });
}
