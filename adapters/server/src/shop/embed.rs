//! How products' photos look: made by the classifier, stored with the catalogue.

use vitrina::{Catalog, Classifier, PhotoEmbedding, Product, ProductId, Result};

use super::PhotoStore;
use super::photos::read_bounded;

/// How many photos are recognised at a time.
const BATCH: usize = 16;

/// Recognises the photos of all products that have no embedding of this model yet, and answers how many there were.
///
/// Photos at other addresses are left alone. One that cannot be read is logged and passed over.
///
/// # Errors
/// Those of the catalogue and of the model; what was stored before stays.
pub async fn embed_missing(
    catalog: &dyn Catalog,
    photos: &PhotoStore,
    classifier: &dyn Classifier,
) -> Result<usize> {
    let (mut done, mut after) = (0, ProductId(0));
    loop {
        let products = catalog.without_embedding(classifier.model(), after, BATCH).await?;
        let Some(last) = products.last() else { return Ok(done) };
        after = last.id;
        let readable: Vec<_> = products.iter().filter_map(|product| read(photos, product)).collect();
        let bytes: Vec<&[u8]> = readable.iter().map(|(_, bytes)| bytes.as_slice()).collect();
        let results = tokio::task::block_in_place(|| classifier.classify(&bytes))?;
        let mut embeddings = Vec::new();
        for ((product, _), result) in readable.iter().zip(results) {
            match result.map(|recognition| recognition.embedding) {
                Ok(Some(embedding)) => {
                    let model = classifier.model().to_owned();
                    embeddings.push(PhotoEmbedding { product: product.id, model, embedding });
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(product = product.id.0, %error, "a product's photo cannot be used")
                }
            }
        }
        catalog.put_embeddings(&embeddings).await?;
        done += embeddings.len();
    }
}

fn read<'a>(photos: &PhotoStore, product: &'a Product) -> Option<(&'a Product, Vec<u8>)> {
    let path = photos.path(product.photo.as_deref()?)?;
    match read_bounded(&path) {
        Ok(bytes) => Some((product, bytes)),
        Err(error) => {
            tracing::warn!(product = product.id.0, error = %error.chain(), "a product's photo cannot be used");
            None
        }
    }
}
