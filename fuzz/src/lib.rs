//! Fuzz targets: functions that take any bytes, and panic where the product does what it must not.
//!
//! `make fuzz` runs each with libFuzzer; `cargo test -p vitrina-fuzz` runs the inputs in `corpus/`, which is what a change
//! is tested by. Answers over HTTP must never be 500: a panic of a handler is one, and so is every error that nobody
//! thought of.

mod server;

use std::sync::OnceLock;

use poem::http::Method;
use vitrina_photo::{Input, PhotoLimits, inspect, prepare};

use server::{Server, block_on};

/// Photos larger than this are refused, so that an input takes milliseconds.
const LIMITS: PhotoLimits = PhotoLimits::new().max_pixels(1 << 20).max_memory(64 << 20);

/// Decodes a photo at reduced size and prepares it for a model of 8 by 8 pixels, so that even a small JPEG is reduced.
pub fn jpeg(data: &[u8]) {
    static INPUT: OnceLock<Input> = OnceLock::new();
    let input = INPUT.get_or_init(server::small_input);
    if let Ok(planes) = prepare(data, input, LIMITS) {
        assert_eq!(planes.len(), 3 * 8 * 8);
        assert!(planes.iter().all(|value| value.is_finite()));
    }
}

/// Reads a photo's format and size from its header.
pub fn photo_header(data: &[u8]) {
    if let Ok(photo) = inspect(data, PhotoLimits::default()) {
        assert!(photo.width > 0 && photo.height > 0);
        assert!(u64::from(photo.width) * u64::from(photo.height) <= PhotoLimits::default().max_pixels);
    }
}

/// Sends a multipart form with the boundary `x` to `/search/image`.
pub fn upload(data: &[u8]) {
    let form = Some(("multipart/form-data; boundary=x", data));
    Server::get().send(Method::POST, "/search/image", form);
}

/// Sends the result of a task; where it is a JSON object, of a task that exists.
pub fn webhook(data: &[u8]) {
    let server = Server::get();
    server.send(Method::POST, "/webhook/task_completed", Some(("application/json", data)));
    if let Ok(serde_json::Value::Object(mut call)) = serde_json::from_slice(data) {
        call.insert("task_id".into(), server.task().into());
        let body = serde_json::Value::Object(call).to_string();
        server.send(Method::POST, "/webhook/task_completed", Some(("application/json", body.as_bytes())));
    }
}

/// Lists products with the first line as the query string, and sends the rest to the searches by words and by prediction.
pub fn search(data: &[u8]) {
    let server = Server::get();
    let line = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    // What no URL may hold never reaches a server.
    let query: String =
        data[..line].iter().filter(|byte| byte.is_ascii_graphic()).map(|byte| *byte as char).collect();
    server.send(Method::GET, &format!("/products?{query}"), None);
    server.send(Method::GET, &format!("/search/suggest?{query}"), None);
    let body = data.get(line + 1..).unwrap_or_default();
    server.send(Method::POST, "/search/text", Some(("application/json", body)));
    server.send(Method::POST, "/search/prediction", Some(("application/json", body)));
}

/// Imports a product feed: the first byte chooses CSV, JSON or JSON lines.
pub fn feed(data: &[u8]) {
    let Some((kind, feed)) = data.split_first() else { return };
    let ending = match kind {
        b'c' => "csv",
        b'j' => "json",
        _ => "jsonl",
    };
    block_on(server::import(ending, feed));
}
