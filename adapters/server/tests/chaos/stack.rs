//! The processes: MariaDB, Redis, two servers, three workers, each worker behind relays of its own.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use vitrina_core::TaskQueue;
use vitrina_core::queue::{QueueDepth, QueueOptions};
use vitrina_redis::RedisQueue;
use vitrina_testing::{MariaDbServer, RedisServer, free_port};

use crate::relay::{Relay, Traps, Wire};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// How long a photo is held by a worker that is gone, in seconds.
const LEASE: &str = "3";
/// More than anyone is killed with the same photo in hand: what ends as a failure here was lost.
const MAX_DELIVERIES: &str = "20";

pub struct Stack {
    pub mariadb: MariaDbServer,
    pub redis: RedisServer,
    pub servers: Vec<Vitrina>,
    pub workers: Vec<Worker>,
    pub log: Arc<Log>,
    _folder: TempDir,
}

/// A worker, and the relays between it and the rest.
pub struct Worker {
    pub process: Vitrina,
    pub traps: Arc<Traps>,
    /// Whether it reports by the webhook.
    pub calls: bool,
}

impl Stack {
    /// Starts everything; `None`, said loudly, where MariaDB or Redis is missing.
    pub async fn start() -> Option<Self> {
        let mariadb = MariaDbServer::start()?;
        let redis = RedisServer::start(&["--appendonly", "yes", "--appendfsync", "always"])?;
        let folder = TempDir::new().unwrap();
        let log = Arc::new(Log::default());
        mariadb.execute("CREATE DATABASE shop CHARACTER SET utf8mb4");
        let mut servers = Vec::new();
        let mut ports = Vec::new();
        for name in ["server-1", "server-2"] {
            let port = free_port();
            let data = folder.path().join(name).display().to_string();
            let (listen, catalog) = (format!("127.0.0.1:{port}"), format!("{}/shop", mariadb.url()));
            let arguments = ["serve", "--listen", &listen, "--catalog", &catalog, "--queue", &redis.url()];
            let mut arguments = owned(&arguments);
            arguments.extend(owned(&["--demo", "--data-dir", &data, "--webhook-secret", SECRET]));
            // The load is that of many customers, from one address.
            arguments.extend(owned(&["--trusted-proxies", "127.0.0.1"]));
            servers.push(Vitrina::start(arguments, log.clone()).await);
            ports.push(port);
        }
        let mut workers = Vec::new();
        for calls in [true, true, false] {
            let traps = Arc::new(Traps::default());
            let queue = Relay::open(Wire::Redis, vec![redis.port()], traps.clone()).await;
            let queue = format!("redis://127.0.0.1:{queue}");
            let mut arguments = owned(&["worker", "--listen", "127.0.0.1:0", "--queue", &queue]);
            arguments.extend(owned(&["--lanes", "2", "--lease", LEASE, "--max-deliveries", MAX_DELIVERIES]));
            if calls {
                let backend = Relay::open(Wire::Http, ports.clone(), traps.clone()).await;
                let hook = format!("http://127.0.0.1:{backend}/webhook/task_completed");
                arguments.extend(owned(&["--webhook", &hook, "--webhook-secret", SECRET]));
            }
            workers.push(Worker { process: Vitrina::start(arguments, log.clone()).await, traps, calls });
        }
        Some(Self { mariadb, redis, servers, workers, log, _folder: folder })
    }

    /// Where the servers are.
    pub fn addresses(&self) -> Vec<String> {
        self.servers.iter().map(|server| server.address.clone()).collect()
    }

    /// What the queue holds.
    pub async fn queue_depth(&self) -> QueueDepth {
        let queue = RedisQueue::open(&self.redis.url(), QueueOptions::default(), "vitrina").unwrap();
        queue.depth().await.unwrap()
    }
}

/// What the processes said, counted.
#[derive(Default)]
pub struct Log {
    pub redeliveries: AtomicUsize,
    pub duplicates: AtomicUsize,
    pub panics: AtomicUsize,
}

impl Log {
    fn hear(&self, line: &str) {
        let heard = [
            ("a photo comes again", &self.redeliveries),
            ("a result was there already", &self.duplicates),
            ("panicked at", &self.panics),
        ];
        for (words, count) in heard {
            if line.contains(words) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
        if std::env::var_os("VITRINA_CHAOS_LOG").is_some() {
            eprintln!("{line}");
        }
    }
}

/// A `vitrina` process that can be killed and started anew, with the same flags.
pub struct Vitrina {
    arguments: Vec<String>,
    child: Child,
    log: Arc<Log>,
    pub address: String,
}

impl Vitrina {
    async fn start(arguments: Vec<String>, log: Arc<Log>) -> Self {
        let (child, address) = launch(&arguments, &log).await;
        Self { arguments, child, log, address }
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("a process that was not waited for")
    }

    /// Kills it, if something else has not.
    pub async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    /// Starts it anew.
    pub async fn restart(&mut self) {
        self.kill().await;
        (self.child, self.address) = launch(&self.arguments, &self.log).await;
    }
}

async fn launch(arguments: &[String], log: &Arc<Log>) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrina"));
    command.args(arguments).current_dir(checkout());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let heard = log.clone();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            heard.hear(&line);
        }
    });
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).await.unwrap();
    let address = first.trim().strip_prefix("listening on ").expect("a process that comes up");
    (child, address.to_owned())
}

/// Where the model is looked for.
fn checkout() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}
