//! The queue over TLS.

use std::time::Duration;

use vitrina_core::queue::QueueOptions;
use vitrina_core::{ErrorKind, TaskQueue};
use vitrina_redis::RedisQueue;
use vitrina_testing::{Authority, RedisServer, free_port};

use crate::block_on;

fn open(url: &str) -> vitrina_core::Result<RedisQueue> {
    RedisQueue::open(url, QueueOptions::default(), "vitrina")
}

/// A server with this certificate, and its port for TLS.
fn start(authority: &Authority, host: &str) -> Option<(RedisServer, u16)> {
    let (certificate, port) = (authority.issue("redis", &[host]), free_port());
    let file = |path: &std::path::Path| path.display().to_string();
    let (port_text, cert) = (port.to_string(), file(&certificate.cert));
    let (key, ca) = (file(&certificate.key), file(&authority.ca()));
    let options = ["--tls-port", &port_text, "--tls-cert-file", &cert, "--tls-key-file", &key];
    let rest = ["--tls-ca-cert-file", &ca, "--tls-auth-clients", "no"];
    Some((RedisServer::start(&[&options[..], &rest[..]].concat())?, port))
}

#[test]
fn a_queue_over_tls_takes_tasks_and_hears_of_them() {
    let authority = Authority::new();
    let Some((_server, port)) = start(&authority, "127.0.0.1") else { return };
    block_on(async {
        let url = format!("rediss://127.0.0.1:{port}/0?ssl-ca={}", authority.ca().display());
        let (sender, worker) = (open(&url).unwrap(), open(&url).unwrap());
        sender.ping().await.unwrap();
        let claim = tokio::spawn(async move { worker.claim(1, Duration::from_secs(30)).await });
        sender.submit(b"a photo".to_vec()).await.unwrap();
        assert_eq!(claim.await.unwrap().unwrap().len(), 1);
    });
}

#[test]
fn a_certificate_of_nobody_known_or_of_another_host_is_refused() {
    let (authority, untrusted) = (Authority::new(), Authority::new());
    let Some((_server, port)) = start(&authority, "redis.example.com") else { return };
    block_on(async {
        for ca in [
            String::new(),
            format!("?ssl-ca={}", untrusted.ca().display()),
            format!("?ssl-ca={}", authority.ca().display()),
        ] {
            let error = open(&format!("rediss://127.0.0.1:{port}/0{ca}")).unwrap().ping().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{}", error.chain());
            assert!(error.to_string().contains("certificate"), "{}", error.chain());
        }
    });
}

#[test]
fn urls_that_would_not_be_safe_are_refused_at_once() {
    for url in [
        "rediss://:secret@127.0.0.1:6379/0#insecure",
        "redis://:secret@127.0.0.1:6379/0?ssl-ca=/etc/ssl/ca.pem",
        "rediss://:secret@127.0.0.1:6379/0?ssl-ca=/nowhere/ca.pem",
    ] {
        let error = open(url).unwrap_err();
        assert!(error.to_string().contains("ssl-ca"), "{error}");
        assert!(!error.chain().to_string().contains("secret"), "{}", error.chain());
    }
}
