//! What the shop's own people do, with the administration key.

use reqwest::header::AUTHORIZATION;
use reqwest::{Method, RequestBuilder};
use serde_json::{Map, Value, json};
use vitrina::{Category, CategoryId, Money, ProductId};

use crate::answer::Product;
use crate::http::{Answer, deadline, send};
use crate::{CategoryRef, Client, Result, wire};

/// A product to be written; what it has no field for, such as its photo, stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProductDraft {
    /// The product to replace, or a number for a new one; `None` for the next free one.
    pub id: Option<ProductId>,
    /// Its name.
    pub name: String,
    /// What it is, in plain text; may be empty.
    pub description: String,
    /// Who makes it.
    pub brand: Option<String>,
    /// What it costs.
    pub price: Money,
    /// Its category, which must exist.
    pub category: Option<CategoryRef>,
    /// Pieces in stock; `None` where the shop does not count them.
    pub stock: Option<u32>,
}

impl ProductDraft {
    fn to_body(&self) -> Map<String, Value> {
        let mut body = Map::from_iter([
            ("name".to_owned(), json!(self.name)),
            ("description".to_owned(), json!(self.description)),
            ("brand".to_owned(), json!(self.brand)),
            ("price".to_owned(), json!(self.price.to_major())),
            ("stock".to_owned(), json!(self.stock)),
        ]);
        match &self.category {
            Some(CategoryRef::Name(name)) => body.insert("category".into(), json!(name)),
            Some(CategoryRef::Id(id)) => body.insert("category_id".into(), json!(id.0)),
            None => None,
        };
        body
    }
}

/// Administration: with [`Builder::admin_key`](crate::Builder::admin_key), on a server that was given the same key.
///
/// Besides those named, every one of these has the errors of any request, and
/// [`Unauthorized`](crate::ClientErrorKind::Unauthorized) for a key that is missing or wrong or a server without one. What
/// was written is found by searches on that server as soon as it has answered.
impl Client {
    /// Makes a category, or renames it.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a name that is empty or another category's.
    pub async fn put_category(&self, id: CategoryId, name: &str) -> Result<Category> {
        let path = ["categories", &id.0.to_string()];
        let answer = self.write(Method::PUT, &path, Some(&json!({"name": name})), true).await?;
        Ok(answer.json::<wire::Category>()?.into_answer())
    }

    /// Makes a product of this number, whatever `draft.id` says, or replaces it whole but for its photo.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a draft that the server refuses.
    pub async fn put_product(&self, id: ProductId, draft: &ProductDraft) -> Result<Product> {
        let path = ["products", &id.0.to_string()];
        let body = Value::Object(draft.to_body());
        let answer = self.write(Method::PUT, &path, Some(&body), true).await?;
        Ok(answer.json::<wire::Product>()?.into_answer(self.base()))
    }

    /// Makes or replaces products, all of them or none, and answers their numbers in order.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a draft that the server refuses, or more than it takes at a time
    /// (1,000). When the connection broke off it is not known whether they were written.
    pub async fn put_products(&self, drafts: &[ProductDraft]) -> Result<Vec<ProductId>> {
        let numbered = |draft: &ProductDraft| {
            let mut body = draft.to_body();
            body.extend(draft.id.map(|id| ("id".to_owned(), json!(id.0))));
            body
        };
        let products: Vec<_> = drafts.iter().map(numbered).collect();
        // Sent twice, products without a number would be made twice.
        let repeatable = drafts.iter().all(|draft| draft.id.is_some());
        let body = json!({"products": products});
        let answer = self.write(Method::POST, &["products"], Some(&body), repeatable).await?;
        Ok(answer.json::<wire::ProductNumbers>()?.ids.into_iter().map(ProductId).collect())
    }

    /// Removes a product.
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound).
    pub async fn delete_product(&self, id: ProductId) -> Result<()> {
        // Asked twice, the second answer would be that there is none.
        self.write(Method::DELETE, &["products", &id.0.to_string()], None, false).await.map(drop)
    }

    /// Gives a product its photo, in place of the one it had, and answers the product.
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound); [`TooLarge`](crate::ClientErrorKind::TooLarge),
    /// [`UnsupportedPhoto`](crate::ClientErrorKind::UnsupportedPhoto), [`Unreadable`](crate::ClientErrorKind::Unreadable).
    pub async fn put_photo(&self, id: ProductId, photo: impl Into<Vec<u8>>) -> Result<Product> {
        let url = self.url(&["products", &id.0.to_string(), "photo"], &[])?;
        let request = || self.with_key(self.http().put(url.clone()));
        let answer = self.upload(&request, &photo.into(), deadline(self.timeout())).await?;
        Ok(answer.json::<wire::Product>()?.into_answer(self.base()))
    }

    async fn write(
        &self,
        method: Method,
        segments: &[&str],
        body: Option<&Value>,
        repeatable: bool,
    ) -> Result<Answer> {
        let url = self.url(segments, &[])?;
        let request = || {
            let request = self.with_key(self.http().request(method.clone(), url.clone()));
            match body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        send(self.base(), deadline(self.timeout()), repeatable, request).await?.success(false)
    }

    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        match self.admin_key() {
            Some(key) => request.header(AUTHORIZATION, key),
            None => request,
        }
    }
}
