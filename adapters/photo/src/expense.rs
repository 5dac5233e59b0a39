//! What decoding a photo takes, known from its header: memory, time, and the fewest bytes that so many pixels can have.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::photo::{PhotoLimits, le_u32};
use vitrina_core::photo::PhotoFormat;

/// How many pixels, decoded entirely, take about as long as an ordinary photo takes in all.
const PIXELS_PER_UNIT: u64 = 1_000_000;
/// The same for baseline JPEGs, which are decoded at reduced size.
const REDUCED_PIXELS_PER_UNIT: u64 = 16_000_000;

/// Deflate writes no more than this many bytes for one that it reads (zlib's technical details: 1032 to 1).
const DEFLATE_RATIO: u64 = 1032;
/// A JPEG has at least one bit for each 8 x 8 samples.
const JPEG_PIXELS_PER_BYTE: u64 = 8 * 64;
/// Files of so many bytes and fewer are not worth a check.
const SMALL: u64 = 4096;

/// What a header says about how a photo is encoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Encoding<'a> {
    pub(crate) format: PhotoFormat,
    pub(crate) bytes: &'a [u8],
    pub(crate) pixels: u64,
    /// Whether it is a JPEG of any kind but baseline.
    pub(crate) progressive: bool,
}

impl Encoding<'_> {
    /// The most memory that decoding takes at a time, in bytes: what the decoder keeps, and the pixels in RGB.
    pub(crate) fn memory(&self) -> u64 {
        let per_pixel = match self.format {
            // Frequencies of 16 bits for each of three components, their samples, the pixels.
            PhotoFormat::Jpeg if self.progressive => 10,
            PhotoFormat::Jpeg => 3,
            PhotoFormat::Png => {
                let (depth, _, decoded) = png_pixel(self.bytes);
                // As it comes out of the file, and again where it is not RGB in bytes.
                let converted = if depth > 8 || decoded < 3 { 4 } else { 0 };
                decoded * depth.div_ceil(8) + converted
            }
            // Luma, chroma and alpha, the pixels with alpha; lossless ones twice as RGBA.
            PhotoFormat::WebP => 8,
            // The canvas and a frame.
            PhotoFormat::Gif => 8,
            PhotoFormat::Bmp => 4,
        };
        self.pixels.saturating_mul(per_pixel)
    }

    /// How long decoding and classifying takes, in units of an ordinary photo; at least 1.
    pub(crate) fn cost(&self) -> u32 {
        let unit = match self.format {
            PhotoFormat::Jpeg if !self.progressive => REDUCED_PIXELS_PER_UNIT,
            _ => PIXELS_PER_UNIT,
        };
        u32::try_from(1 + self.pixels / unit).unwrap_or(u32::MAX)
    }

    /// Whether the file is long enough for its pixels and for what its own header says.
    pub(crate) fn is_long_enough(&self) -> bool {
        let length = self.bytes.len() as u64;
        match self.format {
            _ if self.pixels <= SMALL => true,
            PhotoFormat::Jpeg => self.pixels <= length.saturating_mul(JPEG_PIXELS_PER_BYTE),
            PhotoFormat::Png => {
                let (depth, samples, _) = png_pixel(self.bytes);
                self.pixels * depth * samples / 8 <= length.saturating_mul(DEFLATE_RATIO)
            }
            PhotoFormat::Bmp => bmp_length(self.bytes).is_none_or(|least| length >= least),
            PhotoFormat::WebP => webp_is_whole(self.bytes),
            // A frame may be smaller than the canvas, whose size is all that the header has.
            PhotoFormat::Gif => true,
        }
    }
}

/// Of a PNG: the bits of a sample, the samples of a pixel in the file, and those of a decoded pixel.
fn png_pixel(bytes: &[u8]) -> (u64, u64, u64) {
    let Some(&[depth, colours]) = bytes.get(24..26) else { return (8, 3, 3) };
    let (samples, decoded) = match colours {
        0 => (1, 1),
        // An index into a palette of colours with alpha.
        3 => (1, 4),
        4 => (2, 2),
        6 => (4, 4),
        _ => (3, 3),
    };
    (depth.into(), samples, decoded)
}

/// The least bytes of a bitmap that is not compressed.
fn bmp_length(bytes: &[u8]) -> Option<u64> {
    let number = |at: usize| bytes.get(at..at + 4).map(le_u32);
    let (start, header, compression) = (number(10)?, number(14)?, number(30)?);
    if header < 40 || !matches!(compression, 0 | 3) {
        return None;
    }
    let (width, height) = (number(18)?, number(22)?.cast_signed().unsigned_abs());
    let depth = u64::from(u16::from_le_bytes([*bytes.get(28)?, *bytes.get(29)?]));
    // Rows are padded to four bytes; some writers leave the last padding out.
    let row = (u64::from(width) * depth).div_ceil(32) * 4;
    Some(u64::from(start) + row * u64::from(height) - row.min(4))
}

/// Whether a WebP is as long as it says, and a lossy one's first partition (RFC 6386, 9.1) lies inside its chunk.
fn webp_is_whole(bytes: &[u8]) -> bool {
    let length = bytes.len() as u64;
    let number = |at: usize| bytes.get(at..at + 4).map(le_u32);
    let (Some(file), Some(chunk)) = (number(4), number(16)) else { return false };
    if u64::from(file) + 8 > length || u64::from(chunk) + 20 > length {
        return false;
    }
    if bytes.get(12..16) != Some(b"VP8 ") {
        return true;
    }
    // Behind a tag of three bytes, the start code and the size.
    let tag = bytes.get(20..23).map(|tag| u32::from_le_bytes([tag[0], tag[1], tag[2], 0]));
    tag.is_some_and(|tag| tag & 1 == 0 && (tag >> 5) + 10 <= chunk)
}

/// The memory of all photos that are being decoded in this process.
static IN_USE: Mutex<u64> = Mutex::new(0);
static RETURNED: Condvar = Condvar::new();

/// Memory for a photo that is being decoded; given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Loan(u64);

impl Loan {
    /// Waits until `bytes` can be had without exceeding the limit; what exceeds it alone gets all of it, alone.
    pub(crate) fn wait(bytes: u64, limits: PhotoLimits) -> Self {
        let bytes = bytes.min(limits.max_memory);
        let in_use = RETURNED.wait_while(used(), |used| *used + bytes > limits.max_memory);
        *in_use.unwrap_or_else(PoisonError::into_inner) += bytes;
        Self(bytes)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        *used() -= self.0;
        RETURNED.notify_all();
    }
}

fn used() -> MutexGuard<'static, u64> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The memory, in bytes, that photos which are being decoded in this process count for.
pub fn decoding_memory() -> u64 {
    *used()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoding(format: PhotoFormat, bytes: &[u8], pixels: u64) -> Encoding<'_> {
        Encoding { format, bytes, pixels, progressive: false }
    }

    #[test]
    fn what_a_photo_costs_goes_by_how_it_is_decoded() {
        let phone = encoding(PhotoFormat::Jpeg, &[], 12_000_000);
        assert_eq!((phone.cost(), phone.memory()), (1, 36_000_000));
        let progressive = Encoding { progressive: true, ..phone };
        assert_eq!((progressive.cost(), progressive.memory()), (13, 120_000_000));
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x10\0\0\0\x10\0".to_vec();
        png.extend([16, 2]);
        assert_eq!(encoding(PhotoFormat::Png, &png, 1 << 24).memory(), 10 << 24);
    }

    #[test]
    fn loans_wait_for_each_other() {
        let limits = PhotoLimits { max_memory: 100, ..PhotoLimits::default() };
        let whole = Loan::wait(1000, limits);
        std::thread::scope(|scope| {
            let next = scope.spawn(|| drop(Loan::wait(1, limits)));
            assert_eq!(*used(), 100);
            drop(whole);
            next.join().unwrap();
        });
        assert_eq!(*used(), 0);
    }
}
