//! The samples of a part of a picture at reduced size: a plane for each component, and the pixels that they make.

use image::RgbImage;

use super::headers::{Component, Headers, ZIGZAG};
use super::transform::Transform;
use super::{Part, Reduced};

/// The planes of what is wanted of a picture.
pub(super) struct Planes<'a> {
    /// The samples of a unit, across and down.
    unit: (u32, u32),
    /// The units of the whole picture, across and down.
    pub(super) units: (u32, u32),
    /// The units that are wanted.
    pub(super) wanted: Part,
    by: u32,
    pub(super) planes: Vec<Plane<'a>>,
}

/// A component's samples.
pub(super) struct Plane<'a> {
    pub(super) component: &'a Component,
    transform: Transform,
    /// The last frequency that the transform needs, in the order of the file.
    pub(super) last: usize,
    stride: usize,
    samples: Vec<u8>,
}

impl<'a> Planes<'a> {
    pub(super) fn new(headers: &'a Headers<'_>, by: u32, part: Part) -> Option<Self> {
        let (across, down) = headers.unit()?;
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
            let last = transform.last(&ZIGZAG);
            Some(Plane { component, last, transform, stride, samples: vec![0; stride * rows] })
        };
        let planes = headers.components.iter().map(plane).collect::<Option<_>>()?;
        Some(Self { unit, units, wanted, by, planes })
    }

    /// The planes mixed, as far as they are no padding.
    pub(super) fn into_pixels(self, headers: &Headers<'_>) -> Option<Reduced> {
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
    /// Writes the samples of a block, whose place is counted in blocks of this component from the first that is wanted.
    /// `frequencies` are 8 a row; all behind `last` in the order of the file are zero.
    #[inline(always)]
    pub(super) fn write(&mut self, (x, y): (u32, u32), frequencies: &[f32; 64], last: usize) {
        let left = x as usize * self.transform.across;
        let top = y as usize * self.transform.down;
        let samples = &mut self.samples[top * self.stride + left..];
        self.transform.write(frequencies, waves(last), samples, self.stride);
    }

    /// Whether the transform takes the frequency at this place in the order of the file.
    pub(super) fn takes(&self, at: usize) -> bool {
        self.transform.takes(ZIGZAG[at])
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
