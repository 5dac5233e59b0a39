//! `manifest.json` as it is written; the file's own words stay here. `data/models/README.md` describes it.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use vitrina_core::{Error, Result};
use vitrina_photo::{Crop, Resample};

use crate::manifest::{self, EmbeddingOutput, ModelFile, Scores, ScoresOutput, read_json};

#[derive(Deserialize)]
pub(crate) struct Manifest {
    name: String,
    version: String,
    files: Vec<File>,
    input: Input,
    preprocessing: Preprocessing,
    outputs: Outputs,
    labels: String,
}

/// A `manifest.json` of either kind.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum AnyManifest {
    Ensemble(Ensemble),
    /// One network: read again as such, which names what is wrong with it.
    Network(serde::de::IgnoredAny),
}

/// Several networks as one classifier.
#[derive(Deserialize)]
pub(crate) struct Ensemble {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Directories with a manifest of their own, from the ensemble's.
    pub(crate) members: Vec<String>,
}

#[derive(Deserialize)]
struct File {
    precision: String,
    file: String,
    sha256: Option<String>,
}

#[derive(Deserialize)]
struct Input {
    name: String,
    layout: Layout,
    width: u32,
    height: u32,
    channels: Channels,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Layout {
    Nchw,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Channels {
    Rgb,
    Bgr,
}

#[derive(Deserialize)]
struct Preprocessing {
    #[serde(flatten)]
    resize: Resize,
    filter: Filter,
    scale: f32,
    mean: [f32; 3],
    std: [f32; 3],
}

#[derive(Deserialize)]
#[serde(tag = "resize", rename_all = "snake_case")]
enum Resize {
    Crop { crop_fraction: f64 },
    ShorterSide { shorter_side: u32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Filter {
    BilinearAntialias,
    BicubicAntialias,
}

#[derive(Deserialize)]
struct Outputs {
    logits: String,
    embedding: Option<String>,
    embedding_length: Option<usize>,
    embedding_center: Option<String>,
    activation: Activation,
}

/// What has to be done to the scores.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Activation {
    Softmax,
    None,
}

/// A class in the file of labels.
#[derive(Deserialize)]
pub(crate) struct Label {
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Manifest {
    /// The same for the program; files and labels are looked up from `directory`.
    pub(crate) fn into_manifest(self, directory: &Path) -> Result<manifest::Manifest> {
        let Layout::Nchw = self.input.layout;
        let labels: Vec<Label> = read_json(&directory.join(&self.labels))?;
        let file = |file: File| ModelFile {
            precision: file.precision,
            path: directory.join(file.file),
            sha256: file.sha256,
        };
        let length = self.outputs.embedding_length;
        let center = self.outputs.embedding_center.as_deref().map(|text| center(text, length)).transpose()?;
        Ok(manifest::Manifest {
            name: self.name,
            version: self.version,
            files: self.files.into_iter().map(file).collect(),
            input: vitrina_photo::Input {
                name: self.input.name,
                width: self.input.width,
                height: self.input.height,
                channels: match self.input.channels {
                    Channels::Rgb => vitrina_photo::Channels::Rgb,
                    Channels::Bgr => vitrina_photo::Channels::Bgr,
                },
                crop: self.preprocessing.resize.crop(),
                resample: self.preprocessing.filter.resample(),
                scale: self.preprocessing.scale,
                mean: self.preprocessing.mean,
                std: self.preprocessing.std,
            },
            scores: ScoresOutput {
                name: self.outputs.logits,
                kind: match self.outputs.activation {
                    Activation::Softmax => Scores::Logits,
                    Activation::None => Scores::Probabilities,
                },
            },
            embedding: self.outputs.embedding.map(|name| EmbeddingOutput { name, length, center }),
            labels: labels.into_iter().map(|label| label.id).collect(),
        })
    }
}

/// The numbers of `embedding_center`: a byte each, in base64; only their direction counts.
fn center(text: &str, length: Option<usize>) -> Result<Vec<f32>> {
    let bytes = STANDARD.decode(text).ok().filter(|bytes| length.is_none_or(|length| bytes.len() == length));
    let bytes =
        bytes.ok_or_else(|| Error::invalid("`embedding_center` must be base64 of a byte for each number"))?;
    Ok(bytes.into_iter().map(f32::from).collect())
}

impl Resize {
    fn crop(&self) -> Crop {
        match *self {
            Self::Crop { crop_fraction } => Crop::CentreSquare { fraction: crop_fraction },
            Self::ShorterSide { shorter_side } => Crop::ShorterSide { pixels: shorter_side },
        }
    }
}

impl Filter {
    fn resample(&self) -> Resample {
        match self {
            Self::BilinearAntialias => Resample::Bilinear,
            Self::BicubicAntialias => Resample::Bicubic,
        }
    }
}
