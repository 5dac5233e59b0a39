//! What is sent: searches and photos.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::http::{Answer, Connection};
use crate::load::{Job, Random};

const BOUNDARY: &str = "vitrina-load-7f3a9c";

/// Posts the lines of a file.
pub(crate) struct Searches {
    requests: Vec<Vec<u8>>,
    first: u64,
}

impl Searches {
    /// Takes one JSON body a line.
    ///
    /// # Errors
    /// A text without lines.
    pub(crate) fn new(server: &str, path: &str, bodies: &str, first: u64) -> Result<Self> {
        let request = |body: &str| {
            let head = head("POST", path, server, "application/json", body.len());
            [head.as_bytes(), body.as_bytes()].concat()
        };
        let requests: Vec<_> = bodies.lines().filter(|line| !line.is_empty()).map(request).collect();
        ensure!(!requests.is_empty(), "the file of bodies is empty");
        Ok(Self { requests, first })
    }
}

impl Job for Searches {
    fn run(&self, connection: &mut Connection, number: u64, _: Duration) -> Result<usize, String> {
        let at = (self.first + number) % self.requests.len() as u64;
        let answer =
            connection.exchange(&self.requests[at as usize]).map_err(|error| failure("search", &error))?;
        match answer.status {
            200 => Ok(answer.body.len()),
            status => Err(format!("search: status {status}")),
        }
    }
}

/// Uploads photos and asks for their results.
pub(crate) struct Photos {
    server: String,
    photos: Vec<Vec<u8>>,
    poll: Duration,
    prefer: &'static str,
    seed: u64,
}

impl Photos {
    /// Reads the JPEGs of a folder.
    ///
    /// # Errors
    /// A folder that cannot be read or has none.
    pub(crate) fn read(server: &str, folder: &Path, poll: Duration, wait: bool) -> Result<Self> {
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|end| end == "jpg" || end == "jpeg"));
        files.sort();
        let photos = files.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
        ensure!(!photos.is_empty(), "{} has no .jpg", folder.display());
        let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
        let prefer = if wait { "Prefer: wait=30\r\n" } else { "" };
        Ok(Self { server: server.to_owned(), photos, poll, prefer, seed })
    }

    fn upload(&self, number: u64) -> Vec<u8> {
        let photo = &self.photos[(number % self.photos.len() as u64) as usize];
        let before = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo.jpg\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        let mut random = Random::seeded(self.seed.wrapping_add(number));
        let unseen = [random.next().to_le_bytes(), random.next().to_le_bytes()].concat();
        let after = format!("\r\n--{BOUNDARY}--\r\n");
        let length = before.len() + photo.len() + unseen.len() + after.len();
        let form = format!("multipart/form-data; boundary={BOUNDARY}");
        let head = head("POST", "/search/image", &self.server, &form, length);
        [head.as_bytes(), before.as_bytes(), photo, &unseen, after.as_bytes()].concat()
    }
}

impl Job for Photos {
    fn run(&self, connection: &mut Connection, number: u64, timeout: Duration) -> Result<usize, String> {
        let sent = Instant::now();
        let answer = connection.exchange(&self.upload(number)).map_err(|error| failure("upload", &error))?;
        let task = task(&answer).ok_or_else(|| format!("upload: status {}", answer.status))?;
        let request =
            format!("GET /tasks/{task}/result HTTP/1.1\r\nHost: {}\r\n{}\r\n", self.server, self.prefer);
        let mut due = Instant::now();
        loop {
            let answer =
                connection.exchange(request.as_bytes()).map_err(|error| failure("result", &error))?;
            match answer.status {
                200 => return Ok(answer.body.len()),
                202 if sent.elapsed() > timeout => return Err("result: not in time".to_owned()),
                // A poll that took longer than the pause is followed by the next one at once.
                202 => due = (due + self.poll).max(Instant::now()),
                status => return Err(format!("result: status {status}")),
            }
            thread::sleep(due.saturating_duration_since(Instant::now()));
        }
    }
}

fn task(answer: &Answer) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    (answer.status == 200).then(|| body["task_id"].as_str().map(str::to_owned))?
}

fn failure(what: &str, error: &std::io::Error) -> String {
    format!("{what}: {}", error.kind())
}

fn head(method: &str, path: &str, server: &str, kind: &str, length: usize) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {server}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    )
}
