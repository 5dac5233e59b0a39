//! Conditional requests (RFC 9110, section 13) for what never changes under its URL.

use poem::http::HeaderMap;
use poem::http::header::IF_NONE_MATCH;

/// `Cache-Control` of what a URL names by its content.
pub(crate) const FOREVER: &str = "public, max-age=31536000, immutable";

/// Whether the client holds what this tag names.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag))
}
