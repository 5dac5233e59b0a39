//! One network of a classifier: planes of photos in, probabilities and embeddings out.

use ort::environment::Environment;
use ort::session::Session;
use ort::value::TensorRef;
use vitrina_core::{Error, Result};
use vitrina_photo::Preprocessor;

use crate::classifier::OnnxOptions;
use crate::manifest::{Manifest, ModelFile, Scores};
use crate::pool::SessionPool;

/// What a network says of one photo.
pub(crate) struct Seen {
    /// The probability of each class, in the order of the manifest's labels.
    pub(crate) probabilities: Vec<f32>,
    /// The embedding, where the network has one; of any length.
    pub(crate) embedding: Option<Vec<f32>>,
}

/// A network with its sessions.
pub(crate) struct Network {
    pub(crate) manifest: Manifest,
    pub(crate) precision: String,
    /// True if the model was exported for batches of one.
    pub(crate) one_by_one: bool,
    sessions: SessionPool,
}

impl Network {
    /// Opens the model's file for this precision or this processor, which was checked against the manifest.
    pub(crate) fn open(manifest: Manifest, options: &OnnxOptions, environment: Environment) -> Result<Self> {
        let ModelFile { precision, path, .. } = manifest.file(options.precision.as_deref())?.clone();
        let threads = options.threads_per_session.max(1);
        let sessions = SessionPool::open(environment, path, threads, options.sessions)?;
        let one_by_one = sessions.with(takes_one_photo)?;
        Ok(Self { manifest, precision, one_by_one, sessions })
    }

    /// Computes it once.
    pub(crate) fn try_out(&self) -> Result<()> {
        let length = Preprocessor::new(&self.manifest.input).length();
        self.compute(&vec![0.0; length], 1).map(drop)
    }

    /// Computes it for so many photos, whose planes are `numbers`.
    pub(crate) fn compute(&self, numbers: &[f32], photos: usize) -> Result<Vec<Seen>> {
        self.sessions.with(|session| self.run(session, numbers, photos))?
    }

    fn run(&self, session: &mut Session, numbers: &[f32], photos: usize) -> Result<Vec<Seen>> {
        let failed =
            |source: ort::Error| Error::internal("the model could not be computed").with_source(source);
        let input = &self.manifest.input;
        let shape = [photos, 3, input.height as usize, input.width as usize];
        let tensor = TensorRef::from_array_view((shape, numbers)).map_err(failed)?;
        let outputs = session.run(ort::inputs![input.name.as_str() => tensor]).map_err(failed)?;
        let output = |name: &str, length: Option<usize>| {
            let missing = || Error::internal(format!("the model has no output {name}: correct its manifest"));
            let (_, values) =
                outputs.get(name).ok_or_else(missing)?.try_extract_tensor::<f32>().map_err(failed)?;
            let each = values.len() / photos;
            if each == 0 || each * photos != values.len() || length.is_some_and(|length| length != each) {
                let wanted = length.unwrap_or(1);
                return Err(Error::internal(format!(
                    "the model's output {name} has {each} numbers a photo, {wanted} were expected: correct its manifest"
                )));
            }
            Ok(values.chunks_exact(each))
        };
        let scores = output(&self.manifest.scores.name, Some(self.manifest.labels.len()))?;
        let embedding = self.manifest.embedding.as_ref();
        let embeddings = embedding.map(|embedding| output(&embedding.name, embedding.length)).transpose()?;
        let mut embeddings = embeddings.into_iter().flatten();
        let probabilities = |scores: &[f32]| match self.manifest.scores.kind {
            Scores::Logits => softmax(scores),
            Scores::Probabilities => scores.to_vec(),
        };
        Ok(scores
            .map(|scores| Seen {
                probabilities: probabilities(scores),
                embedding: embeddings.next().map(<[f32]>::to_vec),
            })
            .collect())
    }
}

/// Whether the model was exported for batches of one.
fn takes_one_photo(session: &mut Session) -> bool {
    let shape = session.inputs().first().and_then(|input| input.dtype().tensor_shape());
    shape.is_some_and(|shape| shape.first() == Some(&1))
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f64> = logits.iter().map(|logit| f64::from(logit - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|power| (power / sum) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_stands_large_numbers() {
        let scores = softmax(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(scores, [0.5, 0.5, 0.0]);
    }
}
