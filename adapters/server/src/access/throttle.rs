//! Wrong keys are counted by the client that they came from.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::limits::Client;

/// How many wrong keys a client may send within [`WINDOW`].
const WRONG: u32 = 10;
/// How long they count.
const WINDOW: Duration = Duration::from_secs(60);
/// How many clients are remembered; beyond them all are forgotten.
const CLIENTS: usize = 10_000;

/// Slows down guessing of keys: after ten wrong ones within a minute no key of that client is checked until the minute is
/// over. A client is what the budgets count by, so that customers behind a trusted proxy do not lock each other out.
#[derive(Debug, Default)]
pub struct Throttle {
    failures: Mutex<HashMap<Client, Failures>>,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    since: Instant,
}

impl Throttle {
    /// How many seconds the client has to wait, if it has.
    pub(super) fn blocked_for(&self, client: Option<Client>) -> Option<u64> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = failures.get(&client?)?;
        let left = WINDOW.checked_sub(failures.since.elapsed())?;
        (failures.count >= WRONG).then(|| left.as_secs() + 1)
    }

    /// Counts a wrong key.
    pub(super) fn failed(&self, client: Option<Client>) {
        let Some(client) = client else { return };
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= CLIENTS {
            failures.clear();
        }
        let own = failures.entry(client).or_insert_with(|| Failures { count: 0, since: Instant::now() });
        if own.since.elapsed() >= WINDOW {
            *own = Failures { count: 0, since: Instant::now() };
        }
        own.count += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn ten_wrong_keys_block_that_client_alone() {
        let throttle = Throttle::default();
        let client = |text: &str| text.parse::<IpAddr>().ok().map(Client::from);
        let (one, other) = (client("2001:db8::1"), client("2001:db8:0:1::1"));
        for _ in 0..10 {
            assert_eq!(throttle.blocked_for(one), None);
            throttle.failed(one);
        }
        let neighbour = client("2001:db8::ffff");
        assert!(throttle.blocked_for(neighbour).is_some_and(|seconds| (1..=60).contains(&seconds)));
        assert_eq!(throttle.blocked_for(other), None);
        assert_eq!(throttle.blocked_for(None), None);
    }
}
