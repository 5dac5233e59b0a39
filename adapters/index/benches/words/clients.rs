//! Clients that ask one after the other for a while, all at the same time.

use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use crate::products::{Dice, Words};

const CLIENTS: usize = 16;
const SECONDS: u64 = 10;

/// What 16 clients saw.
pub(crate) struct Seen {
    times: Vec<Duration>,
    took: Duration,
}

/// Lets the clients ask among `size` products; `at_a_time` queries are answered beside each other, the others wait.
pub(crate) fn ask(words: &Words, size: usize, at_a_time: usize, answer: impl Fn(String) + Sync) -> Seen {
    let times = Mutex::new(Vec::new());
    let (ask, asked) = mpsc::channel::<(String, mpsc::Sender<()>)>();
    let asked = Mutex::new(asked);
    let begin = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..at_a_time {
            let (answer, asked) = (&answer, &asked);
            scope.spawn(move || {
                loop {
                    let next = asked.lock().unwrap().recv();
                    let Ok((text, done)) = next else { return };
                    answer(text);
                    done.send(()).unwrap();
                }
            });
        }
        let end = begin + Duration::from_secs(SECONDS);
        for client in 0..CLIENTS {
            let (ask, times) = (ask.clone(), &times);
            scope.spawn(move || {
                let mut dice = Dice(client as u64 + 1);
                let mut own = Vec::new();
                let (done, answered) = mpsc::channel();
                while Instant::now() < end {
                    let query = words.query(&mut dice, size);
                    let start = Instant::now();
                    ask.send((query, done.clone())).unwrap();
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
    Seen { times, took: begin.elapsed() }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let at = |share: usize| self.times[self.times.len() * share / 100].as_secs_f64() * 1e3;
        let rate = self.times.len() as f64 / self.took.as_secs_f64();
        write!(f, "{CLIENTS} clients: {rate:.1} queries a second, p50 {:.2} ms, p99 {:.2} ms", at(50), at(99))
    }
}
