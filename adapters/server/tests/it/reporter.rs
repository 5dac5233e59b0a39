//! A worker that reports to the webhook of a backend that is not ours.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Data;
use poem::{EndpointExt, Request, Route, Server, handler, http::StatusCode, post};
use serde_json::Value;
use standardwebhooks::Webhook;
use vitrina_core::classify::{Categorizer, Classification, Embedding, LabelScore};
use vitrina_core::memory::{MemoryClassifier, MemoryQueue};
use vitrina_core::queue::{Outcome, QueueOptions, Stop, TaskId, TaskState, WorkerOptions};
use vitrina_core::words::Vocabulary;
use vitrina_core::{Category, CategoryId, TaskQueue, Worker};
use vitrina_server::api::WebhookSecret;
use vitrina_server::inference::WebhookReporter;

use crate::setup::{SECRET, VOCABULARY};

/// A backend that answers as reported, one answer after the other, then with 202; it keeps what it was called with.
#[derive(Clone, Default)]
struct Foreign {
    answers: Arc<Mutex<Vec<u16>>>,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

#[handler]
async fn task_completed(request: &Request, body: String, foreign: Data<&Foreign>) -> StatusCode {
    Webhook::new(SECRET).unwrap().verify(body.as_bytes(), request.headers()).expect("a signed call");
    let id = request.header("webhook-id").unwrap().to_owned();
    foreign.calls.lock().unwrap().push((id, serde_json::from_str(&body).unwrap()));
    let mut answers = foreign.answers.lock().unwrap();
    let status = if answers.is_empty() { 202 } else { answers.remove(0) };
    StatusCode::from_u16(status).unwrap()
}

impl Foreign {
    /// Serves, and answers the webhook's address.
    async fn serve(&self) -> String {
        let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
        let address = acceptor.local_addr()[0].as_socket_addr().unwrap().to_string();
        let app = Route::new().at("/hook", post(task_completed)).data(self.clone());
        tokio::spawn(Server::new_with_acceptor(acceptor).run(app));
        format!("http://{address}/hook")
    }
}

/// Has a worker classify photos and report them to `url`; answers the queue and the tasks.
async fn work(url: &str, photos: &[&str]) -> (Arc<dyn TaskQueue>, Vec<TaskId>) {
    let shoe = Classification {
        labels: vec![LabelScore { label: "n04120489".into(), score: 0.9 }],
        embedding: Some(Embedding::new(vec![0.6, 0.8]).unwrap()),
        ..Classification::default()
    };
    let classifier = Arc::new(MemoryClassifier::new().knowing("a shoe", shoe));
    let queue: Arc<dyn TaskQueue> = Arc::new(MemoryQueue::new(QueueOptions::default()));
    let mut tasks = Vec::new();
    for photo in photos {
        tasks.push(queue.submit(photo.as_bytes().to_vec()).await.unwrap());
    }
    let categories = [Category::new(CategoryId(4), "Zapatos")];
    let categorizer = Categorizer::new(&categories, &Vocabulary::from_json(VOCABULARY).unwrap());
    let secret = Some(WebhookSecret::new(SECRET).unwrap());
    let reporter = WebhookReporter::new(url, secret, queue.clone(), categorizer).unwrap();
    let options = WorkerOptions::default().lanes(1).drain(true);
    let stop = Stop::new();
    stop.stop();
    Worker::new(queue.clone(), classifier, options).reporting_to(Arc::new(reporter)).run(&stop).await;
    (queue, tasks)
}

#[tokio::test]
async fn results_and_failures_are_reported_signed() {
    let foreign = Foreign::default();
    let (queue, tasks) = work(&foreign.serve().await, &["a shoe", "no picture"]).await;
    let mut calls = foreign.calls.lock().unwrap().clone();
    calls.sort_by_key(|(_, body)| body["state"].to_string());
    let (done, failed) = (&calls[0], &calls[1]);
    assert_eq!(done.1["task_id"], tasks[0].to_string());
    assert_eq!(done.1["state"], "completed");
    assert_eq!(done.1["categories"][0]["label"], 4);
    assert!((0.9..1.0).contains(&done.1["categories"][0]["score"].as_f64().unwrap()));
    let embedding = STANDARD.decode(done.1["embedding"].as_str().unwrap()).unwrap();
    let numbers: Vec<_> =
        embedding.chunks(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    assert_eq!(numbers, [0.6, 0.8], "the numbers of the embedding, little-endian");
    assert_eq!(done.1["model"], "memory");
    assert_eq!(failed.1["task_id"], tasks[1].to_string());
    assert_eq!(failed.1["state"], "failed");
    assert!(!failed.1["error"].as_str().unwrap().is_empty());
    for task in tasks {
        assert!(
            matches!(queue.state(task).await.unwrap(), TaskState::Ended(_)),
            "it was reported to the queue too"
        );
    }
}

#[tokio::test]
async fn a_backend_in_trouble_is_called_again_with_the_same_id() {
    let foreign = Foreign::default();
    *foreign.answers.lock().unwrap() = vec![503, 429, 401];
    let (queue, tasks) = work(&foreign.serve().await, &["a shoe"]).await;
    let calls = foreign.calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| *call == calls[0]), "{calls:?}");
    assert!(matches!(queue.state(tasks[0]).await.unwrap(), TaskState::Ended(Outcome::Classified(_))));
}

#[tokio::test]
async fn a_backend_that_refuses_for_good_is_not_pressed() {
    let foreign = Foreign::default();
    *foreign.answers.lock().unwrap() = vec![404; 100];
    let (queue, tasks) = work(&foreign.serve().await, &["a shoe"]).await;
    // Once a delivery.
    assert_eq!(foreign.calls.lock().unwrap().len(), 3);
    let TaskState::Ended(Outcome::Failed(reason)) = queue.state(tasks[0]).await.unwrap() else {
        panic!("the task has not failed")
    };
    assert!(reason.contains("404"), "{reason}");
    assert_eq!(queue.dead_letters(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_worker_waits_for_a_backend_that_comes_up_later() {
    let port = vitrina_testing::free_port();
    let foreign = Foreign::default();
    let (serving, waiting) = (foreign.clone(), Arc::new(tokio::sync::Notify::new()));
    let start = waiting.clone();
    tokio::spawn(async move {
        start.notified().await;
        let app = Route::new().at("/hook", post(task_completed)).data(serving);
        Server::new(TcpListener::bind(("127.0.0.1", port))).run(app).await.unwrap();
    });
    let url = format!("http://127.0.0.1:{port}/hook");
    let working = tokio::spawn(async move { work(&url, &["a shoe"]).await });
    assert!(!working.is_finished());
    waiting.notify_one();
    let (queue, tasks) = tokio::time::timeout(Duration::from_secs(30), working).await.unwrap().unwrap();
    assert!(matches!(queue.state(tasks[0]).await.unwrap(), TaskState::Ended(Outcome::Classified(_))));
    assert_eq!(foreign.calls.lock().unwrap().len(), 1);
}
