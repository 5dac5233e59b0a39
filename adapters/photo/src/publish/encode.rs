//! Photos that are decoded, turned upright and encoded again.

use std::io::Cursor;

use image::codecs::{jpeg::JpegEncoder, png::PngEncoder, webp::WebPEncoder};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageError};
use vitrina_core::classify::PhotoError;

use super::PublishedPhoto;
use crate::decode::{decode_image, unreadable};
use crate::photo::PhotoLimits;
use vitrina_core::photo::PhotoFormat;

/// The quality of JPEGs, of 100.
const QUALITY: u8 = 92;

/// The photo encoded again, without metadata.
pub(super) fn again(
    format: PhotoFormat,
    bytes: &[u8],
    limits: PhotoLimits,
) -> Result<PublishedPhoto, PhotoError> {
    let mut photo = decode_image(format, bytes, limits)?;
    photo.pixels.apply_orientation(photo.orientation);
    let has_alpha = photo.pixels.color().has_alpha();
    let format = match format {
        PhotoFormat::WebP if has_alpha => PhotoFormat::WebP,
        PhotoFormat::Jpeg | PhotoFormat::WebP => PhotoFormat::Jpeg,
        _ => PhotoFormat::Png,
    };
    let mut encoded = Vec::new();
    let out = Cursor::new(&mut encoded);
    let written = match format {
        PhotoFormat::Jpeg => {
            write(JpegEncoder::new_with_quality(out, QUALITY), photo.pixels.into_rgb8().into(), photo.profile)
        }
        PhotoFormat::WebP => {
            write(WebPEncoder::new_lossless(out), photo.pixels.into_rgba8().into(), photo.profile)
        }
        _ => write(PngEncoder::new(out), photo.pixels, photo.profile),
    };
    written.map_err(|error| {
        tracing::debug!(%error, "a photo could not be encoded again");
        unreadable("it cannot be turned upright, save it anew as an ordinary JPEG or PNG")
    })?;
    Ok(PublishedPhoto { format, bytes: encoded })
}

fn write(
    mut encoder: impl ImageEncoder,
    pixels: DynamicImage,
    profile: Option<Vec<u8>>,
) -> Result<(), ImageError> {
    if let Some(profile) = profile.filter(|profile| describes(profile, &pixels)) {
        // A format that holds no profile goes without.
        let _ = encoder.set_icc_profile(profile);
    }
    let (width, height) = (pixels.width(), pixels.height());
    encoder.write_image(pixels.as_bytes(), width, height, ExtendedColorType::from(pixels.color()))
}

/// Whether a profile's colour space, in bytes 16 to 19 of its header, is that of the pixels: not that of a CMYK file.
fn describes(profile: &[u8], pixels: &DynamicImage) -> bool {
    let space: &[u8] = if pixels.color().has_color() { b"RGB " } else { b"GRAY" };
    profile.get(16..20) == Some(space)
}
