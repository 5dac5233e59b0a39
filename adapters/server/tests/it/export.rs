//! Exports over HTTP and by the command, and the way back.

use serde_json::Value;

use crate::process::{Process, folder, http, vitrina};

const KEY: &str = "a long and secret key";

#[tokio::test]
async fn what_a_server_exports_the_command_brings_back() {
    let (served, copied) = (folder(), folder());
    let mut command = vitrina();
    command.env("VITRINA_ADMIN_KEY", KEY).arg("serve").arg("--data-dir").arg(served.path()).arg("--demo");
    let server = Process::start(command);
    let request = |key: &str| http().get(server.url("/export")).bearer_auth(key.to_owned()).send();
    assert_eq!(http().get(server.url("/export")).send().await.unwrap().status(), 401);
    assert_eq!(request("another secret key").await.unwrap().status(), 403);
    let answer = request(KEY).await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/x-ndjson".parse().unwrap())
    );
    let lines = answer.text().await.unwrap();
    let listed: Value = http().get(server.url("/products")).send().await.unwrap().json().await.unwrap();
    assert_eq!(lines.lines().count() - 1, listed["products"].as_array().unwrap().len());
    drop(server);

    let file = served.path().join("shop.jsonl");
    std::fs::write(&file, &lines).unwrap();
    let data = copied.path().join("data");
    let run = |arguments: &[&str]| {
        let output = vitrina().args(arguments).arg("--data-dir").arg(&data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let path = file.to_str().unwrap();
    let reported = run(&["import", path]);
    assert!(reported.contains(&format!("restored {} products", lines.lines().count() - 1)), "{reported}");
    assert!(run(&["export"]) == lines, "the copy exports the same");
    let again = served.path().join("again.jsonl");
    let reported = run(&["export", again.to_str().unwrap()]);
    assert!(reported.contains("exported"), "{reported}");
    assert!(std::fs::read_to_string(again).unwrap() == lines);
    let dry = vitrina().args(["import", path, "--dry-run", "--data-dir"]).arg(&data).output().unwrap();
    assert!(!dry.status.success(), "an export is brought back whole");
}
