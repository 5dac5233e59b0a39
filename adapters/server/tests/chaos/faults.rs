//! What goes wrong: workers die at chosen moments, services go away and come back.

use std::time::{Duration, Instant};

use crate::load::Load;
use crate::relay::Moment::{self, Called, Calling, Claimed, Classifying, Completed, Completing};
use crate::stack::{Stack, Worker};

/// How much goes wrong.
pub struct Plan {
    /// How often everything happens.
    pub rounds: usize,
    /// How long Redis and MariaDB stay away.
    pub outage: Duration,
}

/// What went wrong, and how long it took until a task ended again.
pub struct Fault {
    pub name: String,
    /// How long what was taken away was away; zero for a worker, which is replaced at once.
    pub outage: Duration,
    /// From the end of the outage to the next end of a task.
    pub recovery: Duration,
}

const MOMENTS: [Moment; 6] = [Claimed, Classifying, Calling, Called, Completing, Completed];
/// How long it may take until a moment comes, and until a task ends after a fault.
const LONG: Duration = Duration::from_secs(60);

/// Has everything go wrong that the plan says, one after the other; what the customers notice is in their journal.
pub async fn run(stack: &mut Stack, plan: &Plan, load: &Load) -> Vec<Fault> {
    let mut faults = Vec::new();
    for _ in 0..plan.rounds {
        for moment in MOMENTS {
            for worker in 0..stack.workers.len() {
                let calls = stack.workers[worker].calls;
                if calls || !matches!(moment, Calling | Called) {
                    faults.push(kill_at(&mut stack.workers[worker], moment, load).await);
                }
            }
        }
        for server in 0..stack.servers.len() {
            let begin = Instant::now();
            stack.servers[server].restart().await;
            faults.push(recovered("server killed", begin.elapsed(), load).await);
        }
        stack.redis.kill();
        tokio::time::sleep(plan.outage).await;
        stack.redis.restart();
        faults.push(recovered("Redis killed", plan.outage, load).await);
        stack.mariadb.kill();
        tokio::time::sleep(plan.outage).await;
        stack.mariadb.restart();
        faults.push(recovered("MariaDB killed", plan.outage, load).await);
        faults.push(fill_redis(stack, plan.outage / 2, load).await);
        faults.push(kill_all_workers(&mut stack.workers, load).await);
    }
    faults
}

/// Kills a worker at this moment, and starts it anew.
async fn kill_at(worker: &mut Worker, moment: Moment, load: &Load) -> Fault {
    let pid = worker.process.pid();
    let sprung = worker.traps.set(moment, move || kill(pid));
    let sprung = tokio::time::timeout(LONG, sprung).await;
    assert!(sprung.is_ok(), "the moment {moment:?} did not come");
    worker.traps.clear();
    worker.process.restart().await;
    recovered(&format!("worker killed: {moment:?}"), Duration::ZERO, load).await
}

/// Leaves Redis no memory for another photo for a while.
async fn fill_redis(stack: &Stack, outage: Duration, load: &Load) -> Fault {
    let info = stack.redis.command("INFO memory");
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).expect("how much is used");
    stack.redis.command(&format!("CONFIG SET maxmemory {}", used.trim()));
    tokio::time::sleep(outage).await;
    stack.redis.command("CONFIG SET maxmemory 0");
    recovered("Redis at its memory limit", outage, load).await
}

/// Kills all workers; one alone, started anew, must go on with everything, then the others come.
async fn kill_all_workers(workers: &mut [Worker], load: &Load) -> Fault {
    for worker in &mut *workers {
        worker.process.kill().await;
    }
    let begin = Instant::now();
    workers[0].process.restart().await;
    let fault = recovered("all workers killed", begin.elapsed(), load).await;
    for worker in &mut workers[1..] {
        worker.process.restart().await;
    }
    fault
}

/// Waits for the next end of a task.
async fn recovered(name: &str, outage: Duration, load: &Load) -> Fault {
    let begin = Instant::now();
    while load.last_end() < begin {
        assert!(begin.elapsed() < LONG, "{name}: no task has ended since");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Fault { name: name.to_owned(), outage, recovery: load.last_end() - begin }
}

fn kill(pid: u32) {
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
}
