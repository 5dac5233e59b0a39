//! Resizing as Pillow does it, to the bit.
//!
//! A network's probabilities move by a thousandth when one pixel in a thousand moves by one, and Python is the reference.
//! So this repeats Pillow's arithmetic: weights of 22 bits, across first and then down, 8 bits between the two. (From
//! version 13 on Pillow goes down first where that is less work; the reference is pinned to 12.)

use std::f64::consts::PI;

use image::RgbImage;

use crate::input::Resample;

/// The fraction bits of a weight: a product with 8 bits, summed with negative lobes, fits 32.
const PRECISION: u32 = 22;

/// A box of a photo, in pixels that need not be whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct CropBox {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// How a box of a photo becomes a picture of another size.
pub(crate) struct Resize {
    across: Taps,
    down: Taps,
}

impl Resize {
    /// Brings the box of a photo of `whole` pixels to `target`, both width and height.
    pub(crate) fn new(whole: (u32, u32), crop: CropBox, target: (u32, u32), filter: Resample) -> Self {
        Self {
            across: Taps::new(whole.0, crop.left, crop.width, target.0, filter),
            down: Taps::new(whole.1, crop.top, crop.height, target.1, filter),
        }
    }

    /// The pixels that are needed: from the first column and row to those behind the last.
    pub(crate) fn reach(&self) -> [(usize, usize); 2] {
        [self.across.reach(), self.down.reach()]
    }

    /// Resizes a photo of which at least what is needed is there, beginning at `left` and `top`. `down_first` for a photo
    /// that lies on its side, so that it makes no difference whether it is turned before or after.
    pub(crate) fn apply(
        &self,
        photo: &RgbImage,
        (left, top): (u32, u32),
        down_first: bool,
    ) -> Option<RgbImage> {
        let Self { across, down } = self;
        let (width, height) = (across.spans.len(), down.spans.len());
        let (left, top) = (left as usize, top as usize);
        let pixels = Pixels { samples: photo.as_raw(), width: photo.width() as usize, left, top };
        let samples = if down_first {
            let (first, last) = across.reach();
            let half = pixels.down(down, first, last);
            Pixels { samples: &half, width: last - first, left: first, top: 0 }.across(across, 0, height)
        } else {
            let (first, last) = down.reach();
            let half = pixels.across(across, first, last);
            Pixels { samples: &half, width, left: 0, top: first }.down(down, 0, width)
        };
        RgbImage::from_raw(width as u32, height as u32, samples)
    }
}

/// For each pixel of the result the pixels of one line that make it, and their weights.
struct Taps {
    /// The first pixel of each, and where its weights end; they begin where those before end.
    spans: Vec<(usize, usize)>,
    weights: Vec<i32>,
}

impl Taps {
    fn new(whole: u32, start: f64, length: f64, target: u32, filter: Resample) -> Self {
        // Pillow takes a box in single precision.
        let (start, end) = (f64::from(start as f32), f64::from((start + length) as f32));
        let scale = (end - start) / f64::from(target);
        let filter_scale = scale.max(1.0);
        let reach = filter.support() * filter_scale;
        let (mut spans, mut weights) = (Vec::with_capacity(target as usize), Vec::new());
        let mut line = Vec::new();
        for at in 0..target {
            let centre = start + (f64::from(at) + 0.5) * scale;
            let first = (centre - reach + 0.5).max(0.0) as u32;
            let last = ((centre + reach + 0.5) as u32).min(whole);
            line.clear();
            line.extend((first..last).map(|x| filter.weight((f64::from(x) - centre + 0.5) / filter_scale)));
            let sum: f64 = line.iter().sum();
            let fixed = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
            weights.extend(line.iter().map(fixed));
            spans.push((first as usize, weights.len()));
        }
        Self { spans, weights }
    }

    /// For each pixel of the result the first one that makes it, and the weights from there on.
    fn iter(&self) -> impl Iterator<Item = (usize, &[i32])> {
        let mut from = 0;
        self.spans.iter().map(move |(first, end)| {
            let weights = &self.weights[from..*end];
            from = *end;
            (*first, weights)
        })
    }

    /// The first of all pixels that are used, and the one behind the last.
    fn reach(&self) -> (usize, usize) {
        self.iter().fold((usize::MAX, 0), |(least, most), (first, weights)| {
            (least.min(first), most.max(first + weights.len()))
        })
    }
}

/// Rows of RGB, which may be a part of a larger picture that begins at `left` and `top`.
struct Pixels<'a> {
    samples: &'a [u8],
    width: usize,
    left: usize,
    top: usize,
}

impl Pixels<'_> {
    fn row(&self, y: usize) -> &[u8] {
        &self.samples[3 * self.width * (y - self.top)..][..3 * self.width]
    }

    /// The rows from `first` to `last`, resized to as many pixels as there are taps.
    fn across(&self, taps: &Taps, first: usize, last: usize) -> Vec<u8> {
        let mut result = Vec::with_capacity(3 * taps.spans.len() * (last - first));
        for y in first..last {
            let row = self.row(y);
            for (from, weights) in taps.iter() {
                let mut sums = [1 << (PRECISION - 1); 3];
                let (pixels, _) = row[3 * (from - self.left)..].as_chunks::<3>();
                for (pixel, weight) in pixels.iter().zip(weights) {
                    for (sum, sample) in sums.iter_mut().zip(pixel) {
                        *sum += i32::from(*sample) * weight;
                    }
                }
                result.extend(sums.map(clip));
            }
        }
        result
    }

    /// The columns from `first` to `last`, resized to as many rows as there are taps.
    fn down(&self, taps: &Taps, first: usize, last: usize) -> Vec<u8> {
        let columns = 3 * (first - self.left)..3 * (last - self.left);
        let mut result = Vec::with_capacity(columns.len() * taps.spans.len());
        let mut sums = vec![0; columns.len()];
        for (from, weights) in taps.iter() {
            sums.fill(1 << (PRECISION - 1));
            for (y, weight) in (from..).zip(weights) {
                for (sum, sample) in sums.iter_mut().zip(&self.row(y)[columns.clone()]) {
                    *sum += i32::from(*sample) * weight;
                }
            }
            result.extend(sums.iter().map(|sum| clip(*sum)));
        }
        result
    }
}

fn clip(sum: i32) -> u8 {
    (sum >> PRECISION).clamp(0, 255) as u8
}

impl Resample {
    /// How far it reaches to each side.
    fn support(self) -> f64 {
        match self {
            Self::Bilinear => 1.0,
            Self::Bicubic => 2.0,
            Self::Lanczos => 3.0,
        }
    }

    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Self::Bilinear if x < 1.0 => 1.0 - x,
            Self::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Self::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * -0.5,
            Self::Lanczos if x < 3.0 => sinc(x) * sinc(x / 3.0),
            _ => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    /// `Image.resize((4, 3), filter, box=(0.5, 1, 6, 5))` of the picture below, in Pillow 12.2.
    const PILLOW: [(Resample, [u8; 36]); 3] = [
        (
            Resample::Bilinear,
            [
                78, 108, 94, 122, 130, 153, 185, 114, 104, 173, 171, 132, 127, 86, 143, 110, 126, 141, 125,
                122, 120, 78, 142, 194, 175, 135, 121, 97, 126, 163, 65, 142, 137, 81, 97, 88,
            ],
        ),
        (
            Resample::Bicubic,
            [
                71, 107, 87, 123, 132, 162, 195, 107, 100, 181, 178, 130, 127, 81, 148, 108, 129, 135, 128,
                121, 115, 64, 142, 214, 183, 140, 118, 94, 120, 174, 54, 146, 144, 81, 92, 76,
            ],
        ),
        (
            Resample::Lanczos,
            [
                73, 111, 89, 126, 137, 165, 193, 106, 99, 179, 179, 123, 126, 77, 159, 108, 133, 121, 131,
                114, 116, 58, 147, 230, 179, 141, 111, 93, 112, 182, 57, 153, 144, 83, 92, 70,
            ],
        ),
    ];

    #[test]
    fn it_is_what_pillow_makes() {
        let picture = RgbImage::from_fn(7, 6, |x, y| {
            Rgb([0, 1, 2].map(|c| ((x * 37 + y * 101 + c * 59) * (x + 3) % 256) as u8))
        });
        let crop = CropBox { left: 0.5, top: 1.0, width: 5.5, height: 4.0 };
        for (filter, expected) in PILLOW {
            let resized = Resize::new((7, 6), crop, (4, 3), filter).apply(&picture, (0, 0), false).unwrap();
            assert_eq!(resized.as_raw(), &expected, "{filter:?}");
        }
    }
}
