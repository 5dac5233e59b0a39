//! The `vitrina` command as a process: start, import, stop.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::Value;

use vitrina_testing::{Authority, SmallDisk};

use crate::process::{Process, folder, http, photo, vitrina};

#[tokio::test]
async fn the_embedded_default_classifies_a_photo() {
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
    assert!(said.contains("imported 2 products") && said.contains("2 new"), "{said}");
    let mut again = vitrina();
    again.arg("import").arg(&file).arg("--photos").arg(&photos).arg("--data-dir").arg(folder.path());
    let said = String::from_utf8(again.output().unwrap().stdout).unwrap();
    assert!(said.contains("0 new, 0 changed, 2 unchanged"), "{said}");

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
    for size in [21 << 20, 60 << 20] {
        let answer = server.send("/search/image", vec![0; size]).await;
        assert_eq!(answer.status(), 413, "{size} bytes");
    }
    assert_eq!(server.get("/health").await.0, 200);
}

#[test]
fn an_import_names_the_line_of_what_is_wrong() {
    let folder = folder();
    let file = folder.path().join("products.jsonl");
    for (lines, wanted) in [
        ("{\"name\": \"Plato\"}\nnonsense", "line 2"),
        ("{\"name\": \"Plato\", \"price\": 1.999}", "two decimals"),
        ("{\"name\": \" \"}", "needs a name"),
    ] {
        std::fs::write(&file, lines).unwrap();
        let import =
            vitrina().arg("import").arg(&file).arg("--data-dir").arg(folder.path()).output().unwrap();
        assert!(!import.status.success());
        let said = String::from_utf8_lossy(&import.stdout).into_owned();
        assert!(said.contains(wanted), "{said}");
    }
    std::fs::write(&file, r#"{"name": "Plato", "price": 4, "photo": "a.jpg"}"#).unwrap();
    let import = vitrina().arg("import").arg(&file).arg("--data-dir").arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&import.stdout).into_owned();
    assert!(import.status.success() && said.contains("--photos"), "{said}");
    let secret = folder.path().join("secret.jpg");
    std::fs::write(&secret, photo([1, 2, 3])).unwrap();
    std::fs::create_dir(folder.path().join("photos-in")).unwrap();
    std::fs::write(&file, r#"{"name": "Plato", "price": 4, "photo": "../secret.jpg"}"#).unwrap();
    let photos = folder.path().join("photos-in");
    let import = vitrina()
        .arg("import")
        .arg(&file)
        .arg("--photos")
        .arg(photos)
        .arg("--data-dir")
        .arg(folder.path())
        .output();
    let said = String::from_utf8_lossy(&import.unwrap().stdout).into_owned();
    assert!(said.contains("path inside the folder of photos"), "{said}");
}

#[test]
fn wrong_flags_say_what_to_do() {
    for (arguments, wanted) in [
        (&["serve", "--catalog", "oracle://x"][..], "sqlite"),
        (&["serve", "--queue", "kafka://x"], "`redis:`"),
        (&["serve", "--photos", "ftp://x"], "ftp"),
        // Found out while the model is being opened.
        (&["serve", "--vocabulary", "/dev/null"], "vocabulary"),
        (&["serve", "--model", "/nowhere"], "/nowhere"),
        (&["serve", "--confidence-threshold", "7"], "0 to 1"),
        (&["serve", "--webhook-secret", "???"], "whsec_"),
        (&["serve", "--admin-key", "k"], "16 characters"),
        (&["serve", "--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.key"], "/nowhere.pem"),
        (&["backup", "/tmp/nowhere-at-all"], "catalog.sqlite"),
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
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
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
fn the_command_reports_whether_a_server_is_well() {
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

#[tokio::test]
async fn a_backup_of_a_running_shop_is_a_data_folder() {
    let (folder, safe) = (folder(), folder());
    let mut server = Process::serve(folder.path(), &["--demo", "--no-worker"]);
    let target = safe.path().join("backups/monday");
    let backup = |target: &std::path::Path| {
        vitrina().arg("backup").arg(target).arg("--data-dir").arg(folder.path()).output()
    };
    let done = backup(&target).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("photos to"));
    let again = backup(&target).unwrap();
    assert!(String::from_utf8_lossy(&again.stderr).contains("name a new folder"));
    assert_eq!(std::fs::read_dir(target.parent().unwrap()).unwrap().count(), 1, "nothing half-done is left");

    let (_, before) = server.get("/products?limit=100").await;
    server.terminate();
    assert_eq!(server.exit_code(), Some(0));
    drop(folder);
    let restored = Process::serve(&target, &["--no-worker"]);
    let (status, after) = restored.get("/products?limit=100").await;
    assert_eq!((status, &after), (200, &before));
    let photos = after["products"].as_array().unwrap().iter().filter_map(|product| product["photo"].as_str());
    for photo in photos.filter(|photo| photo.starts_with('/')) {
        assert_eq!(http().get(restored.url(photo)).send().await.unwrap().status(), 200, "{photo}");
    }
}

#[tokio::test]
async fn a_disk_that_fills_up_is_told_and_gone_through() {
    let Some(disk) = SmallDisk::mount(6 << 20) else { return };
    let key = "a long and secret key";
    let server = Process::serve(disk.path(), &["--no-worker", "--admin-key", key]);
    let write = async || {
        let product =
            serde_json::json!({"name": "Artilugio", "price": 1, "description": "Verde. ".repeat(100)});
        let body = serde_json::json!({ "products": vec![product; 1_000] });
        let request = http().post(server.url("/products")).bearer_auth(key).json(&body);
        request.send().await.unwrap().status().as_u16()
    };
    let give = async || {
        let part = reqwest::multipart::Part::bytes(photo([1, 2, 3])).file_name("photo.jpg");
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = http().put(server.url("/products/1/photo")).bearer_auth(key).multipart(form);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(write().await, 200);
    assert_eq!(server.get("/ready").await.0, 200);
    disk.fill();
    for _ in 0..3 {
        assert_eq!(write().await, 503);
    }
    assert_eq!(give().await, 503);
    let (status, ready) = server.get("/ready").await;
    assert_eq!(status, 503, "{ready}");
    assert_ne!(ready["dependencies"]["catalogue"], "ok");
    assert_ne!(ready["dependencies"]["photos"], "ok");
    assert!(!ready.to_string().contains(&disk.path().display().to_string()), "{ready} names no path");
    assert_eq!(server.get("/products/1").await.0, 200, "reads go on");
    disk.free();
    assert_eq!(server.get("/ready").await.0, 200);
    assert_eq!(write().await, 200);
    assert_eq!(give().await, 200);
}

#[tokio::test]
async fn a_server_for_others_takes_no_unsigned_results() {
    let Some(redis) = vitrina_testing::RedisServer::start(&[]) else { return };
    let folder = folder();
    let server = Process::serve(folder.path(), &["--demo", "--queue", &redis.url()]);
    let task = server.accept(photo([1, 2, 3])).await;
    let forged = serde_json::json!({"task_id": task, "state": "completed", "categories": [{"label": 4, "score": 0.9}]});
    let answer = http().post(server.url("/webhook/task_completed")).json(&forged).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(server.get(&format!("/tasks/{task}/result")).await.0, 202, "nobody has classified it");
}

#[tokio::test]
async fn https_takes_a_new_certificate_without_a_restart() {
    let (authority, folder) = (Authority::new(), folder());
    let first = authority.issue("server", &["127.0.0.1"]);
    let flag = |path: &std::path::Path| path.display().to_string();
    let (cert, key) = (flag(&first.cert), flag(&first.key));
    let server = Process::serve(folder.path(), &["--no-worker", "--tls-cert", &cert, "--tls-key", &key]);
    let url = server.url("/health");
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let ca = reqwest::Certificate::from_pem(&std::fs::read(authority.ca()).unwrap()).unwrap();
    // A client of its own each time: kept connections would keep the certificate.
    let ask = async || {
        let client = reqwest::Client::builder().tls_certs_only([ca.clone()]).no_proxy().build().unwrap();
        client.get(&url).send().await.map(|answer| answer.status().as_u16())
    };
    let _ = http();
    assert_eq!(ask().await.unwrap(), 200);
    assert!(reqwest::Client::new().get(&url).send().await.is_err(), "nobody else knows the authority");
    // For another host: refused as soon as it is in use.
    authority.issue("server", &["other.example.com"]);
    let begin = Instant::now();
    while ask().await.is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(20), "the new certificate is not taken");
    }
    // What is no certificate leaves the one in use where it is.
    std::fs::write(&first.cert, "half of a certific").unwrap();
    assert!(ask().await.is_err());
    authority.issue("server", &["127.0.0.1"]);
    let begin = Instant::now();
    while ask().await.is_err() {
        assert!(begin.elapsed() < Duration::from_secs(20), "the right certificate is not taken");
    }
}

#[tokio::test]
async fn keys_are_created_and_revoked_beside_a_running_server() {
    let folder = folder();
    let server = Process::serve(folder.path(), &["--no-worker", "--require-key"]);
    let run = |arguments: &[&str]| {
        let output =
            vitrina().arg("key").args(arguments).arg("--data-dir").arg(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let ask = async |key: &str| {
        let request = http().get(server.url("/categories")).bearer_auth(key);
        request.send().await.unwrap().status().as_u16()
    };
    let becomes = async |key: &str, wanted: u16| {
        let begin = Instant::now();
        while ask(key).await != wanted {
            assert!(begin.elapsed() < Duration::from_secs(20), "never {wanted}");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    assert_eq!(server.get("/categories").await.0, 401);
    assert_eq!(server.get("/health").await.0, 200);
    let first = run(&["create", "Shop window", "--scope", "search", "--days", "30"]);
    becomes(&first, 200).await;
    // Rotated: both work until the first one is revoked.
    let second = run(&["create", "Shop window, next", "--scope", "search"]);
    becomes(&second, 200).await;
    assert_eq!(ask(&first).await, 200);
    let list = run(&["list"]);
    assert!(list.contains("expires in 30 days") && !list.contains(&first), "{list}");
    run(&["revoke", list.split_whitespace().next().unwrap()]);
    becomes(&first, 403).await;
    assert_eq!(ask(&second).await, 200);
    let stored = std::fs::read(folder.path().join("catalog.sqlite")).unwrap();
    assert!(
        !stored.windows(second.len()).any(|window| window == second.as_bytes()),
        "a digest alone is stored"
    );
}

#[tokio::test]
async fn a_key_from_a_file_stays_out_of_the_list_of_processes() {
    let (folder, secrets) = (folder(), folder());
    let file = secrets.path().join("key");
    std::fs::write(&file, "a long and secret key\n").unwrap();
    let mut command = vitrina();
    command
        .env("VITRINA_ADMIN_KEY_FILE", &file)
        .args(["serve", "--no-worker", "--data-dir"])
        .arg(folder.path());
    let server = Process::start(command);
    let body = serde_json::json!({"name": "Menaje"});
    let request = http().put(server.url("/categories/1")).bearer_auth("a long and secret key").json(&body);
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn metrics_are_served_apart() {
    let (folder, port) = (folder(), vitrina_testing::free_port());
    let address = format!("127.0.0.1:{port}");
    let server = Process::serve(folder.path(), &["--no-worker", "--metrics-listen", &address]);
    assert_eq!(server.get("/health").await.0, 200);
    let metrics = http().get(format!("http://{address}/metrics")).send().await.unwrap();
    assert_eq!(metrics.status(), 200);
    assert!(metrics.text().await.unwrap().contains("vitrina_http_requests"));
    assert_eq!(http().get(format!("http://{address}/products")).send().await.unwrap().status(), 404);
    // Somebody for whom a proxy on this machine passes the request on.
    let passed_on = http().get(server.url("/metrics")).header("X-Forwarded-For", "192.0.2.1");
    assert_eq!(passed_on.send().await.unwrap().status(), 401);
}

#[tokio::test]
async fn whoever_tries_keys_has_to_wait() {
    let folder = folder();
    let server = Process::serve(folder.path(), &["--no-worker", "--admin-key", "a long and secret key"]);
    let put = async |key: &str| {
        let body = serde_json::json!({"name": "Menaje"});
        let request = http().put(server.url("/categories/1")).bearer_auth(key).json(&body);
        request.send().await.unwrap()
    };
    assert_eq!(put("a long and secret key").await.status(), 200);
    for guess in 0..10 {
        assert_eq!(put(&format!("guess number {guess}")).await.status(), 403);
    }
    let answer = put("guess number 10").await;
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(put("a long and secret key").await.status(), 429, "nor is the right one looked at");
    assert_eq!(server.get("/categories").await.0, 200, "searching goes on");
}
