//! Pictures made on the spot, and the model where it is built.

use std::env;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use vitrina_onnx::{OnnxClassifier, OnnxOptions};
pub(crate) use vitrina_testing::skip;

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn model_directory() -> PathBuf {
    workspace().join("data/models/efficientnet_lite0")
}

/// The default model in floats, opened once, or none where it is not built or there is no runtime.
pub(crate) fn classifier() -> Option<&'static OnnxClassifier> {
    static CLASSIFIER: OnceLock<Result<OnnxClassifier, String>> = OnceLock::new();
    let classifier = CLASSIFIER.get_or_init(|| open(Some("fp32")).map_err(|error| error.chain().to_string()));
    classifier.as_ref().map_err(|reason| skip(reason)).ok()
}

/// The default model in this precision.
pub(crate) fn open(precision: Option<&str>) -> vitrina::Result<OnnxClassifier> {
    let precision = precision.map(str::to_owned);
    OnnxClassifier::open(model_directory(), OnnxOptions { precision, ..OnnxOptions::default() })
}

/// A picture whose quarters are red, green, blue and white, so that every turn of it looks different.
pub(crate) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => Rgb([255, 0, 0]),
        (false, true) => Rgb([0, 255, 0]),
        (true, false) => Rgb([0, 0, 255]),
        (false, false) => Rgb([255, 255, 255]),
    })
}

/// A picture with something to see in it, another for every seed.
pub(crate) fn pattern(width: u32, height: u32, seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |a: u32, b: u32| ((x * a + y * b + seed * 37) % 256) as u8;
        Rgb([wave(1 + seed, 2), wave(3, 1 + seed), wave(x / 16 + 1, seed)])
    })
}

pub(crate) fn encode(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

pub(crate) fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(image).unwrap();
    bytes
}

/// `jpeg` with an EXIF segment that notes `orientation`.
pub(crate) fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]);
    let mut bytes = jpeg[..2].to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&jpeg[2..]);
    bytes
}
