//! Reading a file whole.

use std::path::{Path, PathBuf};

use vitrina_core::product::{Attribute, AttributeValue, PhotoSource};
use vitrina_core::source::SourceProblem;
use vitrina_core::{NewProduct, ProductSource, Result};
use vitrina_import::{FileOptions, FileSource};

/// What came out of a file.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    pub(crate) description: String,
    pub(crate) notes: Vec<String>,
    pub(crate) products: Vec<NewProduct>,
    pub(crate) problems: Vec<SourceProblem>,
    pub(crate) hidden: u64,
}

impl Whole {
    pub(crate) fn product(&self, key: &str) -> &NewProduct {
        let found = self.products.iter().find(|product| product.key.as_deref() == Some(key));
        found.unwrap_or_else(|| panic!("no product {key} in {self:#?}"))
    }

    /// `line field: value`, for problems.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.problems.iter().map(|problem| format!("{} {}", problem.position, problem.field)).collect()
    }
}

pub(crate) fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// Reads a sample file in batches of two, so that batches end within products.
pub(crate) async fn sample(name: &str, options: FileOptions) -> Whole {
    read(&data(name), options).await.unwrap()
}

pub(crate) async fn read(path: &Path, options: FileOptions) -> Result<Whole> {
    let mut source = FileSource::open(path, options).await?;
    let mut whole = Whole { description: source.description(), ..Whole::default() };
    while let Some(batch) = source.next_batch(2).await? {
        assert!(batch.products.len() <= 2);
        whole.products.extend(batch.products.into_iter().map(|found| found.product));
        whole.problems.extend(batch.problems);
        whole.hidden += batch.hidden;
    }
    whole.notes = source.notes();
    Ok(whole)
}

/// Reads a text as a file of this name.
pub(crate) async fn text(name: &str, text: impl AsRef<[u8]>, options: FileOptions) -> Result<Whole> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    read(&path, options).await
}

/// The texts of an attribute.
pub(crate) fn values(attributes: &[Attribute], name: &str) -> Vec<String> {
    let Some(attribute) = attributes.iter().find(|attribute| attribute.name == name) else {
        return Vec::new();
    };
    let shown = attribute.values.iter().map(|value| match value {
        AttributeValue::Text(text) => text.clone(),
        AttributeValue::Flag(flag) => flag.to_string(),
        AttributeValue::Number { number, unit } => format!("{number} {}", unit.as_deref().unwrap_or("")),
    });
    shown.collect()
}

pub(crate) fn url(url: &str) -> PhotoSource {
    PhotoSource::Url(url.into())
}
