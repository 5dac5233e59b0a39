//! What a set-up checkout holds beside the sources: the model and the demo products.

use std::path::PathBuf;

/// The model that `make build` exports.
pub(super) fn default_model() -> Option<PathBuf> {
    let model = find("data/models/efficientnet_lite0")?;
    model.join("efficientnet_lite0.onnx").is_file().then_some(model)
}

/// The folder of the demo products.
pub(super) fn demo() -> Option<PathBuf> {
    find("data/demo")
}

/// Looks for a folder of the checkout above the executable, then above the working folder.
fn find(folder: &str) -> Option<PathBuf> {
    let starts = [std::env::current_exe().ok(), std::env::current_dir().ok()];
    let above = starts.iter().flatten().flat_map(|start| start.ancestors());
    above.map(|place| place.join(folder)).find(|place| place.is_dir())
}
