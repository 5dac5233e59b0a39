//! Nothing that was accepted is lost: real servers, workers, Redis and MariaDB under load, killed and stopped at random.
//!
//! The way of a run: [`stack`] starts everything, [`load`] sends photos and follows every task to its end, [`faults`] kills
//! workers at chosen moments ([`relay`]) and takes services away meanwhile, [`report`] says what came of it.
//!
//! `make test` runs a short form. `make chaos` runs the long one: `VITRINA_CHAOS_TASKS` says how many photos at least.

#![allow(missing_docs, clippy::unwrap_used, unreachable_pub)]

mod faults;
mod load;
mod relay;
mod report;
mod stack;

use std::sync::Arc;
use std::time::Duration;

use faults::Plan;
use load::Load;
use stack::Stack;

/// How many photos the short form sends at least.
const SHORT: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost() {
    let tasks = std::env::var("VITRINA_CHAOS_TASKS").map_or(SHORT, |tasks| tasks.parse().expect("a number"));
    let plan = match tasks {
        0..1000 => Plan { rounds: 1, outage: Duration::from_secs(2) },
        _ => Plan { rounds: 3, outage: Duration::from_secs(10) },
    };
    let Some(mut stack) = Stack::start().await else { return };
    let load = Arc::new(Load::prepare(stack.addresses()).await);
    let sending = tokio::spawn(load.clone().run(tasks));
    let faults = faults::run(&mut stack, &plan, &load).await;
    load.enough();
    let journal = sending.await.unwrap();
    let contradictions = load.read_again(&journal).await;
    let left = stack.queue_depth().await;
    let report = report::Report { journal, faults, contradictions, left, log: stack.log.clone() };
    println!("{report}");
    report.judge();
}
