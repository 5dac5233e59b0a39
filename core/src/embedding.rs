//! What a photo looks like, as a vector.

use crate::{Error, Result};

/// A photo's look: a vector of unit length, so that the dot product of two is their cosine.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Vec<f32>);

impl Embedding {
    /// The most dimensions that are accepted, from whomever they come.
    pub const MAX_LENGTH: usize = 4096;

    /// The direction of `vector`, scaled to unit length.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is empty, too long, zero, or holds what is no finite number.
    pub fn new(mut vector: Vec<f32>) -> Result<Self> {
        if vector.is_empty() || vector.len() > Self::MAX_LENGTH {
            let length = vector.len();
            return Err(Error::invalid(format!(
                "an embedding has 1 to {} numbers, not {length}",
                Self::MAX_LENGTH
            )));
        }
        let norm = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        if !norm.is_finite() || norm == 0.0 {
            return Err(Error::invalid("an embedding needs finite numbers that are not all zero"));
        }
        for x in &mut vector {
            *x = (f64::from(*x) / norm) as f32;
        }
        Ok(Self(vector))
    }

    /// An embedding from little-endian `f32`s, as it is stored and sent.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when the bytes are no whole number of `f32`s.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(Error::invalid("an embedding is a sequence of 4-byte floats"));
        }
        Self::new(numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect())
    }

    /// The numbers as little-endian `f32`s.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// How alike two photos look, from -1 to 1; 0 where they come from models of different lengths.
    pub fn cosine(&self, other: &Self) -> f32 {
        if self.0.len() != other.0.len() {
            return 0.0;
        }
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_direction_counts() {
        let short = Embedding::new(vec![3.0, 4.0]).unwrap();
        let long = Embedding::new(vec![30.0, 40.0]).unwrap();
        assert!((short.cosine(&long) - 1.0).abs() < 1e-6);
        assert_eq!(Embedding::from_bytes(&short.to_bytes()).unwrap().to_bytes().len(), 8);
    }

    #[test]
    fn what_is_no_direction_is_refused() {
        for vector in [vec![], vec![0.0; 4], vec![f32::NAN], vec![f32::INFINITY, 1.0], vec![1.0; 5000]] {
            assert!(Embedding::new(vector).is_err());
        }
        assert!(Embedding::from_bytes(&[0, 0, 0]).is_err());
    }
}
