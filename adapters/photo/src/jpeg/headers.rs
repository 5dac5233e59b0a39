//! What a JPEG says before its picture data.

use std::sync::Arc;

use image::metadata::Orientation;

use super::bits::{Bits, Codes};
use crate::photo::jpeg_segment;

/// The places of a block's frequencies in the order of the file: row by row, 8 a row.
pub(super) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// How many scans a progressive JPEG may have: encoders write about ten, and each is read to its end.
const MAX_SCANS: usize = 100;

/// A JPEG, grey or YCbCr: baseline of one scan, or progressive.
pub(crate) struct Headers<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    /// How the photo has to be turned.
    pub(crate) orientation: Orientation,
    pub(super) components: Vec<Component>,
    pub(super) progressive: bool,
    /// One where the JPEG is baseline.
    pub(super) scans: Vec<Scan<'a>>,
}

/// One of a picture's planes.
pub(super) struct Component {
    /// How many blocks of it a unit of the picture has, across and down.
    pub(super) across: u32,
    pub(super) down: u32,
    /// The factors of its frequencies, in the order of the file.
    pub(super) factors: [f32; 64],
}

/// Some frequencies of some components, or some bits of them.
pub(super) struct Scan<'a> {
    pub(super) members: Vec<Member>,
    /// The frequencies, in the order of the file.
    pub(super) first: usize,
    pub(super) last: usize,
    /// True if earlier scans had the bits above [`low`](Self::low).
    pub(super) refines: bool,
    /// The lowest bit of the values that the scan holds.
    pub(super) low: u32,
    /// How many units of the picture lie between restart markers; 0 where there are none.
    pub(super) restarts: u32,
    /// The picture data; of a baseline JPEG with whatever follows it.
    pub(super) data: &'a [u8],
}

/// A component in a scan, with the tables of codes that are in force there.
pub(super) struct Member {
    /// Its place among the picture's components.
    pub(super) component: usize,
    pub(super) means: Option<Arc<Codes>>,
    pub(super) frequencies: Option<Arc<Codes>>,
}

type Tables = [Option<Arc<Codes>>; 4];

impl<'a> Headers<'a> {
    /// Reads them; `None` where the file is damaged, or of a kind that is not decoded here: CMYK, RGB, of more than 8 bits,
    /// baseline of several scans, arithmetic coding.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut factors = [None; 4];
        let (mut means, mut frequencies): (Tables, Tables) = Default::default();
        let (mut frame, mut restarts, mut rest) = (None, 0, bytes);
        let mut orientation = Orientation::NoTransforms;
        let mut scans = Vec::new();
        loop {
            let segment = jpeg_segment(rest)?;
            rest = segment.rest;
            match segment.marker {
                0xc0..=0xc2 if frame.is_none() => {
                    frame = Some((read_frame(segment.content)?, segment.marker == 0xc2))
                }
                0xc4 => read_codes(segment.content, &mut means, &mut frequencies)?,
                0xda => {
                    let ((_, _, named), progressive) = frame.as_ref()?;
                    let length = if *progressive { scan_length(rest) } else { rest.len() };
                    let (data, behind) = rest.split_at(length);
                    let mut scan = read_scan(segment.content, named, &means, &frequencies)?;
                    (scan.restarts, scan.data) = (restarts, data);
                    if scans.len() == MAX_SCANS || !scan.is_sound(*progressive, named.len()) {
                        return None;
                    }
                    scans.push(scan);
                    if !progressive {
                        break;
                    }
                    rest = behind;
                }
                // A later table would be that of a component whose scans come later.
                0xdb if scans.is_empty() => read_factors(segment.content, &mut factors)?,
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
                0xd9 if !scans.is_empty() => break,
                0xc0..=0xcf | 0xd9 | 0xdb => return None,
                _ => {}
            }
        }
        let ((width, height, named), progressive) = frame?;
        let component = |(_, across, down, number): &Named| {
            // A single component is no mixture: its units are its blocks.
            let (across, down) = if named.len() == 1 { (1, 1) } else { (*across, *down) };
            Some(Component { across, down, factors: (*factors.get(*number)?)? })
        };
        let components = named.iter().map(component).collect::<Option<_>>()?;
        Some(Self { width, height, orientation, components, progressive, scans })
    }
}

impl Headers<'_> {
    /// The blocks of a unit of the picture, across and down, of the component that has most.
    pub(super) fn unit(&self) -> Option<(u32, u32)> {
        let most = |side: fn(&Component) -> u32| self.components.iter().map(side).max();
        Some((most(|component| component.across)?, most(|component| component.down)?))
    }

    /// The blocks that a component has in scans of its own, across and down: none that is padding alone.
    pub(super) fn blocks(&self, component: &Component) -> (u32, u32) {
        let (across, down) = self.unit().unwrap_or((1, 1));
        let blocks = |side: u32, own: u32, most: u32| (side * own).div_ceil(most).div_ceil(8);
        (blocks(self.width, component.across, across), blocks(self.height, component.down, down))
    }
}

impl Scan<'_> {
    /// Goes on behind the restart marker that must stand in front of the unit of this number; returns whether one must.
    #[inline(always)]
    pub(super) fn restart(&self, number: u32, bits: &mut Bits<'_>) -> Option<bool> {
        let is_due = self.restarts > 0 && number > 0 && number.is_multiple_of(self.restarts);
        if is_due {
            bits.restart((number / self.restarts - 1) as u8)?;
        }
        Some(is_due)
    }

    /// Whether the scan is one that the standard allows in its kind of JPEG (ITU-T T.81, B.2.3 and G.1.1.1).
    fn is_sound(&self, progressive: bool, components: usize) -> bool {
        if !progressive {
            let all = self.members.iter().map(|member| member.component).eq(0..components);
            return all && (self.first, self.last, self.refines, self.low) == (0, 63, false, 0);
        }
        match self.first {
            0 => self.last == 0,
            first => (first..64).contains(&self.last) && self.members.len() == 1,
        }
    }
}

/// How many bytes lie before the marker that ends a scan.
fn scan_length(data: &[u8]) -> usize {
    let is_marker = |at: &usize| !matches!(data.get(at + 1), Some(0 | 0xd0..=0xd7 | 0xff));
    memchr::memchr_iter(0xff, data).find(is_marker).unwrap_or(data.len())
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

fn read_codes(mut content: &[u8], means: &mut Tables, frequencies: &mut Tables) -> Option<()> {
    while let Some((kind, rest)) = content.split_first() {
        let (counts, rest) = rest.split_first_chunk::<16>()?;
        let (symbols, rest) = rest.split_at_checked(counts.iter().map(|count| usize::from(*count)).sum())?;
        let tables = match kind >> 4 {
            0 => &mut *means,
            1 => &mut *frequencies,
            _ => return None,
        };
        *tables.get_mut(usize::from(kind & 15))? = Some(Arc::new(Codes::new(counts, symbols)?));
        content = rest;
    }
    Some(())
}

fn read_factors(mut content: &[u8], factors: &mut [Option<[f32; 64]>; 4]) -> Option<()> {
    while let Some((kind, rest)) = content.split_first() {
        let bytes = if kind >> 4 == 0 { 1 } else { 2 };
        let (table, rest) = rest.split_at_checked(64 * bytes)?;
        let table = std::array::from_fn(|at| match bytes {
            1 => table[at].into(),
            _ => u16::from_be_bytes([table[2 * at], table[2 * at + 1]]).into(),
        });
        *factors.get_mut(usize::from(kind & 15))? = Some(table);
        content = rest;
    }
    Some(())
}

/// A scan without its data.
fn read_scan<'a>(content: &[u8], named: &[Named], means: &Tables, frequencies: &Tables) -> Option<Scan<'a>> {
    let (count, rest) = content.split_first()?;
    let (tables, rest) = rest.split_at_checked(2 * usize::from(*count))?;
    let &[first, last, bits] = rest else { return None };
    let (high, low) = (u32::from(bits >> 4), u32::from(bits & 15));
    let refines = high > 0;
    if low > 13 || (refines && high != low + 1) {
        return None;
    }
    let member = |[id, table]: &[u8; 2]| {
        Some(Member {
            component: named.iter().position(|component| component.0 == *id)?,
            means: means.get(usize::from(table >> 4))?.clone(),
            frequencies: frequencies.get(usize::from(table & 15))?.clone(),
        })
    };
    let members: Vec<_> = tables.as_chunks::<2>().0.iter().map(member).collect::<Option<_>>()?;
    // Each component once, in the order of the picture.
    if members.is_empty() || !members.is_sorted_by(|one, next| one.component < next.component) {
        return None;
    }
    let (first, last) = (first.into(), last.into());
    Some(Scan { members, first, last, refines, low, restarts: 0, data: &[] })
}
