//! The model in bytes: chosen by itself where it is faster, and of the same opinion as in floats.

use std::fs;

use vitrina_core::Classifier;

use crate::support::{classifier, open, skip, workspace};

#[test]
fn bytes_and_floats_see_the_same() {
    let Some(floats) = classifier() else { return };
    let folder = workspace().join("data/demo/vendure/assets/images");
    let Ok(photos) = fs::read_dir(folder) else {
        return skip("the demo's photos are missing: run data/demo/fetch.py");
    };
    let bytes = open(Some("int8")).unwrap();
    assert_eq!((bytes.precision(), bytes.space()), ("int8", floats.space()));
    let (mut sure, mut agreed, mut cosines) = (0, 0, Vec::new());
    for photo in photos {
        let photo = fs::read(photo.unwrap().path()).unwrap();
        let [seen, expected] =
            [&bytes, floats].map(|model| model.classify(&[&photo]).unwrap().remove(0).unwrap());
        // Where the model is in doubt, rounding may decide.
        if expected.labels[0].score > 0.5 {
            sure += 1;
            agreed += usize::from(seen.labels[0].label == expected.labels[0].label);
        }
        cosines.push(seen.embedding.unwrap().cosine(&expected.embedding.unwrap()));
    }
    assert!(sure >= 10 && agreed * 100 >= sure * 95, "{agreed} of {sure}");
    let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
    assert!(mean > 0.985 && cosines.iter().all(|cosine| *cosine > 0.95), "{mean}, {cosines:?}");
}

#[test]
fn the_processor_decides_unless_somebody_does() {
    if classifier().is_none() {
        return;
    }
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let words: Vec<_> = flags.split_whitespace().collect();
    let fast = ["avx2", "asimddp"].iter().any(|flag| words.contains(flag));
    assert_eq!(open(None).unwrap().precision(), if fast { "int8" } else { "fp32" });
    assert_eq!(open(Some("fp32")).unwrap().precision(), "fp32");
}

#[test]
fn an_unknown_precision_is_refused_with_those_that_there_are() {
    if classifier().is_none() {
        return;
    }
    let error = open(Some("fp64")).unwrap_err().to_string();
    assert!(error.contains("fp64") && error.contains("fp32 or int8 or int8_weights"), "{error}");
}
