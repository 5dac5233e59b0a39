//! JPEG: the segments that decoding needs, up to the end of the first picture.

use super::is_turned;

/// What JFIF writes before its thumbnail: identifier, version, units and densities.
const JFIF: usize = 12;
/// The largest part of a colour profile that fits into one segment.
const ICC: &[u8] = b"ICC_PROFILE\0\x01\x01";

/// The JPEG without metadata; `None` where it must be turned, or is not built as expected.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend(bytes.strip_prefix(&[0xff, 0xd8]).map(|_| [0xff, 0xd8])?);
    let mut at = 2;
    loop {
        // A marker may be preceded by any number of fill bytes.
        if bytes.get(at)? != &0xff {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            0xff => {
                at += 1;
                continue;
            }
            0xd9 => {
                kept.extend([0xff, 0xd9]);
                return Some(kept);
            }
            0x00..=0x01 | 0xd0..=0xd8 => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let segment = bytes.get(at..at + 2 + length.max(2))?;
        let content = &segment[4..];
        at += segment.len();
        match marker {
            // JFIF, with a thumbnail of no pixels.
            0xe0 if content.starts_with(b"JFIF\0") => {
                kept.extend([0xff, 0xe0, 0, 16]);
                kept.extend(content.get(..JFIF)?);
                kept.extend([0, 0]);
            }
            0xe1 if content.strip_prefix(b"Exif\0\0").is_some_and(is_turned) => return None,
            // A whole colour profile in one segment; the colour transform that Adobe notes, without which colours change.
            0xe2 if content.starts_with(ICC) => kept.extend(segment),
            0xee if content.starts_with(b"Adobe") => {
                kept.extend([0xff, 0xee, 0, 14]);
                kept.extend(content.get(..12)?);
            }
            0xe0..=0xef | 0xfe => {}
            0xda => {
                kept.extend(segment);
                let end = scan_end(&bytes[at..])?;
                kept.extend(&bytes[at..at + end]);
                at += end;
            }
            _ => kept.extend(segment),
        }
    }
}

/// Where the entropy-coded data of a scan ends: at a marker that is neither a stuffed zero nor a restart.
fn scan_end(data: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += data[at..].iter().position(|byte| *byte == 0xff)?;
        match data.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}
