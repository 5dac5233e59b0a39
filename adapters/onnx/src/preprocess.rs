//! From a decoded photo to the numbers that a model takes.

use image::RgbImage;
use image::metadata::Orientation;
use vitrina::{Error, Result};

use crate::decode::{DecodedPhoto, turn};
use crate::manifest::{Channels, Crop, Input};
use crate::resample::{CropBox, resize};

/// Turns photos into the planes (NCHW) of one model's input.
pub(crate) struct Preprocessor<'a> {
    input: &'a Input,
    /// The normalised value of every 8-bit value, for each channel.
    tables: [[f32; 256]; 3],
}

impl<'a> Preprocessor<'a> {
    pub(crate) fn new(input: &'a Input) -> Self {
        let tables = [0, 1, 2].map(|channel| {
            let (mean, std) = (input.mean[channel], input.std[channel]);
            std::array::from_fn(|value| (value as f32 * input.scale - mean) / std)
        });
        Self { input, tables }
    }

    /// How many numbers one photo makes.
    pub(crate) fn length(&self) -> usize {
        3 * self.input.width as usize * self.input.height as usize
    }

    /// Writes the numbers of `photo` into `planes`, which has [`length`](Self::length) places.
    pub(crate) fn write(&self, photo: &DecodedPhoto, planes: &mut [f32]) -> Result<()> {
        let square = self.resized(photo)?;
        let plane = planes.len() / 3;
        let bgr = self.input.channels == Channels::Bgr;
        for (at, pixel) in square.pixels().enumerate() {
            for channel in 0..3 {
                let colour = if bgr { 2 - channel } else { channel };
                planes[channel * plane + at] = self.tables[channel][usize::from(pixel[colour])];
            }
        }
        Ok(())
    }

    /// The photo cropped, resized and upright. Only the small result is turned: the crop is chosen as it lies upright.
    fn resized(&self, photo: &DecodedPhoto) -> Result<RgbImage> {
        let orientation = photo.orientation;
        let lies = lies_on_its_side(orientation);
        let (width, height) = swapped_if(lies, photo.pixels.dimensions());
        let crop = crop_box(self.input, width, height).turned_back(orientation, width.into(), height.into());
        let target = swapped_if(lies, (self.input.width, self.input.height));
        let square = resize(&photo.pixels, crop, target, self.input.resample, lies)
            .ok_or_else(|| Error::internal("a resized photo has the wrong size"))?;
        Ok(turn(square, orientation))
    }
}

fn lies_on_its_side(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
}

fn swapped_if<T>(condition: bool, (a, b): (T, T)) -> (T, T) {
    if condition { (b, a) } else { (a, b) }
}

/// What the model sees of an upright photo, to the letter as `data/models/README.md` computes it.
fn crop_box(input: &Input, width: u32, height: u32) -> CropBox {
    let shorter = width.min(height);
    match input.crop {
        Crop::None => CropBox { left: 0.0, top: 0.0, width: width.into(), height: height.into() },
        Crop::CentreSquare { fraction } => {
            let side = ((f64::from(shorter) * fraction + 0.5) as u32).clamp(1, shorter);
            let (left, top) = ((width - side) / 2, (height - side) / 2);
            CropBox { left: left.into(), top: top.into(), width: side.into(), height: side.into() }
        }
        Crop::ShorterSide { pixels } => {
            let span = |length: u32, target: u32| {
                let resized = u64::from(length) * u64::from(pixels) / u64::from(shorter);
                let start = resized.saturating_sub(target.into()) / 2;
                let unit = f64::from(length) / resized as f64;
                let start = start as f64 * unit;
                (start, (f64::from(target) * unit).min(f64::from(length) - start))
            };
            let ((left, width), (top, height)) = (span(width, input.width), span(height, input.height));
            CropBox { left, top, width, height }
        }
    }
}

impl CropBox {
    /// Where this box of an upright photo of `width` x `height` lies in the file's own pixels.
    fn turned_back(self, orientation: Orientation, width: f64, height: f64) -> Self {
        let Self { left, top, width: w, height: h } = self;
        let from_right = width - left - w;
        let from_bottom = height - top - h;
        let (left, top) = match orientation {
            Orientation::NoTransforms => (left, top),
            Orientation::FlipHorizontal => (from_right, top),
            Orientation::FlipVertical => (left, from_bottom),
            Orientation::Rotate180 => (from_right, from_bottom),
            Orientation::Rotate90 => (top, from_right),
            Orientation::Rotate270 => (from_bottom, left),
            Orientation::Rotate90FlipH => (top, left),
            Orientation::Rotate270FlipH => (from_bottom, from_right),
        };
        let (width, height) = swapped_if(lies_on_its_side(orientation), (w, h));
        Self { left, top, width, height }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Resample;
    use image::Rgb;

    fn input(crop: Crop, side: u32) -> Input {
        let (mean, std) = ([127.0; 3], [128.0; 3]);
        Input {
            name: "input".into(),
            width: side,
            height: side,
            channels: Channels::Rgb,
            crop,
            resample: Resample::Bicubic,
            scale: 1.0,
            mean,
            std,
        }
    }

    #[test]
    fn the_crop_is_the_same_however_the_photo_lies() {
        let upright = RgbImage::from_fn(37, 24, |x, y| Rgb([x as u8 * 5, y as u8 * 9, (x * y % 251) as u8]));
        let input = input(Crop::CentreSquare { fraction: 0.875 }, 21);
        let square = |photo: &DecodedPhoto| {
            let mut planes = vec![0.0; 3 * 21 * 21];
            Preprocessor::new(&input).write(photo, &mut planes).unwrap();
            planes
        };
        let reference =
            square(&DecodedPhoto { pixels: upright.clone(), orientation: Orientation::NoTransforms });
        // 24 * 0.875 = 21: the crop is copied without resizing, so every pixel must match.
        assert_eq!(reference[0], (8.0 * 5.0 - 127.0) / 128.0);
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let inverse = match orientation {
                Orientation::Rotate90 => Orientation::Rotate270,
                Orientation::Rotate270 => Orientation::Rotate90,
                other => other,
            };
            let photo = DecodedPhoto { pixels: turn(upright.clone(), inverse), orientation };
            assert_eq!(square(&photo), reference, "orientation {exif}");
        }
    }

    #[test]
    fn no_photo_is_too_small_or_too_narrow() {
        let input = input(Crop::CentreSquare { fraction: 0.875 }, 8);
        let mut planes = vec![0.0; 3 * 8 * 8];
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (3, 2)] {
            let pixels = RgbImage::from_pixel(width, height, Rgb([255, 127, 0]));
            let photo = DecodedPhoto { pixels, orientation: Orientation::Rotate90 };
            Preprocessor::new(&input).write(&photo, &mut planes).unwrap();
            assert!(planes[..64].iter().all(|value| *value == 1.0));
            assert!(planes[64..128].iter().all(|value| *value == 0.0));
        }
    }
}
