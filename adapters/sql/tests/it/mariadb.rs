//! The catalogue on MariaDB.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, MySqlConnection};
use tokio::net::{TcpListener, TcpStream};
use vitrina_core::catalog::{ListQuery, Sort};
use vitrina_core::product::ProductDraft;
use vitrina_core::{Catalog, ErrorKind, ProductId};

use crate::common::{self, Follower, block_on, category, draft};
use crate::photos;
use crate::server::Database;

async fn fresh() -> Option<(Arc<dyn Catalog>, Database)> {
    let database = Database::fresh().await?;
    let catalog = vitrina_sql::open(&database.url).await.unwrap();
    Some((catalog, database))
}

async fn run(connection: &mut MySqlConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

vitrina_core::catalog_conformance!(block_on, fresh);

#[test]
fn a_large_batch_is_quick() {
    block_on(async {
        let Some((catalog, _database)) = fresh().await else {
            return;
        };
        common::a_large_batch(&*catalog).await;
    });
}

#[test]
fn a_large_batch_of_offers_is_quick() {
    block_on(async {
        let Some((catalog, _database)) = fresh().await else {
            return;
        };
        common::a_large_batch_of_offers(&*catalog).await;
    });
}

#[test]
fn modifications_of_one_product_lose_nothing() {
    block_on(async {
        let Some((one, database)) = fresh().await else {
            return;
        };
        let other = vitrina_sql::open(&database.url.replacen("mysql:", "mariadb:", 1)).await.unwrap();
        common::modifications_of_one_product(&[one, other]).await;
    });
}

#[test]
fn writers_of_the_same_products_lose_nothing() {
    block_on(async {
        let Some((one, database)) = fresh().await else {
            return;
        };
        let other = vitrina_sql::open(&database.url.replacen("mysql:", "mariadb:", 1)).await.unwrap();
        common::writers_of_the_same_products(&[one, other]).await;
    });
}

#[test]
fn many_may_open_an_empty_database_at_once() {
    block_on(async {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let opened: Vec<_> = (0..6)
            .map(|_| {
                let url = database.url.clone();
                tokio::spawn(async move { vitrina_sql::open(&url).await.map(|_| ()) })
            })
            .collect();
        for one in opened {
            one.await.unwrap().unwrap();
        }
    });
}

#[test]
fn photos_of_an_older_version_are_kept_and_wait_for_embeddings() {
    block_on(async {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let mut old = database.connect().await;
        let mut migrator = sqlx::migrate!("migrations/mariadb");
        migrator.dangerous_set_table_name("vitrina_migration");
        migrator.set_locking(false);
        migrator.run_direct(Some(30), &mut old, false).await.unwrap();
        for (id, photo, details) in photos::rows_of_an_older_version() {
            let product = sqlx::query("INSERT INTO product (id, name, photo, details) VALUES (?, 'a', ?, ?)");
            product.bind(id).bind(photo).bind(details).execute(&mut old).await.unwrap();
            for model in ["m/1", "m/2"] {
                let embedding =
                    sqlx::query("INSERT INTO product_embedding VALUES (?, ?, x'0000803f00000000')");
                embedding.bind(id).bind(model).execute(&mut old).await.unwrap();
            }
        }
        let catalog = vitrina_sql::open(&database.url).await.unwrap();
        photos::belong_to_main_photos(&*catalog).await;
        // As after a server that died in the middle of it.
        run(&mut old, "UPDATE vitrina_migration SET success = FALSE").await;
        let again = vitrina_sql::open(&database.url).await.unwrap();
        photos::belong_to_main_photos(&*again).await;
        let rows: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM product_embedding").fetch_one(&mut old).await.unwrap();
        assert_eq!(rows, 6, "no row is lost");
    });
}

#[test]
fn photos_that_other_programs_write_are_known() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        let mut other = database.connect().await;
        for (sql, wanted) in photos::writes_of_other_programs() {
            run(&mut other, &sql).await;
            photos::lack(&*catalog, &sql, &wanted).await;
        }
    });
}

#[test]
fn a_migration_that_was_cut_off_is_done_again() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        let mut other = database.connect().await;
        run(&mut other, "UPDATE vitrina_migration SET success = FALSE; DROP TRIGGER vitrina_product_insert")
            .await;
        drop(catalog);
        let catalog = vitrina_sql::open(&database.url).await.unwrap();
        run(&mut other, "INSERT INTO product (name, price) VALUES ('a', 1)").await;
        let mut follower = Follower::default();
        follower.follow(&*catalog).await;
        follower.agrees_with(&*catalog).await;
        assert_eq!(follower.products.len(), 1);
    });
}

/// The database of the course's `init.sql`, in an old character set, with rows that hold nulls.
const COURSE: &str = "
    CREATE TABLE category (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50));
    CREATE TABLE product (
        id INT AUTO_INCREMENT PRIMARY KEY,
        name VARCHAR(100),
        description TEXT,
        price DECIMAL(10,2),
        category_id INT,
        FOREIGN KEY (category_id) REFERENCES category(id)
    );
    INSERT INTO category (name) VALUES
        ('Camisetas'), ('Teléfonos'), ('Pantalones'), ('Zapatos'), ('Portátiles'), ('Otros'), ('Otros');
    INSERT INTO product (name, description, price, category_id) VALUES
        ('Camiseta básica', 'De algodón', 12.99, 1),
        ('Móvil ñandú', 'Con cámara', 99999999.99, 2),
        (NULL, NULL, NULL, NULL),
        ('Zapato', 'Niño', 0.10, 4);
    DELETE FROM product WHERE id = 4;
    CREATE TABLE order_line (product_id INT REFERENCES product(id), pieces INT);
    INSERT INTO order_line VALUES (1, 2);
";

#[test]
fn the_courses_database_is_taken_over_without_losing_a_row() {
    block_on(async {
        let Some(database) = Database::with("CHARACTER SET latin1").await else {
            return;
        };
        let mut shop = database.connect().await;
        run(&mut shop, COURSE).await;
        let catalog = vitrina_sql::open(&database.url).await.unwrap();
        assert_eq!(catalog.categories().await.unwrap().len(), 7);
        let products = catalog.products(&[ProductId(1), ProductId(2), ProductId(3)]).await.unwrap();
        assert_eq!(products[0].name, "Camiseta básica");
        assert_eq!(products[0].price.minor(), 1299);
        assert_eq!(products[1].price.to_string(), "99999999.99");
        assert_eq!(products[1].category(), Some(&category(2, "Teléfonos")));
        assert_eq!((products[2].name.as_str(), products[2].price.minor()), ("", 0));
        let mut follower = Follower::default();
        follower.follow(&*catalog).await;
        follower.agrees_with(&*catalog).await;
        assert_eq!((follower.categories.len(), follower.products.len()), (7, 3));

        // The shop's own statements go on working, down to the number of the row that it inserted.
        run(&mut shop, "INSERT INTO product VALUES (NULL, 'Del PHP', 'á', 5.5, 6)").await;
        let id: u64 = sqlx::query_scalar("SELECT LAST_INSERT_ID()").fetch_one(&mut shop).await.unwrap();
        assert_eq!(id, 5);
        let columns = sqlx::query("SELECT * FROM product LIMIT 1").fetch_one(&mut shop).await.unwrap();
        assert_eq!(sqlx::Row::len(&columns), 5);
        follower.follow(&*catalog).await;
        assert_eq!(follower.products[&ProductId(5)].price.minor(), 550);
        let error = catalog.delete_products(&[ProductId(1)]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{}", error.chain());

        // What did not fit before does now.
        let long =
            ProductDraft { brand: Some("Ñ".into()), stock: Some(u32::MAX), ..draft(&"👟".repeat(255), 1) };
        let ids = catalog.upsert_products(std::slice::from_ref(&long)).await.unwrap();
        let kept = ProductDraft::from(catalog.products(&ids).await.unwrap().remove(0));
        assert_eq!(kept, ProductDraft { id: Some(ids[0]), ..long });
        let too_high = ProductDraft { id: Some(ProductId(1 << 40)), ..draft("a", 1) };
        assert_eq!(catalog.upsert_products(&[too_high]).await.unwrap_err().kind(), ErrorKind::Invalid);
        for sort in [Sort::Name, Sort::PriceAscending, Sort::PriceDescending] {
            let (mut seen, mut query) = (0, ListQuery::default().sort(sort).limit(1));
            while let Some(next) = catalog.list(&query).await.unwrap().next {
                (seen, query.after) = (seen + 1, Some(next));
            }
            assert_eq!(seen + 1, 5, "{sort:?}");
        }
        assert!(
            catalog
                .delete_category(
                    vitrina_core::CategoryId(2),
                    vitrina_core::product::CategoryContents::Release
                )
                .await
                .unwrap()
        );
        vitrina_sql::open(&database.url).await.unwrap();
        assert_eq!(catalog.count().await.unwrap(), 5);
    });
}

#[test]
fn a_shops_own_unique_key_never_leads_to_another_product() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        catalog.upsert_categories(&[category(1, "a")]).await.unwrap();
        let ids = catalog.upsert_products(&[draft("a", 1), draft("b", 2)]).await.unwrap();
        run(&mut database.connect().await, "ALTER TABLE product ADD UNIQUE KEY (name)").await;
        for id in [ids[1], ProductId(77)] {
            let double = ProductDraft { id: Some(id), ..draft("a", 9) };
            assert_eq!(catalog.upsert_products(&[double]).await.unwrap_err().kind(), ErrorKind::Invalid);
        }
        let prices: Vec<_> = common::everything(&*catalog).await.iter().map(|p| p.price.minor()).collect();
        assert_eq!(prices, [1, 2]);
    });
}

async fn is_told_within_seconds(url: &str) {
    let started = Instant::now();
    let error = vitrina_sql::open(url).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(!error.chain().to_string().contains("secret"));
}

#[test]
fn a_server_that_is_away_or_silent_is_told_within_seconds() {
    block_on(async {
        is_told_within_seconds("mariadb://shop:secret@127.0.0.1:1/shop").await;
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        is_told_within_seconds(&format!("mysql://shop:secret@{}/shop", silent.local_addr().unwrap())).await;
    });
}

#[test]
fn a_refusal_is_told_without_the_password() {
    block_on(async {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let (_, host) = database.url.rsplit_once('@').unwrap();
        let error = vitrina_sql::open(&format!("mysql://nobody:secret@{host}")).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Internal, "{}", error.chain());
        assert!(!format!("{error:?} {}", error.chain()).contains("secret"));
        let catalog = vitrina_sql::MariaDbCatalog::open(&database.url).await.unwrap();
        assert_eq!(format!("{catalog:?}"), "MariaDbCatalog { .. }");
    });
}

/// Passes connections on to `server` until it is aborted, which cuts them.
async fn proxy(listener: TcpListener, server: String) {
    let mut passing = tokio::task::JoinSet::new();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(&server).await.unwrap();
        passing.spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
    }
}

#[test]
fn a_server_that_comes_back_is_used_again() {
    block_on(async {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let (user, rest) = database.url.rsplit_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let passing = tokio::spawn(proxy(listener, server.to_owned()));
        let catalog = vitrina_sql::open(&format!("{user}@{address}/{name}")).await.unwrap();
        catalog.ping().await.unwrap();
        passing.abort();
        let _ = passing.await;
        let started = Instant::now();
        assert_eq!(catalog.ping().await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
        let listener = TcpListener::bind(address).await.unwrap();
        let passing = tokio::spawn(proxy(listener, server.to_owned()));
        catalog.ping().await.unwrap();
        passing.abort();
    });
}
