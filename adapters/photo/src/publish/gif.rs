//! GIF: frames with their timing, up to the trailer.

/// The GIF without comments, texts and application data; `None` where it is not built as expected.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut at = 13 + palette(*bytes.get(10)?);
    kept.extend(bytes.get(..at)?);
    loop {
        match *bytes.get(at)? {
            // The trailer.
            0x3b => {
                kept.push(0x3b);
                return Some(kept);
            }
            // A frame: its place, its palette, the least code size, and its data.
            0x2c => {
                let header = 10 + palette(*bytes.get(at + 9)?) + 1;
                let end = blocks_end(bytes, at + header)?;
                kept.extend(bytes.get(at..end)?);
                at = end;
            }
            0x21 => {
                let label = *bytes.get(at + 1)?;
                let end = blocks_end(bytes, at + 2)?;
                let extension = bytes.get(at..end)?;
                // How long a frame shows (one block of 4 bytes), and how often an animation repeats (11 and 3 bytes).
                let timing = label == 0xf9 && extension.len() == 8;
                let repeats = label == 0xff
                    && extension.len() == 19
                    && extension.get(3..14).is_some_and(|name| name == b"NETSCAPE2.0");
                if timing || repeats {
                    kept.extend(extension);
                }
                at = end;
            }
            _ => return None,
        }
    }
}

/// The size of the palette that a descriptor announces, in bytes.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) }
}

/// Where a series of data blocks ends, behind its empty last block.
fn blocks_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*bytes.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}
