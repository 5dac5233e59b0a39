//! What [`CachedClassifier`] asks its classifier, and what it does not.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};

use vitrina_core::classify::{CachedClassifier, Classification, EmbeddingSpace, LabelScore, PhotoError};
use vitrina_core::{Classifier, Error, Result};

/// Knows every photo by its bytes, refuses `bad`, fails on `fail`, and notes what it was asked.
#[derive(Default)]
struct Counting {
    asked: Mutex<Vec<Vec<String>>>,
}

impl Classifier for Counting {
    fn space(&self) -> EmbeddingSpace {
        EmbeddingSpace::new("counting/1").unwrap()
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        let names: Vec<String> = photos.iter().map(|photo| String::from_utf8_lossy(photo).into()).collect();
        self.asked.lock().unwrap().push(names.clone());
        if names.contains(&"fail".into()) {
            return Err(Error::internal("the model has gone"));
        }
        let answer = |name: String| match name.as_str() {
            "bad" => Err(PhotoError::Unreadable("cut off".into())),
            _ => Ok(seen(&name)),
        };
        Ok(names.into_iter().map(answer).collect())
    }
}

fn seen(name: &str) -> Classification {
    let label = LabelScore { label: name.into(), score: 1.0 };
    Classification { labels: vec![label], ..Classification::default() }
}

fn cached(most: usize) -> (Arc<Counting>, CachedClassifier) {
    let counting = Arc::new(Counting::default());
    (counting.clone(), CachedClassifier::new(counting, NonZeroUsize::new(most).unwrap()))
}

fn asked(counting: &Counting) -> Vec<Vec<String>> {
    std::mem::take(&mut counting.asked.lock().unwrap())
}

#[test]
fn a_photo_is_asked_for_once_and_answered_in_its_place() {
    let (counting, classifier) = cached(10);
    assert_eq!(classifier.space().as_str(), "counting/1");
    let answers = classifier.classify(&[b"shoe", b"bad", b"shoe", b"shirt"]).unwrap();
    let bad = || Err(PhotoError::Unreadable("cut off".into()));
    assert_eq!(answers, [Ok(seen("shoe")), bad(), Ok(seen("shoe")), Ok(seen("shirt"))]);
    assert_eq!(asked(&counting), [["shoe", "bad", "shirt"]]);
    let answers = classifier.classify(&[b"shirt", b"hat", b"bad"]).unwrap();
    assert_eq!(answers, [Ok(seen("shirt")), Ok(seen("hat")), bad()]);
    assert_eq!(asked(&counting), [["hat"]]);
    assert_eq!(classifier.classify(&[b"hat"]).unwrap(), [Ok(seen("hat"))]);
    assert_eq!(classifier.classify(&[]).unwrap(), []);
    assert_eq!(asked(&counting), [[""; 0]; 0]);
}

#[test]
fn those_asked_for_longest_ago_are_forgotten() {
    let (counting, classifier) = cached(2);
    for photos in [&[&b"a"[..], b"b"][..], &[b"a"], &[b"c"]] {
        classifier.classify(photos).unwrap();
    }
    assert_eq!(asked(&counting), [vec!["a", "b"], vec!["c"]]);
    classifier.classify(&[b"a", b"c"]).unwrap();
    assert_eq!(asked(&counting).len(), 0);
    // More than are remembered, in one batch: all are answered.
    let answers = classifier.classify(&[b"b", b"d", b"e", b"b"]).unwrap();
    assert_eq!(answers, ["b", "d", "e", "b"].map(|name| Ok(seen(name))));
    assert_eq!(asked(&counting), [["b", "d", "e"]]);
}

#[test]
fn a_failure_of_the_model_is_not_remembered() {
    let (counting, classifier) = cached(10);
    for _ in 0..2 {
        assert_eq!(classifier.classify(&[b"a", b"fail"]).unwrap_err().to_string(), "the model has gone");
    }
    assert_eq!(asked(&counting), [["a", "fail"], ["a", "fail"]]);
    assert_eq!(classifier.classify(&[b"a"]).unwrap(), [Ok(seen("a"))]);
}
