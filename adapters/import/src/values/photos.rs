//! Addresses: links, and photos by URL or path.

use std::path::{Component, PathBuf};

use url::Url;
use vitrina_core::product::{PhotoSource, ProductDraft};

/// Reads the URL of a page.
///
/// # Errors
/// A reason when it is no `http(s)` URL, or is too long.
pub(crate) fn link(text: &str) -> Result<String, String> {
    url(text, ProductDraft::MAX_LINK)
}

fn url(text: &str, longest: usize) -> Result<String, String> {
    let text = text.trim();
    let whole = text.strip_prefix("//").map_or_else(|| text.to_owned(), |rest| format!("https://{rest}"));
    let url = Url::parse(&whole).map_err(|_| "is no URL: write it like https://tienda.example/p/1")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("is no http or https URL".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has a user name or a password".into());
    }
    let url = String::from(url);
    if url.len() > longest {
        return Err(format!("is longer than {longest} characters"));
    }
    Ok(url)
}

/// Reads where a photo is: an `http(s)` URL, or a path inside the folder of photos.
///
/// # Errors
/// A reason when it is neither.
pub(crate) fn photo(text: &str) -> Result<PhotoSource, String> {
    let text = text.trim();
    if text.contains("://") || text.starts_with("//") {
        return url(text, ProductDraft::MAX_PHOTO).map(PhotoSource::Url);
    }
    let path = PathBuf::from(text.replace('\\', "/"));
    if text.contains(':') || !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err("is neither an http(s) URL nor a path inside the folder of photos".into());
    }
    if text.chars().count() > ProductDraft::MAX_PHOTO {
        return Err(format!("is longer than {} characters", ProductDraft::MAX_PHOTO));
    }
    Ok(PhotoSource::Path(path))
}

/// Splits a list of photos at commas, bars and line breaks; a comma inside a URL separates nothing.
pub(crate) fn split_photos(text: &str) -> impl Iterator<Item = &str> {
    let mut parts = Vec::new();
    for part in text.split(['|', '\n']) {
        let mut start = 0;
        for (at, _) in part.match_indices(',') {
            let next = part[at + 1..].trim_start();
            let before = &part[start..at];
            let inside_a_url = before.contains("://") && !next.starts_with("http") && !next.starts_with("//");
            if !inside_a_url {
                parts.push(before);
                start = at + 1;
            }
        }
        parts.push(&part[start..]);
    }
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_urls_or_inner_paths() {
        assert_eq!(
            photo("//cdn.example/a b.jpg"),
            Ok(PhotoSource::Url("https://cdn.example/a%20b.jpg".into()))
        );
        assert_eq!(photo("fotos\\1.jpg"), Ok(PhotoSource::Path("fotos/1.jpg".into())));
        for text in [
            "../secreto",
            "/etc/passwd",
            "C:\\fotos\\1.jpg",
            "ftp://a/b",
            "javascript:alert(1)",
            "https://u:p@a/b",
        ] {
            assert!(photo(text).is_err(), "{text}");
        }
        let list = "https://a.example/w_1,h_2/1.jpg, https://a.example/2.jpg,https://a.example/3.jpg";
        assert_eq!(split_photos(list).count(), 3);
    }
}
