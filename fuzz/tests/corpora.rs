//! Every input of the corpora, on the stable toolchain and without a fuzzing engine.

#![allow(clippy::unwrap_used)]

use std::path::Path;

fn each(corpus: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(corpus);
    let mut ran = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        target(&std::fs::read(path).unwrap());
        ran += 1;
    }
    assert!(ran >= 5, "the corpus {corpus} has {ran} inputs");
}

#[test]
fn jpeg() {
    each("jpeg", vitrina_fuzz::jpeg);
}

#[test]
fn photo_header() {
    each("photo_header", vitrina_fuzz::photo_header);
}

#[test]
fn upload() {
    each("upload", vitrina_fuzz::upload);
}

#[test]
fn webhook() {
    each("webhook", vitrina_fuzz::webhook);
}

#[test]
fn search() {
    each("search", vitrina_fuzz::search);
}

#[test]
fn feed() {
    each("feed", vitrina_fuzz::feed);
}
