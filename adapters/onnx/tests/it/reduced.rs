//! Large JPEGs are decoded at a fraction of their size; what the model sees stays what it was.

use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use vitrina_core::Classifier;
use vitrina_core::classify::PhotoError;
use vitrina_onnx::Manifest;
use vitrina_photo::{Input, PhotoLimits, decode, prepare};

use crate::support::{classifier, encode, model_directory, skip, with_orientation, workspace};

const LIMITS: PhotoLimits = PhotoLimits::new().max_pixels(51_000_000).max_memory(192 << 20);

fn input() -> Input {
    Manifest::load(model_directory()).unwrap().input
}

/// Soft colours with edges in them, another at every place.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let wave = |length: f32, x: u32, y: u32| ((x as f32 + 1.7 * y as f32) / length).sin() * 50.0;
        let edge = if (x / 97 + y / 61) % 3 == 0 { 70.0 } else { 0.0 };
        let red = 100.0 + edge + wave(31.0, x, y);
        let green = 120.0 + wave(53.0, y, x) - edge / 2.0;
        let blue = 90.0 + wave(90.0, x, 0) + edge * (y % 240) as f32 / 240.0;
        Rgb([red, green, blue].map(|value| value as u8))
    })
}

/// `picture` as a JPEG of this kind.
fn jpeg(picture: &RgbImage, sampling: SamplingFactor, set: impl Fn(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.set_sampling_factor(sampling);
    set(&mut encoder);
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    encoder.encode(picture, width, height, ColorType::Rgb).unwrap();
    bytes
}

/// How far the numbers of `photo` are from those of all its pixels, in steps of 8 bits: in the mean, and at most.
fn difference(photo: &[u8], input: &Input) -> (f32, f32) {
    let all = encode(decode(photo, LIMITS).unwrap().into_upright(), ImageFormat::Png);
    let (ours, all) = (prepare(photo, input, LIMITS).unwrap(), prepare(&all, input, LIMITS).unwrap());
    let differences: Vec<f32> = ours.iter().zip(&all).map(|(a, b)| (a - b).abs() * input.std[0]).collect();
    let most = differences.iter().copied().fold(0.0, f32::max);
    (differences.iter().sum::<f32>() / differences.len() as f32, most)
}

#[track_caller]
fn assert_close_but_not_the_same(photo: &[u8]) {
    let (mean, most) = difference(photo, &input());
    assert!(mean > 0.0, "all pixels were decoded");
    assert!(mean < 0.6 && most < 12.0, "{mean}, {most}");
}

#[test]
fn every_size_is_seen_as_it_is() {
    for (width, height) in
        [(1024, 1024), (1531, 1029), (1103, 1999), (2500, 2051), (2049, 6001), (4133, 4097)]
    {
        assert_close_but_not_the_same(&jpeg(&picture(width, height), SamplingFactor::F_2_2, |_| {}));
    }
}

#[test]
fn every_sampling_of_colours_is_known() {
    use SamplingFactor::{F_1_1, F_1_2, F_2_1, F_2_2};
    for picture in [picture(1210, 1111), picture(2210, 2111)] {
        for sampling in [F_1_1, F_1_2, F_2_1, F_2_2] {
            assert_close_but_not_the_same(&jpeg(&picture, sampling, |_| {}));
        }
    }
    let mut grey = Vec::new();
    let pixels = DynamicImage::from(picture(1210, 1111)).into_luma8();
    Encoder::new(&mut grey, 90).encode(&pixels, 1210, 1111, ColorType::Luma).unwrap();
    assert_close_but_not_the_same(&grey);
}

#[test]
fn restart_markers_are_read() {
    let picture = picture(1300, 1030);
    for interval in [1, 7, 1000] {
        let photo = jpeg(&picture, SamplingFactor::F_2_2, |encoder| encoder.set_restart_interval(interval));
        assert_close_but_not_the_same(&photo);
    }
}

#[test]
fn it_is_turned_as_its_note_says() {
    let lying = jpeg(&picture(1500, 1100), SamplingFactor::F_2_2, |_| {});
    for orientation in 1..=8 {
        assert_close_but_not_the_same(&with_orientation(&lying, orientation));
    }
}

#[test]
fn progressive_photos_are_reduced_too() {
    for (scans, restarts) in [(2, 0), (4, 0), (9, 5), (20, 100), (32, 0)] {
        let photo = jpeg(&picture(1300, 1030), SamplingFactor::F_2_2, |encoder| {
            encoder.set_progressive_scans(scans);
            encoder.set_restart_interval(restarts);
        });
        assert_close_but_not_the_same(&photo);
    }
}

/// The pairs in `fixtures/progressive` have the same frequencies; a progressive one has them in ten scans, bit by bit.
#[test]
fn a_progressive_photo_is_seen_as_its_baseline_twin() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/progressive");
    let read = |name: String| std::fs::read(folder.join(name)).unwrap();
    for name in ["420", "422", "444", "restarts", "grey", "coarse"] {
        let (baseline, progressive) = (read(format!("{name}.jpg")), read(format!("{name}-progressive.jpg")));
        // Decoded at a half, a quarter, an eighth.
        for side in [12, 6, 3] {
            let input = Input { width: side, height: side, ..input() };
            let seen = prepare(&progressive, &input, LIMITS).unwrap();
            assert_eq!(seen, prepare(&baseline, &input, LIMITS).unwrap(), "{name}, {side}");
            assert!(difference(&progressive, &input).0 > 0.0, "{name}, {side}: all pixels were decoded");
        }
    }
}

#[test]
fn other_photos_are_decoded_entirely() {
    let (large, small) = (picture(1300, 1030), picture(1500, 890));
    let many_scans = |encoder: &mut Encoder<&mut Vec<u8>>| encoder.set_progressive_scans(64);
    for photo in
        [jpeg(&large, SamplingFactor::F_2_2, many_scans), jpeg(&small, SamplingFactor::F_2_2, |_| {})]
    {
        assert_eq!(difference(&photo, &input()), (0.0, 0.0));
    }
    // A model that takes more pixels needs more of them.
    let photo = jpeg(&large, SamplingFactor::F_2_2, |_| {});
    let larger = Input { width: 260, height: 260, ..input() };
    assert_eq!(difference(&photo, &larger), (0.0, 0.0));
}

#[test]
fn damage_is_answered_as_ever() {
    let picture = picture(1300, 1030);
    damage(jpeg(&picture, SamplingFactor::F_2_2, |_| {}));
    damage(jpeg(&picture, SamplingFactor::F_2_2, |encoder| encoder.set_progressive(true)));
}

fn damage(whole: Vec<u8>) {
    let cut = prepare(&whole[..whole.len() / 2], &input(), LIMITS);
    assert!(matches!(cut, Err(PhotoError::Unreadable(_))), "{cut:?}");
    let mut random = 0x9e37_79b9_u32;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random as usize
    };
    for round in 0..60 {
        let mut bytes = whole.clone();
        // The headers are where most can go wrong.
        let reach = if round % 3 == 0 { bytes.len() } else { 700 };
        for _ in 0..1 + next() % 8 {
            let at = next() % reach;
            bytes[at] = next() as u8;
        }
        // What one decoder cannot read the other may; neither panics.
        if let Ok(numbers) =
            prepare(&bytes, &input(), PhotoLimits::new().max_pixels(3_000_000).max_memory(192 << 20))
        {
            assert!(numbers.iter().all(|number| number.abs() <= 1.0));
        }
    }
}

#[test]
fn the_embedding_stays_where_it_was() {
    let Some(classifier) = classifier() else { return };
    let Ok(photos) = std::fs::read_dir(workspace().join("data/demo/vendure/assets/images")) else {
        return skip("the demo's photos are missing: run data/demo/fetch.py");
    };
    let embedding =
        |bytes: &[u8]| classifier.classify(&[bytes]).unwrap().remove(0).unwrap().embedding.unwrap();
    for photo in photos.take(8) {
        let photo = photo.unwrap().path();
        let pixels = decode(&std::fs::read(&photo).unwrap(), LIMITS).unwrap().into_upright();
        for factor in [1, 2, 3] {
            // Up to as large as from a phone.
            let (width, height) = (pixels.width() * factor, pixels.height() * factor);
            let larger = imageops::resize(&pixels, width, height, imageops::FilterType::CatmullRom);
            let bytes = jpeg(&larger, SamplingFactor::F_2_2, |_| {});
            let all = encode(decode(&bytes, LIMITS).unwrap().into_upright(), ImageFormat::Bmp);
            let cosine = embedding(&bytes).cosine(&embedding(&all));
            assert!(cosine > 0.995, "{} {factor} times as large: {cosine}", photo.display());
        }
    }
}
