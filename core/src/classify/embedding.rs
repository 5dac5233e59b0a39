//! Embeddings of photos, and the spaces that they belong to.

use std::fmt;
use std::sync::Arc;

use crate::{Error, Result};

/// The name of an embedding space: the model and its version, such as `efficientnet_lite0/1`.
///
/// Embeddings of different spaces are never compared, averaged, or trained on together, even where they are equally
/// long. The default is the unnamed space, of embeddings whose sender did not say which model made them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EmbeddingSpace(Arc<str>);

impl EmbeddingSpace {
    /// The most bytes of a name.
    pub const MAX_LENGTH: usize = 255;

    /// The space of this name.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a name that is too long, or has control characters.
    pub fn new(name: impl Into<Arc<str>>) -> Result<Self> {
        let name = name.into();
        if name.len() > Self::MAX_LENGTH || name.chars().any(char::is_control) {
            return Err(Error::invalid(format!(
                "the name of a model has at most {} bytes and no control characters",
                Self::MAX_LENGTH
            )));
        }
        Ok(Self(name))
    }

    /// Its name; empty for the unnamed space.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if no name was given.
    pub fn is_unnamed(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for EmbeddingSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The embedding of a photo: a vector of unit length in a space, so that the dot product of two of one space is their
/// cosine.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    space: EmbeddingSpace,
    numbers: Vec<f32>,
}

impl Embedding {
    /// The most dimensions that are accepted, from whomever they come.
    pub const MAX_LENGTH: usize = 4096;

    /// The direction of `vector`, scaled to unit length, in the unnamed space.
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
        Ok(Self { space: EmbeddingSpace::default(), numbers: vector })
    }

    /// An embedding from little-endian `f32`s, as it is stored and sent; in the unnamed space.
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

    /// The same numbers in this space.
    #[must_use]
    pub fn in_space(self, space: EmbeddingSpace) -> Self {
        Self { space, ..self }
    }

    /// The space that it belongs to.
    pub fn space(&self) -> &EmbeddingSpace {
        &self.space
    }

    /// The numbers as little-endian `f32`s.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    /// The numbers.
    pub fn as_slice(&self) -> &[f32] {
        &self.numbers
    }

    /// True if both may be compared: they are of one space and equally long.
    pub fn is_comparable(&self, other: &Self) -> bool {
        self.space == other.space && self.numbers.len() == other.numbers.len()
    }

    /// The cosine similarity of two photos, from -1 to 1; 0 where they are not [comparable](Self::is_comparable).
    pub fn cosine(&self, other: &Self) -> f32 {
        if !self.is_comparable(other) {
            return 0.0;
        }
        self.numbers.iter().zip(&other.numbers).map(|(a, b)| a * b).sum()
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
    fn embeddings_of_two_spaces_are_not_compared() {
        let space = |name: &str| EmbeddingSpace::new(name).unwrap();
        let one = Embedding::new(vec![3.0, 4.0]).unwrap().in_space(space("m/1"));
        let other = one.clone().in_space(space("m/2"));
        assert_eq!((one.cosine(&other), one.is_comparable(&other)), (0.0, false));
        assert!(one.cosine(&other.in_space(space("m/1"))) > 0.999);
    }

    #[test]
    fn what_is_no_direction_is_refused() {
        for vector in [vec![], vec![0.0; 4], vec![f32::NAN], vec![f32::INFINITY, 1.0], vec![1.0; 5000]] {
            assert!(Embedding::new(vector).is_err());
        }
        assert!(Embedding::from_bytes(&[0, 0, 0]).is_err());
    }

    #[test]
    fn names_have_a_bound() {
        assert!(EmbeddingSpace::default().is_unnamed());
        assert!(EmbeddingSpace::new("x".repeat(256)).is_err() && EmbeddingSpace::new("a\nb").is_err());
    }
}
