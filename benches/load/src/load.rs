//! Closed-loop and open-loop load, and what came of it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::http::Connection;

/// One kind of request.
pub(crate) trait Job: Sync {
    /// Does the request with this number, and returns how many bytes its answer has.
    ///
    /// # Errors
    /// What went wrong, in a few words by which failures are counted.
    fn run(&self, connection: &mut Connection, number: u64, timeout: Duration) -> Result<usize, String>;
}

/// How much load.
pub(crate) struct Plan {
    /// Requests at a time.
    pub(crate) clients: usize,
    /// How long new requests are sent.
    pub(crate) time: Duration,
    /// How many at most.
    pub(crate) requests: u64,
    /// Open loop: how many a second.
    pub(crate) rate: Option<f64>,
    /// When a request counts as failed.
    pub(crate) timeout: Duration,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Outcome {
    latencies: Vec<Duration>,
    failures: BTreeMap<String, u64>,
    bytes: usize,
    took: Duration,
}

/// Runs the load and waits for the last answer.
pub(crate) fn run(job: &dyn Job, server: &str, plan: &Plan) -> Outcome {
    let starts = plan.rate.map(|rate| planned_starts(rate, plan));
    let next = AtomicU64::new(0);
    let total = Mutex::new(Outcome::default());
    let begin = Instant::now();
    thread::scope(|scope| {
        for _ in 0..plan.clients {
            scope.spawn(|| {
                let mut connection = Connection::new(server, plan.timeout);
                let mut own = Outcome::default();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(start) = start(number, starts.as_deref(), plan, begin) else { break };
                    thread::sleep(start.saturating_duration_since(Instant::now()));
                    match job.run(&mut connection, number, plan.timeout) {
                        Ok(bytes) => {
                            own.latencies.push(start.elapsed());
                            own.bytes += bytes;
                        }
                        Err(failure) => *own.failures.entry(failure).or_default() += 1,
                    }
                }
                if let Ok(mut total) = total.lock() {
                    total.add(own);
                }
            });
        }
    });
    let mut total = total.into_inner().unwrap_or_default();
    total.took = begin.elapsed();
    total
}

/// When the request with this number starts; `None` where there is none any more.
fn start(number: u64, starts: Option<&[Duration]>, plan: &Plan, begin: Instant) -> Option<Instant> {
    if number >= plan.requests {
        return None;
    }
    match starts {
        // Whoever starts late has latencies to show for it, but does not go on for ever.
        Some(starts) => {
            let late = begin.elapsed() > plan.time + plan.timeout;
            starts.get(usize::try_from(number).ok()?).filter(|_| !late).map(|start| begin + *start)
        }
        None => (begin.elapsed() < plan.time).then(Instant::now),
    }
}

/// Starts with exponentially distributed gaps; the same ones in every run.
fn planned_starts(rate: f64, plan: &Plan) -> Vec<Duration> {
    let mut random = Random::seeded(42);
    let mut at = 0.0;
    let gaps = std::iter::repeat_with(|| {
        at -= (1.0 - random.unit()).ln() / rate;
        at
    });
    gaps.take_while(|at| *at < plan.time.as_secs_f64()).map(Duration::from_secs_f64).collect()
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.bytes += other.bytes;
        for (failure, count) in other.failures {
            *self.failures.entry(failure).or_default() += count;
        }
    }

    /// As JSON; latencies in milliseconds.
    ///
    /// # Errors
    /// Where the processor time of this process cannot be read.
    pub(crate) fn report(mut self) -> Result<Value> {
        self.latencies.sort_unstable();
        let done = self.latencies.len();
        let ms = |time: &Duration| time.as_secs_f64() * 1e3;
        let percentile = |share: f64| self.latencies.get((done as f64 * share) as usize).map(ms);
        Ok(json!({
            "done": done,
            "failed": self.failures,
            "seconds": self.took.as_secs_f64(),
            "per_second": done as f64 / self.took.as_secs_f64(),
            "p50_ms": percentile(0.5),
            "p95_ms": percentile(0.95),
            "p99_ms": percentile(0.99),
            "max_ms": self.latencies.last().map(ms),
            "bytes": self.bytes as f64 / done.max(1) as f64,
            "load_processor_seconds": processor_seconds()?,
        }))
    }
}

/// The processor time of this process: `utime` and `stime` of proc(5), in hundredths.
fn processor_seconds() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/self/stat").context("/proc/self/stat cannot be read")?;
    let (_, fields) = text.rsplit_once(')').context("/proc/self/stat has no name of a program")?;
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    Ok(ticks.sum::<f64>() / 100.0)
}

/// Random numbers (xorshift64*): for gaps and for bytes that nobody has seen, not for secrets.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of a seed.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// The next number, from 0 to below 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}
