//! Fetching by URL: what is refused, what is asked for again, what is bounded.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use vitrina_core::ErrorKind;
use vitrina_import::fetch::{
    Feed, FeedState, FetchLog, FetchPolicy, FetchedPhoto, HostList, PhotoFetcher, PhotoOutcome,
};

/// Answers requests by a function of the path and the headers, and counts them.
struct Server {
    port: u16,
    asked: Arc<AtomicUsize>,
    headers: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(usize, &str, &[String]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, headers) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (count, seen, answer) = (asked.clone(), headers.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut lines = Vec::new();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                        break;
                    }
                    lines.push(line.trim().to_owned());
                }
                let path = lines.first().and_then(|line| line.split(' ').nth(1)).unwrap_or("").to_owned();
                let number = count.fetch_add(1, Ordering::SeqCst);
                seen.lock().unwrap().extend(lines.iter().cloned());
                let _ = stream.write_all(&answer(number, &path, &lines));
            }
        });
        Self { port, asked, headers }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.into_bytes(), body.to_vec()].concat()
}

fn status(line: &str, headers: &str) -> Vec<u8> {
    format!("HTTP/1.1 {line}\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n").into_bytes()
}

/// A policy that reaches this machine, for tests alone.
fn here() -> FetchPolicy {
    let mut policy = FetchPolicy::photos(HostList::new(["127.0.0.1"]).unwrap());
    policy.private_addresses = true;
    policy.timeout = Duration::from_secs(10);
    policy
}

fn photos(policy: FetchPolicy, folder: &std::path::Path) -> PhotoFetcher {
    PhotoFetcher::new(policy, Arc::new(FetchLog::open(folder.join("photos.jsonl")).unwrap())).unwrap()
}

#[tokio::test]
async fn addresses_of_this_network_are_refused_by_number_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _, _| ok("", b"secret"));
    let mut policy = here();
    policy.private_addresses = false;
    policy.hosts = HostList::new(["*"]).unwrap();
    let photos = photos(policy, folder.path());
    for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let error = photos.fetch(&format!("http://{host}:{}/1.jpg", server.port)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid, "{host}: {error}");
        assert!(error.to_string().contains("public address"), "{host}: {error}");
    }
    for url in ["file:///etc/passwd", "ftp://example.com/1.jpg", "nothing"] {
        assert_eq!(photos.fetch(url).await.unwrap_err().kind(), ErrorKind::Invalid, "{url}");
    }
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn redirects_are_checked_like_the_first_request() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, path, _| match path {
        "/once" => status("302 Found", "Location: /photo\r\n"),
        "/away" => status("302 Found", "Location: http://localhost/photo\r\n"),
        "/file" => status("302 Found", "Location: file:///etc/passwd\r\n"),
        "/photo" => ok("", b"photo"),
        _ => status("302 Found", "Location: /loop\r\n"),
    });
    let photos = photos(here(), folder.path());
    let PhotoOutcome::New(photo) = photos.fetch(&server.url("/once")).await.unwrap() else {
        panic!("no photo")
    };
    assert_eq!(photo.bytes, b"photo");
    for (path, part) in [("/away", "not allowed"), ("/file", "not fetched"), ("/loop", "redirects")] {
        let error = photos.fetch(&server.url(path)).await.unwrap_err();
        assert!(error.to_string().contains(part), "{path}: {error}");
    }
}

#[tokio::test]
async fn a_second_run_asks_for_nothing_and_a_later_one_sends_the_validators() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _, lines| {
        let known = lines.iter().any(|line| line.eq_ignore_ascii_case("if-none-match: \"v1\""));
        if known { status("304 Not Modified", "") } else { ok("ETag: \"v1\"\r\n", b"photo") }
    });
    let (url, fetcher) = (server.url("/1.jpg"), photos(here(), folder.path()));
    let PhotoOutcome::New(photo) = fetcher.fetch(&url).await.unwrap() else { panic!("no photo") };
    fetcher.stored(&url, photo, "key.jpg").unwrap();
    let again = photos(here(), folder.path());
    assert!(matches!(again.fetch(&url).await.unwrap(), PhotoOutcome::Known(key) if key == "key.jpg"));
    assert_eq!(server.asked(), 1);
    // A day later.
    let known = again.log().get(&url).unwrap();
    again.log().record(&url, FetchedPhoto { asked_at: 0, ..known }).unwrap();
    assert!(matches!(again.fetch(&url).await.unwrap(), PhotoOutcome::Known(key) if key == "key.jpg"));
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn failures_are_tried_again_and_sizes_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|number, path, _| match path {
        "/late" if number == 0 => status("503 Service Unavailable", "Retry-After: 0\r\n"),
        "/late" => ok("", b"photo"),
        "/large" => ok("", &[0; 2000]),
        "/endless" => [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec(), vec![0; 100_000]].concat(),
        _ => status("404 Not Found", ""),
    });
    let mut policy = here();
    policy.max_bytes = 1000;
    let fetcher = photos(policy, folder.path());
    assert!(matches!(fetcher.fetch(&server.url("/late")).await.unwrap(), PhotoOutcome::New(_)));
    assert_eq!(server.asked(), 2);
    for path in ["/large", "/endless"] {
        let error = fetcher.fetch(&server.url(path)).await.unwrap_err();
        assert!(error.to_string().contains("larger than 1000 bytes"), "{error}");
    }
    let before = server.asked();
    assert!(fetcher.fetch(&server.url("/gone")).await.is_err());
    assert_eq!(server.asked(), before + 1, "a 404 is final");
    assert!(
        matches!(fetcher.fetch(&server.url("/gone")).await.unwrap(), PhotoOutcome::Waiting(reason) if reason.contains("404"))
    );
}

#[tokio::test]
async fn a_host_that_always_fails_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|_, _, _| status("500 Internal Server Error", ""));
    let mut policy = here();
    policy.attempts = 1;
    let fetcher = photos(policy, folder.path());
    for number in 0..30 {
        assert!(fetcher.fetch(&server.url(&format!("/{number}.jpg"))).await.is_err());
    }
    assert_eq!(server.asked(), 20);
}

#[tokio::test]
async fn a_feed_is_read_again_only_when_it_changed_and_was_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(|number, path, _| match (path, number) {
        ("/empty", _) => ok("", b""),
        (_, 0..=2) => ok("", b"<rss>1</rss>"),
        _ => ok("", b"<rss>2</rss>"),
    });
    let mut policy = here();
    policy.attempts = 1;
    let open = || Feed::new(server.url("/feed.xml"), folder.path(), policy.clone()).unwrap();
    let mut feed = open();
    assert!(matches!(feed.fetch().await.unwrap(), FeedState::Changed(_)));
    // Not accepted: it comes again.
    let mut feed = open();
    let FeedState::Changed(path) = feed.fetch().await.unwrap() else { panic!("unchanged") };
    assert_eq!(std::fs::read(path).unwrap(), b"<rss>1</rss>");
    feed.accept().unwrap();
    assert_eq!(open().fetch().await.unwrap(), FeedState::Unchanged);
    assert!(matches!(open().fetch().await.unwrap(), FeedState::Changed(_)));
    let mut empty = Feed::new(server.url("/empty"), folder.path(), policy.clone()).unwrap();
    assert_eq!(empty.fetch().await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert!(
        server
            .headers
            .lock()
            .unwrap()
            .iter()
            .any(|line| line.to_ascii_lowercase().starts_with("user-agent: vitrina/"))
    );
}
