//! A program that lives no longer than the test process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running program; it is killed when this is dropped, and when the test process goes, however that ends.
#[derive(Debug)]
pub struct Program {
    guard: Child,
    pid: PathBuf,
}

impl Program {
    /// Starts a program in a folder, with its output thrown away.
    ///
    /// # Panics
    /// When there is no shell to start it.
    pub fn start(program: &str, arguments: &[String], folder: &Path) -> Self {
        // The shell's input is a pipe from here: when this process is gone, the program goes too.
        let script = r#""$@" & server=$!; echo $server > pid; cat; kill -9 $server; wait $server"#;
        let guard = Command::new("sh")
            .args(["-c", script, "sh", program])
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Self { guard, pid: folder.join("pid") }
    }

    /// Sends it a signal: `STOP`, `CONT`, `TERM`.
    ///
    /// # Panics
    /// When it is gone.
    pub fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(&self.pid).expect("the program's number");
        let status = Command::new("kill").args([&format!("-{name}"), pid.trim()]).status();
        assert!(status.is_ok_and(|status| status.success()), "the program is gone");
    }
}

impl Drop for Program {
    /// Kills it as a power cut would.
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// Where a program is: on the path, or where the system keeps servers.
pub(crate) fn find(name: &str) -> Option<String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    let mut candidates = folders.map(|folder| Path::new(folder).join(name));
    candidates.find(|file| file.is_file()).map(|file| file.display().to_string())
}
