//! Following a source: imports at an interval, of which each is recorded.

use std::time::{Duration, Instant};

use vitrina_core::product::Timestamp;
use vitrina_core::queue::Stop;

use super::{ImportOptions, ImportRun, ImportTarget, Opener, RunLog, import};

/// How a source is followed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FollowOptions {
    /// The time from the beginning of one run to that of the next.
    pub interval: Duration,
    /// Every how many runs of a database all products are compared, so that what is gone, and what changes without an
    /// update stamp, is seen: 1 compares all in every run. Between, only products with a newer stamp are read.
    pub full_every: u32,
    /// What each run does; without whole comparisons nothing is removed.
    pub import: ImportOptions,
}

impl FollowOptions {
    /// Creates options with an interval; every run compares all products.
    pub fn new(interval: Duration, import: ImportOptions) -> Self {
        Self { interval, full_every: 1, import }
    }

    /// Sets every how many runs of a database all products are compared.
    #[must_use]
    pub fn full_every(mut self, full_every: u32) -> Self {
        self.full_every = full_every;
        self
    }
}

/// How long before the last run an update stamp may be and still be read again: clocks differ, and transactions end late.
const OVERLAP: i64 = 120;

/// Follows a source until `stop`.
///
/// A run that fails is recorded with its error and changes nothing that it had not written; the last state stays, and the next
/// run comes at its time. A file or feed that has not changed makes no run. `done` is called after each run that changed
/// something, before it is recorded.
pub async fn follow<F: Future<Output = ()>>(
    opener: &mut Opener,
    target: &dyn ImportTarget,
    options: &FollowOptions,
    log: &RunLog,
    stop: &Stop,
    mut done: impl FnMut(ImportRun) -> F,
) {
    let (mut number, mut since) = (0_u32, None);
    loop {
        let began = Instant::now();
        let at = Timestamp::now();
        let partial = since.filter(|_| !number.is_multiple_of(options.full_every.max(1)));
        if let Some(run) = once(opener, target, options, partial).await {
            if run.error.is_none() {
                since = Some(Timestamp(at.0 - OVERLAP));
                number = number.wrapping_add(1);
            } else {
                // What a failed run has not seen is seen by comparing all.
                number = 0;
            }
            if let Err(error) = log.record(&run) {
                tracing::warn!(error = %error.chain(), "an import is not recorded");
            }
            match &run.error {
                Some(error) => {
                    tracing::warn!(source = run.source, error, "a followed source was not imported whole")
                }
                None => {
                    tracing::info!(source = run.source, summary = run.summary(), "imported a followed source")
                }
            }
            done(run).await;
        }
        let pause = options.interval.saturating_sub(began.elapsed()).max(Duration::from_millis(100));
        tokio::select! {
            () = stop.stopped() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn once(
    opener: &mut Opener,
    target: &dyn ImportTarget,
    options: &FollowOptions,
    since: Option<Timestamp>,
) -> Option<ImportRun> {
    let mut source = match opener.open(since).await {
        Ok(source) => source?,
        Err(error) => {
            return Some(ImportRun {
                started_at: Timestamp::now().0,
                error: Some(error.to_string()),
                ..ImportRun::default()
            });
        }
    };
    let mut import_options = options.import.clone();
    import_options.partial = since.is_some();
    let mut run = import(&mut *source, target, &import_options, &mut std::io::sink(), &|_| {}).await;
    if run.error.is_none()
        && let Err(error) = opener.accept()
    {
        run.error = Some(error.to_string());
    }
    Some(run)
}
