//! Weighted sums of the pixels of several lines at once, in whole numbers, exactly.
//!
//! Processors multiply eight pairs of 16-bit numbers at a time and add each two products (`pmaddwd` on x86-64). So two
//! neighbours of a line lie beside each other, and a weight of 22 bits is taken as two parts of 11.

use std::ops::Range;

use wide::{i16x8, i32x4, i32x8, u8x16};

/// How many lines are resized together.
pub(crate) const LINES: usize = 8;

/// Their samples of red, green and blue at one place.
const SAMPLES: usize = 3 * LINES;

/// The fraction bits of a weight, those of Pillow: a product with 8 bits, summed with negative lobes, fits 32.
const PRECISION: i32 = 22;

/// The bits of a weight's lower part.
const LOW: i32 = PRECISION / 2;

/// Pixels of lines of RGB: the samples at one place of all lines, each with its neighbour at the next place.
pub(crate) struct Lines(Vec<[[i16; 6]; LINES]>);

impl Lines {
    /// Black lines of so many pixels.
    pub(crate) fn new(length: usize) -> Self {
        Self(vec![[[0; 6]; LINES]; length.div_ceil(2)])
    }

    /// Sets all pixels of all lines.
    pub(crate) fn set(&mut self, lines: [&[u8]; LINES]) {
        let twos = lines.map(|line| line.as_chunks::<6>());
        for (at, place) in self.0.iter_mut().enumerate() {
            for (pixels, (twos, rest)) in place.iter_mut().zip(&twos) {
                let [r, g, b, next_r, next_g, next_b] = match (twos.get(at), rest) {
                    (Some(two), _) => *two,
                    (None, [r, g, b]) => [*r, *g, *b, 0, 0, 0],
                    (None, _) => [0; 6],
                };
                *pixels = [r, next_r, g, next_g, b, next_b].map(i16::from);
            }
        }
    }

    /// Sets the pixels at one place, of the first line and those beside it.
    pub(crate) fn set_place(&mut self, place: usize, pixels: &[u8]) {
        let (neighbours, _) = self.0[place / 2].as_flattened_mut().as_chunks_mut::<2>();
        for (neighbours, sample) in neighbours.iter_mut().zip(pixels) {
            neighbours[place % 2] = i16::from(*sample);
        }
    }
}

/// For each pixel of a result the pixels of a line that make it, and their weights.
#[derive(Default)]
pub(crate) struct Taps {
    /// The first pair of each, and where its weights end; they begin where those before end.
    spans: Vec<(usize, usize)>,
    weights: Vec<Weights>,
    /// The pixels that are used, and those between them.
    reach: Range<usize>,
}

/// The weights of two neighbours, side by side four times: their upper bits and their lower ones.
struct Weights {
    high: i16x8,
    low: i16x8,
}

impl Weights {
    fn new(pair: [i32; 2]) -> Self {
        let four = |[a, b]: [i16; 2]| i16x8::from([a, b, a, b, a, b, a, b]);
        let low = (1 << LOW) - 1;
        Self {
            high: four(pair.map(|weight| (weight >> LOW) as i16)),
            low: four(pair.map(|weight| (weight & low) as i16)),
        }
    }
}

impl Taps {
    /// Adds a pixel that is made of those from `first` on, with weights that count beside each other. Of no pixel is `first` less than of the
    /// one before.
    pub(crate) fn push(&mut self, first: usize, weights: &[f64]) {
        if self.spans.is_empty() {
            self.reach = first..first;
        }
        self.reach.end = self.reach.end.max(first + weights.len());
        let first = first - self.reach.start;
        let sum: f64 = weights.iter().sum();
        let fixed = |weight: &f64| (weight / sum * f64::from(1 << PRECISION)).round() as i32;
        let mut fixed = (first % 2 == 1).then_some(0).into_iter().chain(weights.iter().map(fixed));
        while let Some(weight) = fixed.next() {
            self.weights.push(Weights::new([weight, fixed.next().unwrap_or(0)]));
        }
        self.spans.push((first / 2, self.weights.len()));
    }

    /// How many pixels a line of the result has.
    pub(crate) fn count(&self) -> usize {
        self.spans.len()
    }

    /// The pixels of a line that are used, and those between them.
    pub(crate) fn reach(&self) -> Range<usize> {
        self.reach.clone()
    }

    /// Calls `put` with each place of the lines' results, and the samples there. The lines begin where [`reach`](Self::reach) does.
    pub(crate) fn apply(&self, lines: &Lines, mut put: impl FnMut(usize, &[u8; SAMPLES])) {
        let mut from = 0;
        for (place, (first, end)) in self.spans.iter().enumerate() {
            let mut high = [i32x4::ZERO; SAMPLES / 4];
            let mut low = [i32x4::splat(1 << (PRECISION - 1)); SAMPLES / 4];
            for (place, weights) in lines.0[*first..].iter().zip(&self.weights[from..*end]) {
                let (pairs, _) = place.as_flattened().as_chunks::<8>();
                for ((pairs, high), low) in pairs.iter().zip(&mut high).zip(&mut low) {
                    let pairs = i16x8::from(*pairs);
                    *high += pairs.dot(weights.high);
                    *low += pairs.dot(weights.low);
                }
            }
            from = *end;
            let mut sums = [0; SAMPLES];
            for ((sums, high), low) in sums.as_chunks_mut::<4>().0.iter_mut().zip(high).zip(low) {
                *sums = (((high << LOW) + low) >> PRECISION).to_array();
            }
            put(place, &clipped(&sums));
        }
    }
}

/// Samples of 8 bits, cut off at black and white.
fn clipped(sums: &[i32; SAMPLES]) -> [u8; SAMPLES] {
    let (eights, _) = sums.as_chunks::<8>();
    let mut samples = [0; SAMPLES];
    for (samples, sums) in samples.as_chunks_mut::<8>().0.iter_mut().zip(eights) {
        let sums = i16x8::from_i32x8_saturate(i32x8::from(*sums));
        samples.copy_from_slice(&u8x16::narrow_i16x8(sums, sums).to_array()[..8]);
    }
    samples
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples without a pattern.
    fn sample(line: usize, at: usize) -> u8 {
        ((line * 131 + at * 89 + at * at * 7) % 256) as u8
    }

    #[test]
    fn the_sums_are_those_of_one_pixel_after_the_other() {
        for (start, lengths) in [(0, [1, 2, 3]), (4, [4, 1, 7]), (5, [6, 5, 2])] {
            let mut taps = Taps::default();
            let weights = |length: usize| (0..length).map(|at| at as f64 - 0.3).collect::<Vec<_>>();
            for (at, length) in lengths.into_iter().enumerate() {
                taps.push(start + at, &weights(length));
            }
            let reach = taps.reach();
            assert_eq!(reach, start..start + (0..3).map(|at| at + lengths[at]).max().unwrap());
            let rows: [Vec<u8>; LINES] =
                std::array::from_fn(|line| (0..3 * reach.len()).map(|at| sample(line, at)).collect());
            let (mut by_line, mut by_place) = (Lines::new(reach.len()), Lines::new(reach.len()));
            by_line.set(rows.each_ref().map(Vec::as_slice));
            for place in 0..reach.len() {
                let pixels = rows.iter().flat_map(|row| &row[3 * place..][..3]);
                by_place.set_place(place, &pixels.copied().collect::<Vec<_>>());
            }
            assert_eq!(by_line.0, by_place.0);
            let mut results = 0;
            taps.apply(&by_line, |at, pixels| {
                let weights = weights(lengths[at]);
                let sum: f64 = weights.iter().sum();
                for (of_line, sample) in pixels.iter().enumerate() {
                    let (row, channel) = (&rows[of_line / 3], of_line % 3);
                    let weighted = weights.iter().enumerate().map(|(tap, weight)| {
                        i32::from(row[3 * (at + tap) + channel])
                            * (weight / sum * f64::from(1 << PRECISION)).round() as i32
                    });
                    let expected = (weighted.sum::<i32>() + (1 << (PRECISION - 1))) >> PRECISION;
                    assert_eq!(i32::from(*sample), expected.clamp(0, 255), "{start} {at} {of_line}");
                }
                results += 1;
            });
            assert_eq!(results, 3);
        }
    }
}
