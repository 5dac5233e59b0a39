//! Versions of products: what a writer has seen, compared with what is there.

use std::fmt;

use serde_json::json;
use sha2::{Digest, Sha256};

use super::{CategoryPath, Product};
use crate::{Error, Result};

/// The version of a product: equal for equal contents, whichever server computes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProductVersion(String);

impl ProductVersion {
    /// Computes the version of a product, of everything that it has and of the names of its categories.
    pub fn of(product: &Product) -> Self {
        let paths: Vec<_> = product.categories.iter().map(CategoryPath::names).collect();
        let ids: Vec<_> = product.categories.iter().map(|path| path.category().id.0).collect();
        let content = json!([
            product.id.0,
            product.key,
            product.name,
            product.description,
            product.brand,
            product.price.minor(),
            product.sale,
            (paths, ids),
            product.stock,
            product.availability,
            product.photos,
            product.link,
            (&product.codes, &product.attributes, &product.tags, product.popularity),
            product.translations,
            product.updated_at,
            product.variants,
        ]);
        let digest = format!("{:x}", Sha256::digest(content.to_string()));
        Self(digest[..32].to_owned())
    }

    /// The version that a client names.
    pub fn named(version: impl Into<String>) -> Self {
        Self(version.into())
    }

    /// The version as text: 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProductVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a product must be like for a write to take place; checked at the moment of the write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Precondition {
    /// Anything.
    #[default]
    None,
    /// It exists.
    Exists,
    /// It does not exist.
    Absent,
    /// It has one of these versions.
    Version(Vec<ProductVersion>),
}

impl From<ProductVersion> for Precondition {
    fn from(version: ProductVersion) -> Self {
        Self::Version(vec![version])
    }
}

impl Precondition {
    /// Checks a product as it is now.
    ///
    /// # Errors
    /// [`Changed`](crate::ErrorKind::Changed) naming the present version.
    pub fn check(&self, product: Option<&Product>) -> Result<()> {
        let met = match (self, product) {
            (Self::None, _) | (Self::Exists, Some(_)) | (Self::Absent, None) => true,
            (Self::Version(versions), Some(product)) => versions.contains(&ProductVersion::of(product)),
            _ => false,
        };
        if met {
            return Ok(());
        }
        Err(Error::changed(match product {
            Some(product) => {
                let version = ProductVersion::of(product);
                format!("the product is at version \"{version}\": read it again, then repeat the change")
            }
            None => "there is no such product any more".to_owned(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Money, ProductId};

    #[test]
    fn a_version_is_of_the_content() {
        let product = Product::new(ProductId(1), "Bota");
        let dearer = Product { price: Money::from_minor(1), ..product.clone() };
        let version = ProductVersion::of(&product);
        assert_eq!(version, ProductVersion::of(&product.clone()));
        assert_ne!(version, ProductVersion::of(&dearer));
        let wanted = Precondition::Version(vec![ProductVersion::named("x"), version.clone()]);
        wanted.check(Some(&product)).unwrap();
        let error = wanted.check(Some(&dearer)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Changed);
        assert!(error.to_string().contains(ProductVersion::of(&dearer).as_str()), "{error}");
        assert!(wanted.check(None).is_err() && Precondition::Exists.check(None).is_err());
        assert!(Precondition::Absent.check(Some(&product)).is_err());
        Precondition::Absent.check(None).unwrap();
    }
}
