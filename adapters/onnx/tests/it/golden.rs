//! Rust, Python and people agree about photos. `data/models/reference.py` writes what Python says; where it lies is told
//! by `VITRINA_REFERENCE`, default `target/reference`.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::PathBuf;

use serde::Deserialize;
use vitrina_core::Classifier;
use vitrina_core::classify::{Classification, Embedding};
use vitrina_onnx::OnnxClassifier;

use crate::support::{classifier, skip, workspace};

#[derive(Deserialize)]
struct Reference {
    photos: Vec<Photo>,
}

#[derive(Deserialize)]
struct Photo {
    file: String,
    png: String,
    top5: Vec<Class>,
    probabilities: HashMap<String, f32>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Class {
    id: String,
}

#[derive(Deserialize)]
struct Golden {
    photos: Vec<Known>,
}

#[derive(Deserialize)]
struct Known {
    file: String,
    id: String,
}

/// The folder and what is in it, or none where nobody has made it.
fn reference() -> Option<(PathBuf, Reference)> {
    let folder =
        env::var_os("VITRINA_REFERENCE").map_or_else(|| workspace().join("target/reference"), PathBuf::from);
    let Ok(text) = fs::read(folder.join("reference.json")) else {
        skip(&format!(
            "there is no reference.json in {}: make it with data/models/reference.py",
            folder.display()
        ));
        return None;
    };
    Some((folder, serde_json::from_slice(&text).unwrap()))
}

fn photos() -> PathBuf {
    workspace().join("data/demo/vendure/assets/images")
}

fn classify(classifier: &OnnxClassifier, path: PathBuf) -> Classification {
    let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    classifier.classify(&[&bytes]).unwrap().remove(0).unwrap()
}

#[test]
fn rust_sees_what_python_sees_in_the_same_pixels() {
    let (Some((folder, reference)), Some(classifier)) = (reference(), classifier()) else {
        return;
    };
    assert!(!reference.photos.is_empty());
    for photo in reference.photos {
        let ours = classify(classifier, folder.join(&photo.png));
        let expected: Vec<&str> = photo.top5.iter().map(|class| class.id.as_str()).collect();
        let found: Vec<&str> = ours.labels.iter().take(5).map(|label| label.label.as_str()).collect();
        assert_eq!(found, expected, "{}", photo.file);
        for label in &ours.labels {
            let expected = photo.probabilities.get(&label.label).copied().unwrap_or(0.0);
            assert!((label.score - expected).abs() < 1e-3, "{}: {label:?} instead of {expected}", photo.file);
        }
        let cosine = ours
            .embedding
            .unwrap()
            .cosine(&Embedding::new(photo.embedding).unwrap().in_space(classifier.space()));
        assert!(cosine > 0.9999, "{}: {cosine}", photo.file);
    }
}

#[test]
fn another_jpeg_decoder_changes_nothing_that_matters() {
    let (Some((_, reference)), Some(classifier)) = (reference(), classifier()) else {
        return;
    };
    if !photos().is_dir() {
        return skip("the demo's photos are missing: run data/demo/fetch.py");
    }
    for photo in reference.photos {
        let ours = classify(classifier, photos().join(&photo.file));
        let cosine = ours
            .embedding
            .unwrap()
            .cosine(&Embedding::new(photo.embedding).unwrap().in_space(classifier.space()));
        assert!(cosine > 0.995, "{}: {cosine}", photo.file);
        let (ours, expected) = (&ours.labels[0], &photo.top5[0].id);
        // Where two classes are as good as equal either may come first.
        let close = (ours.score - photo.probabilities.get(&ours.label).copied().unwrap_or(0.0)).abs() < 0.05;
        assert!(
            close && (ours.label == *expected || ours.score < 0.5),
            "{}: {ours:?} not {expected}",
            photo.file
        );
    }
}

#[test]
fn known_photos_get_the_answer_that_a_person_would_give() {
    let Some(classifier) = classifier() else { return };
    if !photos().is_dir() {
        return skip("the demo's photos are missing: run data/demo/fetch.py");
    }
    let golden = fs::read(workspace().join("data/models/golden.json")).unwrap();
    let golden: Golden = serde_json::from_slice(&golden).unwrap();
    assert!(golden.photos.len() >= 10);
    for photo in golden.photos {
        let ours = classify(classifier, photos().join(&photo.file));
        assert_eq!(ours.labels[0].label, photo.id, "{}: {:?}", photo.file, &ours.labels[..2]);
        assert!(ours.labels[0].score > 0.45, "{}: {:?}", photo.file, ours.labels[0]);
    }
}
