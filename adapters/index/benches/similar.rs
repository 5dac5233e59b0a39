//! Search by visual similarity over generated vectors: how fast the nearest are found, how many of those are among them that comparing all
//! finds, and how many of the true nearest, in full precision.
//!
//! `cargo bench -p vitrina-index --bench similar` takes 100,000 products; `VITRINA_BENCH_PRODUCTS=1000000` sets another number
//! (of which each takes 5 kB in a temporary folder on the disk), and `VITRINA_BENCH_PHOTOS` how many photos each has (1). The vectors are like those of the default model: 1280
//! numbers from 0 up, most of them small, in two thousand groups.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::time::Instant;

use futures_executor::block_on;
use vitrina_core::catalog::{Change, FeedPosition, Filter, PhotoEmbedding};
use vitrina_core::classify::Embedding;
use vitrina_core::photo::{PhotoFormat, PhotoKey};
use vitrina_core::{Category, CategoryId, Money, Product, ProductId, SearchIndex};
use vitrina_index::TantivyIndex;

const LENGTH: usize = 1280;
const GROUPS: u64 = 2000;
const SEARCHES: usize = 500;
/// How many of the nearest are asked for.
const FIRST: usize = 10;
/// Of so many the true nearest are found.
const COMPARED: usize = 100;
/// So many categories that each has few enough products for all of them to be compared.
const CATEGORIES: usize = 50;
/// How many changes are applied at a time, as by [`vitrina_core::index::catch_up`].
const BATCH: usize = 10_000;

fn main() {
    let set = |name: &str, default| std::env::var(name).map_or(default, |number| number.parse().unwrap());
    let (size, photos) = (set("VITRINA_BENCH_PRODUCTS", 100_000), set("VITRINA_BENCH_PHOTOS", 1));
    let folder = tempfile::tempdir().unwrap();
    let index = TantivyIndex::open(folder.path()).unwrap();
    let searches: Vec<_> = (0..SEARCHES).map(|number| embedding(size + number)).collect();
    let mut nearest = vec![Vec::new(); COMPARED];
    for first in (0..size).step_by(BATCH) {
        let batch = first..(first + BATCH).min(size);
        let changes: Vec<_> = batch.clone().map(|number| change(number, photos)).collect();
        for (search, nearest) in searches.iter().zip(&mut nearest) {
            for change in &changes {
                let Change::Product { product, embeddings } = change else { continue };
                let scores = embeddings.iter().map(|stored| search.cosine(&stored.embedding));
                nearest.push((scores.fold(f32::MIN, f32::max), product.id));
            }
            nearest.sort_by(|a, b| b.0.total_cmp(&a.0));
            nearest.truncate(200);
        }
        block_on(index.apply(&changes, FeedPosition(batch.end as u64))).unwrap();
    }
    let tenth: Vec<_> = (0..CATEGORIES).step_by(10).collect();
    for (name, categories) in [("all", (0..CATEGORIES).collect()), ("a tenth of the categories", tenth)] {
        let all = categories.len() == CATEGORIES;
        let filter = if all { Filter::default() } else { only(&categories) };
        let (mut times, mut found, mut of_all, mut of_true) = (Vec::new(), 0, 0, 0);
        for (number, search) in searches.iter().enumerate() {
            let start = Instant::now();
            let hits = block_on(index.similar(search, &filter, FIRST)).unwrap();
            times.push(start.elapsed().as_secs_f64() * 1e3);
            let Some(nearest) = nearest.get(number) else { continue };
            let has = |id: &ProductId| usize::from(hits.iter().any(|hit| hit.product == *id));
            let shown = categories
                .iter()
                .map(|category| block_on(index.similar(search, &only(&[*category]), FIRST)).unwrap());
            let mut compared: Vec<_> = shown.flatten().collect();
            compared.sort_by(|a, b| b.score.total_cmp(&a.score));
            of_all += compared.iter().take(FIRST).map(|hit| has(&hit.product)).sum::<usize>();
            let wanted = |id: &&ProductId| categories.contains(&(id.0 as usize % CATEGORIES));
            of_true += nearest.iter().map(|(_, id)| id).filter(wanted).take(FIRST).map(has).sum::<usize>();
            found += FIRST;
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{size} products with {photos} photos each, {name}: p50 {:.2} ms, p99 {:.2} ms, recall@{FIRST} {:.4} of comparing all, {:.4} of full precision",
            times[SEARCHES / 2],
            times[SEARCHES * 99 / 100],
            of_all as f64 / found as f64,
            of_true as f64 / found as f64
        );
    }
}

fn only(categories: &[usize]) -> Filter {
    let categories = categories.iter().map(|category| CategoryId(*category as i64)).collect();
    Filter::default().categories(categories)
}

fn category(number: usize) -> Category {
    let number = number % CATEGORIES;
    Category::new(CategoryId(number as i64), format!("Estante {number}"))
}

fn change(number: usize, photos: usize) -> Change {
    let id = ProductId(number as i64);
    let stored = (0..photos).map(|photo| PhotoEmbedding {
        product: id,
        photo: PhotoKey::of(&photo.to_le_bytes(), PhotoFormat::Jpeg),
        embedding: embedding(number + photo * 10_000_019),
    });
    let embeddings: Vec<_> = stored.collect();
    let product = Product {
        price: Money::from_minor((number % 5000) as i64),
        categories: vec![category(number).into()],
        photos: embeddings.iter().map(|stored| stored.photo.to_string()).collect(),
        ..Product::new(id, format!("Producto {number}"))
    };
    Change::Product { product, embeddings }
}

/// An embedding: that of its group, interpolated with another's, with noise in every number.
fn embedding(number: usize) -> Embedding {
    let mut own = random(number as u64 + 1_000_000_007);
    let (one, other) = ((own() * GROUPS as f32) as u64, (own() * GROUPS as f32) as u64);
    let (mut one, mut other, share) = (random(one + 1), random(other + 1), 0.35 * own());
    let feature = |u: f32| if u < 0.6 { 0.05 * u } else { -(1.0 - u).max(1e-6).ln() - 0.9 };
    let mut number = || ((1.0 - share) * feature(one()) + share * feature(other())) * (0.6 + 0.8 * own());
    Embedding::new((0..LENGTH).map(|_| number()).collect()).unwrap()
}

/// Numbers from 0 to 1 (SplitMix64).
fn random(mut state: u64) -> impl FnMut() -> f32 {
    state = state.wrapping_mul(0xd134_2543_de82_ef95);
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
    }
}
