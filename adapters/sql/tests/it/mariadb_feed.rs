//! The change feed on MariaDB, while others write.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, MySqlConnection};
use vitrina_core::{Catalog, ProductId};

use crate::common::{Follower, block_on, category, draft, follow_until};
use crate::server::Database;

async fn fresh() -> Option<(Arc<dyn Catalog>, Database)> {
    let database = Database::fresh().await?;
    let catalog = vitrina_sql::open(&database.url).await.unwrap();
    catalog.upsert_categories(&[category(1, "Camisetas"), category(2, "Zapatos")]).await.unwrap();
    Some((catalog, database))
}

async fn run(connection: &mut MySqlConnection, sql: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[test]
fn another_programs_writes_come_with_the_feed() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        let mut follower = Follower::default();
        let mut other = database.connect().await;
        for sql in [
            "INSERT INTO product (id, name, price, category_id) VALUES (1, 'a', 1, 1), (2, 'b', 2, 1), (3, 'c', 3, 2)",
            "INSERT IGNORE INTO product (id, name, price) VALUES (3, 'ignored', 3), (4, 'd', 4)",
            "UPDATE product SET price = 100 + price WHERE id = 2",
            "REPLACE INTO product (id, name, price) VALUES (1, 'a anew', 7)",
            "UPDATE category SET name = 'ZAPATOS' WHERE id = 2",
            "UPDATE product SET id = 9 WHERE id = 4",
            "DELETE FROM product WHERE id = 2",
            "UPDATE product SET category_id = NULL; DELETE FROM category WHERE id = 2",
        ] {
            run(&mut other, sql).await;
            assert!(follower.follow(&*catalog).await > 0, "{sql}");
            follower.agrees_with(&*catalog).await;
        }
        assert_eq!(follower.products.keys().map(|id| id.0).collect::<Vec<_>>(), [1, 3, 9]);
        assert_eq!(follower.categories.len(), 1);
    });
}

#[test]
fn an_open_transaction_is_neither_waited_for_nor_missed() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        let (mut slow, mut follower) = (database.connect().await, Follower::default());
        catalog.upsert_products(&[draft("before", 1)]).await.unwrap();
        run(&mut slow, "BEGIN; INSERT INTO product (id, name, price) VALUES (50, 'slow', 1)").await;
        catalog.upsert_products(&[draft("after", 1)]).await.unwrap();
        let started = Instant::now();
        follower.follow(&*catalog).await;
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        let names: Vec<_> = follower.products.values().map(|product| product.name.as_str()).collect();
        assert_eq!(names, ["before", "after"]);
        run(&mut slow, "COMMIT").await;
        assert_eq!(follower.follow(&*catalog).await, 1);
        assert_eq!(follower.products[&ProductId(50)].name, "slow");
    });
}

/// A category is renamed in a transaction that ends only after a product has moved into it.
#[test]
fn a_late_rename_reaches_products_that_moved_meanwhile() {
    block_on(async {
        let Some(database) = Database::fresh().await else {
            return;
        };
        let mut shop = database.connect().await;
        // No foreign key: nothing makes the two writers wait for each other.
        run(&mut shop, "CREATE TABLE category (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(50))").await;
        run(
            &mut shop,
            "CREATE TABLE product (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(100), description TEXT, \
             price DECIMAL(10,2), category_id INT)",
        )
        .await;
        run(&mut shop, "INSERT INTO category (id, name) VALUES (1, 'a'), (2, 'b')").await;
        run(&mut shop, "INSERT INTO product (id, name, price, category_id) VALUES (1, 'p', 1, 1)").await;
        let catalog = vitrina_sql::open(&database.url).await.unwrap();
        let (mut other, mut follower) = (database.connect().await, Follower::default());
        run(&mut shop, "BEGIN; UPDATE category SET name = 'renamed' WHERE id = 2").await;
        run(&mut other, "UPDATE product SET category_id = 2").await;
        follower.follow(&*catalog).await;
        run(&mut shop, "COMMIT").await;
        follower.follow(&*catalog).await;
        assert_eq!(follower.products[&ProductId(1)].category(), Some(&category(2, "renamed")));
    });
}

/// Many transactions that stay open, commit late and out of order, or are rolled back, while three readers follow.
#[test]
fn late_commits_and_rollbacks_hide_nothing_from_readers() {
    block_on(async {
        let Some((catalog, database)) = fresh().await else {
            return;
        };
        let stop = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> =
            (0..3).map(|_| tokio::spawn(follow_until(catalog.clone(), stop.clone()))).collect();
        let mut writers = Vec::new();
        for writer in 0..12_u64 {
            let mut own = database.connect().await;
            writers.push(tokio::spawn(async move {
                for round in 0..25_u64 {
                    let dice = (writer * 7919 + round * 104_729 + writer * round * 31) % 97;
                    let id = 1000 * (writer + 1) + dice % 10;
                    let sql = match dice % 4 {
                        0 => format!("DELETE FROM product WHERE id = {id}"),
                        1 => {
                            format!("UPDATE product SET price = price + 1 WHERE id BETWEEN {id} AND {id} + 3")
                        }
                        _ => format!(
                            "REPLACE INTO product (id, name, price) VALUES ({id}, 'w{writer}', {round})"
                        ),
                    };
                    run(&mut own, "BEGIN").await;
                    run(&mut own, &sql).await;
                    tokio::time::sleep(Duration::from_millis(dice % 41)).await;
                    run(&mut own, if dice % 5 == 0 { "ROLLBACK" } else { "COMMIT" }).await;
                }
            }));
        }
        for round in 0..20 {
            catalog.upsert_products(&[draft(&format!("ours {round}"), round)]).await.unwrap();
            let name = if round % 2 == 0 { "Camisas" } else { "Camisetas" };
            catalog.upsert_categories(&[category(1, name)]).await.unwrap();
        }
        for writer in writers {
            writer.await.unwrap();
        }
        stop.store(true, Ordering::SeqCst);
        for reader in readers {
            let follower = reader.await.unwrap();
            follower.agrees_with(&*catalog).await;
            assert!(follower.products.len() > 40, "{}", follower.products.len());
        }
    });
}
