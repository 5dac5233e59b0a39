//! The picture data of a progressive JPEG: many scans, each with some frequencies of all blocks, or one more bit of them
//! (ITU-T T.81, G).
//!
//! Of each block are kept the frequencies that the reduced size needs. Of the others it is enough to know which are not zero:
//! scans that refine have a bit for each of those.

use super::Part;
use super::bits::{Bits, Codes};
use super::headers::{Headers, Scan, ZIGZAG};
use super::planes::{Plane, Planes};

/// Reads what is wanted into `planes`; `None` where it is damaged.
pub(super) fn read(headers: &Headers<'_>, planes: &mut Planes<'_>) -> Option<()> {
    let mut components: Vec<_> =
        planes.planes.iter().map(|plane| Coefficients::new(headers, planes, plane)).collect();
    for scan in &headers.scans {
        let mut bits = Bits::new(scan.data);
        match (scan.first, &scan.members[..]) {
            (0, _) => read_means(scan, &mut bits, planes, &mut components)?,
            (_, [member]) => {
                let codes = member.frequencies.as_deref()?;
                components.get_mut(member.component)?.read_frequencies(scan, &mut bits, codes)?;
            }
            _ => return None,
        }
        if bits.overdrawn() {
            return None;
        }
    }
    for (coefficients, plane) in components.iter().zip(&mut planes.planes) {
        coefficients.write(plane);
    }
    Some(())
}

/// Reads a scan of means: blocks of all its components in turn, unit by unit, or those of one, row by row.
fn read_means(
    scan: &Scan<'_>,
    bits: &mut Bits<'_>,
    planes: &Planes<'_>,
    components: &mut [Coefficients],
) -> Option<()> {
    let mut means = [0; 4];
    let single = match &scan.members[..] {
        [member] => Some(components.get(member.component)?),
        _ => None,
    };
    let (across, bottom) = single.map_or((planes.units.0, planes.wanted.bottom), |component| {
        (component.used.0, component.wanted.bottom.min(component.used.1))
    });
    let is_single = single.is_some();
    let units = (0..bottom).flat_map(|y| (0..across).map(move |x| (x, y)));
    for (number, (x, y)) in (0..).zip(units) {
        if scan.restart(number, bits)? {
            means = [0; 4];
        }
        for (member, mean) in scan.members.iter().zip(&mut means) {
            let coefficients = components.get_mut(member.component)?;
            let (blocks, rows) = if is_single { (1, 1) } else { coefficients.of_unit };
            for (row, block) in (0..rows).flat_map(|row| (0..blocks).map(move |block| (row, block))) {
                let place = (x * blocks + block, y * rows + row);
                if scan.refines {
                    let bit = bits.take(1) as i16;
                    if let Some(values) = coefficients.values_at(place) {
                        values[0] |= bit << scan.low;
                    }
                } else {
                    *mean = i32::wrapping_add(*mean, member.means.as_deref()?.difference(bits)?);
                    if let Some(values) = coefficients.values_at(place) {
                        values[0] = (*mean << scan.low) as i16;
                    }
                }
            }
        }
    }
    Some(())
}

/// The frequencies of one component, as far as they are needed.
struct Coefficients {
    /// The blocks of the component in a unit of the picture, across and down,
    of_unit: (u32, u32),
    /// those that its own scans hold,
    used: (u32, u32),
    /// and those that are wanted.
    wanted: Part,
    /// For each block of its scans the frequencies that are not zero, the mean aside; a bit for each, the first one lowest.
    nonzero: Vec<u64>,
    /// For each frequency its place among the values of a block; the last place is for those that nobody wants.
    slots: [u8; 64],
    /// The frequencies up to the last that is wanted.
    near: u64,
    /// How many values a block has.
    length: usize,
    /// The values of the blocks that are wanted, row by row.
    values: Vec<i16>,
}

impl Coefficients {
    fn new(headers: &Headers<'_>, planes: &Planes<'_>, plane: &Plane<'_>) -> Self {
        let of_unit = (plane.component.across, plane.component.down);
        let Part { left, top, right, bottom } = planes.wanted;
        let wanted = Part {
            left: left * of_unit.0,
            top: top * of_unit.1,
            right: right * of_unit.0,
            bottom: bottom * of_unit.1,
        };
        let used = headers.blocks(plane.component);
        let taken = (0..64).filter(|at| plane.takes(*at));
        let mut length = 0;
        let mut slots = [u8::MAX; 64];
        for at in taken {
            slots[at] = length as u8;
            length += 1;
        }
        slots.iter_mut().filter(|slot| **slot == u8::MAX).for_each(|slot| *slot = length as u8);
        let length = length + 1;
        let blocks = (right - left) as usize * (bottom - top) as usize * (of_unit.0 * of_unit.1) as usize;
        Self {
            of_unit,
            used,
            wanted,
            nonzero: vec![0; used.0 as usize * used.1 as usize],
            slots,
            near: up_to(plane.last),
            length,
            values: vec![0; blocks * length],
        }
    }

    /// The values of a block, if it is wanted.
    #[inline(always)]
    fn values_at(&mut self, (x, y): (u32, u32)) -> Option<&mut [i16]> {
        let Part { left, top, right, bottom } = self.wanted;
        if !(left..right).contains(&x) || !(top..bottom).contains(&y) {
            return None;
        }
        let place = (y - top) as usize * (right - left) as usize + (x - left) as usize;
        self.values.get_mut(place * self.length..(place + 1) * self.length)
    }

    /// Reads a scan of frequencies, which are of this component alone.
    fn read_frequencies(&mut self, scan: &Scan<'_>, bits: &mut Bits<'_>, codes: &Codes) -> Option<()> {
        let mut band = Band { codes, first: scan.first, last: scan.last, low: scan.low, ended: 0 };
        let (across, down) = self.used;
        let (slots, near) = (self.slots, self.near);
        let mut number = 0;
        let mut unwanted = [0; 65];
        for y in 0..self.wanted.bottom.min(down) {
            for x in 0..across {
                if scan.restart(number, bits)? {
                    band.ended = 0;
                }
                let place = number as usize;
                number += 1;
                if !scan.refines && band.ended > 0 {
                    band.ended -= 1;
                    continue;
                }
                let mut nonzero = self.nonzero[place];
                let (values, near) = match self.values_at((x, y)) {
                    Some(values) => (values, near),
                    None => (&mut unwanted[..], 0),
                };
                let mut block = Block { nonzero: &mut nonzero, values, slots: &slots, near };
                if scan.refines {
                    band.refine(bits, &mut block)?;
                } else {
                    band.read(bits, &mut block)?;
                }
                self.nonzero[place] = nonzero;
            }
        }
        Some(())
    }

    /// Writes the samples of all blocks that are wanted.
    fn write(&self, plane: &mut Plane<'_>) {
        let factors = plane.component.factors;
        let taken: Vec<_> =
            (0..64).filter(|at| plane.takes(*at)).map(|at| (usize::from(ZIGZAG[at]), factors[at])).collect();
        let Part { left, top, right, bottom } = self.wanted;
        let places = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
        for ((x, y), values) in places.zip(self.values.chunks_exact(self.length)) {
            // Padding behind the last row and column has means alone.
            let inside = x < self.used.0 && y < self.used.1;
            let place = y as usize * self.used.0 as usize + x as usize;
            let nonzero = if inside { self.nonzero[place] } else { 0 };
            let mut block = [0.0; 64];
            for ((at, factor), value) in taken.iter().zip(values) {
                block[*at] = f32::from(*value) * factor;
            }
            let last = 63 - ((nonzero & self.near) | 1).leading_zeros() as usize;
            plane.write((x - left, y - top), &block, last);
        }
    }
}

/// A block that is read.
struct Block<'a> {
    nonzero: &'a mut u64,
    values: &'a mut [i16],
    slots: &'a [u8; 64],
    /// The frequencies up to the last that is wanted of this block.
    near: u64,
}

impl Block<'_> {
    #[inline(always)]
    fn set(&mut self, at: usize, value: i32) {
        *self.nonzero |= 1 << at;
        if let Some(place) = self.values.get_mut(usize::from(self.slots[at])) {
            *place = value as i16;
        }
    }

    /// Reads one more bit of each of these frequencies, none of which is zero: `step` more of what it is.
    #[inline(always)]
    fn correct(&mut self, frequencies: u64, bits: &mut Bits<'_>, step: i32) {
        let mut unread = frequencies.count_ones();
        let mut wanted = frequencies & self.near;
        while unread > 0 {
            let count = unread.min(32);
            unread -= count;
            // The bit on top belongs to the lowest frequency that is left.
            let mut corrections = bits.take(count) << (32 - count);
            for _ in 0..count {
                if wanted == 0 {
                    break;
                }
                if corrections >> 31 == 1 {
                    let slot = self.slots[wanted.trailing_zeros() as usize];
                    if let Some(value) = self.values.get_mut(usize::from(slot)) {
                        *value = value.wrapping_add(step as i16 * value.signum());
                    }
                }
                wanted &= wanted - 1;
                corrections <<= 1;
            }
        }
    }
}

/// A scan of frequencies, and how far it is.
struct Band<'a> {
    codes: &'a Codes,
    first: usize,
    last: usize,
    low: u32,
    /// How many blocks, from the next one on, have no further frequencies of their own.
    ended: u32,
}

impl Band<'_> {
    /// Reads a block's frequencies for the first time (ITU-T T.81, G.1.2.2).
    #[inline(always)]
    fn read(&mut self, bits: &mut Bits<'_>, block: &mut Block<'_>) -> Option<()> {
        let mut at = self.first;
        while at <= self.last {
            let symbol = self.codes.symbol(bits)?;
            let (zeros, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 {
                if zeros < 15 {
                    self.ended = (1 << zeros) - 1 + bits.take(zeros);
                    return Some(());
                }
                at += 16;
                continue;
            }
            at += zeros as usize;
            if at > self.last {
                return None;
            }
            block.set(at, bits.number(size) << self.low);
            at += 1;
        }
        Some(())
    }

    /// Reads one more bit of a block's frequencies (ITU-T T.81, G.1.2.3).
    #[inline(always)]
    fn refine(&mut self, bits: &mut Bits<'_>, block: &mut Block<'_>) -> Option<()> {
        let step = 1 << self.low;
        let band = up_to(self.last);
        let mut at = self.first;
        while self.ended == 0 && at <= self.last {
            let symbol = self.codes.symbol(bits)?;
            let (zeros, size) = (u32::from(symbol >> 4), symbol & 15);
            let new = match size {
                0 if zeros < 15 => {
                    self.ended = (1 << zeros) + bits.take(zeros);
                    break;
                }
                0 => 0,
                1 => step * (2 * bits.take(1).cast_signed() - 1),
                _ => return None,
            };
            // The zero behind as many zeros; what lies between and is not zero has its bit here.
            let mut free = !*block.nonzero & band & from(at);
            for _ in 0..zeros {
                free &= free.wrapping_sub(1);
            }
            let target = free.trailing_zeros() as usize;
            let passed = if free == 0 { band } else { band & !from(target) };
            block.correct(*block.nonzero & passed & from(at), bits, step);
            if free == 0 {
                return (new == 0).then_some(());
            }
            if new != 0 {
                block.set(target, new);
            }
            at = target + 1;
        }
        if self.ended > 0 {
            self.ended -= 1;
            if at <= self.last {
                block.correct(*block.nonzero & band & from(at), bits, step);
            }
        }
        Some(())
    }
}

/// The frequencies up to this one; a bit for each.
fn up_to(last: usize) -> u64 {
    u64::MAX >> (63 - last)
}

/// The frequencies from this one on, which is at most the last.
fn from(first: usize) -> u64 {
    u64::MAX << first
}
