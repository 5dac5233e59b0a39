//! What Redis's memory holds: bounded while it works, nothing afterwards, and what happens where there is none left.

use std::time::{Duration, Instant};

use redis::Connection;
use vitrina_core::queue::{Outcome, QueueOptions, Retry, TaskState};
use vitrina_core::{ErrorKind, TaskQueue};
use vitrina_testing::RedisServer;

use crate::block_on;
use crate::server::{connect, fresh, queue_on};

const LONG: Duration = Duration::from_secs(20);

fn done() -> Outcome {
    Outcome::Failed("listo".to_owned())
}

fn used_memory(connection: &mut Connection) -> usize {
    let info: String = redis::cmd("INFO").arg("memory").query(connection).unwrap();
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).unwrap();
    used.trim().parse().unwrap()
}

/// Takes `count` small photos through the queue.
async fn work(queue: &dyn TaskQueue, count: usize) {
    for _ in 0..count / 50 {
        for _ in 0..50 {
            queue.submit(vec![7; 1000]).await.unwrap();
        }
        let mut left = 50;
        while left > 0 {
            for claim in queue.claim(50, LONG).await.unwrap() {
                queue.complete(claim.lease.task, done()).await.unwrap();
                left -= 1;
            }
        }
    }
}

#[test]
fn memory_is_flat_over_many_tasks() {
    // By hand: VITRINA_TEST_TASKS=100000 cargo test -p vitrina-redis memory_is_flat -- --nocapture
    let tasks = std::env::var("VITRINA_TEST_TASKS").map_or(5000, |tasks| tasks.parse().unwrap());
    block_on(async {
        let Some(server) = RedisServer::start(&[]) else { return };
        let options = QueueOptions::default().keep_results(Duration::from_millis(200));
        let queue = queue_on(&server, options);
        let mut connection = connect(&server.url()).unwrap();
        work(&queue, 500).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let before = used_memory(&mut connection);
        work(&queue, tasks).await;
        let begin = Instant::now();
        let mut keys = usize::MAX;
        while keys > 1 {
            assert!(begin.elapsed() < LONG, "{keys} keys are left");
            tokio::time::sleep(Duration::from_millis(100)).await;
            keys = redis::cmd("DBSIZE").query(&mut connection).unwrap();
        }
        let stream: usize = redis::cmd("XLEN").arg("{vitrina}:stream").query(&mut connection).unwrap();
        let after = used_memory(&mut connection);
        eprintln!("{tasks} tasks: {before} bytes before, {after} after, {keys} key left");
        assert_eq!(stream, 0);
        assert!(after < before + (256 << 10), "{before} bytes grew to {after}");
    });
}

#[test]
fn nothing_is_left_of_tasks_whose_results_expired() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let options = QueueOptions::default()
            .keep_results(Duration::from_millis(200))
            .max_deliveries(1)
            .max_dead_letters(2);
        let queue = fresh.open(options);
        for n in 0..10 {
            let task = queue.submit(vec![n]).await.unwrap();
            let claim = queue.claim(1, LONG).await.unwrap().remove(0);
            if n % 2 == 0 {
                queue.complete(task, done()).await.unwrap();
            } else {
                assert_eq!(queue.fail(&claim.lease, "no").await.unwrap(), Retry::DeadLettered);
            }
        }
        assert_eq!(queue.dead_letters(10).await.unwrap().len(), 2);
        assert_eq!(queue.dead_letters(1).await.unwrap().len(), 1);
        let begin = Instant::now();
        let expected = ["dead", "stream"].map(|name| format!("{{{}}}:{name}", fresh.prefix));
        while fresh.keys() != expected {
            assert!(begin.elapsed() < LONG, "{:?}", fresh.keys());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
}

#[test]
fn a_full_memory_refuses_photos_and_lets_the_work_go_on() {
    block_on(async {
        let limits = ["--maxmemory", "8mb", "--maxmemory-policy", "noeviction"];
        let Some(server) = RedisServer::start(&limits) else { return };
        let queue = queue_on(&server, QueueOptions::default().max_deliveries(2));
        queue.ping().await.unwrap();
        let mut tasks = Vec::new();
        let refusal = loop {
            match queue.submit(vec![7; 200_000]).await {
                Ok(task) => tasks.push(task),
                Err(error) => break error,
            }
            assert!(tasks.len() < 100, "the memory limit was not felt");
        };
        assert_eq!(refusal.kind(), ErrorKind::Busy, "{}", refusal.chain());
        assert!(refusal.to_string().contains("memory"), "{refusal}");
        // Refused whole: no photo without its entry.
        let mut connection = connect(&server.url()).unwrap();
        let count = |connection: &mut Connection, pattern: &str| -> usize {
            redis::cmd("KEYS").arg(pattern).query::<Vec<String>>(connection).unwrap().len()
        };
        assert_eq!(count(&mut connection, "*photo*"), tasks.len());
        assert_eq!(count(&mut connection, "*task*"), tasks.len());
        assert_eq!(queue.depth().await.unwrap().queued, tasks.len());
        // A memory that is over its limit for good stops nobody from working.
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("1mb").exec(&mut connection).unwrap();
        let first = queue.claim(1, LONG).await.unwrap().remove(0);
        assert_eq!(queue.extend(std::slice::from_ref(&first.lease)).await.unwrap(), [true]);
        assert_eq!(queue.fail(&first.lease, "otra vez").await.unwrap(), Retry::Again);
        let again = queue.claim(1, LONG).await.unwrap().remove(0);
        assert_eq!(again.lease.delivery, 2);
        assert_eq!(queue.fail(&again.lease, "no").await.unwrap(), Retry::DeadLettered);
        assert_eq!(queue.submit(vec![1]).await.unwrap_err().kind(), ErrorKind::Busy);
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg("8mb").exec(&mut connection).unwrap();
        while queue.depth().await.unwrap().queued > 0 {
            for claim in queue.claim(8, LONG).await.unwrap() {
                queue.complete(claim.lease.task, done()).await.unwrap();
            }
        }
        for task in tasks {
            assert!(matches!(queue.state(task).await.unwrap(), TaskState::Ended(_)));
        }
        queue.submit(vec![7; 200_000]).await.unwrap();
    });
}
