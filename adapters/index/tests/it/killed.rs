//! A process that is killed while it indexes leaves an index that opens, and that lost nothing of what was applied.

#![allow(clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use super::*;
use vitrina_core::classify::{Embedding, EmbeddingSpace};

/// Names the directory in which the process that is killed indexes.
const DIRECTORY: &str = "VITRINA_TEST_KILLED";

/// How many batches each process tries to apply, and how many changes each has.
const BATCHES: u64 = 60;
const BATCH: u64 = 20;

fn embedding(position: u64) -> Embedding {
    // Another one for each position: the finaliser of SplitMix64.
    let mixed = |number: u64| {
        let mixed = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 56
    };
    let numbers =
        (0..64).map(|at| mixed((position * 64 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15)) as f32 - 127.5);
    Embedding::new(numbers.collect()).unwrap().in_space(EmbeddingSpace::new("m/1").unwrap())
}

/// The change at a place of the feed: products are added, every fifth replaces the one before.
fn change(place: u64) -> Change {
    let id = if place.is_multiple_of(5) { place - 1 } else { place };
    let product = product(id as i64, &format!("Bota modelo {}", name(place)));
    photographed(product, [embedding(place)])
}

/// A word that no other place has.
fn name(place: u64) -> String {
    place.to_string().bytes().map(|digit| char::from(b'b' + digit - b'0')).collect::<String>() + "ola"
}

fn index_on(directory: &Path) {
    let index = TantivyIndex::open(directory).unwrap();
    let start = block_on(index.position()).unwrap().0;
    for batch in 0..BATCHES {
        let first = start + batch * BATCH;
        let changes: Vec<_> = (first + 1..=first + BATCH).map(change).collect();
        apply(&index, &changes, first + BATCH);
        println!("\napplied {}", first + BATCH);
    }
}

/// No test of its own: what is killed, in a process of its own.
#[test]
fn the_process_that_is_killed() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        index_on(Path::new(&directory));
    }
}

#[test]
fn nothing_that_was_applied_is_lost_when_the_process_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let mut applied = 0;
    for round in 0..8 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::the_process_that_is_killed", "--nocapture"])
            .env(DIRECTORY, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let reports =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("applied ")?.parse().ok());
        // Each time after another number of batches: in the midst of the next one, or of merging segments.
        applied = reports.take(1 + 3 * round).last().unwrap_or(applied);
        child.kill().unwrap();
        child.wait().unwrap();

        let index = TantivyIndex::open(directory.path()).unwrap();
        let position = block_on(index.position()).unwrap().0;
        assert!(position >= applied && position.is_multiple_of(BATCH), "{position}, {applied} were reported");
        let all = page(&index, Sort::Relevance, "bota", 1, None);
        assert_eq!(all.total as u64, position - position / 5, "{position}");
        for place in (position.saturating_sub(2 * BATCH) + 1..=position).filter(|place| place % 5 != 4) {
            let Change::Product { product, .. } = change(place) else { unreachable!() };
            assert_eq!(found(&index, &name(place)).first(), Some(&product.id.0), "{place} of {position}");
            let near = block_on(index.similar(&embedding(place), &Filter::default(), 1)).unwrap();
            assert_eq!(near[0].product, product.id, "{place} of {position}");
        }
    }
    assert!(applied > 0);
}
