//! `Idempotency-Key` over HTTP: what is sent again is carried out once, also by a server that was started anew.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::process::{Process, folder, http, vitrina};

const KEY: &str = "a long and secret key";

fn serve(data: &std::path::Path) -> Process {
    Process::serve(data, &["--no-worker", "--admin-key", KEY])
}

async fn post(server: &Process, bearer: &str, key: Option<&str>, body: &Value) -> (u16, Value) {
    let request = http().post(server.url("/products")).bearer_auth(bearer).body(body.to_string());
    let request = request.header("Content-Type", "application/json");
    let request = match key {
        Some(key) => request.header("Idempotency-Key", key),
        None => request,
    };
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn import(server: &Process, key: &str, query: &str, file: &str) -> (u16, Value) {
    // The boundary of the form is another each time.
    let part = reqwest::multipart::Part::bytes(file.as_bytes().to_vec()).file_name("productos.csv");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request =
        http().post(server.url(&format!("/products/import{query}"))).bearer_auth(KEY).multipart(form);
    let answer = request.header("Idempotency-Key", key).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The imports that have ended, once none is going on.
async fn imports(server: &Process) -> usize {
    loop {
        let listed = http().get(server.url("/imports")).bearer_auth(KEY).send().await.unwrap();
        let listed: Value = listed.json().await.unwrap();
        if listed.get("running").is_none() {
            return listed["imports"].as_array().unwrap().len();
        }
        tokio::task::yield_now().await;
    }
}

async fn count(server: &Process) -> usize {
    let (_, listed) = server.get("/products?limit=100").await;
    listed["products"].as_array().unwrap().len()
}

fn batch(name: &str) -> Value {
    json!({"products": [{"name": name, "price": 7.5}, {"name": "Plato", "price": 5}]})
}

#[tokio::test]
async fn a_batch_that_is_sent_again_is_written_once() {
    let data = folder();
    let mut server = serve(data.path());
    let first = post(&server, KEY, Some(r#""K-1""#), &batch("Taza")).await;
    assert_eq!((first.0, first.1["ids"].as_array().unwrap().len()), (200, 2), "{}", first.1);
    assert_eq!(post(&server, KEY, Some("K-1"), &batch("Taza")).await, first, "also without quotes");
    let (status, other) = post(&server, KEY, Some("K-1"), &batch("Vaso")).await;
    assert_eq!(status, 422);
    assert!(other["detail"].as_str().unwrap().contains("idempotency key"), "{other}");
    for wrong in [r#""K-1"#, r#""""#, &"k".repeat(256)] {
        assert_eq!(post(&server, KEY, Some(wrong), &batch("Taza")).await.0, 400, "{wrong}");
    }
    assert_eq!(count(&server).await, 2);
    // What is refused takes no key.
    let bad = json!({"products": [{"name": "Taza", "price": 7.5, "category": "Menaje"}]});
    assert_eq!(post(&server, KEY, Some("K-2"), &bad).await.0, 422);
    assert_eq!(post(&server, KEY, Some("K-2"), &batch("Taza")).await.0, 200);
    assert_eq!(post(&server, KEY, None, &batch("Taza")).await.0, 200);
    assert_eq!(count(&server).await, 6);

    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let server = serve(data.path());
    assert_eq!(post(&server, KEY, Some("K-1"), &batch("Taza")).await, first, "after a restart");
    assert_eq!(post(&server, KEY, Some("K-1"), &batch("Vaso")).await.0, 422);
    // A client with a key of its own has idempotency keys of its own.
    let made =
        vitrina().args(["key", "create", "ERP", "--scope", "admin", "--data-dir"]).arg(data.path()).output();
    let made = String::from_utf8(made.unwrap().stdout).unwrap();
    let bearer = made.split_whitespace().find(|word| word.starts_with("vitrina_")).unwrap().to_owned();
    drop(server);
    let server = serve(data.path());
    let (status, own) = post(&server, &bearer, Some("K-1"), &batch("Vaso")).await;
    assert_eq!(status, 200, "{own}");
    assert_ne!(own, first.1);
    assert_eq!(count(&server).await, 8);
}

#[tokio::test]
async fn batches_that_are_sent_at_the_same_time_are_written_once() {
    let (data, other) = (folder(), folder());
    let catalog = format!("sqlite:{}", data.path().join("shared.db").display());
    let flags = ["--no-worker", "--admin-key", KEY, "--catalog", &catalog];
    let servers = [Process::serve(data.path(), &flags), Process::serve(other.path(), &flags)];
    let body = json!({"products": vec![json!({"name": "Taza", "price": 7.5}); 1000]});
    let sent = (0..20).map(|number| post(&servers[number % 2], KEY, Some("K"), &body));
    let answers = join_all(sent).await;
    let (written, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 200);
    assert!(!written.is_empty() && written.iter().all(|(_, ids)| *ids == written[0].1));
    for (status, problem) in refused {
        assert_eq!(status, 409, "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("still carried out"), "{problem}");
    }
    // Whoever was refused asks again.
    assert_eq!(post(&servers[1], KEY, Some("K"), &body).await, written[0]);
    let counted = http().post(servers[0].url("/search/text")).body(r#"{"query": "taza", "limit": 0}"#);
    let counted = counted.header("Content-Type", "application/json").send().await.unwrap();
    assert_eq!(counted.json::<Value>().await.unwrap()["total"], 1000);
}

#[tokio::test]
async fn a_file_that_is_sent_again_is_imported_once() {
    let data = folder();
    let server = serve(data.path());
    let rows = "key;nombre;precio\nT1;Tetera;34,90\n";
    let first = import(&server, "F-1", "", rows).await;
    assert_eq!((first.0, &first.1["source"]), (202, &json!("CSV (semicolons, UTF-8)")));
    assert_eq!(import(&server, "F-1", "", rows).await, first);
    assert_eq!(imports(&server).await, 1);
    assert_eq!(import(&server, "F-1", "", rows).await, first, "also when it has ended");
    assert_eq!(import(&server, "F-1", "?prune=true", rows).await.0, 422);
    assert_eq!(import(&server, "F-1", "", "key;nombre;precio\nT2;Taza;5\n").await.0, 422);
    assert_eq!(post(&server, KEY, Some("F-1"), &batch("Taza")).await.0, 422, "of another endpoint");
    assert_eq!(import(&server, "F-2", "", "hola\n").await.0, 422);
    assert_eq!(import(&server, "F-2", "", rows).await.0, 202, "what is refused takes no key");
    assert_eq!(imports(&server).await, 2);
}
