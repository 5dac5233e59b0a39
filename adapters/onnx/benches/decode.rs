//! From the bytes of a photo to the numbers that the model takes: processor time of JPEGs from small to large, beside
//! decoding all pixels, and, where the project's Python is set up, beside Pillow with all pixels and with `draft()`, which
//! decodes a JPEG at a reduced size as we do. Pillow also writes the progressive JPEGs, the PNG and the WebP.
//!
//! `cargo bench -p vitrina-onnx`. The photos are made on the spot: coloured noise of every size, like leaves and cloth, as a
//! phone writes it (quality 92, colours at half the size). `VITRINA_BENCH_PHOTO=photo.jpg` takes one of your own besides.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::imageops::{FilterType, crop_imm, resize};
use image::{ImageFormat, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use rustix::time::{ClockId, clock_gettime};
use vitrina_onnx::Manifest;
use vitrina_photo::{PhotoLimits, decode, prepare};

const ROUNDS: usize = 15;

/// What the page of the model says, in Python: the square in the middle, bicubic; of all pixels, and of those that `draft`
/// leaves.
const PILLOW: &str = "
import sys, time
from PIL import Image, ImageOps
import numpy
def prepare(path, draft):
    photo = Image.open(path)
    if draft:
        photo.draft('RGB', (256, 256))
    photo = ImageOps.exif_transpose(photo).convert('RGB')
    side = int(min(photo.size) * 0.875 + 0.5)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    box = (left, top, left + side, top + side)
    square = photo.resize((224, 224), Image.BICUBIC, box=box)
    return ((numpy.asarray(square, numpy.float32) - 127) / 128).transpose(2, 0, 1).copy()
for draft in (False, True):
    times = []
    for _ in range(int(sys.argv[2])):
        start = time.process_time()
        prepare(sys.argv[1], draft)
        times.append(time.process_time() - start)
    print(sorted(times)[len(times) // 2] * 1e3)
";

/// Saves a photo again: source, target, and how.
const SAVE: &str = "
import sys
from PIL import Image
options = {'progressive': {'progressive': True, 'quality': 92, 'subsampling': '4:2:0'},
           'full colours': {'quality': 92, 'subsampling': '4:4:4'},
           'restarts': {'quality': 92, 'subsampling': '4:2:0', 'restart_marker_rows': 1}}
Image.open(sys.argv[1]).save(sys.argv[2], **options.get(sys.argv[3], {}))
";

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let input = Manifest::load(workspace.join("data/models/efficientnet_lite0")).unwrap().input;
    let limits = PhotoLimits::default();
    let folder = tempfile::tempdir().unwrap();
    let python = workspace.join(".venv/bin/python");
    let has_python = python.is_file();
    if !has_python {
        println!("SKIPPED beside Pillow: there is no {}, run `make setup`", python.display());
    }
    let again = |source: &Path, name: &str, how: &str| {
        let target = source.with_file_name(name);
        let saved =
            Command::new(&python).args(["-c", SAVE]).args([source, &target]).arg(how).status().unwrap();
        assert!(saved.success(), "Pillow could not write {name}");
        target
    };
    let mut photos = Vec::new();
    for (width, height) in [(400, 400), (1600, 1200), (2000, 2500), (3000, 2424), (4000, 3000), (8000, 6000)]
    {
        let photo = made(folder.path(), width, height);
        let is = |size| (width, height) == size;
        if has_python && (is((1600, 1200)) || is((3000, 2424))) {
            photos.push(again(&photo, &format!("progressive-{width}.jpg"), "progressive"));
            photos.push(again(&photo, &format!("444-{width}.jpg"), "full colours"));
            photos.push(again(&photo, &format!("restarts-{width}.jpg"), "restarts"));
        }
        if has_python && is((1600, 1200)) {
            photos.push(again(&photo, "1600.png", "png"));
            photos.push(again(&photo, "1600.webp", "webp"));
        }
        photos.push(photo);
    }
    photos.extend(std::env::var_os("VITRINA_BENCH_PHOTO").map(PathBuf::from));
    println!("processor time in ms, median of {ROUNDS}");
    for path in photos {
        let photo = fs::read(&path).unwrap();
        let all = decode(&photo, limits).unwrap().into_upright();
        let (width, height) = all.dimensions();
        let mut png = std::io::Cursor::new(Vec::new());
        all.write_to(&mut png, ImageFormat::Png).unwrap();
        let ours = median(|| drop(prepare(&photo, &input, limits).unwrap()));
        let decoded = median(|| drop(decode(&photo, limits).unwrap()));
        let full = median(|| drop(all_pixels(&photo, limits)));
        let difference = {
            let (ours, all) =
                (prepare(&photo, &input, limits).unwrap(), prepare(png.get_ref(), &input, limits).unwrap());
            ours.iter().zip(&all).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / ours.len() as f64
        };
        println!(
            "{}: {width} x {height}, {} kB: prepared {ours:.2}, all pixels decoded {decoded:.2}, and resized by the image crate \
             {full:.2}; mean difference of the numbers {difference:.4}",
            path.file_name().unwrap_or_default().display(),
            photo.len() / 1000
        );
        if has_python {
            let rounds = ROUNDS.to_string();
            let output = Command::new(&python).args(["-c", PILLOW]).arg(&path).arg(rounds).output().unwrap();
            let times = String::from_utf8(output.stdout).unwrap();
            let times: Vec<f64> = times.lines().map(|time| time.parse().unwrap()).collect();
            let [pillow, draft] = times[..] else { panic!("Pillow failed on {}", path.display()) };
            println!(
                "    Pillow {pillow:.2}, with draft {draft:.2}; prepared takes {:.2} and {:.2} of it",
                ours / pillow,
                ours / draft
            );
        }
    }
}

/// All pixels decoded, cropped and resized by the crate that decodes.
fn all_pixels(photo: &[u8], limits: PhotoLimits) -> RgbImage {
    let photo = decode(photo, limits).unwrap().into_upright();
    let side = (f64::from(photo.width().min(photo.height())) * 0.875 + 0.5) as u32;
    let (left, top) = ((photo.width() - side) / 2, (photo.height() - side) / 2);
    resize(&*crop_imm(&photo, left, top, side, side), 224, 224, FilterType::CatmullRom)
}

/// The median of the processor time of `work` in milliseconds.
fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = processor_time();
            work();
            processor_time() - start
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

/// How long this thread has had a processor, in milliseconds.
fn processor_time() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// Writes a photo of this size into `folder`.
fn made(folder: &Path, width: u16, height: u16) -> PathBuf {
    let path = folder.join(format!("{width}x{height}.jpg"));
    let pixels = noise(width.into(), height.into());
    let mut encoder = Encoder::new_file(&path, 92).unwrap();
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(&pixels, width, height, ColorType::Rgb).unwrap();
    path
}

/// Noise of every size added up, the finer the fainter.
fn noise(width: u32, height: u32) -> RgbImage {
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut sum = vec![128.0_f32; (3 * width * height) as usize];
    let mut side = 4;
    while side <= width.max(height) {
        let layer = RgbImage::from_fn(side, side, |_, _| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let bytes = random.to_le_bytes();
            image::Rgb([bytes[2], bytes[3], bytes[4]])
        });
        let strength = (4.0 / side as f32).powf(0.55) * 1.2;
        let layer = resize(&layer, width, height, FilterType::Triangle);
        for (sum, sample) in sum.iter_mut().zip(layer.as_raw()) {
            *sum += (f32::from(*sample) - 127.5) * strength;
        }
        side *= 2;
    }
    RgbImage::from_raw(width, height, sum.into_iter().map(|value| value as u8).collect()).unwrap()
}
