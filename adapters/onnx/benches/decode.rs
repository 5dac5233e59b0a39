//! From the bytes of a photo to the numbers that the model takes: processor time of a small and of a large JPEG, beside
//! decoding all pixels, and beside Pillow where the project's Python is set up.
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
use vitrina_onnx::{Manifest, PhotoLimits, decode, prepare};

const ROUNDS: usize = 15;

/// What the page of the model says, in Python: all pixels, the square in the middle, bicubic.
const PILLOW: &str = "
import sys, time
from PIL import Image, ImageOps
import numpy
def prepare(path):
    photo = ImageOps.exif_transpose(Image.open(path)).convert('RGB')
    side = int(min(photo.size) * 0.875 + 0.5)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    box = (left, top, left + side, top + side)
    square = photo.resize((224, 224), Image.BICUBIC, box=box)
    return ((numpy.asarray(square, numpy.float32) - 127) / 128).transpose(2, 0, 1).copy()
times = []
for _ in range(int(sys.argv[2])):
    start = time.process_time()
    prepare(sys.argv[1])
    times.append(time.process_time() - start)
print(sorted(times)[len(times) // 2] * 1e3)
";

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let input = Manifest::load(workspace.join("data/models/efficientnet_lite0")).unwrap().input;
    let limits = PhotoLimits::default();
    let folder = tempfile::tempdir().unwrap();
    let mut photos =
        vec![made(folder.path(), 400, 400), made(folder.path(), 1600, 1200), made(folder.path(), 4000, 3000)];
    photos.extend(std::env::var_os("VITRINA_BENCH_PHOTO").map(PathBuf::from));
    let python = workspace.join(".venv/bin/python");
    if !python.is_file() {
        println!("SKIPPED beside Pillow: there is no {}, run `make setup`", python.display());
    }
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
            "{width} x {height}, {} kB: prepared {ours:.2}, all pixels decoded {decoded:.2}, and resized by the image crate \
             {full:.2}; mean difference of the numbers {difference:.4}",
            photo.len() / 1000
        );
        if python.is_file() {
            let rounds = ROUNDS.to_string();
            let output = Command::new(&python).args(["-c", PILLOW]).arg(&path).arg(rounds).output().unwrap();
            let pillow: f64 = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
            println!("    Pillow {pillow:.2}; prepared takes {:.2} of it", ours / pillow);
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
