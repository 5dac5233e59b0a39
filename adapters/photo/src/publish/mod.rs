//! What a shop may publish of a photo: its picture, without metadata and without anything behind it.
//!
//! Photos that stand upright keep their encoded picture data to the bit; only the containers are written anew, with the
//! segments and chunks that decoders need. Photos with an orientation note, BMPs, and files of unusual structure are
//! decoded and encoded again.

mod encode;
mod gif;
mod jpeg;
mod png;
mod webp;

use std::panic::{AssertUnwindSafe, catch_unwind};

use image::metadata::Orientation;
use vitrina_core::classify::PhotoError;

use crate::decode::unreadable;
use crate::expense::Loan;
use crate::photo::{PhotoLimits, inspect};
use vitrina_core::photo::PhotoFormat;

/// A photo as it may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedPhoto {
    /// The format of `bytes`: that of the original, except where it was encoded again.
    pub format: PhotoFormat,
    /// The encoded photo.
    pub bytes: Vec<u8>,
}

/// Removes from a photo everything but the picture: Exif with its place and camera, XMP, IPTC, comments, embedded
/// thumbnails, and bytes behind the end. A colour profile of up to 64 KiB and animations stay.
///
/// The result is a fixed point: publishing it again returns the same bytes.
///
/// A photo with an orientation note is turned upright and encoded again: JPEG at quality 92, PNG without loss, WebP as
/// JPEG, or as lossless WebP where it has transparency. BMPs become PNGs. That takes the memory of decoding it.
///
/// ```
/// use vitrina_photo::{PhotoLimits, publish};
///
/// let dot = b"GIF89a\x01\x00\x01\x00\x00\x00\x00!\xfe\x06secret\x00;and more";
/// let published = publish(dot, PhotoLimits::default())?;
/// assert_eq!(published.bytes, b"GIF89a\x01\x00\x01\x00\x00\x00\x00;");
/// # Ok::<(), vitrina_core::classify::PhotoError>(())
/// ```
///
/// # Errors
/// As [`decode`](crate::decode). A photo that passes may still turn out unreadable, unless it was encoded again.
pub fn publish(bytes: &[u8], limits: PhotoLimits) -> Result<PublishedPhoto, PhotoError> {
    let photo = inspect(bytes, limits)?;
    let format = photo.format;
    let _loan = Loan::wait(photo.memory, limits);
    let published = catch_unwind(AssertUnwindSafe(|| publish_as(format, bytes, limits)));
    published.unwrap_or_else(|_| {
        tracing::warn!(?format, bytes = bytes.len(), "a decoder panicked over a photo");
        Err(unreadable("its content is damaged"))
    })
}

fn publish_as(format: PhotoFormat, bytes: &[u8], limits: PhotoLimits) -> Result<PublishedPhoto, PhotoError> {
    let stripped = match format {
        PhotoFormat::Jpeg => jpeg::strip(bytes),
        PhotoFormat::Png => png::strip(bytes),
        PhotoFormat::WebP => webp::strip(bytes),
        PhotoFormat::Gif => gif::strip(bytes),
        PhotoFormat::Bmp => None,
    };
    match stripped {
        Some(bytes) => Ok(PublishedPhoto { format, bytes }),
        None => encode::again(format, bytes, limits),
    }
}

/// Whether an Exif block asks for the picture to be turned; a damaged one does not.
fn is_turned(exif: &[u8]) -> bool {
    Orientation::from_exif_chunk(exif).is_some_and(|orientation| orientation != Orientation::NoTransforms)
}
