//! What a JPEG says before its picture data.

use image::metadata::Orientation;

use super::bits::Codes;
use crate::photo::jpeg_segment;

/// The places of a block's frequencies in the order of the file: row by row, 8 a row.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// A baseline JPEG of one scan, grey or YCbCr.
pub(crate) struct Headers<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// How the photo has to be turned.
    pub(crate) orientation: Orientation,
    pub(super) components: Vec<Component>,
    /// The tables that the components name.
    pub(super) means: [Option<Codes>; 4],
    pub(super) frequencies: [Option<Codes>; 4],
    /// How many units of the picture lie between restart markers; 0 where there are none.
    pub(super) restarts: u32,
    /// The picture data, and whatever follows it.
    pub(super) scan: &'a [u8],
}

/// One of a picture's planes.
pub(super) struct Component {
    /// How many blocks of it a unit of the picture has, across and down.
    pub(super) across: u32,
    pub(super) down: u32,
    /// The factors of its frequencies, in the order of the file.
    pub(super) factors: [u16; 64],
    /// Its tables of codes.
    pub(super) means: usize,
    pub(super) frequencies: usize,
}

impl<'a> Headers<'a> {
    /// Reads them; `None` where the file is damaged, or of a kind that is not decoded here: progressive, CMYK, RGB, of more
    /// than 8 bits, of several scans.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut factors = [None; 4];
        let (mut means, mut frequencies) = ([const { None }; 4], [const { None }; 4]);
        let (mut frame, mut restarts, mut rest) = (None, 0, bytes);
        let mut orientation = Orientation::NoTransforms;
        loop {
            let segment = jpeg_segment(rest)?;
            rest = segment.rest;
            match segment.marker {
                0xc0 | 0xc1 if frame.is_none() => frame = Some(read_frame(segment.content)?),
                0xc4 => read_codes(segment.content, &mut means, &mut frequencies)?,
                0xda => {
                    let (width, height, ids) = frame?;
                    let components = read_scan(segment.content, &ids, &factors)?;
                    let scan = rest;
                    return Some(Self {
                        width,
                        height,
                        orientation,
                        components,
                        means,
                        frequencies,
                        restarts,
                        scan,
                    });
                }
                0xdb => read_factors(segment.content, &mut factors)?,
                0xdd => restarts = be_u16(segment.content)?.into(),
                // A broken note is as good as none; of several the last one counts.
                0xe1 => {
                    if let Some(exif) = segment.content.strip_prefix(b"Exif\0\0") {
                        orientation = Orientation::from_exif_chunk(exif).unwrap_or(Orientation::NoTransforms);
                    }
                }
                // Adobe's note of the colours: 1 is YCbCr.
                0xee if segment.content.starts_with(b"Adobe") && segment.content.get(11) != Some(&1) => {
                    return None;
                }
                0xc0..=0xcf | 0xd9 => return None,
                _ => {}
            }
        }
    }
}

fn be_u16(bytes: &[u8]) -> Option<u16> {
    bytes.first_chunk().map(|bytes| u16::from_be_bytes(*bytes))
}

/// A component as the frame names it: its id, blocks across and down, and the number of its factors.
type Named = (u8, u32, u32, usize);

fn read_frame(content: &[u8]) -> Option<(u32, u32, Vec<Named>)> {
    let (precision, height, width) =
        (*content.first()?, be_u16(content.get(1..)?)?, be_u16(content.get(3..)?)?);
    let count = usize::from(*content.get(5)?);
    let components: Vec<Named> = content
        .get(6..6 + 3 * count)?
        .as_chunks::<3>()
        .0
        .iter()
        .map(|[id, blocks, factors]| {
            (*id, u32::from(blocks >> 4), u32::from(blocks & 15), usize::from(*factors))
        })
        .collect();
    let fits = |(_, across, down, _): &Named| matches!(across, 1 | 2 | 4) && matches!(down, 1 | 2 | 4);
    // Components that are called R, G and B are just that.
    let colours = components.iter().map(|component| component.0).eq(*b"RGB");
    let known = precision == 8 && matches!(count, 1 | 3) && width > 0 && height > 0 && !colours;
    (known && components.iter().all(fits)).then_some((width.into(), height.into(), components))
}

fn read_codes(
    mut content: &[u8],
    means: &mut [Option<Codes>; 4],
    frequencies: &mut [Option<Codes>; 4],
) -> Option<()> {
    while let Some((kind, rest)) = content.split_first() {
        let (counts, rest) = rest.split_first_chunk::<16>()?;
        let (symbols, rest) = rest.split_at_checked(counts.iter().map(|count| usize::from(*count)).sum())?;
        let tables = match kind >> 4 {
            0 => &mut *means,
            1 => &mut *frequencies,
            _ => return None,
        };
        *tables.get_mut(usize::from(kind & 15))? = Some(Codes::new(counts, symbols)?);
        content = rest;
    }
    Some(())
}

fn read_factors(mut content: &[u8], factors: &mut [Option<[u16; 64]>; 4]) -> Option<()> {
    while let Some((kind, rest)) = content.split_first() {
        let bytes = if kind >> 4 == 0 { 1 } else { 2 };
        let (table, rest) = rest.split_at_checked(64 * bytes)?;
        let table = std::array::from_fn(|at| match bytes {
            1 => table[at].into(),
            _ => u16::from_be_bytes([table[2 * at], table[2 * at + 1]]),
        });
        *factors.get_mut(usize::from(kind & 15))? = Some(table);
        content = rest;
    }
    Some(())
}

/// The components, where the scan holds all of them from the first frequency to the last.
fn read_scan(content: &[u8], named: &[Named], factors: &[Option<[u16; 64]>; 4]) -> Option<Vec<Component>> {
    let (count, rest) = content.split_first()?;
    let (tables, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    if usize::from(*count) != named.len() || rest != [0, 63, 0] {
        return None;
    }
    let component = |(named, table): (&Named, &[u8; 2])| {
        let (id, across, down, number) = *named;
        let factors = (*factors.get(number)?)?;
        // A single component is no mixture: its units are its blocks.
        let (across, down) = if *count == 1 { (1, 1) } else { (across, down) };
        let (means, frequencies) = (usize::from(table[1] >> 4), usize::from(table[1] & 15));
        (table[0] == id).then_some(Component { across, down, factors, means, frequencies })
    };
    named.iter().zip(tables.as_chunks::<2>().0).map(component).collect()
}
