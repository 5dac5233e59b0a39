//! Thumbnails: a photo brought to a smaller width and encoded for the web.

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};
use vitrina_core::classify::PhotoError;

use crate::decode::{DecodedPhoto, decode, turn, unreadable};
use crate::input::Resample;
use crate::photo::PhotoLimits;
use crate::resample::{CropBox, Resize};

/// JPEG quality: edges of products on white stay clean, at a fifth of the bytes of quality 95.
const JPEG_QUALITY: u8 = 82;
/// WebP quality, similar to JPEG's 82.
const WEBP_QUALITY: f32 = 80.0;

/// How a thumbnail is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ThumbnailFormat {
    /// What every browser reads.
    Jpeg,
    /// About a third smaller; for clients that accept it.
    WebP,
}

impl ThumbnailFormat {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }

    /// The ending of its files.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::WebP => "webp",
        }
    }
}

/// Decodes a photo, brings it to at most `width` pixels across, upright and with transparency on white, and encodes it.
///
/// Pictures are never enlarged. Waits for memory as [`decode`](crate::decode) does: not for async threads.
///
/// # Errors
/// As [`decode`](crate::decode).
pub fn thumbnail(
    bytes: &[u8],
    width: u32,
    format: ThumbnailFormat,
    limits: PhotoLimits,
) -> Result<Vec<u8>, PhotoError> {
    let DecodedPhoto { pixels, orientation, loan: _loan } = decode(bytes, limits)?;
    let upright = turn(pixels, orientation);
    encode(&narrowed(upright, width)?, format)
}

fn narrowed(photo: RgbImage, width: u32) -> Result<RgbImage, PhotoError> {
    let (own_width, own_height) = photo.dimensions();
    if own_width <= width {
        return Ok(photo);
    }
    let height = u64::from(own_height) * u64::from(width) / u64::from(own_width);
    let target = (width, u32::try_from(height).unwrap_or(u32::MAX).max(1));
    let whole = CropBox { left: 0.0, top: 0.0, width: own_width.into(), height: own_height.into() };
    Resize::new((own_width, own_height), whole, target, Resample::Bicubic)
        .apply(&photo, (0, 0), false)
        .ok_or_else(|| unreadable("it cannot be resized"))
}

fn encode(photo: &RgbImage, format: ThumbnailFormat) -> Result<Vec<u8>, PhotoError> {
    let (width, height) = photo.dimensions();
    let failed = || unreadable("it cannot be encoded");
    match format {
        ThumbnailFormat::Jpeg => {
            let mut bytes = Vec::new();
            let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
            let written = encoder.write_image(photo.as_raw(), width, height, ExtendedColorType::Rgb8);
            written.map(|()| bytes).map_err(|_| failed())
        }
        ThumbnailFormat::WebP => {
            let encoder = webp::Encoder::from_rgb(photo.as_raw(), width, height);
            encoder.encode_simple(false, WEBP_QUALITY).map(|bytes| bytes.to_vec()).map_err(|_| failed())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let photo = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 128]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        photo.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn photos_become_narrower_and_are_never_enlarged() {
        for (size, width, expected) in [((800, 600), 320, (320, 240)), ((100, 50), 320, (100, 50))] {
            for format in [ThumbnailFormat::Jpeg, ThumbnailFormat::WebP] {
                let made = thumbnail(&png(size.0, size.1), width, format, PhotoLimits::default()).unwrap();
                let read = decode(&made, PhotoLimits::default()).unwrap();
                assert_eq!(read.pixels.dimensions(), expected, "{format:?}");
            }
        }
    }

    #[test]
    fn damaged_photos_are_refused() {
        let bytes = png(64, 64);
        let cut = &bytes[..bytes.len() / 2];
        assert!(thumbnail(cut, 32, ThumbnailFormat::WebP, PhotoLimits::default()).is_err());
    }
}
