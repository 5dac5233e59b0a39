//! The contract of [`Classifier`], kept by the default model.

use image::ImageFormat;
use vitrina_core::Classifier;
use vitrina_core::classify::{Classification, PhotoError};
use vitrina_onnx::{OnnxClassifier, OnnxOptions};

use crate::support::{classifier, encode, jpeg, model_directory, pattern};

fn assert_same(ours: &Classification, expected: &Classification) {
    let cosine =
        |a: &Classification| expected.embedding.as_ref().unwrap().cosine(a.embedding.as_ref().unwrap());
    assert!(cosine(ours) > 0.9999, "{}", cosine(ours));
    for (a, b) in ours.labels.iter().zip(&expected.labels).take(3) {
        assert!((a.score - b.score).abs() < 1e-4, "{a:?} instead of {b:?}");
    }
    assert_eq!(ours.labels[0].label, expected.labels[0].label);
}

#[test]
fn one_answer_for_each_photo_in_their_order() {
    let Some(classifier) = classifier() else { return };
    let photos: Vec<Vec<u8>> = (1..=6).map(|seed| jpeg(&pattern(300, 200 + 10 * seed, seed))).collect();
    let alone: Vec<Classification> =
        photos.iter().map(|photo| classifier.classify(&[photo]).unwrap().remove(0).unwrap()).collect();
    let mut batch: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
    batch.insert(1, b"no picture");
    batch.insert(5, &photos[0][..500]);
    let mut answers = classifier.classify(&batch).unwrap();
    assert_eq!(answers.len(), 8);
    assert!(matches!(answers.remove(5), Err(PhotoError::Unreadable(_))));
    assert_eq!(answers.remove(1), Err(PhotoError::Unsupported));
    for (ours, expected) in answers.iter().zip(&alone) {
        assert_same(ours.as_ref().unwrap(), expected);
    }
}

#[test]
fn nothing_in_nothing_out() {
    let Some(classifier) = classifier() else { return };
    assert!(classifier.classify(&[]).unwrap().is_empty());
    assert_eq!(classifier.classify(&[b""]).unwrap(), [Err(PhotoError::Unsupported)]);
}

#[test]
fn labels_come_sorted_and_embeddings_of_the_right_length() {
    let Some(classifier) = classifier() else { return };
    assert_eq!(classifier.space().as_str(), "efficientnet_lite0/1");
    let photo = encode(pattern(64, 64, 9), ImageFormat::Png);
    let answer = classifier.classify(&[&photo]).unwrap().remove(0).unwrap();
    assert!(answer.labels.len() >= 5);
    assert!(answer.labels.is_sorted_by(|a, b| a.score >= b.score));
    assert!(answer.labels.iter().skip(5).all(|label| label.score >= 1e-3));
    assert!(answer.labels.iter().map(|label| label.score).sum::<f32>() <= 1.0001);
    assert!(answer.labels.iter().all(|label| label.label.starts_with('n')));
    assert_eq!(answer.embedding.unwrap().as_slice().len(), 1280);
    assert!(answer.categories.is_empty());
}

#[test]
fn threads_agree_and_more_of_them_than_sessions_wait() {
    let Some(expected) = classifier() else { return };
    let precision = Some("fp32".into());
    let options = OnnxOptions::default().precision(precision).sessions(2).batch(2);
    let shared = OnnxClassifier::open(model_directory(), options).unwrap();
    let photos: Vec<Vec<u8>> = (1..=3).map(|seed| jpeg(&pattern(240, 240, seed))).collect();
    let photos: Vec<&[u8]> = photos.iter().map(Vec::as_slice).collect();
    let expected = expected.classify(&photos).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                let answers = shared.classify(&photos).unwrap();
                for (ours, expected) in answers.iter().zip(&expected) {
                    assert_same(ours.as_ref().unwrap(), expected.as_ref().unwrap());
                }
            });
        }
    });
}
