//! What is known about a model besides its weights: how photos are prepared for it, and what its outputs mean.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use vitrina_core::classify::EmbeddingSpace;
use vitrina_core::{Error, Result};
use vitrina_photo::{Crop, Input};

use crate::{hugging_face, processor, wire};

/// A model directory's description, from its `manifest.json` or from Hugging Face's files.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The model's name, such as `efficientnet_lite0`.
    pub name: String,
    /// The version of its weights; embeddings of different versions do not mix.
    pub version: String,
    /// Its files, one for each precision; the first is used where nothing speaks for another.
    pub files: Vec<ModelFile>,
    /// What it takes.
    pub input: Input,
    /// The output with the classes' scores.
    pub scores: ScoresOutput,
    /// The output with the embedding, where there is one.
    pub embedding: Option<EmbeddingOutput>,
    /// The classes' ids, in the order of the scores.
    pub labels: Vec<String>,
}

/// A file with the model's weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// The precision of its arithmetic, such as `fp32`.
    pub precision: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The SHA-256 of its content in hexadecimal, where it is known.
    pub sha256: Option<String>,
}

/// The output with the classes' scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoresOutput {
    /// Its name in the model.
    pub name: String,
    /// What its numbers are.
    pub kind: Scores,
}

/// The output with the embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddingOutput {
    /// Its name in the model.
    pub name: String,
    /// How many numbers it has, where that is known.
    pub length: Option<usize>,
    /// The direction that the embeddings of all kinds of photos have in common, where that is known.
    pub center: Option<Vec<f32>>,
}

/// What a model's scores are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scores {
    /// Any numbers, which softmax turns into probabilities.
    Logits,
    /// Probabilities already.
    Probabilities,
}

impl Manifest {
    /// Reads the description of the model in `directory`: its `manifest.json`, or else Hugging Face's `config.json` and
    /// `preprocessor_config.json`.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where neither is there or one cannot be understood.
    pub fn load(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let own = directory.join("manifest.json");
        let manifest = if own.is_file() {
            read_json::<wire::Manifest>(&own)?.into_manifest(directory)
        } else if directory.join("config.json").is_file() {
            hugging_face::load(directory)
        } else {
            let directory = directory.display();
            return Err(Error::invalid(format!(
                "there is no model in {directory}: name a folder with a manifest.json, or one in Hugging Face's layout"
            )));
        }?;
        manifest.check().map_err(|problem| {
            Error::invalid(format!(
                "the description of the model in {} is wrong: {problem}",
                directory.display()
            ))
        })?;
        Ok(manifest)
    }

    /// The space of its embeddings, `NAME/VERSION`. Those of all its precisions may be compared.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a name that is too long.
    pub fn space(&self) -> Result<EmbeddingSpace> {
        EmbeddingSpace::new(format!("{}/{}", self.name, self.version))
    }

    /// The file of this precision; without one, that in bytes where this processor is no slower with it and the file is there,
    /// else the first.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where the model has no such file.
    pub fn file(&self, precision: Option<&str>) -> Result<&ModelFile> {
        let of = |precision: &str| self.files.iter().find(|file| file.precision == precision);
        if let Some(precision) = precision {
            return of(precision).ok_or_else(|| {
                let known: Vec<_> = self.files.iter().map(|file| file.precision.as_str()).collect();
                let known = known.join(" or ");
                Error::invalid(format!("the model has no precision `{precision}`: choose {known}"))
            });
        }
        let fast = of(INT8).filter(|file| processor::prefers_bytes() && file.path.is_file());
        let file = fast.or(self.files.first());
        file.ok_or_else(|| Error::invalid("the model has no file: correct its manifest"))
    }

    fn check(&self) -> Result<(), &'static str> {
        let Input { width, height, scale, mean, std, .. } = &self.input;
        let numbers = mean.iter().chain(std).chain([scale]);
        if !(1..=MAX_SIDE).contains(width) || !(1..=MAX_SIDE).contains(height) {
            return Err("the input's width and height must be 1 to 2048");
        }
        if numbers.clone().any(|number| !number.is_finite()) || std.contains(&0.0) {
            return Err("scale, mean and std must be finite, and std not 0");
        }
        if let Crop::CentreSquare { fraction } = self.input.crop
            && !(fraction > 0.0 && fraction <= 1.0)
        {
            return Err("the fraction of a crop must be above 0 and at most 1");
        }
        if let Crop::ShorterSide { pixels } = self.input.crop
            && !(*width.max(height)..=2 * MAX_SIDE).contains(&pixels)
        {
            return Err("the shorter side must be no less than the input's width and height");
        }
        if self.labels.is_empty() {
            return Err("it names no labels");
        }
        Ok(())
    }
}

/// The precision of files that compute in bytes.
const INT8: &str = "int8";

/// A larger input than any image classifier takes.
const MAX_SIDE: u32 = 2048;

impl ModelFile {
    /// Whether the file is there, and the one that the manifest means.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where it is missing or has another SHA-256.
    pub fn verify(&self) -> Result<()> {
        let path = self.path.display();
        let missing =
            || Error::invalid(format!("the model {path} is missing: run `make build`, which exports it"));
        let mut file = File::open(&self.path).map_err(|source| missing().with_source(source))?;
        let Some(expected) = &self.sha256 else {
            return Ok(());
        };
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            let read = file.read(&mut buffer).map_err(|source| missing().with_source(source))?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
        let found = format!("{:x}", hash.finalize());
        if !found.eq_ignore_ascii_case(expected) {
            return Err(Error::invalid(format!(
                "the model {path} was changed: its SHA-256 is {found}, the manifest says {expected}; delete it and run \
                 `make build`, or correct the manifest"
            )));
        }
        Ok(())
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let shown = path.display();
    let text = fs::read(path).map_err(|source| {
        Error::invalid(format!("{shown} cannot be read: put it there")).with_source(source)
    })?;
    serde_json::from_slice(&text)
        .map_err(|source| Error::invalid(format!("{shown} is not as expected: {source}")).with_source(source))
}
