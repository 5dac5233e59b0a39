//! The sum of customers' photo embeddings, from which their mean follows.

use crate::classify::{Embedding, EmbeddingSpace};
use crate::{Error, Result};

/// The sum of the embeddings of photos of one space.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoSum {
    /// The space of the embeddings.
    pub space: EmbeddingSpace,
    /// How many photos were added up.
    pub photos: u64,
    /// The sum of their embeddings.
    pub sum: Vec<f32>,
}

impl PhotoSum {
    /// From so many photos on the sum is halved before more are added, so that it follows the photos of the last weeks.
    pub const MAX_PHOTOS: u64 = 2000;

    /// The sum of one photo.
    pub fn of(photo: &Embedding) -> Self {
        Self { space: photo.space().clone(), photos: 1, sum: photo.as_slice().to_vec() }
    }

    /// Whether the photo is of the same space and length.
    pub fn accepts(&self, photo: &Embedding) -> bool {
        self.space == *photo.space() && self.sum.len() == photo.as_slice().len()
    }

    /// Adds a photo that it [`accepts`](Self::accepts).
    pub fn add(&mut self, photo: &Embedding) {
        self.photos += 1;
        self.sum.iter_mut().zip(photo.as_slice()).for_each(|(sum, number)| *sum += number);
    }

    /// Adds another sum of the same space; one of another length replaces this one.
    pub fn merge(&mut self, other: &Self) {
        if self.sum.len() != other.sum.len() {
            self.clone_from(other);
            return;
        }
        if self.photos >= Self::MAX_PHOTOS {
            self.photos /= 2;
            self.sum.iter_mut().for_each(|sum| *sum /= 2.0);
        }
        self.photos += other.photos;
        self.sum.iter_mut().zip(&other.sum).for_each(|(sum, number)| *sum += number);
    }

    /// The sum as little-endian `f32`s, as it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.sum.iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    /// A sum as it was stored.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for bytes that are no whole number of finite `f32`s.
    pub fn from_bytes(space: EmbeddingSpace, photos: u64, bytes: &[u8]) -> Result<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        let sum: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if !rest.is_empty() || sum.iter().any(|number| !number.is_finite()) {
            return Err(Error::invalid("a sum of embeddings is a sequence of finite 4-byte floats"));
        }
        Ok(Self { space, photos, sum })
    }
}
