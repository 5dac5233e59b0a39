//! Scalar quantization of rotated unit vectors: 8 bits a number, or 4 for long vectors.
//!
//! After a random rotation the numbers of a unit vector of `n` are close to normally distributed with a standard deviation
//! of `1/sqrt(n)`. In 8 bits the largest number decides the step. In 4 bits the step is the best for a normal distribution
//! (Max, "Quantizing for Minimum Distortion", 1960: 0.335 standard deviations for 16 levels), which leaves 1.2 % of the
//! square: a cosine of two vectors of 2,560 numbers is off by 0.002.

use crate::rotation::Rotation;

/// Longer vectors are kept in 4 bits a number: with two models side by side a product takes as much memory as with one.
const LONGEST_IN_BYTES: usize = 1280;

/// Blocks that the rotation must mix at least for 4 bits to do: else single numbers stand out.
const LEAST_BLOCK: usize = 64;

/// The step of 4 bits, in standard deviations.
const STEP: f32 = 0.335;

/// The largest code of 4 bits; the smallest is its negative.
const MOST: f32 = 7.0;

/// How vectors of one length are rounded and packed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantizer {
    length: usize,
    /// The inverse of the step of 4 bits; `None` for 8 bits.
    nibbles: Option<f32>,
}

impl Quantizer {
    /// The quantizer of vectors that are rotated so.
    pub(crate) fn new(length: usize, rotation: &Rotation) -> Self {
        let long = length > LONGEST_IN_BYTES && rotation.block() >= LEAST_BLOCK;
        Self { length, nibbles: long.then(|| (length as f32).sqrt() / STEP) }
    }

    /// How many bytes a packed vector has.
    pub(crate) fn row(&self) -> usize {
        if self.nibbles.is_some() { self.length.div_ceil(2) } else { self.length }
    }

    /// The codes of a rotated vector, and the factor that turns a product with them into one with the vector itself.
    pub(crate) fn codes(&self, rotated: &[f32]) -> (Vec<i8>, f32) {
        let Some(steps) = self.nibbles else {
            let codes = quantize(rotated, scale(rotated));
            let factor = factor_of(&codes);
            return (codes, factor);
        };
        let code = |number: &f32| (number * steps).round().clamp(-MOST, MOST) as i8;
        let codes: Vec<i8> = rotated.iter().map(code).collect();
        let product: f32 = rotated.iter().zip(&codes).map(|(number, code)| number * f32::from(*code)).sum();
        (codes, 1.0 / product.max(f32::MIN_POSITIVE))
    }

    /// Packs codes into a row. In 4 bits a byte holds a number of the first half (low) and one of the second (high).
    pub(crate) fn pack(&self, codes: &[i8], row: &mut [i8]) {
        if self.nibbles.is_none() {
            return row.copy_from_slice(codes);
        }
        let (low, high) = codes.split_at(row.len());
        let nibble = |code: i8| (code + 8) as u8;
        for (at, byte) in row.iter_mut().enumerate() {
            let high = high.get(at).copied().unwrap_or_default();
            *byte = (nibble(low[at]) | (nibble(high) << 4)) as i8;
        }
    }

    /// The codes of a row; `room` holds them where they are packed.
    pub(crate) fn unpack<'a>(&self, row: &'a [i8], room: &'a mut [i8]) -> &'a [i8] {
        if self.nibbles.is_none() {
            return row;
        }
        let (low, high) = room.split_at_mut(row.len());
        low.iter_mut().zip(row).for_each(|(code, byte)| *code = (*byte & 15) - 8);
        high.iter_mut().zip(row).for_each(|(code, byte)| *code = (*byte as u8 >> 4) as i8 - 8);
        room
    }
}

/// A vector in 8 bits, scaled so.
pub(crate) fn quantize(vector: &[f32], scale: f32) -> Vec<i8> {
    vector.iter().map(|number| (number * scale).round() as i8).collect()
}

/// The factor that makes a unit vector of bytes.
fn factor_of(bytes: &[i8]) -> f32 {
    let square: i32 = bytes.iter().map(|byte| i32::from(*byte).pow(2)).sum();
    1.0 / (square.max(1) as f32).sqrt()
}

/// What makes the largest number of a vector 127.
pub(crate) fn scale(vector: &[f32]) -> f32 {
    127.0 / vector.iter().fold(f32::MIN_POSITIVE, |most, number| most.max(number.abs()))
}

#[cfg(test)]
mod tests {
    use vitrina_core::classify::Embedding;

    use super::*;

    #[test]
    fn codes_survive_packing_and_keep_the_vector() {
        for (length, row, least) in [(1280, 1280, 0.9999), (2560, 1280, 0.99), (1984, 992, 0.99)] {
            let numbers = (0..length).map(|at| ((at * 7919 % 1013) as f32 / 1013.0).powi(5)).collect();
            let vector = Embedding::new(numbers).unwrap();
            let rotation = Rotation::new(length);
            let quantizer = Quantizer::new(length, &rotation);
            let (codes, factor) = quantizer.codes(&rotation.rotate(vector.as_slice()));
            let (mut packed, mut room) = (vec![0; quantizer.row()], vec![0; length]);
            assert_eq!(packed.len(), row);
            quantizer.pack(&codes, &mut packed);
            assert_eq!(quantizer.unpack(&packed, &mut room), codes);
            let back = rotation.rotate_back(codes.iter().map(|code| f32::from(*code) * factor).collect());
            let product: f32 = back.iter().zip(vector.as_slice()).map(|(a, b)| a * b).sum();
            assert!((product - 1.0).abs() < 1e-3, "{length}: {product}");
            let cosine = Embedding::new(back).unwrap().cosine(&vector);
            assert!(cosine > least, "{length}: {cosine}");
        }
    }

    #[test]
    fn what_the_rotation_does_not_mix_stays_in_bytes() {
        assert_eq!(Quantizer::new(2561, &Rotation::new(2561)).row(), 2561);
        assert_eq!(quantize(&[0.0; 3], scale(&[0.0; 3])), [0; 3]);
    }
}
