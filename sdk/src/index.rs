//! The search index of a shop: on disk, opened as it was left, or in memory.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use vitrina_core::words::Lexicon;
use vitrina_core::{ErrorKind, Result};
use vitrina_index::TantivyIndex;

/// Where a shop keeps its search index.
///
/// As text: `disk`, `memory`, or the path of a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum IndexLocation {
    /// In the folder `index` of the data folder.
    #[default]
    DataDir,
    /// In this folder, which should hold nothing else.
    Folder(PathBuf),
    /// In memory: built from the catalogue each time that the shop is opened.
    Memory,
}

impl FromStr for IndexLocation {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "disk" => Self::DataDir,
            "memory" => Self::Memory,
            folder => Self::Folder(folder.into()),
        })
    }
}

impl IndexLocation {
    /// Opens the index of the catalogue with this identity, as it was left; one of another catalogue, of another lexicon or
    /// version, or a damaged one is removed, and is empty then.
    ///
    /// It is kept in memory where the catalogue has no identity, and where the folder cannot be used, as when another process
    /// uses it.
    ///
    /// # Errors
    /// Those of an index in memory.
    pub(crate) fn open(
        &self,
        data_dir: &Path,
        identity: Option<&str>,
        lexicon: &Lexicon,
    ) -> Result<TantivyIndex> {
        let folder = match self {
            Self::DataDir => data_dir.join("index"),
            Self::Folder(folder) => folder.clone(),
            Self::Memory => return TantivyIndex::in_memory(),
        };
        let Some(identity) = identity else {
            tracing::info!("the catalogue has no identity: the search index is kept in memory");
            return TantivyIndex::in_memory();
        };
        let source = format!("{identity} {:016x}", lexicon.fingerprint());
        match TantivyIndex::open_of(folder, &source) {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tracing::warn!(error = %error.chain(), "the search index is kept in memory");
                TantivyIndex::in_memory()
            }
            opened => opened,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_read_from_text() {
        let read = |text: &str| text.parse::<IndexLocation>();
        assert_eq!(read("disk"), Ok(IndexLocation::DataDir));
        assert_eq!(read("memory"), Ok(IndexLocation::Memory));
        assert_eq!(read("/var/index"), Ok(IndexLocation::Folder("/var/index".into())));
    }
}
