//! PNG: the chunks that change pixels, up to `IEND`.

use super::is_turned;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The largest colour profile that is kept, compressed, in bytes.
const MAX_ICC: usize = 64 << 10;

/// The PNG without metadata; `None` where it must be turned, or is not built as expected.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend(SIGNATURE);
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        let chunk = rest.get(..length.checked_add(12)?)?;
        let (kind, content) = (&chunk[4..8], &chunk[8..8 + length]);
        rest = &rest[chunk.len()..];
        match kind {
            b"eXIf" if is_turned(content) => return None,
            b"IHDR" | b"PLTE" | b"IDAT" | b"tRNS" | b"gAMA" | b"cHRM" | b"sRGB" | b"sBIT" | b"bKGD"
            | b"acTL" | b"fcTL" | b"fdAT" => kept.extend(chunk),
            b"iCCP" if length <= MAX_ICC => kept.extend(chunk),
            b"IEND" if length == 0 => {
                kept.extend(chunk);
                return Some(kept);
            }
            b"IEND" => return None,
            _ => {}
        }
    }
}
