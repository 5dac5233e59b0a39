//! A MariaDB server of a test's own.

use std::io::Read;
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::program::find;
use crate::{Program, free_port, skip};

/// A MariaDB server with a data folder of its own, user `root` without a password; it dies with the test process.
#[derive(Debug)]
pub struct MariaDbServer {
    port: u16,
    program: String,
    options: Vec<String>,
    running: Option<Program>,
    folder: TempDir,
}

impl MariaDbServer {
    /// Starts a server on an empty data folder; `None`, said loudly, where there is no program to start.
    ///
    /// # Panics
    /// In CI where there is none, and where it does not come up.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// Starts a server with these options of `mariadbd` on an empty data folder; `None`, said loudly, where there is no program to start.
    ///
    /// # Panics
    /// In CI where there is none, and where it does not come up.
    pub fn start_with(options: &[String]) -> Option<Self> {
        let (Some(program), Some(install)) = (find("mariadbd"), find("mariadb-install-db")) else {
            skip("no mariadbd on this machine: install it, or name a server in VITRINA_TEST_MARIADB_URL");
            return None;
        };
        let folder = TempDir::new().expect("a temporary folder");
        let installed = Command::new(install)
            .args(["--no-defaults", "--auth-root-authentication-method=normal"])
            .arg(format!("--datadir={}", folder.path().join("data").display()))
            .output()
            .expect("mariadb-install-db starts");
        let said = [installed.stdout, installed.stderr].concat();
        assert!(installed.status.success(), "mariadb-install-db: {}", String::from_utf8_lossy(&said));
        let options = options.to_vec();
        let mut server = Self { port: free_port(), program, options, running: None, folder };
        server.restart();
        Some(server)
    }

    /// `mysql://…`, without a database.
    pub fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    /// Starts the server again, on what it left on disk.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        self.kill();
        let file = |name: &str| self.folder.path().join(name).display().to_string();
        let user = Command::new("id").arg("-un").output().expect("the name of this user");
        let mut arguments = vec![
            "--no-defaults".to_owned(),
            format!("--user={}", String::from_utf8_lossy(&user.stdout).trim()),
            format!("--datadir={}", file("data")),
            format!("--socket={}", file("socket")),
            format!("--pid-file={}", file("mariadb.pid")),
            "--bind-address=127.0.0.1".to_owned(),
            format!("--port={}", self.port),
        ];
        arguments.extend(self.options.clone());
        self.running = Some(Program::start(&self.program, &arguments, self.folder.path()));
        let begin = Instant::now();
        while !self.answers() {
            assert!(begin.elapsed() < Duration::from_secs(90), "mariadbd does not come up");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs SQL as `root`, by the command `mariadb`.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn execute(&self, sql: &str) {
        let status = Command::new("mariadb")
            .args(["--no-defaults", "--protocol=tcp", "--host=127.0.0.1", "--user=root"])
            .args([&format!("--port={}", self.port), "--execute", sql])
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{sql}");
    }

    /// Kills the server as a power cut would.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Whether the server greets: a packet's head of four bytes, then the version of its protocol, 10.
    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let mut greeting = [0; 5];
        stream.set_read_timeout(Some(Duration::from_secs(1))).is_ok()
            && stream.read_exact(&mut greeting).is_ok()
            && greeting[4] == 10
    }
}
