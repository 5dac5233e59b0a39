//! The classifier: photos in, classifications out.

use std::fmt;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use ort::environment::Environment;
use vitrina_core::classify::{Classification, Embedding, EmbeddingSpace, LabelScore, PhotoError};
use vitrina_core::queue::STAGE_TARGET;
use vitrina_core::{Classifier, Error, Result};
use vitrina_photo::{PhotoLimits, Preprocessor, prepare_all};

use crate::manifest::Manifest;
use crate::model::Model;
use crate::network::{Network, Seen};
use crate::runtime;

/// Labels below this probability are left out,
const NEGLIGIBLE: f32 = 1e-3;
/// but never so many that fewer than these remain.
const LEAST_LABELS: usize = 5;

/// Configuration of an [`OnnxClassifier`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OnnxOptions {
    /// ONNX Runtime's shared library; where it is not named, [`find_library`](crate::find_library) looks for it.
    pub library: Option<PathBuf>,
    /// Which of the model's files to use, by precision: `fp32`, `int8`. Default: [`Manifest::file`](crate::Manifest::file) chooses.
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

impl OnnxOptions {
    /// Sets the path of ONNX Runtime's shared library.
    #[must_use]
    pub fn library(mut self, library: Option<PathBuf>) -> Self {
        self.library = library;
        self
    }

    /// Sets the precision, `fp32` or `int8`, and with it which of the model's files is used.
    #[must_use]
    pub fn precision(mut self, precision: Option<String>) -> Self {
        self.precision = precision;
        self
    }

    /// Sets how many callers may compute at the same time.
    #[must_use]
    pub fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }

    /// Sets the number of threads of one computation.
    #[must_use]
    pub fn threads_per_session(mut self, threads_per_session: usize) -> Self {
        self.threads_per_session = threads_per_session;
        self
    }

    /// Sets the largest number of photos in one computation.
    #[must_use]
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets the limits of a photo's size.
    #[must_use]
    pub fn limits(mut self, limits: PhotoLimits) -> Self {
        self.limits = limits;
        self
    }
}

/// A [`Classifier`] that computes an ONNX model on the CPU, or several as one. Cheap to share, and to be called from many
/// threads.
///
/// An ensemble's class probabilities are the means of its members'; its embedding is theirs, each of unit length, one after
/// the other, so that the cosine of two is the mean of the members' cosines. A photo is decoded once for all of them.
pub struct OnnxClassifier {
    space: EmbeddingSpace,
    members: Vec<Network>,
    labels: Vec<String>,
    batch: usize,
    limits: PhotoLimits,
}

impl OnnxClassifier {
    /// Opens the model in `directory`: one with a `manifest.json`, or in Hugging Face's layout.
    ///
    /// The model's files are checked against the manifest and computed once, so that what cannot work fails here.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where the runtime or the model is missing or does not fit its manifest.
    pub fn open(directory: impl AsRef<Path>, options: OnnxOptions) -> Result<Self> {
        Found::check(directory.as_ref(), options)?.open()
    }
}

/// A model whose description and files are in order, and the runtime for it: what is known without computing.
pub(crate) struct Found {
    directory: PathBuf,
    model: Model,
    environment: Environment,
    options: OnnxOptions,
}

impl Found {
    /// Checks the model's files against its manifest, and loads the runtime.
    pub(crate) fn check(directory: &Path, options: OnnxOptions) -> Result<Self> {
        let model = Model::load(directory)?;
        for member in &model.members {
            member.file(options.precision.as_deref())?.verify()?;
        }
        let environment = runtime::environment(options.library.as_deref())?;
        Ok(Self { directory: directory.to_path_buf(), model, environment, options })
    }

    pub(crate) fn space(&self) -> &EmbeddingSpace {
        &self.model.space
    }

    pub(crate) fn center(&self) -> Option<Embedding> {
        center(&self.model.space, self.model.members.iter())
    }

    /// Opens the networks and computes each once.
    pub(crate) fn open(self) -> Result<OnnxClassifier> {
        let Self { directory, model: Model { space, members }, environment, options } = self;
        let labels = members.first().map(|member| member.labels.clone()).unwrap_or_default();
        let open = |manifest| Network::open(manifest, &options, environment.clone());
        let members: Vec<Network> = members.into_iter().map(open).collect::<Result<_>>()?;
        let one_by_one = members.iter().any(|member| member.one_by_one);
        let batch = if one_by_one { 1 } else { options.batch.max(1) };
        let classifier = OnnxClassifier { space, members, labels, batch, limits: options.limits };
        for member in &classifier.members {
            member.try_out().map_err(|error| {
                let path = directory.display();
                Error::invalid(format!("the model in {path} does not fit its manifest")).with_source(error)
            })?;
        }
        tracing::info!(model = %classifier.space, precision = classifier.precision(), "opened the model");
        Ok(classifier)
    }
}

impl OnnxClassifier {
    /// The precision that it computes in: `fp32`, `int8`; `mixed` for members of several.
    pub fn precision(&self) -> &str {
        match self.members.as_slice() {
            [first, others @ ..] if others.iter().all(|other| other.precision == first.precision) => {
                &first.precision
            }
            _ => "mixed",
        }
    }

    fn classify_batch(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        let preprocessors: Vec<_> =
            self.members.iter().map(|member| Preprocessor::new(&member.manifest.input)).collect();
        let lengths: Vec<_> = preprocessors.iter().map(Preprocessor::length).collect();
        // Photos that cannot be read leave no gap: the next one takes their place.
        let mut numbers: Vec<_> = lengths.iter().map(|length| vec![0.0; length * photos.len()]).collect();
        let decode = tracing::info_span!(target: STAGE_TARGET, "decode").entered();
        let mut readable = 0;
        let mut failures = Vec::with_capacity(photos.len());
        for photo in photos {
            let places = numbers.iter_mut().zip(&lengths);
            let mut planes: Vec<_> =
                places.map(|(numbers, length)| &mut numbers[readable * length..][..*length]).collect();
            let prepared = prepare_all(&preprocessors, photo, self.limits, &mut planes);
            readable += usize::from(prepared.is_ok());
            failures.push(prepared.err());
        }
        drop(decode);
        let model = tracing::info_span!(target: STAGE_TARGET, "model").entered();
        let mut members = Vec::with_capacity(self.members.len());
        for ((member, numbers), length) in self.members.iter().zip(&numbers).zip(&lengths) {
            let numbers = &numbers[..readable * length];
            members.push(
                if readable == 0 { Vec::new() } else { member.compute(numbers, readable)? }.into_iter(),
            );
        }
        drop(model);
        let missing = || Error::internal("the model answered fewer photos than it was given");
        failures
            .into_iter()
            .map(|failure| match failure {
                Some(error) => Ok(Err(error)),
                None => {
                    let seen: Option<Vec<Seen>> = members.iter_mut().map(Iterator::next).collect();
                    self.classification(seen.ok_or_else(missing)?).map(Ok)
                }
            })
            .collect()
    }

    /// What the members see of one photo, as one.
    fn classification(&self, seen: Vec<Seen>) -> Result<Classification> {
        let mut probabilities = vec![0.0; self.labels.len()];
        let share = 1.0 / seen.len() as f32;
        let mut numbers = Some(Vec::new());
        for member in seen {
            let summed = probabilities.iter_mut().zip(&member.probabilities);
            summed.for_each(|(sum, probability)| *sum += share * probability);
            // A picture without any feature has no direction, and nothing is similar to it.
            let own = member.embedding.and_then(|vector| Embedding::new(vector).ok());
            numbers = numbers.zip(own).map(|(mut all, own)| {
                all.extend_from_slice(own.as_slice());
                all
            });
        }
        let embedding = numbers.and_then(|numbers| Embedding::new(numbers).ok());
        Ok(Classification {
            labels: self.likeliest(&probabilities)?,
            categories: Vec::new(),
            embedding: embedding.map(|embedding| embedding.in_space(self.space.clone())),
        })
    }

    /// The likeliest labels of one photo.
    fn likeliest(&self, probabilities: &[f32]) -> Result<Vec<LabelScore>> {
        if !probabilities.iter().all(|score| score.is_finite()) {
            return Err(Error::internal("the model answered what is no number"));
        }
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
        let kept = order.iter().enumerate();
        let kept =
            kept.take_while(|(rank, label)| *rank < LEAST_LABELS || probabilities[**label] >= NEGLIGIBLE);
        Ok(kept
            .take(Classification::MAX_SCORES)
            .map(|(_, label)| LabelScore { label: self.labels[*label].clone(), score: probabilities[*label] })
            .collect())
    }
}

impl Classifier for OnnxClassifier {
    fn space(&self) -> EmbeddingSpace {
        self.space.clone()
    }

    fn center(&self) -> Option<Embedding> {
        center(&self.space, self.members.iter().map(|member| &member.manifest))
    }

    fn classify(&self, photos: &[&[u8]]) -> Result<Vec<Result<Classification, PhotoError>>> {
        let mut answers = Vec::with_capacity(photos.len());
        for batch in photos.chunks(self.batch) {
            answers.extend(self.classify_batch(batch)?);
        }
        Ok(answers)
    }
}

/// The center of a model's embeddings, where all its members know theirs.
fn center<'a>(space: &EmbeddingSpace, members: impl Iterator<Item = &'a Manifest>) -> Option<Embedding> {
    let mut numbers = Vec::new();
    for member in members {
        let own = Embedding::new(member.embedding.as_ref()?.center.clone()?).ok()?;
        numbers.extend_from_slice(own.as_slice());
    }
    Some(Embedding::new(numbers).ok()?.in_space(space.clone()))
}

impl fmt::Debug for OnnxClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnnxClassifier").field("space", &self.space).finish_non_exhaustive()
    }
}
