//! Two networks as one classifier: what it says is what its members say.

use std::fs;
use std::path::Path;

use image::ImageFormat;
use vitrina_core::classify::Embedding;
use vitrina_core::{Classifier, ErrorKind};
use vitrina_onnx::{OnnxClassifier, OnnxOptions};

use crate::support::{classifier, encode, jpeg, model_directory, pattern};

/// The default model in floats, beside itself under another crop and size of input.
fn ensemble(folder: &Path) -> OnnxClassifier {
    let own = model_directory();
    let text = fs::read_to_string(own.join("manifest.json")).unwrap();
    let text = text.replace("\"crop_fraction\": 0.875", "\"crop_fraction\": 0.6");
    let text = text.replace("../imagenet_labels.json", "imagenet_labels.json");
    fs::write(folder.join("closer/manifest.json"), text).unwrap();
    fs::copy(own.join("../imagenet_labels.json"), folder.join("closer/imagenet_labels.json")).unwrap();
    std::os::unix::fs::symlink(
        own.join("efficientnet_lite0.onnx"),
        folder.join("closer/efficientnet_lite0.onnx"),
    )
    .unwrap();
    let members = [own.to_string_lossy().into_owned(), "closer".into()];
    let manifest = serde_json::json!({"name": "both", "version": "7", "members": members});
    fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    OnnxClassifier::open(folder, options()).unwrap()
}

fn options() -> OnnxOptions {
    OnnxOptions::default().precision(Some("fp32".into()))
}

#[test]
fn an_ensemble_says_what_its_members_say() {
    let Some(one) = classifier() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("closer")).unwrap();
    let both = ensemble(folder.path());
    let other = OnnxClassifier::open(folder.path().join("closer"), options()).unwrap();
    assert_eq!((both.space().as_str(), both.precision()), ("both/7", "fp32"));
    // A large JPEG is decoded at reduced size, once for both; a PNG is not.
    let photos = [jpeg(&pattern(2400, 1800, 3)), encode(pattern(90, 300, 5), ImageFormat::Png)];
    for photo in &photos {
        let classified = |model: &OnnxClassifier| {
            model.classify(&[b"no photo", photo.as_slice()]).unwrap().remove(1).unwrap()
        };
        let (seen, one, other) = (classified(&both), classified(one), classified(&other));
        let embedding = seen.embedding.unwrap();
        assert_eq!((embedding.as_slice().len(), embedding.space().as_str()), (2560, "both/7"));
        let halves = [&one, &other].map(|member| member.embedding.as_ref().unwrap().as_slice());
        assert!(Embedding::new(halves.concat()).unwrap().in_space(both.space()).cosine(&embedding) > 0.9999);
        let score = |labels: &[vitrina_core::classify::LabelScore], label: &str| {
            labels.iter().find(|known| known.label == label).map_or(0.0, |known| known.score)
        };
        for label in seen.labels.iter().take(3) {
            let mean = (score(&one.labels, &label.label) + score(&other.labels, &label.label)) / 2.0;
            // A label that a member leaves out has less than a thousandth.
            assert!((label.score - mean).abs() < 2e-3, "{label:?}, {mean}");
        }
    }
}

#[test]
fn a_member_that_is_not_there_is_named() {
    if classifier().is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("closer")).unwrap();
    drop(ensemble(folder.path()));
    fs::remove_file(folder.path().join("closer/efficientnet_lite0.onnx")).unwrap();
    let error = OnnxClassifier::open(folder.path(), options()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(error.to_string().contains("closer/efficientnet_lite0.onnx"), "{error}");
}
