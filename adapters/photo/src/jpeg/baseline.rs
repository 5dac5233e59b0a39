//! The picture data of a baseline JPEG: one scan that holds every block whole.

use super::bits::{Bits, Codes, Frequencies};
use super::headers::{Headers, ZIGZAG};
use super::planes::{Plane, Planes};

/// What a component's blocks are read by.
struct Reader<'a> {
    means: &'a Codes,
    frequencies: Frequencies<'a>,
    /// The mean of the block before.
    mean: i32,
}

/// Reads what is wanted into `planes`; `None` where it is damaged.
pub(super) fn read(headers: &Headers<'_>, planes: &mut Planes<'_>) -> Option<()> {
    let scan = headers.scans.first()?;
    let mut readers = Vec::with_capacity(scan.members.len());
    for member in &scan.members {
        let frequencies = Frequencies::new(member.frequencies.as_deref()?);
        readers.push(Reader { means: member.means.as_deref()?, frequencies, mean: 0 });
    }
    let mut bits = Bits::new(scan.data);
    let (wanted, across) = (planes.wanted, planes.units.0);
    let units = (0..wanted.bottom).flat_map(|y| (0..across).map(move |x| (x, y)));
    for (number, (x, y)) in (0..).zip(units) {
        if scan.restart(number, &mut bits)? {
            readers.iter_mut().for_each(|reader| reader.mean = 0);
        }
        let inside = (wanted.left..wanted.right).contains(&x) && y >= wanted.top;
        let place = inside.then(|| (x - wanted.left, y - wanted.top));
        for (reader, plane) in readers.iter_mut().zip(&mut planes.planes) {
            reader.read(&mut bits, plane, place)?;
        }
    }
    (!bits.overdrawn()).then_some(())
}

impl Reader<'_> {
    /// Reads the blocks of one unit; `place` is that of the unit among those wanted, none where nobody wants it.
    #[inline(always)]
    fn read(&mut self, bits: &mut Bits<'_>, plane: &mut Plane<'_>, place: Option<(u32, u32)>) -> Option<()> {
        let component = plane.component;
        for y in 0..component.down {
            for x in 0..component.across {
                self.mean = self.mean.wrapping_add(self.means.difference(bits)?);
                let Some((unit_x, unit_y)) = place else {
                    self.frequencies.read(bits, 0, |_, _| {})?;
                    continue;
                };
                let mut block = [0.0; 64];
                block[0] = self.mean as f32 * component.factors[0];
                let last = self.frequencies.read(bits, plane.last, |at, value| {
                    block[usize::from(ZIGZAG[at])] = value as f32 * component.factors[at];
                })?;
                plane.write((unit_x * component.across + x, unit_y * component.down + y), &block, last);
            }
        }
        Some(())
    }
}
