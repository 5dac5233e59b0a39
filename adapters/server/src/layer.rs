//! `/layer.js`: the search layer that shops put on their pages by one script tag.
//!
//! The file is built by `bindings-js` and kept in the repository, so that building the server needs no Node.js; the tests
//! compare it with a fresh build.

use std::io::Write;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::http::StatusCode;
use poem::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, ETAG, VARY};
use poem::{Request, Response, handler};
use sha2::{Digest, Sha256};

use crate::caching::{FOREVER, is_known};

/// The layer as it is delivered.
const SCRIPT: &str = include_str!("../assets/layer.js");

/// For the URL that pages carry for years: a new version arrives within the hour.
const HOURLY: &str = "public, max-age=3600, stale-while-revalidate=86400";

static PACKED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    // A vector takes everything.
    let _ = packed.write_all(SCRIPT.as_bytes());
    packed.finish().unwrap_or_default()
});

/// The version of the layer: the beginning of its SHA-256.
pub(crate) static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{:.12x}", Sha256::digest(SCRIPT.as_bytes())));

/// The script, packed for those who take it so.
#[handler]
pub(crate) fn script(request: &Request) -> Response {
    let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let packs = header(ACCEPT_ENCODING).split(',').any(|one| one.trim().starts_with("gzip"));
    let tag = format!("\"{}{}\"", *VERSION, if packs { "-gzip" } else { "" });
    let versioned = request.uri().query().is_some_and(|query| query.split('&').any(|one| one == named()));
    let response = Response::builder()
        .header(ETAG, &tag)
        .header(VARY, "Accept-Encoding")
        .header("Cross-Origin-Resource-Policy", "cross-origin")
        .header(CACHE_CONTROL, if versioned { FOREVER } else { HOURLY });
    if is_known(request.headers(), &tag) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    let response = response.content_type("text/javascript; charset=utf-8");
    match packs {
        true => response.header("Content-Encoding", "gzip").body(PACKED.clone()),
        false => response.body(SCRIPT),
    }
}

fn named() -> String {
    format!("v={}", *VERSION)
}
