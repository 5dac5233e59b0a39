//! What a photo costs from the request to its result, beside the same decoding and classifying in a tight loop.
//!
//! `cargo bench -p vitrina-server`, with the model built and a `redis-server` on the path. For each precision: processor
//! time a photo of server and worker together against the loop, which runs on as many threads as there are workers, and on
//! one; how many photos a second two workers with one lane each take from a full queue, against one; and how much later
//! than in the loop a result is there when one client sends one photo after the other. Every photo has bytes of its own, so
//! that none is remembered. The clients compute on the same cores. `MODEL_PATH` names another model, absolutely.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};
use rustix::time::{ClockId, clock_gettime};
use vitrina_client::{Client, PhotoSearch};
use vitrina_core::queue::QueueOptions;
use vitrina_core::{Classifier, TaskQueue};
use vitrina_onnx::{OnnxClassifier, OnnxOptions};
use vitrina_redis::RedisQueue;
use vitrina_testing::RedisServer;

/// How many photos a measurement takes,
const PHOTOS: usize = 400;
/// and how often each is repeated; the median counts.
const ROUNDS: usize = 5;
/// How many clients send photos when it is about how many there can be.
const CLIENTS: usize = 16;
/// How many photos a worker takes at a time.
const BATCH: usize = 4;
const LONG: Duration = Duration::from_secs(60);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let url = redis.url();
    let queue = RedisQueue::open(&url, QueueOptions::default(), "vitrina").unwrap();
    for precision in ["fp32", "int8"] {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap();
        let server = Process::start(&[
            "serve",
            "--data-dir",
            data,
            "--demo",
            "--queue",
            &url,
            "--trusted-proxies",
            "127.0.0.1",
        ]);
        let worker =
            || Process::start(&["worker", "--queue", &url, "--precision", precision, "--lanes", "1"]);
        let workers = [worker(), worker()];
        let client = Client::new(&server.address).unwrap();
        let classifier = open(precision);
        send(&client, CLIENTS, PHOTOS).await; // all that is opened at the first photo is open now

        let (mut later, mut costs, mut rates) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let mut alone = Vec::new();
            let mut waits = Vec::new();
            for _ in 0..40 {
                // Its processor time: what waiting for a busy machine takes is counted against the server.
                alone.push(classify(&classifier, 1) * 1e3);
                let start = Instant::now();
                send(&client, 1, 1).await;
                waits.push(start.elapsed().as_secs_f64() * 1e3);
            }
            later.push(median(waits) - median(alone));

            let one = drain(&client, &queue, &workers[..1], &workers).await;
            let two = drain(&client, &queue, &workers, &workers).await;
            rates.push(one / two);

            let alone = classify(&classifier, PHOTOS);
            let beside: f64 = std::thread::scope(|scope| {
                let part = || scope.spawn(|| classify(&classifier, PHOTOS / workers.len()));
                let parts: Vec<_> = workers.iter().map(|_| part()).collect();
                parts.into_iter().map(|part| part.join().unwrap()).sum()
            });
            let working = || workers.iter().map(Process::processor_time).sum::<f64>();
            let before = [server.processor_time(), working()];
            send(&client, CLIENTS, PHOTOS).await;
            let used = [server.processor_time() - before[0], working() - before[1]];
            costs.push([used[0], used[1], beside, alone].map(|seconds| seconds * 1e3 / PHOTOS as f64));
        }
        let times =
            |at: usize| median(costs.iter().map(|cost| (cost[0] + cost[1]) / cost[at]).collect::<Vec<f64>>());
        let [serving, working, beside, alone] =
            [0, 1, 2, 3].map(|at| median(costs.iter().map(|cost| cost[at]).collect()));
        println!(
            "{precision}: {serving:.2} ms a photo of the server and {working:.2} of the workers; {beside:.2} in loops on \
             two threads, {alone:.2} in a loop on one: {:.2} and {:.2} times as much; two workers make {:.2} times as many \
             photos a second as one; a result comes {:.1} ms later than in the loop",
            times(2),
            times(3),
            median(rates),
            median(later)
        );
    }
}

/// How long these workers, and none of the others, take for a full queue.
async fn drain(client: &Client, queue: &RedisQueue, workers: &[Process], all: &[Process]) -> f64 {
    all.iter().for_each(|worker| worker.signal("-STOP"));
    let photos = std::iter::repeat_with(|| async { client.submit_image(photo()).await.unwrap() });
    futures_util::future::join_all(photos.take(PHOTOS)).await;
    let start = Instant::now();
    workers.iter().for_each(|worker| worker.signal("-CONT"));
    loop {
        let depth = queue.depth().await.unwrap();
        if depth.queued + depth.started == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let took = start.elapsed().as_secs_f64();
    all.iter().for_each(|worker| worker.signal("-CONT"));
    took
}

/// A server or a worker on a free port; it is killed when this is dropped.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vitrina"));
        command.args(arguments).args(["--listen", "127.0.0.1:0"]).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        Self { child, address }
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// How long its threads have had a processor, in seconds: `utime` and `stime` of proc(5), in hundredths.
    fn processor_time(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, numbers) = status.rsplit_once(") ").unwrap();
        numbers.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap() / 100.0).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open(precision: &str) -> OnnxClassifier {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/models/efficientnet_lite0");
    let model = std::env::var_os("MODEL_PATH").map_or(default, PathBuf::from);
    let options = OnnxOptions::default().precision(Some(precision.into()));
    OnnxClassifier::open(model, options).unwrap()
}

/// Sends so many photos from so many clients and waits for their results.
async fn send(client: &Client, clients: usize, photos: usize) {
    let left = AtomicU64::new(photos as u64);
    let one = async || {
        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
            let task = client.submit_image(photo()).await.unwrap();
            client
                .result(&task, &PhotoSearch::default(), LONG)
                .await
                .unwrap()
                .expect("a result within a minute");
        }
    };
    futures_util::future::join_all((0..clients).map(|_| one())).await;
}

/// Classifies so many photos one batch after the other, and answers the processor time in seconds.
fn classify(classifier: &OnnxClassifier, photos: usize) -> f64 {
    let start = processor_time();
    for start in (0..photos).step_by(BATCH) {
        let batch: Vec<_> = (start..photos.min(start + BATCH)).map(|_| photo()).collect();
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        assert!(classifier.classify(&batch).unwrap().iter().all(Result::is_ok));
    }
    processor_time() - start
}

/// One of eight photos of 400 x 400 pixels, with a number behind its end that no other has.
fn photo() -> Vec<u8> {
    static PHOTOS: std::sync::LazyLock<Vec<Vec<u8>>> =
        std::sync::LazyLock::new(|| (1..=8).map(noise).collect());
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut photo = PHOTOS[(number % 8) as usize].clone();
    photo.extend(number.to_le_bytes());
    photo
}

fn noise(seed: u64) -> Vec<u8> {
    let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let small = RgbImage::from_fn(60, 60, |_, _| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let [red, green, blue, ..] = random.to_be_bytes();
        Rgb([red, green, blue])
    });
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
    resize(&small, 400, 400, FilterType::Triangle).write_with_encoder(encoder).unwrap();
    bytes
}

/// How long this thread has had a processor, in seconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
