//! An S3 server of a test's own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::find;
use crate::{Program, free_port, skip};

/// An S3 server that keeps its buckets in memory, `moto_server` of the Python package moto; it dies with the test process.
#[derive(Debug)]
pub struct S3Server {
    port: u16,
    program: String,
    running: Option<Program>,
    folder: TempDir,
}

impl S3Server {
    /// Starts a server without buckets; `None`, said loudly, where there is no program to start.
    ///
    /// # Panics
    /// In CI where there is none, and where it does not come up.
    pub fn start() -> Option<Self> {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/moto_server");
        let program = installed.is_file().then(|| installed.display().to_string());
        let Some(program) = program.or_else(|| find("moto_server")) else {
            skip("no moto_server on this machine: `make setup` installs it into .venv");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder");
        let mut server = Self { port: free_port(), program, running: None, folder };
        server.restart();
        Some(server)
    }

    /// The options of a client, by their names in the environment.
    pub fn options(&self) -> Vec<(String, String)> {
        let endpoint = format!("http://127.0.0.1:{}", self.port);
        let options = [
            ("AWS_ACCESS_KEY_ID", "vitrina-test"),
            ("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-tests"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ENDPOINT", &endpoint),
            ("AWS_ALLOW_HTTP", "true"),
        ];
        options.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// Creates a bucket.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn create_bucket(&self, name: &str) {
        let answer = self.request("PUT", name).expect("a server that runs");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    /// Starts the server again, without buckets.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let arguments = ["-H", "127.0.0.1", "-p", &port].map(str::to_owned);
        self.running = Some(Program::start(&self.program, &arguments, self.folder.path()));
        let begin = Instant::now();
        while !self.request("GET", "moto-api/").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            assert!(begin.elapsed() < Duration::from_secs(90), "moto_server does not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    fn request(&self, method: &str, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let host = format!("127.0.0.1:{}", self.port);
        let head = format!(
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes())?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}
