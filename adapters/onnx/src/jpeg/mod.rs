//! A part of a baseline JPEG, at a half, a quarter or an eighth of its size.
//!
//! A JPEG holds every 8 x 8 samples as frequencies. The lowest 4 x 4, 2 x 2 or 1 of them are the same block in as many
//! samples; the others are skipped where they stand. That is less than half the work of decoding all pixels, and a better
//! shrinking than most. Frequencies of colours, which are mostly kept at half the size already, are taken one step finer,
//! so that nothing has to be enlarged. See `docs/adr/0009-photos-decoded-at-reduced-size.md`.

mod bits;
mod headers;
mod transform;

use image::RgbImage;

use bits::{Bits, Codes, Frequencies};
pub(crate) use headers::Headers;
use headers::{Component, ZIGZAG};
use transform::Transform;

/// A part of a photo in whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) left: u32,
    pub(crate) top: u32,
    /// Behind its last column and row.
    pub(crate) right: u32,
    pub(crate) bottom: u32,
}

/// Some pixels of a smaller picture: where the first one lies in it.
#[derive(Debug)]
pub(crate) struct Reduced {
    pub(crate) pixels: RgbImage,
    pub(crate) left: u32,
    pub(crate) top: u32,
}

impl Headers<'_> {
    /// Decodes what `part` of the photo needs and a little around it, `by` times smaller: 2, 4 or 8 times.
    ///
    /// `None` where the picture data is damaged, as far as it is read. Takes memory for the result alone, about six bytes a
    /// pixel.
    pub(crate) fn reduce(&self, by: u32, part: Part) -> Option<Reduced> {
        Scan::new(self, by, part)?.read(self)
    }
}

/// The picture data on its way into planes of samples.
struct Scan<'a> {
    /// The samples of a unit, across and down.
    unit: (u32, u32),
    /// The units of the whole picture, across and down.
    units: (u32, u32),
    /// The units that are wanted.
    wanted: Part,
    by: u32,
    planes: Vec<Plane<'a>>,
}

/// A component's samples.
struct Plane<'a> {
    component: &'a Component,
    means: &'a Codes,
    frequencies: Frequencies<'a>,
    transform: Transform,
    /// The last frequency that the transform needs.
    last: usize,
    /// The mean of the block before.
    mean: i32,
    stride: usize,
    samples: Vec<u8>,
}

impl<'a> Scan<'a> {
    fn new(headers: &'a Headers<'_>, by: u32, part: Part) -> Option<Self> {
        let most = |side: fn(&Component) -> u32| headers.components.iter().map(side).max();
        let (across, down) = (most(|component| component.across)?, most(|component| component.down)?);
        let units = (headers.width.div_ceil(8 * across), headers.height.div_ceil(8 * down));
        let wanted = Part {
            left: part.left / (8 * across),
            top: part.top / (8 * down),
            right: part.right.div_ceil(8 * across).min(units.0),
            bottom: part.bottom.div_ceil(8 * down).min(units.1),
        };
        let side = 8 / by;
        let unit = (side * across, side * down);
        let stride = (wanted.right.checked_sub(wanted.left)? * unit.0) as usize;
        let rows = (wanted.bottom.checked_sub(wanted.top)? * unit.1) as usize;
        let plane = |component: &'a Component| {
            // As many samples as the finest component has; a transform makes no more than 8.
            let (x, y) = (side * across / component.across, side * down / component.down);
            let transform = (x <= 8 && y <= 8).then(|| Transform::new(x as usize, y as usize))?;
            Some(Plane {
                component,
                means: headers.means.get(component.means)?.as_ref()?,
                frequencies: Frequencies::new(headers.frequencies.get(component.frequencies)?.as_ref()?),
                last: transform.last(&ZIGZAG),
                transform,
                mean: 0,
                stride,
                samples: vec![0; stride * rows],
            })
        };
        let planes = headers.components.iter().map(plane).collect::<Option<_>>()?;
        Some(Self { unit, units, wanted, by, planes })
    }

    fn read(mut self, headers: &Headers<'_>) -> Option<Reduced> {
        let mut bits = Bits::new(headers.scan);
        let wanted = self.wanted;
        let units = (0..wanted.bottom).flat_map(|y| (0..self.units.0).map(move |x| (x, y)));
        for (number, (x, y)) in (0..).zip(units) {
            if headers.restarts > 0 && number > 0 && number % headers.restarts == 0 {
                bits.restart((number / headers.restarts - 1) as u8)?;
                self.planes.iter_mut().for_each(|plane| plane.mean = 0);
            }
            let inside = (wanted.left..wanted.right).contains(&x) && y >= wanted.top;
            let place = inside.then(|| (x - wanted.left, y - wanted.top));
            for plane in &mut self.planes {
                plane.read(&mut bits, place)?;
            }
        }
        if bits.overdrawn() {
            return None;
        }
        self.finish(headers)
    }

    /// The planes mixed, as far as they are no padding.
    fn finish(self, headers: &Headers<'_>) -> Option<Reduced> {
        let (left, top) = (self.wanted.left * self.unit.0, self.wanted.top * self.unit.1);
        let width =
            (self.wanted.right * self.unit.0).min(headers.width.div_ceil(self.by)).checked_sub(left)?;
        let height =
            (self.wanted.bottom * self.unit.1).min(headers.height.div_ceil(self.by)).checked_sub(top)?;
        let mut samples = Vec::with_capacity((3 * width * height) as usize);
        for y in 0..height as usize {
            let row = |plane: &Plane<'_>| y * plane.stride..y * plane.stride + width as usize;
            match &self.planes[..] {
                [grey] => samples.extend(grey.samples[row(grey)].iter().flat_map(|sample| [*sample; 3])),
                [luma, blue, red] => {
                    let colours = blue.samples[row(blue)].iter().zip(&red.samples[row(red)]);
                    let pixels = luma.samples[row(luma)].iter().zip(colours);
                    samples.extend(pixels.flat_map(|(luma, (blue, red))| to_rgb(*luma, *blue, *red)));
                }
                _ => return None,
            }
        }
        let pixels = RgbImage::from_raw(width, height, samples)?;
        Some(Reduced { pixels, left, top })
    }
}

impl Plane<'_> {
    /// Reads the blocks of one unit; `place` is that of the unit among those wanted, none where nobody wants it.
    #[inline(always)]
    fn read(&mut self, bits: &mut Bits<'_>, place: Option<(u32, u32)>) -> Option<()> {
        let Component { across, down, factors, .. } = self.component;
        for y in 0..*down {
            for x in 0..*across {
                self.mean = self.mean.wrapping_add(self.means.difference(bits)?);
                let Some((unit_x, unit_y)) = place else {
                    self.frequencies.read(bits, 0, |_, _| {})?;
                    continue;
                };
                let mut block = [0.0; 64];
                block[0] = (self.mean.wrapping_mul(factors[0].into())) as f32;
                let last = self.frequencies.read(bits, self.last, |at, value| {
                    block[usize::from(ZIGZAG[at])] = (value * i32::from(factors[at])) as f32;
                })?;
                let left = (unit_x * across + x) as usize * self.transform.across;
                let top = (unit_y * down + y) as usize * self.transform.down;
                let samples = &mut self.samples[top * self.stride + left..];
                self.transform.write(&block, waves(last), samples, self.stride);
            }
        }
        Some(())
    }
}

/// How many of each row and column the frequencies up to this place in the file can belong to: it goes by diagonals.
fn waves(last: usize) -> usize {
    usize::from(ZIGZAG[last] / 8 + ZIGZAG[last] % 8) + 1
}

/// JFIF's YCbCr in fixed point (ITU-T T.871, 7).
fn to_rgb(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    const BITS: i32 = 16;
    const fn fixed(factor: f64) -> i32 {
        (factor * (1 << BITS) as f64 + 0.5) as i32
    }
    let luma = (i32::from(luma) << BITS) + (1 << (BITS - 1));
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    [
        luma + fixed(1.402) * red,
        luma - fixed(0.344_136) * blue - fixed(0.714_136) * red,
        luma + fixed(1.772) * blue,
    ]
    .map(|value| (value >> BITS).clamp(0, 255) as u8)
}
