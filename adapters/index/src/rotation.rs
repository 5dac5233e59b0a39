//! Turning vectors so that their numbers are alike in size.
//!
//! The numbers of an embedding are mostly small, a few are large: a byte for each has to span the large ones and tells the
//! small ones apart badly, and a bit for each says little of all the others. A rotation changes no product of two vectors, and
//! after a random one each number is a mix of many (Ailon & Chazelle, "Approximate Nearest Neighbors and the Fast
//! Johnson-Lindenstrauss Transform", 2006; for bits: Gao & Long, "RaBitQ", 2024).

/// Signs at random, then a Walsh-Hadamard transform of each block.
#[derive(Debug)]
pub(crate) struct Rotation {
    /// -1 or 1, times what keeps the length of vectors.
    signs: Box<[f32]>,
    /// The largest power of two that the length is a multiple of.
    block: usize,
}

impl Rotation {
    /// The rotation of vectors of this length, always the same.
    pub(crate) fn new(length: usize) -> Self {
        let block = if length == 0 { 1 } else { 1 << length.trailing_zeros() };
        let scale = 1.0 / (block as f32).sqrt();
        let sign = |at: usize| if scrambled(at as u64) >> 63 == 0 { scale } else { -scale };
        Self { signs: (0..length).map(sign).collect(), block }
    }

    /// How many numbers are combined with each other.
    pub(crate) fn block(&self) -> usize {
        self.block
    }

    /// The vector, rotated.
    pub(crate) fn rotate(&self, vector: &[f32]) -> Vec<f32> {
        let mut rotated: Vec<f32> =
            vector.iter().zip(&self.signs).map(|(number, sign)| number * sign).collect();
        rotated.chunks_exact_mut(self.block).for_each(transform);
        rotated
    }

    /// The vector that was rotated.
    pub(crate) fn rotate_back(&self, mut vector: Vec<f32>) -> Vec<f32> {
        vector.chunks_exact_mut(self.block).for_each(transform);
        vector.iter_mut().zip(&self.signs).for_each(|(number, sign)| *number *= sign);
        vector
    }
}

/// The fast Walsh-Hadamard transform of a power of two numbers; twice, it is a multiplication by their count.
fn transform(numbers: &mut [f32]) {
    let mut half = 1;
    while half < numbers.len() {
        for pair in numbers.chunks_exact_mut(2 * half) {
            let (left, right) = pair.split_at_mut(half);
            for (left, right) in left.iter_mut().zip(right) {
                (*left, *right) = (*left + *right, *left - *right);
            }
        }
        half *= 2;
    }
}

/// A number that looks random (the finaliser of SplitMix64: Steele et al., 2014).
fn scrambled(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn products_stay_and_peaks_are_spread() {
        for length in [1, 7, 100, 1280] {
            let rotation = Rotation::new(length);
            let a: Vec<f32> = (0..length).map(|at| ((at * 7 + 3) % 11) as f32).collect();
            let mut peak = vec![0.0; length];
            peak[length / 2] = 1.0;
            let (rotated, rotated_peak) = (rotation.rotate(&a), rotation.rotate(&peak));
            assert!((product(&a, &peak) - product(&rotated, &rotated_peak)).abs() < 1e-3, "{length}");
            let back = rotation.rotate_back(rotated);
            assert!(a.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-3), "{length}");
            let most = rotated_peak.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
            assert!((most * most * rotation.block as f32 - 1.0).abs() < 1e-3, "{length}");
        }
        assert_eq!(Rotation::new(1280).block, 256);
    }
}
