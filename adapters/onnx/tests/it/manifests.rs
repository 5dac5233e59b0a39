//! Model directories of both layouts, and what is wrong with others.

use std::fs;
use std::path::Path;

use vitrina_core::ErrorKind;
use vitrina_onnx::{Channels, Crop, Manifest, Model, Resample, Scores};

use crate::support::workspace;

fn load(files: &[(&str, &str)]) -> Result<Manifest, String> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    Manifest::load(folder.path()).map_err(|error| {
        assert_eq!(error.kind(), ErrorKind::Invalid);
        error.to_string()
    })
}

fn own(change: (&str, &str)) -> Result<Manifest, String> {
    let text = r#"{"name": "shop", "version": "3", "labels": "labels.json",
        "files": [{"precision": "fp32", "file": "shop.onnx", "sha256": null, "bytes": null}],
        "input": {"name": "x", "layout": "NCHW", "width": 96, "height": 96, "channels": "RGB"},
        "preprocessing": {"resize": "crop", "crop_fraction": 0.9, "filter": "bilinear_antialias",
            "scale": 1.0, "mean": [1, 2, 3], "std": [4, 5, 6]},
        "outputs": {"logits": "y", "embedding": null, "embedding_length": null, "activation": "none"}}"#;
    assert!(text.contains(change.0));
    let labels = r#"[{"id": "a", "name": "A", "synonyms": []}, {"id": "b", "name": "B", "synonyms": []}]"#;
    load(&[("manifest.json", &text.replacen(change.0, change.1, 1)), ("labels.json", labels)])
}

#[test]
fn the_manifests_of_the_project_are_understood() {
    let models = workspace().join("data/models");
    let default = Manifest::load(models.join("efficientnet_lite0")).unwrap();
    assert_eq!(default.input.crop, Crop::CentreSquare { fraction: 0.875 });
    assert_eq!((default.labels.len(), default.labels[770].as_str()), (1000, "n04120489"));
    assert_eq!(default.embedding.unwrap().length, Some(1280));
    let larger = Manifest::load(models.join("efficientnet_lite2")).unwrap();
    assert_eq!((larger.input.width, larger.input.crop), (260, Crop::CentreSquare { fraction: 0.89 }));
    assert_eq!(larger.embedding.unwrap().length, Some(1280));
    for (name, members) in
        [("efficientnet_lite0_lite1", [224, 240]), ("efficientnet_lite1_lite2", [240, 260])]
    {
        let ensemble = Model::load(models.join(name)).unwrap();
        assert_eq!(ensemble.space.as_str(), format!("{name}/1"));
        assert_eq!(ensemble.members.iter().map(|member| member.input.width).collect::<Vec<_>>(), members);
    }
    for (name, input) in [("mobilenet_v2", "input"), ("squeezenet1_1", "data")] {
        let zoo = Manifest::load(models.join(name)).unwrap();
        assert_eq!((zoo.input.name.as_str(), zoo.input.crop), (input, Crop::ShorterSide { pixels: 256 }));
        assert_eq!((zoo.files[0].sha256.as_deref(), zoo.embedding), (None, None));
    }
}

#[test]
fn every_field_of_a_manifest_counts() {
    let manifest = own(("RGB", "BGR")).unwrap();
    assert_eq!(manifest.space().unwrap().as_str(), "shop/3");
    assert_eq!(manifest.labels, ["a", "b"]);
    assert_eq!(manifest.scores.kind, Scores::Probabilities);
    assert_eq!((manifest.input.channels, manifest.input.resample), (Channels::Bgr, Resample::Bilinear));
    assert_eq!((manifest.input.mean, manifest.input.std), ([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]));
}

#[test]
fn what_a_manifest_gets_wrong_is_named() {
    for (change, expected) in [
        (("NCHW", "NHWC"), "NHWC"),
        (("bilinear_antialias", "bilinear"), "bilinear"),
        (("0.9", "1.5"), "fraction"),
        (("[4, 5, 6]", "[4, 0, 6]"), "std"),
        (("\"width\": 96", "\"width\": 100000"), "width"),
        (("labels.json", "nothing.json"), "nothing.json"),
        (("\"version\": \"3\",", ""), "version"),
    ] {
        let error = own(change).unwrap_err();
        assert!(error.contains(expected), "{error} does not name {expected}");
    }
    assert!(load(&[]).unwrap_err().contains("manifest.json"));
}

#[test]
fn what_an_ensemble_gets_wrong_is_named() {
    let models = workspace().join("data/models");
    let member = |name: &str| models.join(name).to_string_lossy().into_owned();
    let (ours, zoo) = (member("efficientnet_lite0"), member("mobilenet_v2"));
    for (members, expected) in [
        (vec![], "2 to 4"),
        (vec![ours.clone()], "2 to 4"),
        (vec![ours.clone(); 5], "2 to 4"),
        (vec![ours.clone(), "nowhere".into()], "nowhere"),
        (vec![ours.clone(), ".".into()], "missing field `files`"),
        (vec![ours, zoo], "some have none"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let manifest = serde_json::json!({"name": "both", "version": "1", "members": members});
        fs::write(folder.path().join("manifest.json"), manifest.to_string()).unwrap();
        let error = Model::load(folder.path()).unwrap_err();
        assert!(error.to_string().contains(expected), "{members:?}: {error}");
    }
}

#[test]
fn a_changed_model_file_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.onnx");
    let hash = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
    let mut manifest = own(("\"sha256\": null", &format!("\"sha256\": \"{hash}\""))).unwrap();
    manifest.files[0].path = file.clone();
    assert!(manifest.files[0].verify().unwrap_err().to_string().contains("make build"));
    fs::write(&file, "foo").unwrap();
    manifest.files[0].verify().unwrap();
    fs::write(&file, "bar").unwrap();
    assert!(manifest.files[0].verify().unwrap_err().to_string().contains("was changed"));
}

#[test]
fn hugging_faces_layout_is_read() {
    let config =
        r#"{"model_type": "mobilenet_v2", "id2label": {"0": "shirt", "2": "bag", "1": "shoe, boot"}}"#;
    let preprocessor = r#"{"do_center_crop": true, "crop_size": {"height": 224, "width": 224}, "do_normalize": true,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 3, "size": {"shortest_edge": 256},
        "do_rescale": true, "rescale_factor": 0.00392156862745098}"#;
    let files = [("config.json", config), ("preprocessor_config.json", preprocessor), ("model.onnx", "")];
    let manifest = load(&files).unwrap();
    assert_eq!(manifest.labels, ["shirt", "shoe, boot", "bag"]);
    assert_eq!(manifest.input.crop, Crop::ShorterSide { pixels: 256 });
    assert_eq!((manifest.input.width, manifest.input.resample), (224, Resample::Bicubic));
    assert_eq!((manifest.name.as_str(), manifest.input.name.as_str()), ("mobilenet_v2", "pixel_values"));

    assert!(load(&files[..2]).unwrap_err().contains("model.onnx"));
    let squashed = r#"{"size": {"height": 192, "width": 160}}"#;
    let manifest = load(&[files[0], ("preprocessor_config.json", squashed), files[2]]).unwrap();
    assert_eq!((manifest.input.width, manifest.input.height, manifest.input.crop), (160, 192, Crop::None));
    let flipped = r#"{"size": 224, "do_flip_channel_order": true}"#;
    assert!(load(&[files[0], ("preprocessor_config.json", flipped), files[2]]).unwrap_err().contains("BGR"));
}

#[test]
fn imagenets_names_become_wordnet_ids() {
    let labels = fs::read_to_string(workspace().join("data/models/imagenet_labels.json")).unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_str(&labels).unwrap();
    let id2label: serde_json::Map<_, _> =
        list.iter().enumerate().map(|(id, label)| (id.to_string(), label["name"].clone())).collect();
    let config = serde_json::json!({"model_type": "resnet", "id2label": id2label}).to_string();
    let preprocessor = r#"{"size": {"shortest_edge": 224}, "crop_pct": 0.875, "resample": 3}"#;
    let manifest = load(&[
        ("config.json", &config),
        ("preprocessor_config.json", preprocessor),
        ("model.onnx", ""),
        ("imagenet_labels.json", &labels),
    ])
    .unwrap();
    assert_eq!(manifest.labels[0], "n01440764");
    assert_eq!(manifest.input.crop, Crop::ShorterSide { pixels: 256 });
    assert!(Path::new(&manifest.files[0].path).ends_with("model.onnx"));
}
