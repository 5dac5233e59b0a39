//! WebP: the chunks of pictures and frames, within the RIFF container's length.

use super::is_turned;

/// The largest colour profile that is kept, in bytes.
const MAX_ICC: usize = 64 << 10;

/// The flags of `VP8X` for what is removed: Exif and XMP; and for a colour profile.
const METADATA: u8 = 0x08 | 0x04;
const PROFILE: u8 = 0x20;

/// The WebP without metadata; `None` where it must be turned, or is not built as expected.
pub(super) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let mut rest = bytes.get(12..length.checked_add(8)?.min(bytes.len()))?;
    let mut kept = b"RIFF\0\0\0\0WEBP".to_vec();
    let (mut header, mut has_profile) = (None, false);
    while !rest.is_empty() {
        let chunk = next_chunk(&mut rest)?;
        match chunk.kind {
            b"EXIF" => {
                let exif = chunk.content.strip_prefix(b"Exif\0\0").unwrap_or(chunk.content);
                if is_turned(exif) {
                    return None;
                }
            }
            b"VP8X" if chunk.content.len() == 10 && header.is_none() => {
                header = Some(kept.len() + 8);
                write_chunk(&mut kept, b"VP8X", chunk.content);
            }
            b"ICCP" if chunk.content.len() <= MAX_ICC && !has_profile => {
                has_profile = true;
                write_chunk(&mut kept, b"ICCP", chunk.content);
            }
            b"ANIM" if chunk.content.len() == 6 => write_chunk(&mut kept, b"ANIM", chunk.content),
            b"ANMF" => write_chunk(&mut kept, b"ANMF", &frame(chunk.content)?),
            b"VP8 " | b"VP8L" | b"ALPH" => write_chunk(&mut kept, chunk.kind, chunk.content),
            b"VP8X" | b"ANIM" => return None,
            _ => {}
        }
    }
    if let Some(header) = header {
        kept[header] &= !METADATA;
        if !has_profile {
            kept[header] &= !PROFILE;
        }
    }
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&length.to_le_bytes());
    Some(kept)
}

/// A frame of an animation: 16 bytes of place and time, then the chunks of its picture.
fn frame(content: &[u8]) -> Option<Vec<u8>> {
    let mut rest = content.get(16..)?;
    let mut kept = content[..16].to_vec();
    while !rest.is_empty() {
        let chunk = next_chunk(&mut rest)?;
        if matches!(chunk.kind, b"VP8 " | b"VP8L" | b"ALPH") {
            write_chunk(&mut kept, chunk.kind, chunk.content);
        }
    }
    Some(kept)
}

struct Chunk<'a> {
    kind: &'a [u8; 4],
    content: &'a [u8],
}

fn next_chunk<'a>(rest: &mut &'a [u8]) -> Option<Chunk<'a>> {
    let kind = rest.first_chunk::<4>()?;
    let length = u32::from_le_bytes(rest.get(4..8)?.try_into().ok()?) as usize;
    let content = rest.get(8..length.checked_add(8)?)?;
    // Chunks begin at even places; the last one's padding is sometimes left out.
    *rest = rest.get(8 + length + length % 2..).unwrap_or_default();
    Some(Chunk { kind, content })
}

fn write_chunk(kept: &mut Vec<u8>, kind: &[u8; 4], content: &[u8]) {
    kept.extend(kind);
    kept.extend((content.len() as u32).to_le_bytes());
    kept.extend(content);
    kept.resize(kept.len() + content.len() % 2, 0);
}
