//! The load generator against a server that stalls.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// How long the server lets its first request wait.
const STALL: Duration = Duration::from_millis(400);

/// A server that answers every request but stalls at the first; returns its address and how many requests it got.
fn server() -> (String, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let requests = Arc::new(AtomicU64::new(0));
    let counted = requests.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let requests = counted.clone();
            thread::spawn(move || serve(stream.unwrap(), &requests));
        }
    });
    (address, requests)
}

fn serve(stream: TcpStream, requests: &AtomicU64) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 2 {
            let lower = line.to_ascii_lowercase();
            length =
                lower.strip_prefix("content-length:").map_or(length, |value| value.trim().parse().unwrap());
            line.clear();
        }
        if line.is_empty() {
            return;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let number = requests.fetch_add(1, Ordering::Relaxed);
        if number == 0 {
            thread::sleep(STALL);
        }
        // By turns with a length and in chunks, as servers do.
        let answer = match number % 2 {
            0 => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
            _ => "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        };
        reader.get_mut().write_all(answer.as_bytes()).unwrap();
    }
}

fn load(server: &str, arguments: &[&str]) -> Value {
    let folder =
        std::env::temp_dir().join(format!("vitrina-load-{}-{}", std::process::id(), arguments.len()));
    std::fs::write(&folder, "{\"query\":\"rojo\"}\n{\"query\":\"azul\"}\n").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_vitrina-load"))
        .args(["searches", "--server", server, "--bodies"])
        .arg(&folder)
        .args(arguments)
        .output()
        .unwrap();
    std::fs::remove_file(&folder).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn number(report: &Value, field: &str) -> f64 {
    report[field].as_f64().unwrap()
}

#[test]
fn in_closed_loop_a_stall_counts_once() {
    let (server, requests) = server();
    let report = load(&server, &["--requests", "40", "--seconds", "30"]);
    assert_eq!((number(&report, "done"), requests.load(Ordering::Relaxed)), (40.0, 40));
    assert_eq!(report["failed"], serde_json::json!({}));
    assert!(number(&report, "max_ms") >= STALL.as_secs_f64() * 1e3, "{report}");
    assert!(number(&report, "p95_ms") < STALL.as_secs_f64() * 1e3, "{report}");
}

#[test]
fn in_open_loop_a_stall_counts_for_all_that_it_held_up() {
    let (server, _) = server();
    let report = load(&server, &["--rate", "100", "--requests", "40", "--seconds", "30", "--timeout", "20"]);
    assert_eq!(number(&report, "done"), 40.0);
    // Forty requests were planned within some 400 ms, all of them behind the first on the one connection.
    assert!(number(&report, "p50_ms") > 50.0, "{report}");
}

#[test]
fn a_server_that_is_not_there_is_a_failure_that_is_counted() {
    let report = load("127.0.0.1:1", &["--requests", "3"]);
    assert_eq!(report["failed"], serde_json::json!({"search: connection refused": 3}));
    assert_eq!(report["done"], 0);
}
