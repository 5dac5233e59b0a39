//! A model directory: one network, or several that work as one classifier.

use std::path::Path;

use vitrina_core::classify::EmbeddingSpace;
use vitrina_core::{Error, Result};

use crate::manifest::{Manifest, read_json};
use crate::wire;

/// The networks of a model directory, and the space of their embedding.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// `NAME/VERSION` of the directory's manifest.
    pub space: EmbeddingSpace,
    /// The networks: one, or the members of an ensemble, in the order of their embeddings.
    pub members: Vec<Manifest>,
}

/// More networks than it makes sense to compute for a photo.
const MAX_MEMBERS: usize = 4;

impl Model {
    /// Reads the description of the model in `directory`: as [`Manifest::load`], or a `manifest.json` of an ensemble, which
    /// names the directories of its members.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) where a description cannot be understood, and for members that do not have
    /// the same labels, or of which only some have an embedding.
    pub fn load(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = directory.as_ref();
        let own = directory.join("manifest.json");
        if own.is_file()
            && let wire::AnyManifest::Ensemble(ensemble) = read_json(&own)?
        {
            return Self::ensemble(directory, ensemble);
        }
        let manifest = Manifest::load(directory)?;
        Ok(Self { space: manifest.space()?, members: vec![manifest] })
    }

    fn ensemble(directory: &Path, ensemble: wire::Ensemble) -> Result<Self> {
        let wrong = |problem: &str| {
            let directory = directory.display();
            Error::invalid(format!("the description of the model in {directory} is wrong: {problem}"))
        };
        if !(2..=MAX_MEMBERS).contains(&ensemble.members.len()) {
            return Err(wrong("an ensemble has 2 to 4 members"));
        }
        let load = |member: &String| Manifest::load(directory.join(member));
        let members: Vec<Manifest> = ensemble.members.iter().map(load).collect::<Result<_>>()?;
        let first = &members[0];
        if members.iter().any(|member| member.labels != first.labels) {
            return Err(wrong("its members have different labels"));
        }
        if members.iter().any(|member| member.embedding.is_some() != first.embedding.is_some()) {
            return Err(wrong("of its members some have an embedding and some have none"));
        }
        let space = EmbeddingSpace::new(format!("{}/{}", ensemble.name, ensemble.version))?;
        Ok(Self { space, members })
    }
}
