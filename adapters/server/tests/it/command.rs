//! The `vitrina` command as a process: start, import, stop.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::process::{Process, folder, http, photo, vitrina};

#[tokio::test]
async fn the_embedded_default_recognises_a_photo() {
    let folder = folder();
    let server = Process::serve(folder.path(), &["--demo"]);
    let (status, ready) = server.get("/ready").await;
    assert_eq!(status, 200, "{ready}");
    let task = server.accept(photo([200, 30, 30])).await;
    let (status, result) = server.result(&task).await;
    assert_eq!((status, &result["status"]), (200, &"completed".into()));
}

#[tokio::test]
async fn nothing_is_kept_for_the_makers_of_the_runtime() {
    let (data, home) = (folder(), folder());
    let mut command = vitrina();
    command.env("HOME", home.path()).arg("serve").arg("--data-dir").arg(data.path()).arg("--demo");
    let server = Process::start(command);
    let task = server.accept(photo([200, 30, 30])).await;
    assert_eq!(server.result(&task).await.0, 200);
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_was_accepted_is_finished_before_the_server_goes() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &["--demo"]);
    let mut tasks = Vec::new();
    for n in 0..12 {
        tasks.push(server.accept(photo([n * 20, 90, 10])).await);
    }
    let client = http();
    let mut answers = Vec::new();
    for task in &tasks {
        let request = client.get(server.url(&format!("/tasks/{task}/result"))).header("Prefer", "wait=30");
        answers.push(tokio::spawn(request.send()));
    }
    server.terminate();
    let mut completed = 0;
    for answer in answers {
        if let Ok(answer) = answer.await.unwrap() {
            assert_eq!(answer.status(), 200);
            completed += 1;
        }
    }
    assert!(completed > 0, "no held request was answered");
    assert_eq!(server.exit_code(), Some(0));
}

#[tokio::test]
async fn an_import_shows_up_in_a_running_server_and_outlives_it() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &["--no-worker"]);
    let photos = folder.path().join("new");
    std::fs::create_dir(&photos).unwrap();
    std::fs::write(photos.join("mug.jpg"), photo([9, 9, 200])).unwrap();
    let file = folder.path().join("products.jsonl");
    let mut lines = std::fs::File::create(&file).unwrap();
    writeln!(lines, r#"{{"name": "Taza azul", "price": 7.5, "category": "Menaje", "photo": "mug.jpg"}}"#)
        .unwrap();
    writeln!(lines, r#"{{"name": "Plato", "price": 4, "category": "Menaje"}}"#).unwrap();
    let import = vitrina()
        .arg("import")
        .arg(&file)
        .arg("--photos")
        .arg(&photos)
        .arg("--data-dir")
        .arg(folder.path())
        .output();
    let import = import.unwrap();
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
    let said = String::from_utf8(import.stdout).unwrap();
    assert!(said.contains("imported 2 products (1 new categories)"), "{said}");

    let begin = Instant::now();
    let found = loop {
        let request = http().post(server.url("/search/text")).json(&serde_json::json!({"query": "tazas"}));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        if answer["products"][0]["name"] == "Taza azul" {
            break answer;
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "the import does not show up: {answer}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(found["products"][0]["category"], "Menaje");
    let photo = found["products"][0]["photo"].as_str().unwrap();
    assert_eq!(http().get(server.url(photo)).send().await.unwrap().status(), 200);

    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let again = Process::serve(folder.path(), &["--no-worker"]);
    let (_, listed) = again.get("/products").await;
    assert_eq!(listed["products"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_huge_upload_gets_its_answer_over_a_real_connection() {
    let folder = folder();
    let server = Process::serve(folder.path(), &["--no-worker"]);
    for size in [11 << 20, 60 << 20] {
        let answer = server.send("/search/image", vec![0; size]).await;
        assert_eq!(answer.status(), 413, "{size} bytes");
    }
    assert_eq!(server.get("/health").await.0, 200);
}

#[test]
fn an_import_that_is_wrong_names_the_line_and_writes_nothing() {
    let folder = folder();
    let file = folder.path().join("products.jsonl");
    for (lines, wanted) in [
        ("{\"name\": \"Plato\"}\nnonsense", "line 2"),
        ("{\"name\": \"Plato\", \"price\": 1.999}", "two decimals"),
        ("{\"name\": \" \"}", "needs a name"),
        ("{\"name\": \"Plato\", \"photo\": \"a.jpg\"}", "--photos"),
    ] {
        std::fs::write(&file, lines).unwrap();
        let import =
            vitrina().arg("import").arg(&file).arg("--data-dir").arg(folder.path()).output().unwrap();
        assert!(!import.status.success());
        let said = String::from_utf8_lossy(&import.stderr).into_owned();
        assert!(said.contains(wanted), "{said}");
    }
    let secret = folder.path().join("secret.jpg");
    std::fs::write(&secret, photo([1, 2, 3])).unwrap();
    std::fs::create_dir(folder.path().join("photos-in")).unwrap();
    std::fs::write(&file, r#"{"name": "Plato", "photo": "../secret.jpg"}"#).unwrap();
    let photos = folder.path().join("photos-in");
    let import = vitrina()
        .arg("import")
        .arg(&file)
        .arg("--photos")
        .arg(photos)
        .arg("--data-dir")
        .arg(folder.path())
        .output();
    let said = String::from_utf8_lossy(&import.unwrap().stderr).into_owned();
    assert!(said.contains("leads out of the folder"), "{said}");
}

#[test]
fn wrong_flags_say_what_to_do() {
    for (arguments, wanted) in [
        (&["serve", "--catalog", "oracle://x"][..], "sqlite"),
        (&["serve", "--queue", "kafka://x"], "redis://"),
        (&["serve", "--model", "/nowhere"], "/nowhere"),
        (&["serve", "--confidence-threshold", "7"], "0 to 1"),
        (&["serve", "--webhook-secret", "???"], "whsec_"),
        (&["import", "/nowhere.jsonl"], "/nowhere.jsonl"),
    ] {
        let folder = folder();
        let output = vitrina()
            .args(arguments)
            .arg("--data-dir")
            .arg(folder.path())
            .args(["--listen", "127.0.0.1:0"].iter().filter(|_| arguments[0] == "serve"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(said.contains(wanted), "{arguments:?}: {said}");
    }
}

#[test]
fn the_environment_and_the_flags_agree() {
    let help = vitrina().args(["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    for name in ["DATABASE_URL", "REDIS_URL", "MODEL_PATH", "INFERENCE_CONFIDENCE_THRESHOLD"] {
        assert!(help.contains(name), "{name}");
    }
    let worker = vitrina().args(["worker", "--help"]).output().unwrap();
    assert!(String::from_utf8(worker.stdout).unwrap().contains("BACKEND_WEBHOOK_URL"));
    let refused = vitrina()
        .args(["serve", "--listen", "127.0.0.1:0"])
        .env("INFERENCE_CONFIDENCE_THRESHOLD", "7")
        .current_dir(folder().path())
        .output();
    assert!(String::from_utf8_lossy(&refused.unwrap().stderr).contains("0 to 1"));
}

#[test]
fn the_command_tells_whether_a_server_is_well() {
    let folder = folder();
    let mut server = Process::serve(folder.path(), &["--no-worker"]);
    let ask = |path: &str| vitrina().arg("health").arg(server.url(path)).output().unwrap();
    let well = ask("/ready");
    assert!(well.status.success(), "{}", String::from_utf8_lossy(&well.stderr));
    assert!(String::from_utf8(well.stdout).unwrap().contains(r#""catalogue":"ok""#));
    let wrong = ask("/nowhere");
    assert!(!wrong.status.success());
    assert!(String::from_utf8(wrong.stderr).unwrap().contains("404"));

    let ready = server.url("/ready");
    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    let gone = vitrina().arg("health").arg(ready).output().unwrap();
    assert!(!gone.status.success());
    assert!(String::from_utf8(gone.stderr).unwrap().contains("does not answer"));
}

#[test]
fn the_document_is_printed() {
    let output = vitrina().arg("openapi").output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["paths"]["/search/image"]["post"].is_object());
}
