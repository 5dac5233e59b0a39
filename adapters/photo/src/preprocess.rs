//! From a decoded photo to the numbers that a model takes.

use image::RgbImage;
use image::metadata::Orientation;
use vitrina_core::classify::PhotoError;

use crate::decode::{DecodedPhoto, decode, turn, unreadable};
use crate::expense::Loan;
use crate::input::{Channels, Crop, Input};
use crate::jpeg::{Headers, Part};
use crate::photo::{PhotoInfo, PhotoLimits, inspect, jpeg_is_complete};
use crate::resample::{CropBox, Resize};
use vitrina_core::photo::PhotoFormat;

/// How many pixels a side keeps at least for each that the model takes when a photo is decoded at reduced size. With fewer
/// the embeddings of small, sharp photos come below a cosine of 0.995 (ADR 9).
const SPARE: f64 = 1.75;

/// Decodes a photo and prepares it as a model wants it: `3 * width * height` numbers, a plane for each colour (NCHW).
///
/// JPEGs that are at least 3.5 times as large as the model's input, of the usual kinds (baseline or progressive, grey or
/// YCbCr), are decoded at a half, a quarter or an eighth of their size, and only where the model looks. The numbers are then close to those of
/// all pixels, not the same: embeddings have a cosine of 0.995 and more. All other photos are prepared as Pillow does it.
///
/// # Errors
/// As [`decode`].
pub fn prepare(photo: &[u8], input: &Input, limits: PhotoLimits) -> Result<Vec<f32>, PhotoError> {
    let preprocessor = Preprocessor::new(input);
    let mut planes = vec![0.0; preprocessor.length()];
    prepare_all(&[preprocessor], photo, limits, &mut [&mut planes])?;
    Ok(planes)
}

/// Decodes one photo and writes what each of several models takes into its place in `planes`, which has
/// [`length`](Preprocessor::length) numbers.
///
/// # Errors
/// As [`decode`].
pub fn prepare_all(
    models: &[Preprocessor<'_>],
    photo: &[u8],
    limits: PhotoLimits,
    planes: &mut [&mut [f32]],
) -> Result<(), PhotoError> {
    let info = inspect(photo, limits)?;
    let mut write = |cutout: &Cutout| {
        models.iter().zip(planes.iter_mut()).try_for_each(|(model, planes)| model.write(cutout, planes))
    };
    if let Some(reduced) = reduced(models, photo, info) {
        return write(&reduced);
    }
    write(&decode(photo, limits)?.into())
}

/// What the models see of a large JPEG, decoded at a half, a quarter or an eighth of its size; `None` for other photos,
/// which are to be decoded entirely.
fn reduced(models: &[Preprocessor<'_>], photo: &[u8], info: PhotoInfo) -> Option<Cutout> {
    if info.format != PhotoFormat::Jpeg || !jpeg_is_complete(photo) {
        return None;
    }
    let headers = Headers::read(photo)?;
    let (size, orientation) = ((info.width, info.height), headers.orientation);
    let spare = |by: &u32| models.iter().all(|model| model.has_spare(size, *by, orientation));
    let by = [8, 4, 2].into_iter().find(spare)?;
    let parts = models.iter().map(|model| model.part(size, by, orientation));
    let part = parts.reduce(|one, other| Part {
        left: one.left.min(other.left),
        top: one.top.min(other.top),
        right: one.right.max(other.right),
        bottom: one.bottom.max(other.bottom),
    })?;
    let reduced = headers.reduce(by, part)?;
    let place = (reduced.left, reduced.top);
    Some(Cutout { pixels: reduced.pixels, place, size, reduction: by, orientation, _loan: None })
}

/// What of a photo is at hand to be prepared, as it lies in the file.
pub(crate) struct Cutout {
    pixels: RgbImage,
    /// Where the first pixel lies in the reduced photo.
    place: (u32, u32),
    /// The width and height of the photo itself,
    size: (u32, u32),
    /// and how many times smaller it is at hand.
    reduction: u32,
    orientation: Orientation,
    /// The memory of a photo that was decoded entirely; a reduced one takes hardly any.
    _loan: Option<Loan>,
}

impl From<DecodedPhoto> for Cutout {
    fn from(photo: DecodedPhoto) -> Self {
        let DecodedPhoto { pixels, orientation, loan } = photo;
        Self {
            place: (0, 0),
            size: pixels.dimensions(),
            reduction: 1,
            pixels,
            orientation,
            _loan: Some(loan),
        }
    }
}

/// Turns photos into the planes (NCHW) of one model's input.
#[derive(Debug)]
pub struct Preprocessor<'a> {
    input: &'a Input,
    /// The normalised value of every 8-bit value, for each channel.
    tables: [[f32; 256]; 3],
}

impl<'a> Preprocessor<'a> {
    /// Creates the preprocessor of an input.
    pub fn new(input: &'a Input) -> Self {
        let tables = [0, 1, 2].map(|channel| {
            let (mean, std) = (input.mean[channel], input.std[channel]);
            std::array::from_fn(|value| (value as f32 * input.scale - mean) / std)
        });
        Self { input, tables }
    }

    /// Returns how many numbers one photo makes.
    pub fn length(&self) -> usize {
        3 * self.input.width as usize * self.input.height as usize
    }

    /// True if a photo that is decoded `by` times smaller still has more pixels than the model takes.
    fn has_spare(&self, size: (u32, u32), by: u32, orientation: Orientation) -> bool {
        let (crop, target) = self.as_it_lies(size, orientation);
        let least = |side: u32| f64::from(side) * f64::from(by) * SPARE;
        crop.width >= least(target.0) && crop.height >= least(target.1)
    }

    /// The part of a photo, in its own pixels, that the model needs of it when it is decoded `by` times smaller.
    fn part(&self, size: (u32, u32), by: u32, orientation: Orientation) -> Part {
        let [columns, rows] = self.resize(size, by, orientation).reach();
        let [left, top, right, bottom] =
            [columns.start, rows.start, columns.end, rows.end].map(|side| side as u32 * by);
        Part { left, top, right, bottom }
    }

    fn write(&self, photo: &Cutout, planes: &mut [f32]) -> Result<(), PhotoError> {
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
    fn resized(&self, photo: &Cutout) -> Result<RgbImage, PhotoError> {
        let Cutout { pixels, place, size, reduction, orientation, .. } = photo;
        let resize = self.resize(*size, *reduction, *orientation);
        let square = resize
            .apply(pixels, *place, lies_on_its_side(*orientation))
            .ok_or_else(|| unreadable("its content is damaged"))?;
        Ok(turn(square, *orientation))
    }

    /// How a photo of this size is resized when it is at hand `by` times smaller.
    fn resize(&self, size: (u32, u32), by: u32, orientation: Orientation) -> Resize {
        let (crop, target) = self.as_it_lies(size, orientation);
        let whole = (size.0.div_ceil(by), size.1.div_ceil(by));
        Resize::new(whole, crop.reduced(by), target, self.input.resample)
    }

    /// What the model sees of a photo, and the size that it wants it in, both as the photo lies in the file.
    fn as_it_lies(&self, size: (u32, u32), orientation: Orientation) -> (CropBox, (u32, u32)) {
        let lies = lies_on_its_side(orientation);
        let (width, height) = swapped_if(lies, size);
        let crop = crop_box(self.input, width, height).turned_back(orientation, width.into(), height.into());
        (crop, swapped_if(lies, (self.input.width, self.input.height)))
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
    /// The same box in pixels that are `by` times larger.
    fn reduced(self, by: u32) -> Self {
        let Self { left, top, width, height } = self;
        let [left, top, width, height] = [left, top, width, height].map(|length| length / f64::from(by));
        Self { left, top, width, height }
    }

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
    use crate::input::Resample;
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

    fn decoded(pixels: RgbImage, orientation: Orientation) -> DecodedPhoto {
        DecodedPhoto { pixels, orientation, loan: Loan::wait(0, PhotoLimits::default()) }
    }

    #[test]
    fn the_crop_is_the_same_however_the_photo_lies() {
        let upright = RgbImage::from_fn(37, 24, |x, y| Rgb([x as u8 * 5, y as u8 * 9, (x * y % 251) as u8]));
        let input = input(Crop::CentreSquare { fraction: 0.875 }, 21);
        let square = |photo: DecodedPhoto| {
            let mut planes = vec![0.0; 3 * 21 * 21];
            Preprocessor::new(&input).write(&photo.into(), &mut planes).unwrap();
            planes
        };
        let reference = square(decoded(upright.clone(), Orientation::NoTransforms));
        // 24 * 0.875 = 21: the crop is copied without resizing, so every pixel must match.
        assert_eq!(reference[0], (8.0 * 5.0 - 127.0) / 128.0);
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let inverse = match orientation {
                Orientation::Rotate90 => Orientation::Rotate270,
                Orientation::Rotate270 => Orientation::Rotate90,
                other => other,
            };
            let photo = decoded(turn(upright.clone(), inverse), orientation);
            assert_eq!(square(photo), reference, "orientation {exif}");
        }
    }

    #[test]
    fn no_photo_is_too_small_or_too_narrow() {
        let input = input(Crop::CentreSquare { fraction: 0.875 }, 8);
        let mut planes = vec![0.0; 3 * 8 * 8];
        for (width, height) in [(1, 1), (1, 5000), (5000, 1), (3, 2)] {
            let pixels = RgbImage::from_pixel(width, height, Rgb([255, 127, 0]));
            let photo = decoded(pixels, Orientation::Rotate90);
            Preprocessor::new(&input).write(&photo.into(), &mut planes).unwrap();
            assert!(planes[..64].iter().all(|value| *value == 1.0));
            assert!(planes[64..128].iter().all(|value| *value == 0.0));
        }
    }
}
