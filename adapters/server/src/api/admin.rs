//! What the shop's own people may do, behind a key.

use std::collections::HashMap;

use poem::http::StatusCode;
use poem_openapi::auth::Bearer;
use poem_openapi::{ApiResponse, SecurityScheme};
use sha2::{Digest, Sha256};
use vitrina::{CategoryId, Embedding, Error, Money, PhotoEmbedding, Product, ProductDraft, ProductId};

use super::params::category_ids;
use super::problem::Failure;
use super::{Backend, wire};

/// The administration key, as `Authorization: Bearer KEY`.
#[derive(SecurityScheme)]
#[oai(ty = "bearer")]
pub(super) struct AdminKey(Bearer);

/// A product that is gone.
#[derive(ApiResponse)]
pub(super) enum Removed {
    /// It is gone
    #[oai(status = 204)]
    Gone,
}

impl Backend {
    /// Lets the bearer of the key in.
    ///
    /// # Errors
    /// 403 for any other, and for everybody where there is no key.
    pub(super) fn admit(&self, key: &AdminKey) -> Result<(), Failure> {
        let Some(known) = &self.admin_key else {
            let detail = "administration is off: start the server with --admin-key or VITRINA_ADMIN_KEY";
            return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", detail));
        };
        // Digests are compared, so that the time taken tells nothing about the key.
        if Sha256::digest(known.as_bytes()) == Sha256::digest(key.0.token.as_bytes()) {
            return Ok(());
        }
        Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", "the administration key is wrong"))
    }

    /// Writes products, which keep the photos they have, and answers their numbers.
    ///
    /// # Errors
    /// What no catalogue may hold, and those of the catalogue.
    pub(super) async fn write_products(
        &self,
        products: Vec<wire::ProductIn>,
    ) -> Result<Vec<ProductId>, Failure> {
        let service = &self.service;
        let numbers: Vec<_> = products.iter().filter_map(|product| product.id.map(ProductId)).collect();
        let known = service.catalog().products(&numbers).await?;
        let photos: HashMap<_, _> = known.into_iter().map(|known| (known.id, known.photo)).collect();
        let names: Vec<_> = products.iter().filter_map(|product| product.category.clone()).collect();
        let mut named = category_ids(&names, service).await?.into_iter();
        let draft = |product: wire::ProductIn| {
            let id = product.id.map(ProductId);
            Ok(ProductDraft {
                id,
                name: product.name.trim().to_owned(),
                description: product.description,
                brand: product.brand,
                price: Money::from_major(product.price)?,
                category: match product.category {
                    Some(_) => named.next(),
                    None => product.category_id.map(CategoryId),
                },
                stock: product.stock,
                photo: id.and_then(|id| photos.get(&id).cloned().flatten()),
            })
        };
        let drafts = products.into_iter().map(draft).collect::<Result<Vec<_>, Error>>()?;
        let ids = service.catalog().upsert_products(&drafts).await?;
        service.refresh().await?;
        Ok(ids)
    }

    /// Gives a product its photo, and says how it looks.
    ///
    /// # Errors
    /// Photos that cannot be read, products that do not exist, and those of catalogue and model.
    pub(super) async fn put_photo(&self, id: ProductId, photo: Vec<u8>) -> Result<Product, Failure> {
        let product = self.service.product(id).await?;
        // What cannot be read must not become a product's photo: it is recognised before it is kept.
        let embedding = self.embedding(photo.clone()).await?;
        let draft = ProductDraft { photo: Some(self.photos.put(&photo)?), ..product.into() };
        self.service.catalog().upsert_products(&[draft]).await?;
        if let Some((model, embedding)) = embedding {
            let known = PhotoEmbedding { product: id, model, embedding };
            self.service.catalog().put_embeddings(&[known]).await?;
        }
        self.service.refresh().await?;
        Ok(self.service.product(id).await?)
    }

    /// How a photo looks, with the model that says so; `None` where there is no model, or it has no embeddings.
    async fn embedding(&self, photo: Vec<u8>) -> Result<Option<(String, Embedding)>, Failure> {
        let Some(classifier) = self.classifier.clone() else { return Ok(None) };
        let model = classifier.model().to_owned();
        let seen = tokio::task::spawn_blocking(move || classifier.classify(&[&photo])).await;
        let broken = |error| Error::internal("the model broke off").with_source(error);
        match seen.map_err(broken)??.pop() {
            Some(Ok(recognition)) => Ok(recognition.embedding.map(|embedding| (model, embedding))),
            Some(Err(error)) => Err(error.into()),
            None => Ok(None),
        }
    }
}
