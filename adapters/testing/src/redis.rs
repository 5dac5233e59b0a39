//! A Redis server of a test's own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::find;
use crate::{Program, free_port, skip};

/// A Redis server in a folder of its own; it dies with the test process.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    program: String,
    options: Vec<String>,
    running: Option<Program>,
    folder: TempDir,
}

impl RedisServer {
    /// Starts a server with these options of `redis-server`; `None`, said loudly, where there is no program to start.
    ///
    /// `VITRINA_TEST_REDIS_SERVER` names another program than the `redis-server` of the path.
    ///
    /// # Panics
    /// In CI where there is none, and where it does not come up.
    pub fn start(options: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var("VITRINA_TEST_REDIS_SERVER").ok().or_else(|| find("redis-server"))
        else {
            skip("no redis-server on this machine: install it, or name one in VITRINA_TEST_REDIS_SERVER");
            return None;
        };
        let mut server = Self {
            port: free_port(),
            program,
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            running: None,
            folder: TempDir::new().expect("a temporary folder"),
        };
        server.restart();
        Some(server)
    }

    /// `redis://…`
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port it listens on, running or not.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Starts the server again, on what it left on disk.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let fixed = ["--bind", "127.0.0.1", "--save", "", "--loglevel", "warning", "--port", &port];
        let arguments: Vec<_> =
            fixed.iter().map(|argument| (*argument).to_owned()).chain(self.options.clone()).collect();
        self.running = Some(Program::start(&self.program, &arguments, self.folder.path()));
        let begin = Instant::now();
        while !self.answers() {
            assert!(begin.elapsed() < Duration::from_secs(20), "redis-server does not come up");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Sends the server a signal: `STOP`, `CONT`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, name: &str) {
        self.running.as_ref().expect("a server that runs").signal(name);
    }

    /// Sends an inline command and answers what comes back, lines and all.
    ///
    /// # Panics
    /// When the server does not answer.
    pub fn command(&self, command: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("a server that runs");
        stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).expect("a server that listens");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut answer = [0; 5];
        stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
            && stream.write_all(b"PING\r\n").is_ok()
            && stream.read_exact(&mut answer).is_ok()
            // A server with a password answers too, if not with what was asked for.
            && (answer == *b"+PONG" || answer == *b"-NOAU")
    }
}
