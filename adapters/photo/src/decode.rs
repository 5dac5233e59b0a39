//! From an encoded photo to 8-bit RGB pixels.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::{
    bmp::BmpDecoder, gif::GifDecoder, jpeg::JpegDecoder, png::PngDecoder, webp::WebPDecoder,
};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbImage};
use vitrina_core::classify::PhotoError;

use crate::expense::Loan;
use crate::photo::{PhotoLimits, inspect, jpeg_is_complete};
use vitrina_core::photo::PhotoFormat;

/// A decoded photo: its pixels as they lie in the file, and how they have to be turned.
///
/// The model needs a small square of the photo; turning that instead of all pixels saves time and memory.
#[derive(Debug)]
pub struct DecodedPhoto {
    pub(crate) pixels: RgbImage,
    pub(crate) orientation: Orientation,
    /// The memory that it counts for.
    pub(crate) loan: Loan,
}

impl DecodedPhoto {
    /// The photo as it is meant to be seen.
    pub fn into_upright(self) -> RgbImage {
        turn(self.pixels, self.orientation)
    }
}

/// Turns and mirrors `pixels` as an orientation note says.
pub(crate) fn turn(pixels: RgbImage, orientation: Orientation) -> RgbImage {
    if orientation == Orientation::NoTransforms {
        return pixels;
    }
    let mut image = DynamicImage::ImageRgb8(pixels);
    image.apply_orientation(orientation);
    image.into_rgb8()
}

/// Decodes a photo: the first frame of an animation, transparency laid on white, every colour type brought to 8-bit RGB.
///
/// A decoder's panic over hostile bytes ends here, as an unreadable photo. Waits while other photos of this process take the
/// memory of [`PhotoLimits::max_memory`], until they are dropped: not for async threads, nor for two photos at once on one
/// thread.
///
/// # Errors
/// As [`inspect`], and [`PhotoError::Unreadable`] where the content is damaged or cut off.
pub fn decode(bytes: &[u8], limits: PhotoLimits) -> Result<DecodedPhoto, PhotoError> {
    let photo = inspect(bytes, limits)?;
    let loan = Loan::wait(photo.memory, limits);
    let decoded = catch_unwind(AssertUnwindSafe(|| decode_as(photo.format, bytes, limits)));
    let (pixels, orientation) = decoded.unwrap_or_else(|_| {
        tracing::warn!(format = ?photo.format, bytes = bytes.len(), "a decoder panicked over a photo");
        Err(unreadable("its content is damaged"))
    })?;
    Ok(DecodedPhoto { pixels, orientation, loan })
}

type Pixels = (RgbImage, Orientation);

fn decode_as(format: PhotoFormat, bytes: &[u8], limits: PhotoLimits) -> Result<Pixels, PhotoError> {
    let image = decode_image(format, bytes, limits)?;
    Ok((to_rgb(image.pixels)?, image.orientation))
}

/// A photo in its own colours, with transparency, as it lies in the file.
pub(crate) struct DecodedImage {
    pub(crate) pixels: DynamicImage,
    pub(crate) orientation: Orientation,
    /// The ICC colour profile.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Decodes a photo of a known format; the first frame of an animation. A decoder's panic is the caller's to catch.
pub(crate) fn decode_image(
    format: PhotoFormat,
    bytes: &[u8],
    limits: PhotoLimits,
) -> Result<DecodedImage, PhotoError> {
    let source = Cursor::new(bytes);
    match format {
        PhotoFormat::Jpeg if !jpeg_is_complete(bytes) => Err(unreadable("it is cut off before its end")),
        PhotoFormat::Jpeg => read(JpegDecoder::new(source), limits),
        PhotoFormat::Png => read(PngDecoder::with_limits(source, decoder_limits(limits)), limits),
        PhotoFormat::WebP => read(WebPDecoder::new(source), limits),
        PhotoFormat::Gif => read(GifDecoder::new(source), limits),
        PhotoFormat::Bmp => read(BmpDecoder::new(source), limits),
    }
}

fn read<D: ImageDecoder>(
    decoder: Result<D, ImageError>,
    limits: PhotoLimits,
) -> Result<DecodedImage, PhotoError> {
    let mut decoder = decoder.map_err(explain)?;
    let (width, height) = decoder.dimensions();
    // Of deep colours fewer pixels: what counts is memory.
    let depth = u64::from(decoder.color_type().bytes_per_pixel()).max(4);
    limits.check(width, height)?;
    PhotoLimits { max_pixels: limits.max_pixels * 4 / depth, ..limits }.check(width, height)?;
    decoder.set_limits(decoder_limits(limits)).map_err(explain)?;
    // A broken note is as good as none, and so is a broken profile.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten();
    let pixels = DynamicImage::from_decoder(decoder).map_err(explain)?;
    Ok(DecodedImage { pixels, orientation, profile })
}

fn decoder_limits(limits: PhotoLimits) -> Limits {
    let mut bounds = Limits::no_limits();
    let side = u32::try_from(limits.max_pixels).unwrap_or(u32::MAX);
    bounds.max_image_width = Some(side);
    bounds.max_image_height = Some(side);
    // The pixels at four bytes each, and as much again for what a decoder needs besides.
    bounds.max_alloc = Some(limits.max_pixels.saturating_mul(8));
    bounds
}

fn to_rgb(image: DynamicImage) -> Result<RgbImage, PhotoError> {
    if !image.color().has_alpha() {
        return Ok(image.into_rgb8());
    }
    let (width, height) = (image.width(), image.height());
    let mut samples = image.into_rgba8().into_raw();
    // In place: a pixel of three bytes never overtakes one of four.
    let pixels = samples.len() / 4;
    for pixel in 0..pixels {
        let alpha = u16::from(samples[4 * pixel + 3]);
        for channel in 0..3 {
            let value = u16::from(samples[4 * pixel + channel]);
            samples[3 * pixel + channel] = ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    samples.truncate(3 * pixels);
    RgbImage::from_raw(width, height, samples).ok_or_else(|| unreadable("its content is damaged"))
}

pub(crate) fn unreadable(reason: &str) -> PhotoError {
    PhotoError::Unreadable(reason.to_owned())
}

/// The message for the sender; the decoder's own words go to the log.
fn explain(error: ImageError) -> PhotoError {
    tracing::debug!(%error, "a photo could not be decoded");
    match error {
        ImageError::Unsupported(_) => {
            unreadable("this variant of its format is not supported, save it anew as an ordinary JPEG or PNG")
        }
        ImageError::Limits(_) => unreadable("decoding it would take too much memory"),
        _ => unreadable("its content is damaged or cut off"),
    }
}
