//! Servers that stop, hang, restart and lose keys.

use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use vitrina_core::queue::{Completion, Outcome, QueueOptions, Stage, TaskState};
use vitrina_core::{ErrorKind, TaskQueue};
use vitrina_redis::RedisQueue;
use vitrina_testing::RedisServer;

use crate::block_on;
use crate::server::{connect, fresh, queue_on};

const LONG: Duration = Duration::from_secs(20);
/// What callers are promised.
const PROMPT: Duration = Duration::from_secs(2);
/// What a server needs that is to forget nothing when it is killed.
const DURABLE: &[&str] = &["--appendonly", "yes", "--appendfsync", "always"];

fn done() -> Outcome {
    Outcome::Failed("listo".to_owned())
}

/// Every operation answers `Unavailable` in time.
async fn assert_unavailable(queue: &RedisQueue) {
    let begin = Instant::now();
    let errors = tokio::join!(
        async { queue.ping().await.unwrap_err() },
        async { queue.submit(vec![1]).await.unwrap_err() },
        async { queue.claim(1, LONG).await.unwrap_err() },
        async { queue.depth().await.unwrap_err() },
        async { queue.wait(vitrina_core::queue::TaskId::generate(), Stage::Ended, LONG).await.unwrap_err() },
    );
    for error in [errors.0, errors.1, errors.2, errors.3, errors.4] {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
    }
    assert!(begin.elapsed() < PROMPT, "it took {:?}", begin.elapsed());
}

async fn assert_recovers(queue: &RedisQueue) {
    let begin = Instant::now();
    while let Err(error) = queue.ping().await {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
        assert!(begin.elapsed() < Duration::from_secs(5), "{}", error.chain());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_queue_opens_before_its_server_and_survives_its_restarts() {
    block_on(async {
        let Some(mut server) = RedisServer::start(DURABLE) else {
            return;
        };
        server.kill();
        let queue = queue_on(&server, QueueOptions::default());
        assert_unavailable(&queue).await;
        server.restart();
        assert_recovers(&queue).await;

        let waiting = queue.submit(b"una".to_vec()).await.unwrap();
        let held = queue.submit(b"otra".to_vec()).await.unwrap();
        let ended = queue.submit(b"tercera".to_vec()).await.unwrap();
        assert_eq!(queue.complete(ended, done()).await.unwrap(), Completion::First);
        assert_eq!(queue.claim(1, LONG).await.unwrap()[0].lease.task, waiting);
        let claim = queue.claim(1, LONG).await.unwrap().remove(0);

        server.kill();
        assert_unavailable(&queue).await;
        server.restart();
        assert_recovers(&queue).await;
        assert_eq!(queue.state(ended).await.unwrap(), TaskState::Ended(done()));
        assert_eq!(queue.extend(&[claim.lease]).await.unwrap(), [true]);
        // Whoever waits is woken over the new connection.
        let begin = Instant::now();
        let (state, completion) = tokio::join!(queue.wait(held, Stage::Ended, LONG), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            queue.complete(held, done()).await.unwrap()
        });
        assert_eq!((state.unwrap(), completion), (TaskState::Ended(done()), Completion::First));
        assert!(begin.elapsed() < Duration::from_secs(3));
    });
}

#[test]
fn a_restart_between_two_commands_goes_unnoticed() {
    block_on(async {
        let Some(mut server) = RedisServer::start(DURABLE) else {
            return;
        };
        let queue = queue_on(&server, QueueOptions::default());
        let task = queue.submit(b"una".to_vec()).await.unwrap();
        server.kill();
        server.restart();
        // The connection is broken and the scripts are forgotten.
        assert_eq!(queue.state(task).await.unwrap(), TaskState::Queued);
        assert_eq!(queue.claim(1, LONG).await.unwrap()[0].lease.task, task);
    });
}

#[test]
fn a_server_that_hangs_does_not_hang_its_callers() {
    block_on(async {
        let Some(server) = RedisServer::start(&[]) else { return };
        let queue = queue_on(&server, QueueOptions::default());
        let task = queue.submit(b"una".to_vec()).await.unwrap();
        server.signal("STOP");
        // Once on the connection that was open, once where a new one is needed.
        assert_unavailable(&queue).await;
        assert_unavailable(&queue).await;
        let fresh = queue_on(&server, QueueOptions::default());
        assert_unavailable(&fresh).await;
        server.signal("CONT");
        assert_recovers(&queue).await;
        assert_recovers(&fresh).await;
        let begin = Instant::now();
        while fresh.complete(task, done()).await.is_err() {
            assert!(begin.elapsed() < LONG);
        }
        assert_eq!(queue.state(task).await.unwrap(), TaskState::Ended(done()));
    });
}

/// Passes connections on to a server until they are frozen: those there are then stay open and carry nothing more.
async fn proxy(server: u16, frozen: watch::Receiver<u32>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut frozen = frozen.clone();
            frozen.mark_unchanged();
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    _ = frozen.changed() => std::future::pending().await,
                }
            });
        }
    });
    port
}

#[test]
fn a_connection_that_went_dead_is_replaced() {
    block_on(async {
        let Some(server) = RedisServer::start(&[]) else { return };
        let (freeze, frozen) = watch::channel(0);
        let port = proxy(server.port(), frozen).await;
        let url = format!("redis://127.0.0.1:{port}");
        let queue = RedisQueue::open(&url, QueueOptions::default(), "vitrina").unwrap();
        let task = queue.submit(b"una".to_vec()).await.unwrap();
        let waiting = Duration::from_millis(100);
        assert_eq!(queue.wait(task, Stage::Ended, waiting).await.unwrap(), TaskState::Queued);
        freeze.send_modify(|times| *times += 1);
        assert_unavailable(&queue).await;
        assert_recovers(&queue).await;
        // The connection that hears the news was dead as well.
        tokio::time::sleep(Duration::from_secs(4)).await;
        let begin = Instant::now();
        let (state, _) = tokio::join!(queue.wait(task, Stage::Ended, LONG), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            queue_on(&server, QueueOptions::default()).complete(task, done()).await.unwrap()
        });
        assert_eq!(state.unwrap(), TaskState::Ended(done()));
        assert!(begin.elapsed() < PROMPT, "the wait was not woken");
    });
}

#[test]
fn a_task_whose_keys_are_lost_ends_as_a_failure() {
    block_on(async {
        let Some(fresh) = fresh() else { return };
        let options = QueueOptions::default().lease(Duration::from_millis(200));
        let queue = fresh.open(options);
        let delete = |name: &str| {
            let key = format!("{{{}}}:{name}", fresh.prefix);
            redis::cmd("DEL").arg(key).exec(&mut fresh.connection()).unwrap();
        };
        let without_photo = queue.submit(b"una".to_vec()).await.unwrap();
        let without_state = queue.submit(b"otra".to_vec()).await.unwrap();
        delete(&format!("photo:{without_photo}"));
        delete(&format!("task:{without_state}"));
        assert_eq!(queue.claim(5, Duration::ZERO).await.unwrap(), []);
        for task in [without_photo, without_state] {
            let state = queue.state(task).await.unwrap();
            assert!(matches!(&state, TaskState::Ended(Outcome::Failed(why)) if why.contains("lost")));
        }
        assert_eq!(queue.dead_letters(10).await.unwrap().len(), 2);

        // Leases that are lost: the sweep finds what workers had.
        let held = queue.submit(b"tercera".to_vec()).await.unwrap();
        queue.claim(1, LONG).await.unwrap();
        delete("leases");
        let claim = queue.claim(1, LONG).await.unwrap().remove(0);
        assert_eq!((claim.lease.task, claim.lease.delivery), (held, 2));
        // An entry that is lost: what is left of it does not loop.
        delete("stream");
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(queue.extend(&[claim.lease]).await.unwrap(), [false]);
        assert_eq!(queue.claim(1, Duration::from_millis(500)).await.unwrap(), []);
        let next = queue.submit(b"cuarta".to_vec()).await.unwrap();
        assert_eq!(queue.claim(1, LONG).await.unwrap()[0].lease.task, next);
    });
}

#[test]
fn a_refused_login_is_told_from_an_outage() {
    block_on(async {
        let Some(server) = RedisServer::start(&[]) else { return };
        let mut connection = connect(&server.url()).unwrap();
        let config = |connection: &mut redis::Connection, user: &[&str]| {
            redis::cmd("ACL").arg("SETUSER").arg(user).exec(connection).unwrap();
        };
        config(&mut connection, &["ana", "on", ">geheim", "~{vitrina}:*", "+@all", "-config"]);
        let open = |login: &str| {
            let url = server.url().replace("://", &format!("://{login}@"));
            RedisQueue::open(&url, QueueOptions::default(), "vitrina").unwrap()
        };
        let refused = open("ana:geheim2");
        for _ in 0..2 {
            let error = refused.submit(vec![1]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Internal, "{}", error.chain());
            assert!(error.to_string().contains("login"), "{error}");
            assert!(!format!("{error:?} {}", error.chain()).contains("geheim"));
        }
        // A user without the channels cannot hear: everything works, a little later.
        config(&mut connection, &["ana", "resetchannels"]);
        let queue = open("ana:geheim");
        let (claims, task) = tokio::join!(queue.claim(1, LONG), async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            queue.submit(vec![1]).await.unwrap()
        });
        assert_eq!(claims.unwrap()[0].lease.task, task);
        assert_eq!(queue.complete(task, done()).await.unwrap(), Completion::First);
        assert_eq!(queue.wait(task, Stage::Ended, LONG).await.unwrap(), TaskState::Ended(done()));
    });
}
