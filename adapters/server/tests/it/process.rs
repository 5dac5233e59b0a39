//! The `vitrina` command in processes of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A server or a worker that listens on a free port; it is killed when this is dropped.
pub struct Process {
    child: Child,
    address: String,
}

/// The command, with nothing of this environment but where programs and the model's runtime are.
pub fn vitrina() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vitrina"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    if let Some(library) = std::env::var_os("ORT_DYLIB_PATH") {
        command.env("ORT_DYLIB_PATH", library);
    }
    command
}

impl Process {
    /// A server over a data folder.
    pub fn serve(folder: &Path, flags: &[&str]) -> Self {
        let mut command = vitrina();
        command.arg("serve").arg("--data-dir").arg(folder).args(flags);
        Self::start(command)
    }

    /// A worker of the queue at this address.
    pub fn worker(queue: &str, flags: &[&str]) -> Self {
        let mut command = vitrina();
        command.args(["worker", "--queue", queue]).args(flags);
        Self::start(command)
    }

    /// This command, on a free port.
    pub fn start(mut command: Command) -> Self {
        command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect(&line).to_owned();
        Self { child, address }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Sends a photo and answers its task.
    pub async fn accept(&self, photo: Vec<u8>) -> String {
        let answer = self.send("/search/image", photo).await;
        assert_eq!(answer.status(), 200);
        answer.json::<Value>().await.unwrap()["task_id"].as_str().unwrap().to_owned()
    }

    /// Sends a photo to an endpoint that takes one.
    pub async fn send(&self, path: &str, photo: Vec<u8>) -> reqwest::Response {
        let part = reqwest::multipart::Part::bytes(photo).file_name("photo.jpg");
        let form = reqwest::multipart::Form::new().part("file", part);
        http().post(self.url(path)).multipart(form).send().await.unwrap()
    }

    /// The result of a task, waited for.
    pub async fn result(&self, task: &str) -> (u16, Value) {
        let request = http().get(self.url(&format!("/tasks/{task}/result"))).header("Prefer", "wait=30");
        read(request.send().await.unwrap()).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(http().get(self.url(path)).send().await.unwrap()).await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

pub fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A photo of 200 by 100 pixels of one colour.
pub fn photo(colour: [u8; 3]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(200, 100, image::Rgb(colour));
    picture.write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

async fn read(answer: reqwest::Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or(Value::Null))
}
