//! The classifier: photos in, recognitions out.

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use ort::session::Session;
use ort::value::TensorRef;
use vitrina::{Classifier, Embedding, Error, LabelScore, PhotoError, Recognition, Result};

use crate::manifest::{Manifest, Scores};
use crate::photo::PhotoLimits;
use crate::pool::SessionPool;
use crate::preprocess::Preprocessor;
use crate::runtime;

/// Labels below this probability are left out,
const NEGLIGIBLE: f32 = 1e-3;
/// but never so many that fewer than these remain.
const LEAST_LABELS: usize = 5;

/// How an [`OnnxClassifier`] uses the machine.
#[derive(Debug, Clone)]
pub struct OnnxOptions {
    /// ONNX Runtime's shared library; where it is not named, [`find_library`](crate::find_library) looks for it.
    pub library: Option<PathBuf>,
    /// Which of the model's files to use, by precision: `fp32`, `int8`. Default: [`Manifest::file`] chooses.
    pub precision: Option<String>,
    /// How many callers may compute at the same time; the others wait. One session for each is opened when it is first
    /// needed, and holds the model's weights, about 55 MB with the default model. Default: as many as there are cores.
    pub sessions: usize,
    /// The threads of one computation. Default: 1, which serves most photos in all when callers are as many as cores.
    pub threads_per_session: usize,
    /// The most photos in one computation; longer batches are split. Default: 2, more is
    /// hardly faster and takes memory: about 10 MB a photo in each session.
    pub batch: usize,
    /// How large a photo may be.
    pub limits: PhotoLimits,
}

impl Default for OnnxOptions {
    fn default() -> Self {
        Self {
            library: None,
            precision: None,
            sessions: available_parallelism().map_or(1, usize::from),
            threads_per_session: 1,
            batch: 2,
            limits: PhotoLimits::default(),
        }
    }
}

/// A [`Classifier`] that computes an ONNX model on the CPU. Cheap to share, and to be called from many threads.
pub struct OnnxClassifier {
    model: String,
    precision: String,
    manifest: Manifest,
    batch: usize,
    limits: PhotoLimits,
    sessions: SessionPool,
}

impl OnnxClassifier {
    /// Opens the model in `directory`: one with a `manifest.json`, or in Hugging Face's layout.
    ///
    /// The model's file is checked against the manifest and computed once, so that what cannot work fails here.
    ///
    /// # Errors
    /// [`Invalid`](vitrina::ErrorKind::Invalid) where the runtime or the model is missing or does not fit its manifest.
    pub fn open(directory: impl AsRef<Path>, options: OnnxOptions) -> Result<Self> {
        let manifest = Manifest::load(directory.as_ref())?;
        let file = manifest.file(options.precision.as_deref())?.clone();
        file.verify()?;
        let environment = runtime::environment(options.library.as_deref())?;
        let threads = options.threads_per_session.max(1);
        let sessions = SessionPool::open(environment, file.path, threads, options.sessions)?;
        let one_by_one = sessions.with(takes_one_photo)?;
        let classifier = Self {
            model: manifest.model(),
            precision: file.precision,
            sessions,
            batch: if one_by_one { 1 } else { options.batch.max(1) },
            limits: options.limits,
            manifest,
        };
        classifier.try_out().map_err(|error| {
            let path = directory.as_ref().display();
            Error::invalid(format!("the model in {path} does not fit its manifest")).with_source(error)
        })?;
        tracing::info!(model = classifier.model, precision = classifier.precision, "opened the model");
        Ok(classifier)
    }

    /// The precision that it computes in: `fp32`, `int8`.
    pub fn precision(&self) -> &str {
        &self.precision
    }

    /// What is known about the model.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn try_out(&self) -> Result<()> {
        let length = Preprocessor::new(&self.manifest.input).length();
        self.compute(&vec![0.0; length], 1).map(drop)
    }

    fn classify_batch(&self, photos: &[&[u8]]) -> Result<Vec<Result<Recognition, PhotoError>>> {
        let preprocessor = Preprocessor::new(&self.manifest.input);
        let length = preprocessor.length();
        // Photos that cannot be read leave no gap: the next one takes their place.
        let mut numbers = vec![0.0; length * photos.len()];
        let mut readable = 0;
        let mut failures = Vec::with_capacity(photos.len());
        for photo in photos {
            let planes = &mut numbers[readable * length..][..length];
            let prepared = preprocessor.prepare(photo, self.limits, planes);
            readable += usize::from(prepared.is_ok());
            failures.push(prepared.err());
        }
        numbers.truncate(readable * length);
        let mut recognitions =
            if readable == 0 { Vec::new() } else { self.compute(&numbers, readable)? }.into_iter();
        let missing = || Error::internal("the model answered fewer photos than it was given");
        failures
            .into_iter()
            .map(|failure| match failure {
                Some(error) => Ok(Err(error)),
                None => recognitions.next().map(Ok).ok_or_else(missing),
            })
            .collect()
    }

    fn compute(&self, numbers: &[f32], photos: usize) -> Result<Vec<Recognition>> {
        self.sessions.with(|session| self.run(session, numbers, photos))?
    }

    fn run(&self, session: &mut Session, numbers: &[f32], photos: usize) -> Result<Vec<Recognition>> {
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
        scores
            .map(|scores| {
                Ok(Recognition {
                    labels: self.labels(scores)?,
                    categories: Vec::new(),
                    // A picture without any feature has no direction, and nothing looks like it.
                    embedding: embeddings.next().and_then(|vector| Embedding::new(vector.to_vec()).ok()),
                })
            })
            .collect()
    }

    /// The likeliest labels of one photo.
    fn labels(&self, scores: &[f32]) -> Result<Vec<LabelScore>> {
        let labels = &self.manifest.labels;
        let probabilities = match self.manifest.scores.kind {
            Scores::Logits => softmax(scores),
            Scores::Probabilities => scores.to_vec(),
        };
        if !probabilities.iter().all(|score| score.is_finite()) {
            return Err(Error::internal("the model answered what is no number"));
        }
        let mut order: Vec<usize> = (0..labels.len()).collect();
        order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
        let kept = order.iter().enumerate();
        let kept =
            kept.take_while(|(rank, label)| *rank < LEAST_LABELS || probabilities[**label] >= NEGLIGIBLE);
        Ok(kept
            .take(Recognition::MAX_SCORES)
            .map(|(_, label)| LabelScore { label: labels[*label].clone(), score: probabilities[*label] })
            .collect())
    }
}

impl Classifier for OnnxClassifier {
    fn model(&self) -> &str {
        &self.model
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Recognition, PhotoError>>> {
        let mut answers = Vec::with_capacity(photos.len());
        for batch in photos.chunks(self.batch) {
            answers.extend(self.classify_batch(batch)?);
        }
        Ok(answers)
    }
}

impl fmt::Debug for OnnxClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxClassifier").field("model", &self.model).finish_non_exhaustive()
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
