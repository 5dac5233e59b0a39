//! Redis servers for tests: one that all share, private ones to be stopped, filled and killed.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use redis::{Client, Connection};
use tempfile::TempDir;
use vitrina::{QueueOptions, TaskId};
use vitrina_redis::RedisQueue;

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
    static SHARED: OnceLock<Option<(String, Option<Private>)>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        if let Ok(url) = std::env::var("VITRINA_TEST_REDIS_URL") {
            assert!(connect(&url).is_some(), "nothing answers at VITRINA_TEST_REDIS_URL");
            return Some((url, None));
        }
        let url = "redis://127.0.0.1:6379";
        if connect(url).is_some() {
            return Some((url.to_owned(), None));
        }
        let private = private(&["--appendonly", "no"])?;
        Some((private.url(), Some(private)))
    });
    shared.as_ref().map(|(url, _)| url.as_str())
}

pub(crate) fn connect(url: &str) -> Option<Connection> {
    Client::open(url).unwrap().get_connection_with_timeout(Duration::from_secs(1)).ok()
}

/// A server of one test, with a directory of its own; it dies with the test process however that ends.
pub(crate) struct Private {
    port: u16,
    options: Vec<String>,
    directory: TempDir,
    process: Option<Child>,
}

/// Starts a private server; `None`, said loudly, where there is no program to start.
pub(crate) fn private(options: &[&str]) -> Option<Private> {
    let found = Command::new(program()).arg("--version").stdout(Stdio::null()).status().is_ok();
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "redis-server is missing: install it, or name one in VITRINA_TEST_REDIS_SERVER"
        );
        eprintln!("SKIPPED: no redis-server on this machine, nothing was tested here");
        return None;
    }
    let mut private = Private {
        port: free_port(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        directory: TempDir::new().unwrap(),
        process: None,
    };
    private.start();
    Some(private)
}

/// A port for a server that may be stopped for a while: below those that the system gives to whoever connects, with room
/// for a cluster's second one 10,000 above.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = std::process::id() * 61 % 10_000;
    loop {
        let next = begin + u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 11_000 + (next % 10_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn program() -> String {
    std::env::var("VITRINA_TEST_REDIS_SERVER").unwrap_or_else(|_| "redis-server".to_owned())
}

impl Private {
    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn open(&self, options: QueueOptions) -> RedisQueue {
        RedisQueue::open(&self.url(), options, "vitrina").unwrap()
    }

    /// Starts the server, on what an earlier run left.
    pub(crate) fn start(&mut self) {
        // The shell's input is a pipe from here: when this process is gone, the server goes too.
        let script = r#""$@" & server=$!; echo $server > pid; cat; kill -9 $server"#;
        let process = Command::new("sh")
            .args(["-c", script, "sh", &program(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--port", &self.port.to_string(), "--loglevel", "warning"])
            .args(&self.options)
            .current_dir(self.directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begin = Instant::now();
        while connect(&self.url()).is_none_or(|mut it| redis::cmd("PING").exec(&mut it).is_err()) {
            assert!(begin.elapsed() < Duration::from_secs(20), "redis-server does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends the server a signal: STOP, CONT.
    pub(crate) fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.directory.path().join("pid")).unwrap();
        let status = Command::new("kill").args([&format!("-{name}"), pid.trim()]).status().unwrap();
        assert!(status.success());
    }

    /// Kills the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            process.wait().unwrap();
        }
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        self.kill();
    }
}
