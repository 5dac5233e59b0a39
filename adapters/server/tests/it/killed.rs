//! A server that is killed with SIGKILL, while it indexes and while it is written to, and started again.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::{Process, folder, http, vitrina};

const KEY: &str = "a long and secret key";
/// Longer than anything takes that does not hang.
const LONG: Duration = Duration::from_secs(60);

fn serve(folder: &TempDir) -> Process {
    let mut command = vitrina();
    command.env("VITRINA_ADMIN_KEY", KEY).arg("serve").arg("--data-dir").arg(folder.path());
    Process::start(command)
}

/// Writes a product; its ID if the server acknowledged it before it was killed.
async fn put(url: String, id: u64) -> Option<u64> {
    let product = json!({"name": format!("Artilugio {id}"), "price": 9.5});
    let answer = http().put(url).bearer_auth(KEY).json(&product).send().await.ok()?;
    answer.status().is_success().then_some(id)
}

/// The products that a server finds once it is ready.
async fn found(server: &Process) -> Vec<u64> {
    let begin = Instant::now();
    while server.get("/ready").await.0 != 200 {
        assert!(begin.elapsed() < LONG, "the server does not become ready");
    }
    let search = http().post(server.url("/search/text")).json(&json!({"query": "artilugio", "limit": 100}));
    let answer: Value = search.send().await.unwrap().json().await.unwrap();
    answer["products"].as_array().unwrap().iter().map(|product| product["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_server_that_is_killed_finds_all_that_it_acknowledged() {
    let folder = folder();
    let mut acknowledged = Vec::new();
    for round in 0..4_u64 {
        let server = serve(&folder);
        let ids = 100 * round..100 * round + 12;
        let writes = ids.map(|id| put(server.url(&format!("/products/{}", id + 1)), id + 1));
        let writes: FuturesUnordered<_> = writes.collect();
        // Killed while the others are on their way, each time at another moment.
        let wanted = 1 + 3 * round as usize;
        acknowledged.extend(writes.filter_map(|id| async move { id }).take(wanted).collect::<Vec<_>>().await);
        drop(server);
        if round % 2 == 1 {
            // The index is built anew, and the server is killed while it does so.
            std::fs::remove_dir_all(folder.path().join("index")).unwrap();
            drop(serve(&folder));
        }
        let found = found(&serve(&folder)).await;
        let lost: Vec<_> = acknowledged.iter().filter(|id| !found.contains(id)).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?} of {acknowledged:?} are not found");
    }
    assert_eq!(acknowledged.len(), 1 + 4 + 7 + 10);
}
