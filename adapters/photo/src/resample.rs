//! Resizing as Pillow does it, to the bit.
//!
//! A network's probabilities move by a thousandth when one pixel in a thousand moves by one, and Python is the reference.
//! So this repeats Pillow's arithmetic: weights of 22 bits, across first and then down, 8 bits between the two. (From
//! version 13 on Pillow goes down first where that is less work; the reference is pinned to 12.)

use std::f64::consts::PI;
use std::ops::Range;

use image::RgbImage;

use crate::input::Resample;
use crate::lines::{LINES, Lines, Taps};

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

    /// The columns and the rows that are needed.
    pub(crate) fn reach(&self) -> [Range<usize>; 2] {
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
        let (width, height) = (across.count(), down.count());
        let (left, top) = (left as usize, top as usize);
        let pixels = Pixels { samples: photo.as_raw(), width: photo.width() as usize, left, top };
        let samples = if down_first {
            let columns = across.reach();
            let half = pixels.down(down, columns.clone());
            Pixels { samples: &half, width: columns.len(), left: columns.start, top: 0 }
                .across(across, 0..height)
        } else {
            let rows = down.reach();
            let half = pixels.across(across, rows.clone());
            Pixels { samples: &half, width, left: 0, top: rows.start }.down(down, 0..width)
        };
        RgbImage::from_raw(width as u32, height as u32, samples)
    }
}

impl Taps {
    /// Those that bring `length` pixels of a line of `whole`, from `start` on, to `target` pixels.
    fn new(whole: u32, start: f64, length: f64, target: u32, filter: Resample) -> Self {
        // Pillow takes a box in single precision.
        let (start, end) = (f64::from(start as f32), f64::from((start + length) as f32));
        let scale = (end - start) / f64::from(target);
        let filter_scale = scale.max(1.0);
        let reach = filter.support() * filter_scale;
        let mut taps = Self::default();
        let mut weights = Vec::new();
        for at in 0..target {
            let centre = start + (f64::from(at) + 0.5) * scale;
            let first = (centre - reach + 0.5).max(0.0) as u32;
            let last = ((centre + reach + 0.5) as u32).min(whole);
            weights.clear();
            let weight = |x| filter.weight((f64::from(x) - centre + 0.5) / filter_scale);
            weights.extend((first..last).map(weight));
            taps.push(first as usize, &weights);
        }
        taps
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

    /// These rows, resized to as many pixels as there are taps.
    fn across(&self, taps: &Taps, rows: Range<usize>) -> Vec<u8> {
        let (count, reach) = (taps.count(), taps.reach());
        let columns = 3 * (reach.start - self.left)..3 * (reach.end - self.left);
        let mut result = vec![0; 3 * count * rows.len()];
        let mut lines = Lines::new(reach.len());
        for (group, result) in rows.step_by(LINES).zip(result.chunks_mut(3 * count * LINES)) {
            // Where fewer rows are left, the last one stands for those that lack.
            let last = group + result.len() / (3 * count) - 1;
            lines.set(std::array::from_fn(|line| &self.row(last.min(group + line))[columns.clone()]));
            taps.apply(&lines, |x, pixels| {
                for (row, pixel) in result.chunks_exact_mut(3 * count).zip(pixels.as_chunks::<3>().0) {
                    row[3 * x..][..3].copy_from_slice(pixel);
                }
            });
        }
        result
    }

    /// These columns, resized to as many pixels as there are taps.
    fn down(&self, taps: &Taps, columns: Range<usize>) -> Vec<u8> {
        let row_length = 3 * columns.len();
        let mut result = vec![0; row_length * taps.count()];
        let mut lines = Lines::new(taps.reach().len());
        for group in columns.clone().step_by(LINES) {
            let length = 3 * LINES.min(columns.end - group);
            for (place, y) in taps.reach().enumerate() {
                lines.set_place(place, &self.row(y)[3 * (group - self.left)..][..length]);
            }
            taps.apply(&lines, |y, pixels| {
                let place = row_length * y + 3 * (group - columns.start);
                result[place..][..length].copy_from_slice(&pixels[..length]);
            });
        }
        result
    }
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
