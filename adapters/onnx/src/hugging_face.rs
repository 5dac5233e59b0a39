//! Model directories in Hugging Face's layout: `config.json`, `preprocessor_config.json`, `model.onnx`.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use vitrina_core::{Error, Result};
use vitrina_photo::{Channels, Crop, Input, Resample};

use crate::manifest::{Manifest, ModelFile, Scores, ScoresOutput, read_json};
use crate::wire::Label;

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "_name_or_path")]
    name: Option<String>,
    model_type: Option<String>,
    id2label: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Preprocessor {
    size: Size,
    crop_size: Option<Size>,
    do_center_crop: bool,
    crop_pct: Option<f64>,
    do_flip_channel_order: bool,
    do_rescale: bool,
    rescale_factor: f32,
    do_normalize: bool,
    image_mean: [f32; 3],
    image_std: [f32; 3],
    resample: u8,
}

impl Default for Preprocessor {
    fn default() -> Self {
        Self {
            size: Size::Side(224),
            crop_size: None,
            do_center_crop: false,
            crop_pct: None,
            do_flip_channel_order: false,
            do_rescale: true,
            rescale_factor: 1.0 / 255.0,
            do_normalize: true,
            image_mean: [0.5; 3],
            image_std: [0.5; 3],
            resample: 2,
        }
    }
}

/// A size in any of the spellings that the years have left.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Size {
    Side(u32),
    Shorter { shortest_edge: u32 },
    Exact { height: u32, width: u32 },
}

impl Size {
    fn width_and_height(self) -> (u32, u32) {
        match self {
            Self::Side(side) | Self::Shorter { shortest_edge: side } => (side, side),
            Self::Exact { height, width } => (width, height),
        }
    }
}

/// Reads the model in `directory`. It has no embedding; its labels are WordNet ids where `id2label` holds ImageNet's
/// names and an `imagenet_labels.json` lies in the directory or the one above, and else those names.
pub(crate) fn load(directory: &Path) -> Result<Manifest> {
    let config: Config = read_json(&directory.join("config.json"))?;
    let preprocessor: Preprocessor = read_json(&directory.join("preprocessor_config.json"))?;
    let files = ["model.onnx", "onnx/model.onnx"].map(|file| directory.join(file));
    let Some(path) = files.into_iter().find(|path| path.is_file()) else {
        let directory = directory.display();
        return Err(Error::invalid(format!(
            "there is no model.onnx in {directory}: export the model to ONNX"
        )));
    };
    let folder = directory.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = config.name.filter(|name| !name.is_empty()).or(config.model_type).or(folder);
    Ok(Manifest {
        name: name.unwrap_or_else(|| "model".to_owned()).replace('/', "_"),
        version: "1".to_owned(),
        files: vec![ModelFile { precision: "fp32".to_owned(), path, sha256: None }],
        input: preprocessor.input()?,
        scores: ScoresOutput { name: "logits".to_owned(), kind: Scores::Logits },
        embedding: None,
        labels: wordnet_ids(directory, labels(&config.id2label)?),
    })
}

fn labels(id2label: &BTreeMap<String, String>) -> Result<Vec<String>> {
    // The keys are numbers written as text, so the map's own order is not theirs.
    (0..id2label.len())
        .map(|id| {
            let missing = || Error::invalid(format!("config.json has no label {id} in id2label: add it"));
            id2label.get(&id.to_string()).cloned().ok_or_else(missing)
        })
        .collect()
}

/// The names' ids where they are ImageNet's classes; the categories of the shop are found by those.
fn wordnet_ids(directory: &Path, names: Vec<String>) -> Vec<String> {
    let files = [directory.join("imagenet_labels.json"), directory.join("../imagenet_labels.json")];
    let known: Option<Vec<Label>> = files.iter().find_map(|file| read_json(file).ok());
    let Some(known) = known.filter(|known| known.len() == names.len()) else {
        return names;
    };
    let first = |name: &str| name.split(',').next().unwrap_or_default().trim().to_lowercase();
    let same = names.iter().zip(&known).filter(|(name, label)| first(name) == first(&label.name)).count();
    // A few names are spelt otherwise in other lists.
    if same * 10 < names.len() * 9 { names } else { known.into_iter().map(|label| label.id).collect() }
}

impl Preprocessor {
    fn input(&self) -> Result<Input> {
        if self.do_flip_channel_order {
            return Err(Error::invalid(
                "preprocessor_config.json asks for BGR: export the model so that it takes RGB",
            ));
        }
        let (width, height, crop) = self.crop()?;
        let resample = match self.resample {
            1 => Resample::Lanczos,
            2 => Resample::Bilinear,
            3 => Resample::Bicubic,
            other => {
                return Err(Error::invalid(format!(
                    "preprocessor_config.json asks for the filter {other}: use 1, 2 or 3"
                )));
            }
        };
        let (mean, std) =
            if self.do_normalize { (self.image_mean, self.image_std) } else { ([0.0; 3], [1.0; 3]) };
        Ok(Input {
            name: "pixel_values".to_owned(),
            width,
            height,
            channels: Channels::Rgb,
            crop,
            resample,
            scale: if self.do_rescale { self.rescale_factor } else { 1.0 },
            mean,
            std,
        })
    }

    /// The size that the model takes, and the part of a photo that is brought to it.
    fn crop(&self) -> Result<(u32, u32, Crop)> {
        match (self.size, self.crop_size.filter(|_| self.do_center_crop)) {
            (Size::Shorter { shortest_edge: pixels } | Size::Side(pixels), Some(crop)) => {
                let (width, height) = crop.width_and_height();
                Ok((width, height, Crop::ShorterSide { pixels }))
            }
            (Size::Exact { .. }, Some(_)) => Err(Error::invalid(
                "preprocessor_config.json squashes a photo before it crops: give `size` a `shortest_edge`",
            )),
            // ConvNeXt's way, and ResNet's with it.
            (Size::Shorter { shortest_edge: side }, None) if side < 384 => {
                let pixels = (f64::from(side) / self.crop_pct.unwrap_or(1.0)) as u32;
                Ok((side, side, Crop::ShorterSide { pixels }))
            }
            (size, None) => {
                let (width, height) = size.width_and_height();
                Ok((width, height, Crop::None))
            }
        }
    }
}
