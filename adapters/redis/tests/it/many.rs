//! Several handles on one queue, as several processes have them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use redis::Connection;
use tokio::task::JoinSet;
use vitrina_core::TaskQueue;
use vitrina_core::queue::{Completion, Outcome, QueueOptions, Retry, Stage, TaskState};
use vitrina_testing::RedisServer;

use crate::block_on;
use crate::server::{connect, fresh, queue_on};

const LONG: Duration = Duration::from_secs(20);

fn failed(reason: &str) -> Outcome {
    Outcome::Failed(reason.to_owned())
}

#[test]
fn one_takes_in_another_works_a_third_waits() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let [producer, worker, reader] = [(); 3].map(|()| fresh.open(QueueOptions::default()));
        let (worker_claims, task) = tokio::join!(worker.claim(4, LONG), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            producer.submit(b"zapato".to_vec()).await.unwrap()
        });
        let claims = worker_claims.unwrap();
        assert_eq!((claims[0].lease.task, claims[0].photo.as_slice()), (task, &b"zapato"[..]));
        let begin = Instant::now();
        let (state, done) = tokio::join!(reader.wait(task, Stage::Ended, LONG), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            worker.complete(task, failed("listo")).await.unwrap()
        });
        assert_eq!((state.unwrap(), done), (TaskState::Ended(failed("listo")), Completion::First));
        assert!(begin.elapsed() < Duration::from_secs(2), "the reader was not woken");
        assert_eq!(producer.state(task).await.unwrap(), TaskState::Ended(failed("listo")));
    });
}

#[test]
fn a_photo_given_back_wakes_a_worker_elsewhere() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let [one, other] = [(); 2].map(|()| fresh.open(QueueOptions::default()));
        one.submit(b"una".to_vec()).await.unwrap();
        let claim = one.claim(1, LONG).await.unwrap().remove(0);
        let begin = Instant::now();
        let (claims, _) = tokio::join!(other.claim(1, LONG), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            one.fail(&claim.lease, "otra vez").await.unwrap()
        });
        assert_eq!(claims.unwrap()[0].lease.delivery, 2);
        assert!(begin.elapsed() < Duration::from_secs(2), "the worker was not woken");
    });
}

#[test]
fn photos_that_come_again_never_share_a_batch() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let queue = fresh.open(QueueOptions::default());
        for n in 0..3 {
            queue.submit(vec![n]).await.unwrap();
        }
        for claim in queue.claim(3, LONG).await.unwrap() {
            assert_eq!(queue.fail(&claim.lease, "otra vez").await.unwrap(), Retry::Again);
        }
        queue.submit(vec![3]).await.unwrap();
        for delivery in [2, 2, 2, 1] {
            let claims = queue.claim(5, LONG).await.unwrap();
            assert_eq!((claims.len(), claims[0].lease.delivery), (1, delivery));
        }
    });
}

#[test]
fn eight_workers_share_two_thousand_tasks() {
    const TASKS: usize = 2000;
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let options = QueueOptions::default().capacity(TASKS);
        let mut workers = JoinSet::new();
        for _ in 0..8 {
            let queue = fresh.open(options.clone());
            workers.spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claims = queue.claim(5, Duration::from_secs(2)).await.unwrap();
                    if claims.is_empty() {
                        return mine;
                    }
                    for claim in claims {
                        let outcome = failed(&String::from_utf8(claim.photo).unwrap());
                        let done = queue.complete(claim.lease.task, outcome).await.unwrap();
                        mine.push((claim.lease.task, claim.lease.delivery, done));
                    }
                }
            });
        }
        let producer = fresh.open(options.clone());
        let mut tasks = BTreeMap::new();
        for n in 0..TASKS {
            tasks.insert(producer.submit(n.to_string().into_bytes()).await.unwrap(), n);
        }
        let done: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        assert_eq!(done.len(), TASKS);
        assert!(done.iter().all(|(_, delivery, done)| (*delivery, *done) == (1, Completion::First)));
        for (task, n) in &tasks {
            assert_eq!(producer.state(*task).await.unwrap(), TaskState::Ended(failed(&n.to_string())));
        }
        assert_eq!(producer.depth().await.unwrap(), vitrina_core::queue::QueueDepth::default());
    });
}

#[test]
fn a_thousand_waiters_share_one_connection() {
    const WAITERS: usize = 1000;
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let clients = || -> usize {
            let list: String = redis::cmd("CLIENT").arg("LIST").query(&mut fresh.connection()).unwrap();
            list.lines().count()
        };
        let queue = Arc::new(fresh.open(QueueOptions::default()));
        let worker = fresh.open(QueueOptions::default());
        let mut waiters = JoinSet::new();
        for n in 0..WAITERS {
            let task = queue.submit(vec![n as u8]).await.unwrap();
            let queue = queue.clone();
            waiters.spawn(async move { queue.wait(task, Stage::Ended, LONG).await.unwrap() });
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        // Other tests run beside this one.
        assert!(clients() < 200, "waiters take connections of their own");
        loop {
            let claims = worker.claim(64, Duration::from_millis(100)).await.unwrap();
            if claims.is_empty() {
                break;
            }
            for claim in claims {
                worker.complete(claim.lease.task, failed("listo")).await.unwrap();
            }
        }
        let ended = Instant::now();
        let states = waiters.join_all().await;
        assert!(states.iter().all(|state| *state == TaskState::Ended(failed("listo"))));
        assert!(ended.elapsed() < Duration::from_secs(2), "waiters were not woken");
    });
}

/// Returns once it is so, and fails where that does not come.
async fn until(mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < LONG, "what was waited for does not come");
        tokio::task::yield_now().await;
    }
}

/// How many scripts the server has run since its counts were last set back.
fn scripts_run(connection: &mut Connection) -> usize {
    let info: String = redis::cmd("INFO").arg("commandstats").query(connection).unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

/// How many processes hear of tasks, and how many of work.
fn subscribers(connection: &mut Connection) -> [usize; 2] {
    let mut command = redis::cmd("PUBSUB");
    command.arg("NUMSUB").arg("{vitrina}:news").arg("{vitrina}:work");
    let (_, news, _, work): (String, usize, String, usize) = command.query(connection).unwrap();
    [news, work]
}

#[test]
fn a_process_hears_of_what_it_waits_for_and_asks_no_more_than_it_must() {
    block_on(async {
        let Some(server) = RedisServer::start(&[]) else { return };
        let [backend, worker] = [(); 2].map(|()| Arc::new(queue_on(&server, QueueOptions::default())));
        let mut connection = connect(&server.url()).unwrap();
        let wait = |task, stage| {
            let backend = backend.clone();
            tokio::spawn(async move { backend.wait(task, stage, LONG).await.unwrap() })
        };
        // All scripts are known and all channels heard once a task has gone through while both were waiting.
        let claiming = {
            let worker = worker.clone();
            tokio::spawn(async move { worker.claim(1, LONG).await.unwrap().remove(0) })
        };
        until(|| subscribers(&mut connection) == [0, 1]).await;
        let task = backend.submit(b"una".to_vec()).await.unwrap();
        let claim = claiming.await.unwrap();
        let ended = wait(task, Stage::Ended);
        until(|| subscribers(&mut connection) == [1, 1]).await;
        worker.complete(claim.lease.task, failed("listo")).await.unwrap();
        ended.await.unwrap();

        let _: () = redis::cmd("CONFIG").arg("RESETSTAT").query(&mut connection).unwrap();
        let task = backend.submit(b"otra".to_vec()).await.unwrap();
        let (started, ended) = (wait(task, Stage::Started), wait(task, Stage::Ended));
        until(|| scripts_run(&mut connection) == 3).await;
        let claim = worker.claim(1, Duration::ZERO).await.unwrap().remove(0);
        assert_eq!(started.await.unwrap(), TaskState::Started);
        worker.complete(claim.lease.task, failed("listo")).await.unwrap();
        assert_eq!(ended.await.unwrap(), TaskState::Ended(failed("listo")));
        // The submission, the claim and the end; each who waits has looked before it waited, and when its stage was reached.
        assert_eq!(scripts_run(&mut connection), 3 + 2 + 2);
    });
}

#[test]
fn a_claim_dropped_half_way_loses_nothing() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let options = QueueOptions::default().lease(Duration::from_millis(500)).max_deliveries(1000);
        let producer = fresh.open(options.clone());
        let mut tasks = BTreeMap::new();
        for n in 0..20_u8 {
            tasks.insert(producer.submit(vec![n]).await.unwrap(), 0);
        }
        // Each attempt is cut off a little later, with its handle: before, while and after the server answers.
        for cut in 0..40 {
            let queue = fresh.open(options.clone());
            let claim = queue.claim(1, LONG);
            let _ = tokio::time::timeout(Duration::from_micros(cut * 50), claim).await;
        }
        while tasks.values().any(|ended| *ended == 0) {
            for claim in producer.claim(8, LONG).await.unwrap() {
                assert_eq!(
                    producer.complete(claim.lease.task, failed("listo")).await.unwrap(),
                    Completion::First
                );
                *tasks.get_mut(&claim.lease.task).unwrap() += 1;
            }
        }
        assert!(tasks.values().all(|ended| *ended == 1));
    });
}

#[test]
fn secrets_stay_out_of_sight() {
    let queue = vitrina_redis::RedisQueue::open(
        "redis://ana:geheim@localhost:1/0",
        QueueOptions::default(),
        "vitrina",
    )
    .unwrap();
    assert!(!format!("{queue:?}").contains("geheim"));
    let error = block_on(queue.ping()).unwrap_err();
    assert!(!format!("{error:?} {}", error.chain()).contains("geheim"));
    for url in ["http://ana:geheim@localhost", "redis://ana:geheim@:x/0", "rediss://ana:geheim@h:x/0"] {
        let error = vitrina_redis::RedisQueue::open(url, QueueOptions::default(), "vitrina").unwrap_err();
        assert!(!format!("{error:?} {}", error.chain()).contains("geheim"));
    }
    for prefix in ["", "a{b}", "a b"] {
        assert!(
            vitrina_redis::RedisQueue::open("redis://localhost", QueueOptions::default(), prefix).is_err()
        );
    }
}
