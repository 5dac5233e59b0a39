//! The model on ONNX Runtime: where it is found, and how it is opened.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vitrina_core::classify::CachedClassifier;
use vitrina_core::{Classifier, Result};
use vitrina_onnx::{Manifest, Model, OnnxClassifier, OnnxOptions, OpeningClassifier};

use crate::ClassifierOptions;
use crate::runtime::blocking;

/// The model that is used unless one is named, as a folder below `data/models`.
const MODEL: &str = "efficientnet_lite1_lite2";

/// How many results of the model a process caches, by the photos' content.
const CACHED: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// Opens the model of `onnx:DIR`, with a cache of its results.
pub(crate) async fn open(url: String, options: ClassifierOptions) -> Result<Arc<dyn Classifier>> {
    let path = PathBuf::from(url.strip_prefix("onnx:").unwrap_or(&url));
    let directory = if path.is_file() { parent(&path) } else { path };
    let ClassifierOptions { precision, library, in_background } = options;
    let options = OnnxOptions::default().library(library).precision(precision);
    let open = move || -> Result<Arc<dyn Classifier>> {
        Ok(match in_background {
            true => Arc::new(OpeningClassifier::open(directory, options)?),
            false => Arc::new(OnnxClassifier::open(directory, options)?),
        })
    };
    Ok(Arc::new(CachedClassifier::new(blocking(open).await??, CACHED)))
}

/// What to do where no model is found.
pub(crate) fn not_found() -> String {
    let places = "MODEL_PATH, the folder `model` of the data folder, or beside the program";
    format!(
        "no model was found: name its folder (--model, `Shop::builder().model(…)`) or put it where {places} says; \
         `make build` in a checkout of Vitrina makes one in data/models/{MODEL}, and the Python package `vitrina-models` holds it"
    )
}

/// Returns the folder of the model that is used unless one is named: what the environment variable `MODEL_PATH` names, `model` in
/// the data folder, `models` beside the executable, or `data/models` of the checkout that the executable or this crate was
/// built in. A folder counts if the model's files are in it.
pub fn find_model(data_dir: Option<&Path>) -> Option<PathBuf> {
    let named = std::env::var_os("MODEL_PATH").filter(|path| !path.is_empty()).map(PathBuf::from);
    let executable = std::env::current_exe().ok();
    let beside = executable.as_deref().and_then(Path::parent);
    let above = executable.iter().flat_map(|path| path.ancestors().skip(1));
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    let candidates = named
        .into_iter()
        .chain(data_dir.map(|folder| folder.join("model")))
        .chain(beside.map(|folder| folder.join("models").join(MODEL)))
        .chain(above.chain(checkout).map(|folder| folder.join("data/models").join(MODEL)));
    candidates.into_iter().find(|folder| is_complete(folder))
}

/// Whether a folder holds a model with its files.
fn is_complete(folder: &Path) -> bool {
    let has_file = |member: &Manifest| member.files.first().is_some_and(|file| file.path.is_file());
    Model::load(folder).is_ok_and(|model| model.members.iter().all(has_file))
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}
