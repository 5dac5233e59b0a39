//! The Redis server that all tests share, and a queue of its own on it for each.

use std::sync::OnceLock;
use std::time::Duration;

use redis::{Client, Connection};
use vitrina_core::queue::{QueueOptions, TaskId};
use vitrina_redis::RedisQueue;
use vitrina_testing::RedisServer;

/// A queue of one test, on the server that all tests share; its keys go with it.
pub(crate) struct Fresh {
    pub(crate) url: String,
    pub(crate) prefix: String,
}

impl Fresh {
    pub(crate) fn open(&self, options: QueueOptions) -> RedisQueue {
        RedisQueue::open(&self.url, options, &self.prefix).unwrap()
    }

    pub(crate) fn connection(&self) -> Connection {
        connect(&self.url).expect("the server was there a moment ago")
    }

    /// All keys of the queue, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        let mut connection = self.connection();
        let pattern = format!("{{{}}}:*", self.prefix);
        let mut keys = Vec::new();
        let mut cursor = 0_u64;
        loop {
            let mut scan = redis::cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(10_000);
            let (next, found): (u64, Vec<String>) = scan.query(&mut connection).unwrap();
            keys.extend(found);
            if next == 0 {
                keys.sort();
                keys.dedup();
                return keys;
            }
            cursor = next;
        }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let keys = self.keys();
        if !keys.is_empty() {
            let _: usize = redis::cmd("DEL").arg(keys).query(&mut self.connection()).unwrap();
        }
    }
}

/// A prefix of one's own on the shared server; `None`, said loudly, where there is no server.
pub(crate) fn fresh() -> Option<Fresh> {
    let url = shared()?.to_owned();
    let id = TaskId::generate();
    Some(Fresh { url, prefix: format!("test-{id}") })
}

fn shared() -> Option<&'static str> {
    static SHARED: OnceLock<Option<(String, Option<RedisServer>)>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        if let Ok(url) = std::env::var("VITRINA_TEST_REDIS_URL") {
            assert!(connect(&url).is_some(), "nothing answers at VITRINA_TEST_REDIS_URL");
            return Some((url, None));
        }
        let url = "redis://127.0.0.1:6379";
        if connect(url).is_some() {
            return Some((url.to_owned(), None));
        }
        let private = RedisServer::start(&["--appendonly", "no"])?;
        Some((private.url(), Some(private)))
    });
    shared.as_ref().map(|(url, _)| url.as_str())
}

pub(crate) fn connect(url: &str) -> Option<Connection> {
    Client::open(url).unwrap().get_connection_with_timeout(Duration::from_secs(1)).ok()
}

/// A queue on a server of its own.
pub(crate) fn queue_on(server: &RedisServer, options: QueueOptions) -> RedisQueue {
    RedisQueue::open(&server.url(), options, "vitrina").unwrap()
}
