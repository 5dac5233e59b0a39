//! Photos: handing in, waiting by held requests or by polling, and giving up.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use vitrina_client::ClientErrorKind as Kind;
use vitrina_client::{CategoryRef, Client, Filter, ImageAnswer, PhotoSearch, Progress, Result};

use crate::scripted::{Reply, Request, Server};

const JPEG: &[u8] = &[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
const SUBMITTED: &str = r#"{"task_id":"t-1"}"#;
const DONE: &str = r#"{"status":"completed","categories":["Zapatos"],
    "products":[{"id":1,"name":"Bota","price":10.0,"category":"Zapatos"}],
    "predictions":[{"label":4,"category":"Zapatos","score":0.93}]}"#;
/// What the course specification promises and no more.
const DONE_COURSE: &str = r#"{"status":"completed","categories":["Zapatos"],
    "products":[{"id":1,"name":"Bota","price":10.0,"category":"Zapatos"}]}"#;

/// A server that takes every photo in and answers polls, counted from 1, by `script`.
async fn taking(script: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |number, request| match number {
        0 => Reply::new(200, SUBMITTED).header("location", "/tasks/t-1/result"),
        _ => script(number, request),
    })
    .await
}

fn pending(stage: &str) -> Reply {
    Reply::new(202, &format!(r#"{{"status":"pending","stage":"{stage}"}}"#)).header("retry-after", 1)
}

async fn search(server: &Server, seconds: f32) -> (Result<ImageAnswer>, Vec<Progress>) {
    let seen = Mutex::new(Vec::new());
    let timeout = Duration::from_secs_f32(seconds);
    let wanted = PhotoSearch::default();
    let watch = |stage| seen.lock().unwrap().push(stage);
    let answer = server.client().search_image(JPEG, &wanted, timeout, watch).await;
    (answer, seen.into_inner().unwrap())
}

#[tokio::test]
async fn a_held_request_brings_the_result() {
    let server = taking(|number, _| match number {
        1 => pending("started").header("preference-applied", "wait=1").after(1000),
        _ => Reply::new(200, DONE).after(100),
    })
    .await;
    let start = Instant::now();
    let (answer, seen) = search(&server, 10.0).await;
    let answer = answer.unwrap();
    assert_eq!((answer.categories, answer.predictions.len()), (vec!["Zapatos".to_owned()], 1));
    assert_eq!(seen, [Progress::Queued, Progress::Started]);
    assert!(start.elapsed() < Duration::from_millis(1900), "no pause after a held request");
    let requests = server.requests();
    assert_eq!(server.lines()[1..], ["GET /tasks/t-1/result", "GET /tasks/t-1/result"]);
    assert_eq!(requests[1].header("prefer"), Some("wait=1"));
}

#[tokio::test]
async fn nobody_watching_holds_for_longer() {
    let server = taking(|_, _| Reply::new(200, DONE)).await;
    let wanted = PhotoSearch::default();
    server.client().search_image_quietly(JPEG, &wanted, Duration::from_secs(30)).await.unwrap();
    assert_eq!(server.requests()[1].header("prefer"), Some("wait=10"));
}

#[tokio::test]
async fn the_photo_travels_as_the_field_file_with_its_type() {
    let server = Server::always(Reply::new(200, SUBMITTED)).await;
    assert_eq!(server.client().submit_image(JPEG).await.unwrap(), "t-1");
    server.client().submit_image("no photo at all").await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].line, "POST /search/image");
    assert!(requests[0].header("content-type").unwrap().starts_with("multipart/form-data; boundary="));
    let body = String::from_utf8_lossy(&requests[0].body).to_lowercase();
    assert!(body.contains("form-data; name=\"file\"; filename=\"photo.jpg\"\r\n"), "{body}");
    assert!(body.contains("content-type: image/jpeg"), "{body}");
    assert!(requests[0].body.windows(JPEG.len()).any(|window| window == JPEG));
    assert!(String::from_utf8_lossy(&requests[1].body).contains("application/octet-stream"));
}

#[tokio::test]
async fn a_course_server_that_answers_at_once_is_polled_at_its_pace() {
    let server = taking(|number, _| match number {
        1 | 2 => Reply::new(202, r#"{"status":"pending"}"#).header("retry-after", 1),
        _ => Reply::new(200, DONE_COURSE),
    })
    .await;
    let start = Instant::now();
    let (answer, seen) = search(&server, 10.0).await;
    let answer = answer.unwrap();
    assert_eq!((answer.products.len(), answer.predictions.len()), (1, 0));
    assert_eq!(seen, [Progress::Queued]);
    assert_eq!(server.requests().len(), 4);
    assert!(start.elapsed() >= Duration::from_secs(2));
}

#[tokio::test]
async fn a_course_server_that_names_no_pace_is_not_stormed() {
    let server = taking(|_, _| Reply::new(202, r#"{"status":"pending"}"#)).await;
    let (answer, _) = search(&server, 1.5).await;
    assert_eq!(answer.unwrap_err().kind(), Kind::Timeout);
    let polls = server.requests().len() - 1;
    assert!((2..=5).contains(&polls), "{polls} polls");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let server = Server::start(|number, _| match number {
        0 => Reply::new(503, r#"{"type":"/problems/queue-full","detail":"full"}"#).header("retry-after", 1),
        1 => Reply::new(200, SUBMITTED),
        2 => Reply::new(429, "{}").header("retry-after", 1),
        _ => Reply::new(200, DONE),
    })
    .await;
    let (answer, _) = search(&server, 10.0).await;
    answer.unwrap();
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_pause_beyond_the_time_out_is_not_waited_for() {
    let reply =
        Reply::new(503, r#"{"type":"/problems/queue-full","detail":"full"}"#).header("retry-after", 60);
    let server = Server::always(reply).await;
    let start = Instant::now();
    let (answer, seen) = search(&server, 5.0).await;
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (Kind::Busy, Some(Duration::from_secs(60))));
    assert!(start.elapsed() < Duration::from_secs(2) && seen.is_empty());
}

#[tokio::test]
async fn giving_up_names_the_task() {
    let server = taking(|_, _| pending("queued").header("preference-applied", "wait=1").after(900)).await;
    let start = Instant::now();
    let (answer, seen) = search(&server, 1.2).await;
    let error = answer.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.detail().contains("t-1"), "{error}");
    assert_eq!(seen, [Progress::Queued]);
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn tasks_end_badly_in_their_own_ways() {
    let ends = [
        (Reply::new(422, r#"{"detail":"the photo is cut off"}"#), Kind::Unreadable),
        (Reply::new(404, r#"{"detail":"no such task"}"#), Kind::NotFound),
        (Reply::new(410, r#"{"detail":"too late"}"#), Kind::Expired),
        (Reply::new(200, r#"{"status":"failed","error":"the photo is cut off"}"#), Kind::Unreadable),
        (Reply::new(500, "{}"), Kind::Server),
        (Reply::new(503, r#"{"type":"/problems/unavailable"}"#), Kind::Unavailable),
        (Reply::new(200, "[]"), Kind::Protocol),
    ];
    for (reply, kind) in ends {
        let server = taking(move |_, _| reply.clone()).await;
        assert_eq!(search(&server, 5.0).await.0.unwrap_err().kind(), kind);
    }
}

#[tokio::test]
async fn a_photo_that_is_refused_is_not_sent_again() {
    for (status, kind) in [(413, Kind::TooLarge), (415, Kind::UnsupportedPhoto), (400, Kind::Invalid)] {
        let server = Server::always(Reply::new(status, "{}")).await;
        assert_eq!(search(&server, 5.0).await.0.unwrap_err().kind(), kind);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_while_it_holds_a_request_is_unavailable() {
    let server = taking(|_, _| Reply::cut()).await;
    assert_eq!(search(&server, 20.0).await.0.unwrap_err().kind(), Kind::Unavailable);
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn a_result_is_asked_for_once() {
    let server =
        Server::start(|number, _| if number == 0 { pending("started") } else { Reply::new(200, DONE) }).await;
    let client = server.client();
    let wanted = PhotoSearch::default();
    assert!(client.result("a/b ?", &wanted, Duration::ZERO).await.unwrap().is_none());
    assert!(client.result("t-1", &wanted, Duration::from_millis(1500)).await.unwrap().is_some());
    let requests = server.requests();
    assert_eq!(requests[0].line, "GET /tasks/a%2Fb%20%3F/result");
    assert_eq!((requests[0].header("prefer"), requests[1].header("prefer")), (None, Some("wait=2")));
    for odd in ["", ".", ".."] {
        assert_eq!(client.result(odd, &wanted, Duration::ZERO).await.unwrap_err().kind(), Kind::Invalid);
    }
}

#[tokio::test]
async fn a_photo_is_narrowed_by_words_and_a_filter() {
    let server = Server::start(|_, request| {
        Reply::new(200, if request.line == "POST /search/image" { SUBMITTED } else { DONE })
    })
    .await;
    let filter = Filter::default()
        .categories(vec![CategoryRef::Name("Zapatos".into())])
        .brands(vec!["Camina & Co".into()])
        .in_stock(true);
    let wanted = PhotoSearch::default().text("piel roja").filter(filter);
    server.client().search_image_quietly(JPEG, &wanted, Duration::from_secs(30)).await.unwrap();
    server.client().search_image(JPEG, &wanted, Duration::from_secs(30), |_| {}).await.unwrap();
    server.client().result("t-1", &wanted, Duration::ZERO).await.unwrap();
    let narrowed = "GET /tasks/t-1/result?query=piel+roja&category=Zapatos&brand=Camina+%26+Co&in_stock=true";
    assert_eq!(server.lines(), ["POST /search/image", narrowed, "POST /search/image", narrowed, narrowed]);
}

#[tokio::test]
async fn a_filter_that_is_refused_is_no_unreadable_photo() {
    let refusal = r#"{"type":"/problems/invalid","detail":"there is no category `Barcos`"}"#;
    let server = taking(move |_, _| Reply::new(422, refusal)).await;
    let error = search(&server, 5.0).await.0.unwrap_err();
    assert_eq!((error.kind(), error.detail()), (Kind::Invalid, "there is no category `Barcos`"));
}

#[tokio::test]
async fn a_task_that_is_counted_is_taken_too() {
    let server = Server::always(Reply::new(200, r#"{"task_id":17}"#)).await;
    assert_eq!(server.client().submit_image(JPEG).await.unwrap(), "17");
}

#[tokio::test]
async fn a_server_that_refuses_a_large_photo_halfway_is_still_heard() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Reads the beginning, answers, and closes with most of the photo unread: the kernel resets the connection.
            let _ = stream.read(&mut [0; 1024]).await;
            let body = r#"{"type":"/problems/too-large","detail":"send a smaller one"}"#;
            let head =
                format!("HTTP/1.1 413 X\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    for _ in 0..10 {
        let error = client.submit_image(vec![0; 20 << 20]).await.unwrap_err();
        assert_eq!((error.kind(), error.detail()), (Kind::TooLarge, "send a smaller one"));
    }
}
