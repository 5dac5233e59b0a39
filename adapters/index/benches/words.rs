//! Search by words over generated products: how fast the index is built, and what it answers to 16 clients.
//!
//! `cargo bench -p vitrina-index` takes 10,000 and 100,000 products; `VITRINA_BENCH_PRODUCTS=1000000` sets another number.
//! The products are made of the words of the demo catalogue and the vocabulary of categories, and of made-up model numbers,
//! so that frequent and rare words are as far apart as in a shop. The index lies in a temporary folder on the disk.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::path::Path;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use futures_executor::block_on;
use vitrina::text::words;
use vitrina::{
    Category, CategoryId, Change, FeedPosition, Money, Product, ProductId, SearchIndex, TextQuery,
};
use vitrina_index::TantivyIndex;

const DEMO: &str = include_str!("../../../data/demo/products_es.jsonl");
const VOCABULARY: &str = include_str!("../../../data/vocabulary.json");
const CLIENTS: usize = 16;
const SECONDS: u64 = 10;
/// How many changes are applied at a time, as by [`vitrina::catch_up`].
const STRETCH: usize = 10_000;

fn main() {
    let sizes = match std::env::var("VITRINA_BENCH_PRODUCTS") {
        Ok(size) => vec![size.parse().unwrap()],
        Err(_) => vec![10_000, 100_000],
    };
    sizes.into_iter().for_each(measure);
}

fn measure(size: usize) {
    let vocabulary = vocabulary();
    let folder = tempfile::tempdir().unwrap();
    let index = TantivyIndex::open(folder.path()).unwrap();
    let start = Instant::now();
    for first in (0..size).step_by(STRETCH) {
        let numbers = first..(first + STRETCH).min(size);
        let changes: Vec<_> = numbers.map(|number| change(number, &vocabulary)).collect();
        block_on(index.apply(&changes, FeedPosition((first + changes.len()) as u64))).unwrap();
    }
    let built = start.elapsed();
    let times = Mutex::new(Vec::new());
    let (ask, asked) = mpsc::channel::<(String, mpsc::Sender<usize>)>();
    let asked = Mutex::new(asked);
    std::thread::scope(|scope| {
        // As in a server: as many searches at a time as there are cores, the others wait their turn.
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (index, asked) = (&index, &asked);
            scope.spawn(move || {
                loop {
                    let next = asked.lock().unwrap().recv();
                    let Ok((text, answer)) = next else { return };
                    let hits = block_on(index.text(&TextQuery { text, ..TextQuery::default() })).unwrap();
                    answer.send(hits.hits.len()).unwrap();
                }
            });
        }
        let end = Instant::now() + Duration::from_secs(SECONDS);
        for client in 0..CLIENTS {
            let (ask, times, vocabulary) = (ask.clone(), &times, &vocabulary);
            scope.spawn(move || {
                let mut dice = Dice(client as u64 + 1);
                let mut own = Vec::new();
                let (answer, answered) = mpsc::channel();
                while Instant::now() < end {
                    let query = query(&mut dice, size, vocabulary);
                    let start = Instant::now();
                    ask.send((query, answer.clone())).unwrap();
                    answered.recv().unwrap();
                    own.push(start.elapsed());
                }
                times.lock().unwrap().append(&mut own);
            });
        }
        drop(ask);
    });
    let mut times = times.into_inner().unwrap();
    times.sort_unstable();
    let at = |share: usize| times[times.len() * share / 100].as_secs_f64() * 1e3;
    println!(
        "{size} products: built in {:.1} s, {} MB on disk, {} MB resident; {CLIENTS} clients: {} queries a second, \
         p50 {:.2} ms, p99 {:.2} ms",
        built.as_secs_f64(),
        bytes(folder.path()) >> 20,
        resident_kilobytes() >> 10,
        times.len() as u64 / SECONDS,
        at(50),
        at(99),
    );
}

/// The words of the demo catalogue and of the vocabulary.
fn vocabulary() -> Vec<String> {
    let mut all: Vec<_> = words(DEMO).into_iter().chain(words(VOCABULARY)).collect();
    all.retain(|word| word.len() > 2 && word.chars().all(char::is_alphabetic));
    all.sort();
    all.dedup();
    all
}

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    /// A word; the frequencies fall like those of a language.
    fn word<'a>(&mut self, vocabulary: &'a [String]) -> &'a str {
        let part = self.below(1 << 20) as f64 / f64::from(1 << 20);
        &vocabulary[((vocabulary.len() as f64).powf(part) - 1.0) as usize]
    }
}

fn name(number: usize, vocabulary: &[String]) -> String {
    let mut dice = Dice(number as u64 * 7919);
    let words: Vec<_> = (0..6).map(|_| dice.word(vocabulary).to_owned()).collect();
    format!("{} {}{}", words.join(" "), ["XT", "GL", "PRO", "K"][dice.below(4)], dice.below(50_000))
}

fn change(number: usize, vocabulary: &[String]) -> Change {
    let mut dice = Dice(number as u64);
    let description: Vec<_> = (0..25).map(|_| dice.word(vocabulary)).collect();
    let shelf = dice.below(200);
    let product = Product {
        id: ProductId(number as i64 + 1),
        name: name(number, vocabulary),
        description: description.join(" "),
        brand: Some(format!("Marca {}", dice.below(3000))),
        price: Money::from_minor(100 + dice.below(200_000) as i64),
        category: Some(Category { id: CategoryId(shelf as i64 + 1), name: vocabulary[shelf * 7].clone() }),
        stock: Some(dice.below(5) as u32),
        photo: None,
    };
    Change::Product { product, embedding: None }
}

/// One to three words of a product's name; one query in ten with a slip.
fn query(dice: &mut Dice, size: usize, vocabulary: &[String]) -> String {
    let name = name(dice.below(size), vocabulary);
    let words: Vec<_> = name.split(' ').collect();
    let (first, count) = (dice.below(words.len() - 2), 1 + dice.below(3));
    let mut query = words[first..first + count].join(" ");
    if dice.below(10) == 0 && query.len() > 5 {
        query.remove(3);
    }
    query
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
