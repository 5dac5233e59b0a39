//! Every example, run as a program.

#![allow(clippy::unwrap_used)]

use std::process::{Command, Output, Stdio};

use poem::listener::{Acceptor, Listener, TcpListener};
use tokio::io::{AsyncBufReadExt, BufReader};
use vitrina::NewProduct;

fn run(program: &str, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = Command::new(program).args(arguments).output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[test]
fn embedded() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let said = run(env!("CARGO_BIN_EXE_example-embedded"), &[data.to_str().unwrap()]);
    assert!(said.contains("by words: Zapatilla roja for 59.90"), "{said}");
    if vitrina::find_model(None).is_none() {
        return;
    }
    let photo = folder.path().join("red.png");
    image::RgbImage::from_pixel(64, 64, image::Rgb([220, 20, 20])).save(&photo).unwrap();
    let said = run(
        env!("CARGO_BIN_EXE_example-embedded"),
        &[folder.path().join("other").to_str().unwrap(), photo.to_str().unwrap()],
    );
    assert!(said.contains("by photo: Zapatilla roja (Some(NearlySame))"), "{said}");
}

#[tokio::test]
async fn web_app() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = tokio::process::Command::new(env!("CARGO_BIN_EXE_example-web-app"))
        .arg(folder.path())
        .arg("127.0.0.1:0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
    let address = line.trim().rsplit(' ').next().unwrap().trim_start_matches("socket://").to_owned();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let found = reqwest::get(format!("http://{address}/search?q=zapatillas")).await.unwrap();
    let found: serde_json::Value = found.json().await.unwrap();
    assert_eq!(found["products"][0], "Zapatilla roja", "{found}");
    let client = reqwest::Client::new();
    let answer = client.post(format!("http://{address}/photo")).body("no photo").send().await.unwrap();
    assert!(matches!(answer.status().as_u16(), 422 | 503), "{}", answer.status());
}

#[tokio::test]
async fn client() {
    let backend = vitrina_server::api::Backend::in_memory();
    backend.shop.put(NewProduct::new("Zapatilla roja", "59.90".parse().unwrap())).await.unwrap();
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await.unwrap();
    let address = acceptor.local_addr()[0].as_socket_addr().copied().unwrap();
    let app = vitrina_server::http::app(backend);
    let _server = tokio::spawn(poem::Server::new_with_acceptor(acceptor).run(app));
    let program = env!("CARGO_BIN_EXE_example-client");
    let url = format!("http://{address}");
    let said = tokio::task::spawn_blocking(move || run(program, &[&url, "zapatillas"])).await.unwrap();
    assert!(said.contains("Zapatilla roja for 59.90"), "{said}");
}
