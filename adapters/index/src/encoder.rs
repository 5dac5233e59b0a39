//! Encoded embeddings: rotated and quantized once, then kept in memory and on disk in the same bytes.
//!
//! A stored embedding is a byte with the length of the photo's key, the key (none for a main photo); a byte with the length of
//! the space's name, the name; the number of dimensions (4 bytes), the factor of the codes (4 bytes), and the packed codes.
//! Numbers are little-endian.

use std::collections::HashMap;
use std::sync::Arc;

use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::photo::PhotoKey;
use vitrina_core::{Error, Result};

use crate::quantizer::Quantizer;
use crate::rotation::Rotation;

/// Rotates and quantizes vectors of one length.
#[derive(Debug)]
pub(crate) struct Encoder {
    pub(crate) rotation: Rotation,
    pub(crate) quantizer: Quantizer,
}

/// A vector as it is kept: packed codes, and the factor that makes a unit vector of them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Code {
    pub(crate) row: Box<[i8]>,
    pub(crate) factor: f32,
}

/// The embedding of a product's photo, encoded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Encoded {
    /// The photo; `None` for the main one.
    pub(crate) further: Option<PhotoKey>,
    pub(crate) space: EmbeddingSpace,
    /// How many dimensions it has.
    pub(crate) length: usize,
    pub(crate) code: Code,
}

impl Encoder {
    /// The encoder of vectors of this length, always the same.
    pub(crate) fn new(length: usize) -> Self {
        let rotation = Rotation::new(length);
        Self { quantizer: Quantizer::new(length, &rotation), rotation }
    }

    /// Encodes a vector.
    pub(crate) fn encode(&self, vector: &[f32]) -> Code {
        let (codes, factor) = self.quantizer.codes(&self.rotation.rotate(vector));
        let mut row = vec![0; self.quantizer.row()].into_boxed_slice();
        self.quantizer.pack(&codes, &mut row);
        Code { row, factor }
    }
}

/// Encodes embeddings of any length.
#[derive(Debug, Default)]
pub(crate) struct Encoders(HashMap<usize, Arc<Encoder>>);

impl Encoders {
    pub(crate) fn of(&mut self, length: usize) -> &Arc<Encoder> {
        self.0.entry(length).or_insert_with(|| Arc::new(Encoder::new(length)))
    }

    pub(crate) fn encode(&mut self, embedding: &Embedding, further: Option<PhotoKey>) -> Encoded {
        let length = embedding.as_slice().len();
        let code = self.of(length).encode(embedding.as_slice());
        Encoded { further, space: embedding.space().clone(), length, code }
    }

    /// Reads what [`Encoded::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Internal`](vitrina_core::ErrorKind::Internal) for other bytes.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<Encoded> {
        let damaged =
            || Error::internal("an embedding in the search index is damaged: delete the index's folder");
        let (photo, rest) = split_text(bytes).ok_or_else(damaged)?;
        let (space, rest) = split_text(rest).ok_or_else(damaged)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let (factor, row) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let length = u32::from_le_bytes(*length) as usize;
        if length == 0 || length > Embedding::MAX_LENGTH || self.of(length).quantizer.row() != row.len() {
            return Err(damaged());
        }
        let further = if photo.is_empty() { None } else { Some(photo.parse().map_err(|_| damaged())?) };
        let row = row.iter().map(|byte| byte.cast_signed()).collect();
        Ok(Encoded {
            further,
            space: EmbeddingSpace::new(space)?,
            length,
            code: Code { row, factor: f32::from_le_bytes(*factor) },
        })
    }
}

impl Encoded {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let texts = [self.further.as_ref().map_or("", PhotoKey::as_str), self.space.as_str()];
        let mut bytes = Vec::with_capacity(10 + texts.concat().len() + self.code.row.len());
        for text in texts {
            bytes.push(u8::try_from(text.len()).unwrap_or(u8::MAX)); // bounded by `EmbeddingSpace::MAX_LENGTH`
            bytes.extend(text.as_bytes());
        }
        bytes.extend((self.length as u32).to_le_bytes());
        bytes.extend(self.code.factor.to_le_bytes());
        bytes.extend(self.code.row.iter().map(|code| code.cast_unsigned()));
        bytes
    }
}

/// A text behind a byte with its length, and what follows it.
fn split_text(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (text, rest) = rest.split_at_checked(usize::from(*length))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use vitrina_core::photo::PhotoFormat;

    use super::*;

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let mut encoders = Encoders::default();
        for (length, further) in [(1, None), (7, None), (1280, None), (1280, Some(b"back")), (2560, None)] {
            let further = further.map(|photo| PhotoKey::of(photo, PhotoFormat::WebP));
            let numbers = (0..length).map(|at| (at as f32 * 0.37).sin() + 0.1).collect();
            let space = EmbeddingSpace::new("módelo/1").unwrap();
            let encoded = encoders.encode(&Embedding::new(numbers).unwrap().in_space(space), further);
            let bytes = encoded.to_bytes();
            assert_eq!(encoders.read(&bytes).unwrap(), encoded, "{length}");
            for end in 0..bytes.len() {
                assert!(encoders.read(&bytes[..end]).is_err(), "{length}, cut at {end}");
            }
        }
    }
}
