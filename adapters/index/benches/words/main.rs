//! Search by words over generated products: how fast the index is built, and what it answers to 16 clients; then the same
//! products and queries with what databases do by themselves: SQLite's FTS5, MariaDB's FULLTEXT and `LIKE`.
//!
//! `cargo bench -p vitrina-index` takes 10,000 and 100,000 products; `VITRINA_BENCH_PRODUCTS=1000000` sets another number.
//! The products are made of the words of the demo catalogue and the vocabulary of categories, and of made-up model numbers,
//! so that frequent and rare words are as far apart as in a shop. The index lies in a temporary folder on the disk.
//! `VITRINA_BENCH_MARIADB` names the server to compare with, `mysql://root@127.0.0.1:3306` by default; empty, none.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod clients;
mod products;

use std::path::Path;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use vitrina_core::catalog::{Change, FeedPosition};
use vitrina_core::index::TextQuery;
use vitrina_core::{Product, SearchIndex};
use vitrina_index::TantivyIndex;
use vitrina_sql::baseline::{Fts5, FullText};

use crate::clients::{Seen, ask};
use crate::products::Words;

/// How many changes are applied at a time, as by [`vitrina_core::index::catch_up`].
const BATCH: usize = 10_000;

/// How many products the databases are asked for.
const PAGE: usize = 20;

/// How many connections the databases are asked over.
const CONNECTIONS: usize = 16;

fn main() {
    let sizes = match std::env::var("VITRINA_BENCH_PRODUCTS") {
        Ok(size) => vec![size.parse().unwrap()],
        Err(_) => vec![10_000, 100_000],
    };
    let words = Words::read();
    for size in sizes {
        vitrina(&words, size);
        databases(&words, size);
    }
}

fn vitrina(words: &Words, size: usize) {
    let folder = tempfile::tempdir().unwrap();
    let index = TantivyIndex::open(folder.path()).unwrap();
    let start = Instant::now();
    for first in (0..size).step_by(BATCH) {
        let numbers = first..(first + BATCH).min(size);
        let product = |number| Change::Product { product: words.product(number), embeddings: Vec::new() };
        let changes: Vec<_> = numbers.map(product).collect();
        block_on(index.apply(&changes, FeedPosition((first + changes.len()) as u64))).unwrap();
    }
    let built = start.elapsed();
    // As in a server: as many searches at a time as there are cores, the others wait their turn.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let seen = ask(words, size, cores, |text| {
        block_on(index.text(&TextQuery::default().text(text))).unwrap();
    });
    print(size, "Vitrina", built, &seen);
    println!("    {} MB on disk, {} MB resident", bytes(folder.path()) >> 20, resident_kilobytes() >> 10);
}

#[tokio::main]
async fn databases(words: &Words, size: usize) {
    let products: Vec<Product> = (0..size).map(|number| words.product(number)).collect();
    let runtime = tokio::runtime::Handle::current();
    let folder = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let fts5 = Fts5::fill(&folder.path().join("fts5.sqlite"), &products).await.unwrap();
    let built = start.elapsed();
    tokio::task::block_in_place(|| {
        let seen = ask(words, size, CONNECTIONS, |text| {
            runtime.block_on(fts5.search(&text, PAGE)).unwrap();
        });
        print(size, "SQLite FTS5", built, &seen);
    });
    let url = std::env::var("VITRINA_BENCH_MARIADB");
    let url = url.unwrap_or_else(|_| "mysql://root@127.0.0.1:3306".to_owned());
    if url.is_empty() {
        return println!("MariaDB: left out, as VITRINA_BENCH_MARIADB says");
    }
    let start = Instant::now();
    let full_text = match FullText::fill(&url, &products).await {
        Ok(full_text) => full_text,
        Err(error) => return println!("MariaDB: SKIPPED, no comparison with FULLTEXT and LIKE: {error}"),
    };
    let built = start.elapsed();
    drop(products);
    tokio::task::block_in_place(|| {
        let seen = ask(words, size, CONNECTIONS, |text| {
            runtime.block_on(full_text.search(&text, PAGE)).unwrap();
        });
        print(size, "MariaDB FULLTEXT", built, &seen);
        let seen = ask(words, size, CONNECTIONS, |text| {
            runtime.block_on(full_text.like(&text, PAGE)).unwrap();
        });
        print(size, "MariaDB LIKE", built, &seen);
    });
    full_text.drop_database().await.unwrap();
}

fn print(size: usize, system: &str, built: Duration, seen: &Seen) {
    println!("{size} products, {system}: built in {:.1} s; {seen}", built.as_secs_f64());
}

fn bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum()
}

/// The memory of this process, from `/proc`; 0 where there is none.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
