//! Several servers and workers in processes of their own, over a Redis of the test's own.

use std::time::{Duration, Instant};

use serde_json::json;
use vitrina_core::TaskQueue;
use vitrina_core::queue::QueueOptions;
use vitrina_redis::RedisQueue;
use vitrina_testing::RedisServer;

use crate::process::{Process, folder, http, photo};
use crate::setup::SECRET;

/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(30);

#[tokio::test]
async fn photos_sent_to_one_server_are_answered_by_the_other() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let (one_folder, other_folder, queue) = (folder(), folder(), redis.url());
    let flags = ["--demo", "--queue", &queue, "--webhook-secret", SECRET];
    let one = Process::serve(one_folder.path(), &flags);
    let other = Process::serve(other_folder.path(), &flags);
    let hook = one.url("/webhook/task_completed");
    let _direct = Process::worker(&queue, &[]);
    let _calling = Process::worker(&queue, &["--webhook", &hook, "--webhook-secret", SECRET]);
    let mut tasks = Vec::new();
    for n in 0..12 {
        tasks.push(one.accept(photo([n * 20, 90, 200 - n * 10])).await);
    }
    for task in &tasks {
        let (status, answer) = other.result(task).await;
        assert_eq!((status, &answer["status"]), (200, &json!("completed")));
        // Each server is still training on the demo's photos: they agree as soon as both have seen them all.
        let deadline = Instant::now() + LONG;
        while one.result(task).await != other.result(task).await {
            assert!(Instant::now() < deadline, "both servers say the same");
        }
    }
}

#[tokio::test]
async fn a_worker_that_is_told_to_go_finishes_what_it_holds() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let (folder, queue) = (folder(), redis.url());
    let server = Process::serve(folder.path(), &["--demo", "--queue", &queue]);
    let mut worker = Process::worker(&queue, &["--lanes", "1"]);
    let mut tasks = Vec::new();
    for n in 0..40 {
        tasks.push(server.accept(photo([n * 5, 90, 10])).await);
    }
    worker.terminate();
    assert_eq!(worker.exit_code(), Some(0));
    let depth = RedisQueue::open(&queue, QueueOptions::default(), "vitrina").unwrap().depth().await.unwrap();
    assert_eq!(depth.started, 0, "nothing waits for a lease to run out");
    let _next = Process::worker(&queue, &[]);
    for task in &tasks {
        assert_eq!(server.result(task).await.0, 200);
    }
}

#[tokio::test]
async fn without_redis_photos_are_refused_and_everything_else_goes_on() {
    let Some(mut redis) = RedisServer::start(&["--appendonly", "yes"]) else { return };
    let (folder, queue) = (folder(), redis.url());
    let server = Process::serve(folder.path(), &["--demo", "--queue", &queue]);
    let worker = Process::worker(&queue, &[]);
    let task = server.accept(photo([9, 9, 9])).await;
    assert_eq!(server.result(&task).await.0, 200);

    redis.kill();
    let refused = tokio::time::timeout(LONG, server.send("/search/image", photo([1, 2, 3]))).await.unwrap();
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    assert_eq!(server.get(&format!("/tasks/{task}/result")).await.0, 503);
    let (status, ready) = server.get("/ready").await;
    assert_eq!(status, 503, "{ready}");
    assert_eq!(worker.get("/ready").await.0, 503);
    assert_eq!(worker.get("/health").await.0, 200);
    let words = http().post(server.url("/search/text")).json(&json!({"query": "zapatos"}));
    assert_eq!(words.send().await.unwrap().status(), 200);

    redis.restart();
    assert_eq!(server.result(&task).await.0, 200, "Redis has kept it");
    let begin = Instant::now();
    while server.send("/search/image", photo([4, 5, 6])).await.status() != 200 {
        assert!(begin.elapsed() < LONG, "the server does not find back to Redis");
    }
    let again = server.accept(photo([7, 8, 9])).await;
    assert_eq!(server.result(&again).await.0, 200, "the worker is back too");
}

#[tokio::test]
async fn a_worker_classifies_a_photo_without_the_queue() {
    let Some(redis) = RedisServer::start(&[]) else { return };
    let worker = Process::worker(&redis.url(), &[]);
    let answer = worker.send("/infer/image", photo([200, 30, 30])).await;
    assert_eq!(answer.status(), 200);
    let answer: serde_json::Value = answer.json().await.unwrap();
    let confidence = answer["category"][0]["confidence"].as_f64().unwrap();
    assert!(confidence > 0.0 && confidence <= 1.0, "{answer}");
    assert_eq!(worker.send("/infer/image", b"no picture".to_vec()).await.status(), 415);
}
