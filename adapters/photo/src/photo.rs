//! What an encoded photo says about itself, read from its header alone.

use vitrina_core::classify::PhotoError;
use vitrina_core::photo::PhotoFormat;

use crate::expense::Encoding;

/// The format of an encoded picture, by its first bytes and by nothing else.
fn sniff(bytes: &[u8]) -> Option<PhotoFormat> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(PhotoFormat::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(PhotoFormat::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(PhotoFormat::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(PhotoFormat::Gif),
        // "BM" alone is too common a beginning: the size of the next header decides.
        [b'B', b'M', ..] if bytes.get(14..18).is_some_and(|size| (12..=124).contains(&le_u32(size))) => {
            Some(PhotoFormat::Bmp)
        }
        _ => None,
    }
}

/// What [`inspect`] finds out about a photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoInfo {
    /// Its format.
    pub format: PhotoFormat,
    /// Its width in pixels, before an orientation note is applied.
    pub width: u32,
    /// Its height in pixels, before an orientation note is applied.
    pub height: u32,
    /// How long decoding and classifying it takes, in units of an ordinary photo (a JPEG of a phone, a PNG of less than a
    /// megapixel); at least 1.
    pub cost: u32,
    /// The most memory that decoding takes at a time, estimated from above, in bytes.
    pub memory: u64,
}

/// How large a photo may be. Its encoded size is the caller's to bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PhotoLimits {
    /// The most pixels, width by height. The default, 51 million, lets the 50-megapixel photos of current phones pass
    /// (8160 x 6144).
    pub max_pixels: u64,
    /// The most memory in bytes that all photos being decoded in this process take at a time; the others wait. A photo
    /// that would take more on its own is refused. The default, 192 MiB, is enough for every baseline JPEG, for a
    /// progressive one of 20 million pixels, a PNG with transparency or a WebP of 25 to 50.
    pub max_memory: u64,
}

impl Default for PhotoLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl PhotoLimits {
    /// Creates the default limits; `const`, for limits that are known when a program is compiled.
    pub const fn new() -> Self {
        Self { max_pixels: 51_000_000, max_memory: 192 << 20 }
    }

    /// Sets the largest number of pixels, width by height.
    #[must_use]
    pub const fn max_pixels(mut self, max_pixels: u64) -> Self {
        self.max_pixels = max_pixels;
        self
    }

    /// Sets how many bytes of memory all photos that are being decoded may take at a time.
    #[must_use]
    pub const fn max_memory(mut self, max_memory: u64) -> Self {
        self.max_memory = max_memory;
        self
    }

    pub(crate) fn check(self, width: u32, height: u32) -> Result<(), PhotoError> {
        if u64::from(width) * u64::from(height) > self.max_pixels {
            return Err(PhotoError::TooManyPixels { width, height, limit: self.max_pixels });
        }
        Ok(())
    }
}

/// Reads a photo's format and size from its header, without decoding and without taking memory: what a server does
/// before it puts an upload into the queue.
///
/// ```
/// use vitrina_photo::{PhotoFormat, PhotoLimits, inspect};
///
/// let header = b"GIF89a\x40\x01\xf0\x00";
/// let photo = inspect(header, PhotoLimits::default())?;
/// assert_eq!((photo.format, photo.width, photo.height), (PhotoFormat::Gif, 320, 240));
/// assert!(inspect(b"<svg/>", PhotoLimits::default()).is_err());
/// # Ok::<(), vitrina_core::classify::PhotoError>(())
/// ```
///
/// # Errors
/// [`PhotoError::Unsupported`] for other formats, [`PhotoError::TooManyPixels`] and [`PhotoError::TooMuchMemory`] over the
/// limits, and [`PhotoError::Unreadable`] where the header is damaged, or the file too short for what the header says. A
/// photo that passes may still turn out unreadable.
pub fn inspect(bytes: &[u8], limits: PhotoLimits) -> Result<PhotoInfo, PhotoError> {
    let format = sniff(bytes).ok_or(PhotoError::Unsupported)?;
    let size = match format {
        PhotoFormat::Jpeg => jpeg_size(bytes),
        PhotoFormat::Png => png_size(bytes),
        PhotoFormat::WebP => webp_size(bytes),
        PhotoFormat::Gif => {
            bytes.get(6..10).map(|size| (u32::from(le_u16(size)), u32::from(le_u16(&size[2..]))))
        }
        PhotoFormat::Bmp => bmp_size(bytes),
    };
    let (width, height) =
        size.ok_or_else(|| PhotoError::Unreadable("its header is cut off or damaged".to_owned()))?;
    if width == 0 || height == 0 {
        return Err(PhotoError::Unreadable("it has no pixels".to_owned()));
    }
    limits.check(width, height)?;
    let pixels = u64::from(width) * u64::from(height);
    let progressive = format == PhotoFormat::Jpeg && !jpeg_is_baseline(bytes);
    let encoding = Encoding { format, bytes, pixels, progressive };
    if !encoding.is_long_enough() {
        return Err(PhotoError::Unreadable("it is cut off before its end".to_owned()));
    }
    let (cost, memory) = (encoding.cost(), encoding.memory());
    if memory > limits.max_memory {
        return Err(PhotoError::TooMuchMemory { width, height });
    }
    Ok(PhotoInfo { format, width, height, cost, memory })
}

fn le_u16(bytes: &[u8]) -> u16 {
    u16::from_le_bytes([bytes[0], bytes[1]])
}

pub(crate) fn le_u32(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn be_u16(bytes: &[u8]) -> u16 {
    u16::from_be_bytes([bytes[0], bytes[1]])
}

fn be_u32(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(8..24)?;
    (&header[4..8] == b"IHDR").then(|| (be_u32(&header[8..12]), be_u32(&header[12..16])))
}

fn bmp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let header = bytes.get(14..)?;
    if le_u32(header.get(..4)?) == 12 {
        let size = header.get(4..8)?;
        return Some((u32::from(le_u16(size)), u32::from(le_u16(&size[2..]))));
    }
    // Signed: a negative height means rows from the top down.
    let size = header.get(4..12)?;
    let width = u32::try_from(le_u32(size).cast_signed()).ok()?;
    Some((width, le_u32(&size[4..]).cast_signed().unsigned_abs()))
}

fn webp_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let kind = bytes.get(12..16)?;
    let data = bytes.get(20..)?;
    match kind {
        b"VP8 " => {
            let size = data.get(3..10).filter(|frame| frame.starts_with(&[0x9d, 0x01, 0x2a]))?;
            Some((u32::from(le_u16(&size[3..]) & 0x3fff), u32::from(le_u16(&size[5..]) & 0x3fff)))
        }
        b"VP8L" => {
            let size = data.get(..5).filter(|frame| frame[0] == 0x2f)?;
            let bits = le_u32(&size[1..]);
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => {
            let size = data.get(4..10)?;
            let number = |bytes: &[u8]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
            Some((number(size), number(&size[3..])))
        }
        _ => None,
    }
}

/// One step through a JPEG's segments: a marker and what it holds.
pub(crate) struct Segment<'a> {
    pub(crate) marker: u8,
    pub(crate) content: &'a [u8],
    pub(crate) rest: &'a [u8],
}

/// The next segment of a JPEG before its picture data; rubbish between segments is skipped, as decoders do.
pub(crate) fn jpeg_segment(mut bytes: &[u8]) -> Option<Segment<'_>> {
    loop {
        let at = bytes.iter().position(|byte| *byte == 0xff)?;
        let marker_at = at + bytes[at..].iter().position(|byte| *byte != 0xff)?;
        let marker = bytes[marker_at];
        let rest = &bytes[marker_at + 1..];
        match marker {
            // No content: a stuffed zero, restarts, the start of the picture.
            0x00 | 0x01 | 0xd0..=0xd8 => bytes = rest,
            0xd9 => {
                return Some(Segment { marker, content: &[], rest });
            }
            _ => {
                let length = usize::from(be_u16(rest.get(..2)?));
                let content = rest.get(2..length.max(2))?;
                return Some(Segment { marker, content, rest: &rest[length.max(2)..] });
            }
        }
    }
}

fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let frame = jpeg_frame(bytes)?;
    let size = frame.content.get(1..5)?;
    Some((u32::from(be_u16(&size[2..])), u32::from(be_u16(size))))
}

/// Whether a JPEG's frame is baseline or extended sequential: decoded row by row.
fn jpeg_is_baseline(bytes: &[u8]) -> bool {
    jpeg_frame(bytes).is_some_and(|frame| matches!(frame.marker, 0xc0 | 0xc1))
}

/// The frame header of a JPEG.
fn jpeg_frame(bytes: &[u8]) -> Option<Segment<'_>> {
    let mut rest = bytes;
    loop {
        let segment = jpeg_segment(rest)?;
        match segment.marker {
            // Frame headers; DHT (c4), JPG (c8) and DAC (cc) lie between them.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Some(segment),
            0xd9 | 0xda => return None,
            _ => rest = segment.rest,
        }
    }
}

/// Whether a JPEG's picture data comes to an end marker. The decoder paints what is missing of a file that was cut in the
/// middle grey, and grey is not what the customer photographed.
pub(crate) fn jpeg_is_complete(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(segment) = jpeg_segment(rest) {
        match segment.marker {
            // In the picture data every ff is stuffed, so this pair is the marker; one before belongs to a thumbnail. It is
            // sooner found from the end.
            0xda => return segment.rest.windows(2).rev().any(|pair| pair == [0xff, 0xd9]),
            0xd9 => return false,
            _ => rest = segment.rest,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(bytes: &[u8]) -> Result<(u32, u32), PhotoError> {
        inspect(bytes, PhotoLimits::default()).map(|photo| (photo.width, photo.height))
    }

    #[test]
    fn a_jpeg_is_measured_by_its_frame_and_not_by_a_thumbnail() {
        let thumbnail = [0xff, 0xc0, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0, 0xff, 0xd9];
        let mut photo = vec![0xff, 0xd8, 0xff, 0xe1, 0, 2 + thumbnail.len() as u8];
        photo.extend(thumbnail);
        photo.extend([0xff, 0xff, 0xc2, 0, 11, 8, 0, 3, 0, 5, 1, 1, 0x11, 0]);
        assert_eq!(size(&photo), Ok((5, 3)));
        assert!(!jpeg_is_complete(&photo));
        photo.extend([0xff, 0xda, 0, 2, 1, 2, 3]);
        assert!(!jpeg_is_complete(&photo));
        photo.extend([0xff, 0xd9]);
        assert!(jpeg_is_complete(&photo));
    }

    #[test]
    fn bitmaps_may_be_upside_down_and_old() {
        let mut photo = b"BM____________\x28\0\0\0\x03\0\0\0".to_vec();
        photo.extend((-4_i32).to_le_bytes());
        assert_eq!(size(&photo), Ok((3, 4)));
        assert_eq!(size(b"BM____________\x0c\0\0\0\x03\0\x02\0"), Ok((3, 2)));
        assert_eq!(size(b"BMW 3 series, a text"), Err(PhotoError::Unsupported));
    }

    #[test]
    fn no_cut_of_a_header_panics() {
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x01\0\0\x02\0\0";
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x02\0\0\0\x03";
        assert_eq!(size(webp), Ok((2, 3)));
        assert_eq!(size(png), Ok((2, 3)));
        for photo in [&webp[..], png, b"GIF89a\x01\0\x01\0", b"\xff\xd8\xff\xc0\0\x0b\x08\0\x03\0\x05"] {
            for end in 0..photo.len() {
                assert!(size(&photo[..end]).is_err());
            }
        }
    }
}
