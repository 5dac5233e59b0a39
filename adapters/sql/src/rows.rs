//! Rows as both databases answer them, and what they mean.

use std::collections::BTreeSet;

use serde::Deserialize;
use vitrina_core::catalog::{PhotoEmbedding, ProductPhoto};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::product::{CategoryTree, ProductDraft, SalePrice, Timestamp};
use vitrina_core::{Category, CategoryId, Money, Product, ProductId};

use crate::details::{Details, read_names};
use crate::from_row::from_row;

from_row! {
    /// A row of `category`; in JSON an array of its fields.
    #[derive(Deserialize)]
    pub(crate) struct CategoryRow {
        id: i64,
        name: String,
        parent_id: Option<i64>,
        translations: Option<String>,
    }
}

from_row! {
    /// A row of `product` with its further categories; in JSON an array of its fields.
    #[derive(Deserialize)]
    pub(crate) struct ProductRow {
        id: i64,
        product_key: Option<String>,
        name: String,
        description: String,
        brand: Option<String>,
        /// In minor units.
        price: i64,
        sale_price: Option<i64>,
        sale_from: Option<i64>,
        sale_until: Option<i64>,
        stock: Option<i64>,
        photo: Option<String>,
        category_id: Option<i64>,
        details: Option<String>,
        /// IDs in order, separated by commas.
        more_categories: Option<String>,
    }
}

from_row! {
    /// A row of `product_embedding`.
    pub(crate) struct EmbeddingRow {
        product_id: i64,
        photo: String,
        model: String,
        vector: Vec<u8>,
    }
}

from_row! {
    /// A row of `product_photo`.
    pub(crate) struct PhotoRow {
        product_id: i64,
        photo: String,
    }
}

impl From<CategoryRow> for Category {
    fn from(row: CategoryRow) -> Self {
        Self {
            id: CategoryId(row.id),
            name: row.name,
            parent: row.parent_id.filter(|parent| *parent > 0).map(CategoryId),
            translations: read_names(row.id, row.translations.as_deref()),
        }
    }
}

impl ProductRow {
    /// The categories, the main one first.
    fn categories(&self) -> impl Iterator<Item = CategoryId> {
        let more = self.more_categories.as_deref().unwrap_or("");
        let more = more.split(',').filter_map(|id| id.parse().ok());
        let more = more.filter(|id| Some(*id) != self.category_id);
        self.category_id.into_iter().chain(more).map(CategoryId)
    }

    fn into_product(self, tree: &CategoryTree) -> Product {
        let id = ProductId(self.id);
        let draft = self.into_draft();
        let categories = draft.categories.iter().filter_map(|id| tree.path(*id).cloned()).collect();
        draft.into_product(id, categories)
    }

    /// The product with its categories by ID, whether they exist or not.
    pub(crate) fn into_draft(self) -> ProductDraft {
        let categories = self.categories().collect();
        let details = Details::read(self.id, self.details.as_deref());
        let sale = self.sale_price.map(|price| SalePrice {
            price: Money::from_minor(price),
            from: self.sale_from.map(Timestamp),
            until: self.sale_until.map(Timestamp),
        });
        ProductDraft {
            id: Some(ProductId(self.id)),
            key: self.product_key,
            name: self.name,
            description: self.description,
            brand: self.brand,
            price: Money::from_minor(self.price),
            sale,
            categories,
            stock: self.stock.map(|pieces| u32::try_from(pieces.max(0)).unwrap_or(u32::MAX)),
            availability: details.availability,
            photos: self.photo.into_iter().chain(details.more_photos).collect(),
            link: details.link,
            codes: details.codes,
            attributes: details.attributes,
            tags: details.tags,
            popularity: details.popularity,
            translations: details.translations,
            updated_at: details.updated_at,
            variants: details.variants,
        }
    }
}

/// The categories that products name, as the databases read a list of numbers.
pub(crate) fn categories_of(rows: &[ProductRow]) -> String {
    let ids: BTreeSet<_> = rows.iter().flat_map(|row| row.categories().map(|id| id.0)).collect();
    serde_json::Value::from_iter(ids).to_string()
}

/// The products of rows, with the categories that they name and those above.
pub(crate) fn products(rows: Vec<ProductRow>, categories: Vec<CategoryRow>) -> Vec<Product> {
    let tree = CategoryTree::new(all(categories));
    rows.into_iter().map(|row| row.into_product(&tree)).collect()
}

impl EmbeddingRow {
    /// The embedding; `None` where the photo is not in the store, or another program stored what is none.
    pub(crate) fn decode(self) -> Option<PhotoEmbedding> {
        let photo = self.photo.parse().ok()?;
        let embedding = Embedding::from_bytes(&self.vector)
            .and_then(|embedding| Ok(embedding.in_space(EmbeddingSpace::new(self.model)?)));
        match embedding {
            Ok(embedding) => Some(PhotoEmbedding { product: ProductId(self.product_id), photo, embedding }),
            Err(error) => {
                tracing::warn!(product = self.product_id, %error, "a stored embedding is passed over");
                None
            }
        }
    }
}

impl PhotoRow {
    /// The photo; `None` where another program stored what is no key.
    pub(crate) fn decode(self) -> Option<ProductPhoto> {
        Some(ProductPhoto { product: ProductId(self.product_id), photo: self.photo.parse().ok()? })
    }
}

/// All rows as what they mean.
pub(crate) fn all<R: Into<T>, T>(rows: Vec<R>) -> Vec<T> {
    rows.into_iter().map(Into::into).collect()
}
