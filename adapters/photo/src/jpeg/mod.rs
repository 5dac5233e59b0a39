//! A part of a JPEG, baseline or progressive, at a half, a quarter or an eighth of its size.
//!
//! A JPEG holds every 8 x 8 samples as frequencies. The lowest 4 x 4, 2 x 2 or 1 of them are the same block in as many
//! samples; the others are skipped where they stand. That is less than half the work of decoding all pixels, and a better
//! shrinking than most. Frequencies of colours, which are mostly kept at half the size already, are taken one step finer,
//! so that nothing has to be enlarged. See `docs/adr/0009-photos-decoded-at-reduced-size.md`.

mod baseline;
mod bits;
mod headers;
mod planes;
mod progressive;
mod transform;

use image::RgbImage;

pub(crate) use headers::Headers;
use planes::Planes;

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
    /// `None` where the picture data is damaged, as far as it is read. Takes memory for the result, about six bytes a
    /// pixel, and for progressive photos two bytes for each sample of the result and eight for each block of the photo.
    pub(crate) fn reduce(&self, by: u32, part: Part) -> Option<Reduced> {
        let mut planes = Planes::new(self, by, part)?;
        if self.progressive {
            progressive::read(self, &mut planes)?;
        } else {
            baseline::read(self, &mut planes)?;
        }
        planes.into_pixels(self)
    }
}
