//! Customers: they send photos, follow each to its end, and remember what they were reported.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response};
use serde_json::Value;

/// How many customers there are at a time.
const CUSTOMERS: usize = 12;
/// How many different photos they have.
const PHOTOS: usize = 8;
/// A task that has no end after this is lost.
const PATIENCE: Duration = Duration::from_secs(180);
/// How long a customer waits before trying again what was refused.
const PAUSE: Duration = Duration::from_millis(100);

/// What is reported of a task that has ended, as far as it must be the same for ever: the status, and the categories with
/// their scores, or why there are none.
pub type Reported = (u16, String);

/// A task that a server has accepted.
pub struct Accepted {
    pub task: String,
    pub photo: usize,
    pub reported: Option<Reported>,
    /// From its acceptance to its end.
    pub took: Duration,
}

/// What the customers remember.
#[derive(Default)]
pub struct Journal {
    pub accepted: Vec<Accepted>,
    /// Photos that were not accepted: the customer sent them again.
    pub refused: usize,
    /// The longest that a customer waited for the refusal of a photo.
    pub slowest_refusal: Duration,
}

pub struct Load {
    servers: Vec<String>,
    client: Client,
    photos: Vec<Vec<u8>>,
    /// What is reported of each photo while nothing fails.
    truth: Vec<Reported>,
    journal: Mutex<Journal>,
    /// When a task ended last.
    last_end: Mutex<Instant>,
    sent: AtomicUsize,
    enough: AtomicBool,
}

impl Load {
    /// Finds out what is reported of each photo in peace.
    pub async fn prepare(servers: Vec<String>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(Duration::from_secs(15)).build().unwrap();
        let mut load = Self {
            servers,
            client,
            photos: photos(),
            truth: Vec::new(),
            journal: Mutex::default(),
            last_end: Mutex::new(Instant::now()),
            sent: AtomicUsize::new(0),
            enough: AtomicBool::new(false),
        };
        let mut tasks = Vec::new();
        for number in 0..load.photos.len() {
            let task = load.send(number, 0).await.expect("a photo is accepted in peace");
            load.follow(&task).await.expect("a photo is classified in peace");
            tasks.push(task);
        }
        load.truth = load.settled(&tasks).await;
        assert!(
            load.truth.iter().any(|reported| reported.0 == 200)
                && load.truth.iter().any(|reported| reported.0 == 422)
        );
        load
    }

    /// What all servers say of these tasks alike, once they are trained on the demo's photos and decide otherwise
    /// no more.
    async fn settled(&self, tasks: &[String]) -> Vec<Reported> {
        let deadline = Instant::now() + Duration::from_secs(120);
        let mut before = Vec::new();
        loop {
            let mut said = Vec::new();
            for server in &self.servers {
                for task in tasks {
                    let request = self.client.get(format!("{server}/tasks/{task}/result"));
                    said.push(reported(request.send().await.unwrap()).await.expect("an answer in peace"));
                }
            }
            let first = said[..tasks.len()].to_vec();
            if said.chunks(tasks.len()).all(|server| server == first)
                && self.all_learned().await
                && before == first
            {
                return first;
            }
            assert!(Instant::now() < deadline, "the servers do not settle");
            before = first;
        }
    }

    /// Whether every server has the embedding of the last product with a photo.
    async fn all_learned(&self) -> bool {
        for server in &self.servers {
            let get = async |path: &str| -> Option<Value> {
                self.client.get(format!("{server}{path}")).send().await.ok()?.json().await.ok()
            };
            let newest = get("/products?sort=newest&limit=100").await;
            let shown =
                |product: &&Value| product["photo"].as_str().is_some_and(|photo| photo.starts_with('/'));
            let last = newest.as_ref().and_then(|page| page["products"].as_array()?.iter().find(shown));
            let Some(id) = last.and_then(|product| product["id"].as_i64()) else { return false };
            let similar = get(&format!("/products/{id}/similar")).await;
            if similar.is_none_or(|found| found["products"].as_array().is_none_or(Vec::is_empty)) {
                return false;
            }
        }
        true
    }

    /// Sends photos until there are `at_least` and it is [`enough`](Self::enough); answers what the customers remember.
    pub async fn run(self: Arc<Self>, at_least: usize) -> Journal {
        let customers: Vec<_> =
            (0..CUSTOMERS).map(|_| tokio::spawn(self.clone().customer(at_least))).collect();
        for customer in customers {
            customer.await.unwrap();
        }
        std::mem::take(&mut *self.journal.lock().unwrap())
    }

    /// Says that no more photos are needed than were asked for.
    pub fn enough(&self) {
        self.enough.store(true, Ordering::Relaxed);
    }

    /// When a task ended last.
    pub fn last_end(&self) -> Instant {
        *self.last_end.lock().unwrap()
    }

    async fn customer(self: Arc<Self>, at_least: usize) {
        loop {
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            if number >= at_least && self.enough.load(Ordering::Relaxed) {
                return;
            }
            let photo = number % self.photos.len();
            let task = self.send_until_accepted(photo, number).await;
            let begin = Instant::now();
            let reported = self.follow(&task).await;
            let accepted = Accepted { task, photo, reported, took: begin.elapsed() };
            *self.last_end.lock().unwrap() = Instant::now();
            self.journal.lock().unwrap().accepted.push(accepted);
        }
    }

    async fn send_until_accepted(&self, photo: usize, number: usize) -> String {
        for attempt in number.. {
            let begin = Instant::now();
            if let Some(task) = self.send(photo, attempt).await {
                return task;
            }
            {
                let mut journal = self.journal.lock().unwrap();
                journal.refused += 1;
                journal.slowest_refusal = journal.slowest_refusal.max(begin.elapsed());
            }
            tokio::time::sleep(PAUSE).await;
        }
        unreachable!("customers do not give up")
    }

    /// Sends a photo to one of the servers; its task, if it is accepted.
    async fn send(&self, photo: usize, turn: usize) -> Option<String> {
        let server = &self.servers[turn % self.servers.len()];
        let part = Part::bytes(self.photos[photo].clone()).file_name("photo.jpg");
        let request =
            self.client.post(format!("{server}/search/image")).multipart(Form::new().part("file", part));
        let answer = request.send().await.ok()?;
        let status = answer.status().as_u16();
        assert!(matches!(status, 200 | 429 | 503), "a photo was answered with {status}");
        let answer: Value = if status == 200 { answer.json().await.ok()? } else { return None };
        Some(answer["task_id"].as_str().expect("a task").to_owned())
    }

    /// Follows a task to its end, asking one server after the other; `None` when it has none.
    async fn follow(&self, task: &str) -> Option<Reported> {
        let begin = Instant::now();
        for server in self.servers.iter().cycle() {
            if begin.elapsed() > PATIENCE {
                return None;
            }
            let request = self.client.get(format!("{server}/tasks/{task}/result")).header("Prefer", "wait=5");
            let Ok(answer) = request.send().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            match answer.status().as_u16() {
                202 => {}
                503 => tokio::time::sleep(PAUSE).await,
                _ => return reported(answer).await,
            }
        }
        None
    }

    /// Asks every server once more for every task; answers what was reported otherwise than before, or than is true.
    pub async fn read_again(&self, journal: &Journal) -> Vec<String> {
        let mut contradictions = Vec::new();
        for accepted in &journal.accepted {
            let Some(first) = &accepted.reported else { continue };
            if *first != self.truth[accepted.photo] {
                contradictions
                    .push(format!("{}: {first:?}, in peace {:?}", accepted.task, self.truth[accepted.photo]));
            }
            for server in &self.servers {
                let request = self.client.get(format!("{server}/tasks/{}/result", accepted.task));
                let again = reported(request.send().await.unwrap()).await;
                if again.as_ref() != Some(first) {
                    contradictions.push(format!("{}: {first:?}, then {again:?}", accepted.task));
                }
            }
        }
        contradictions
    }
}

async fn reported(answer: Response) -> Option<Reported> {
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await.ok()?;
    let text = match answer["predictions"].as_array() {
        None => answer["detail"].to_string(),
        Some(predictions) => {
            let line = |prediction: &Value| {
                format!("{} {:.3}", prediction["category"], prediction["score"].as_f64().unwrap_or(-1.0))
            };
            predictions.iter().map(line).collect::<Vec<_>>().join(", ")
        }
    };
    Some((status, text))
}

/// Photos of the demo, the smallest, and one that is cut off.
fn photos() -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/demo/vendure/assets/images");
    let files = std::fs::read_dir(folder).expect("the demo's photos: run `make setup`");
    let mut photos: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    photos.sort_by_key(Vec::len);
    photos.truncate(PHOTOS - 1);
    let mut cut_off = photos[0].clone();
    cut_off.truncate(cut_off.len() / 2);
    photos.push(cut_off);
    photos
}
