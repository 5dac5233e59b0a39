//! How many photos a second go through the queue: `cargo run --release --example throughput [URL]`.

#![allow(clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use vitrina_core::classify::{Classification, Embedding, LabelScore};
use vitrina_core::queue::{Outcome, QueueOptions};
use vitrina_core::{Result, TaskQueue};
use vitrina_redis::RedisQueue;

const PHOTOS: usize = 5000;
const PHOTO: usize = 30_000;

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let queue = Arc::new(RedisQueue::open(&url, QueueOptions::default(), "throughput")?);
    let labels = (0..10).map(|n| LabelScore { label: format!("n{n:08}"), score: 0.1 });
    let outcome = Outcome::Classified(Classification {
        labels: labels.collect(),
        categories: Vec::new(),
        embedding: Some(Embedding::new(vec![1.0; 1280])?),
    });
    let begin = Instant::now();
    let mut jobs = JoinSet::new();
    for _ in 0..4 {
        let queue = queue.clone();
        jobs.spawn(async move {
            let mut sent = 0;
            while sent < PHOTOS / 4 {
                match queue.submit(vec![7; PHOTO]).await {
                    Ok(_) => sent += 1,
                    Err(error) if error.kind() == vitrina_core::ErrorKind::Busy => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        });
        let (queue, outcome) =
            (RedisQueue::open(&url, QueueOptions::default(), "throughput")?, outcome.clone());
        jobs.spawn(async move {
            loop {
                let claims = queue.claim(4, Duration::from_millis(500)).await?;
                if claims.is_empty() {
                    return Ok(());
                }
                for claim in claims {
                    queue.complete(claim.lease.task, outcome.clone()).await?;
                }
            }
        });
    }
    for job in jobs.join_all().await {
        job?;
    }
    let seconds = begin.elapsed().as_secs_f64() - 0.5;
    println!("{PHOTOS} photos in {seconds:.1} s: {:.0} a second", PHOTOS as f64 / seconds);
    Ok(())
}
