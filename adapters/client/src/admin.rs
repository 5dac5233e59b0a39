//! What the shop's own people do, with the administration key.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::header::AUTHORIZATION;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;
use vitrina_core::product::{CategoryChange, OfferChange, ProductChange, ProductRef};
use vitrina_core::{Category, CategoryId, NewProduct, ProductId};

use crate::answer::{OffersUpdated, Product};
use crate::conditional::ProductWrite;
use crate::http::{Answer, deadline, send};
use crate::{Client, ClientError, Result, wire};

/// The header that names a request, so that the server carries it out once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The pause before a request is sent again that the server still carries out.
const RUNNING: Duration = Duration::from_millis(200);

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
        let answer = self.write(Method::PUT, &path, &json!({"name": name})).await?;
        Ok(answer.json::<wire::Category>()?.into_answer())
    }

    /// Renames, moves or translates a category, which keeps its products and all categories below it.
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound), and [`Invalid`](crate::ClientErrorKind::Invalid) for a name that is
    /// empty or that of another category there, and for a parent that is missing or below it.
    pub async fn update_category(&self, id: CategoryId, change: &CategoryChange) -> Result<Category> {
        let path = ["categories", &id.0.to_string()];
        let body = Value::Object(wire::body::category(change));
        let answer = self.write(Method::PATCH, &path, &body).await?;
        Ok(answer.json::<wire::Category>()?.into_answer())
    }

    /// Removes a category. Its products and the categories below it move to `move_to`.
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound); [`Conflict`](crate::ClientErrorKind::Conflict) for one that is not
    /// empty and without `move_to`; [`Invalid`](crate::ClientErrorKind::Invalid) for a `move_to` that is missing or below it.
    pub async fn delete_category(&self, id: CategoryId, move_to: Option<CategoryId>) -> Result<()> {
        let pairs: Vec<_> = move_to.iter().map(|target| ("move_to", target.0.to_string())).collect();
        let url = self.url(&["categories", &id.0.to_string()], &pairs)?;
        let request = || self.with_key(self.http().delete(url.clone()));
        // Asked twice, the second answer would be that there is none.
        send(self.base(), deadline(self.timeout()), false, request).await?.success(false).map(drop)
    }

    /// Makes a product of this ID or key, whatever the product itself says, or replaces the one that has it whole. One that
    /// is replaced keeps its photos where the new one names none.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a product that the server refuses, and for photos that are neither
    /// URLs nor keys.
    pub fn put_product(
        &self,
        which: impl Into<ProductRef>,
        product: &NewProduct,
    ) -> ProductWrite<'_, Product> {
        let which = which.into();
        let body = wire::body::product(product).map(|mut body| {
            if let ProductRef::Key(key) = &which {
                body.insert("key".into(), json!(key));
            }
            Some(body.into())
        });
        ProductWrite::new(self, Method::PUT, which, body, Self::one)
    }

    /// Creates or replaces products atomically, and returns their IDs in order. One without an ID or a known key is
    /// new. When the connection breaks off they are sent again with the same `Idempotency-Key`, by which the server writes
    /// them once.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a product that the server refuses, or more than it takes at a time
    /// (1,000), and for photos that are neither URLs nor keys.
    pub async fn put_products(&self, products: &[NewProduct]) -> Result<Vec<ProductId>> {
        let numbered = |product: &NewProduct| {
            let mut body = wire::body::product(product)?;
            body.extend(product.id.map(|id| ("id".to_owned(), json!(id.0))));
            Ok(Value::Object(body))
        };
        let bodies = products.iter().map(numbered).collect::<Result<Vec<_>>>()?;
        let (body, url) = (json!({"products": bodies}), self.url(&["products"], &[])?);
        let answer = self.send_once(|| self.http().post(url.clone()).json(&body)).await?;
        Ok(answer.json::<wire::ProductNumbers>()?.ids.into_iter().map(ProductId).collect())
    }

    /// Changes fields of a product, by its ID or key, and leaves all others as they are.
    ///
    /// A program that reads a product, computes and writes it back names the version that it has read, so that nothing that
    /// others wrote meanwhile is lost:
    ///
    /// ```no_run
    /// # async fn demo(client: vitrina_client::Client) -> Result<(), vitrina_client::ClientError> {
    /// use vitrina_client::ClientErrorKind;
    /// use vitrina_core::product::{OfferChange, Precondition};
    ///
    /// let seen = client.product("REF-7").await?;
    /// let fewer = OfferChange { stock: Some(seen.stock.map(|pieces| pieces.saturating_sub(1))), ..OfferChange::default() };
    /// let as_seen = Precondition::Version(seen.version.into_iter().collect());
    /// match client.update_product("REF-7", fewer).only_if(as_seen).await {
    ///     Err(error) if error.kind() == ClientErrorKind::Conflict => println!("it has changed: read it again"),
    ///     written => println!("{} are left", written?.stock.unwrap_or_default()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound), and [`Invalid`](crate::ClientErrorKind::Invalid) for a change that the
    /// server refuses, and for photos that are neither URLs nor keys.
    pub fn update_product(
        &self,
        which: impl Into<ProductRef>,
        change: impl Into<ProductChange>,
    ) -> ProductWrite<'_, Product> {
        let body = wire::body::change(&change.into()).map(|body| Some(body.into()));
        ProductWrite::new(self, Method::PATCH, which.into(), body, Self::one)
    }

    /// Changes prices, sales and stock of up to 10,000 products, atomically.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) for a change that the server refuses, or more than it takes at a time.
    pub async fn update_offers(&self, changes: &[(ProductRef, OfferChange)]) -> Result<OffersUpdated> {
        let changes: Vec<_> = changes.iter().map(wire::body::named_offer).collect();
        let body = json!({"products": changes});
        let answer = self.write(Method::PATCH, &["products"], &body).await?;
        Ok(answer.json::<wire::OffersUpdated>()?.into_answer())
    }

    /// Removes a product, by its ID or key.
    ///
    /// # Errors
    /// [`NotFound`](crate::ClientErrorKind::NotFound).
    pub fn delete_product(&self, which: impl Into<ProductRef>) -> ProductWrite<'_, ()> {
        ProductWrite::new(self, Method::DELETE, which.into(), Ok(None), |_, _| Ok(()))
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
        self.one(&answer)
    }

    /// Exports every category and product as JSON Lines, in pieces as they arrive; `vitrina import` and
    /// `POST /products/import` bring them back.
    ///
    /// # Errors
    /// Those of any request; an error within the stream says that the export is not complete.
    pub async fn export(&self) -> Result<BoxStream<'static, Result<Vec<u8>>>> {
        let url = self.url(&["export"], &[])?;
        let broken = {
            let base = self.base().clone();
            move |error| ClientError::unanswered(base.as_str(), error)
        };
        let response = self.with_key(self.http().get(url)).send().await.map_err(&broken)?;
        let status = response.status();
        if !status.is_success() {
            let body = response.bytes().await.map_err(&broken)?;
            return Err(ClientError::answered(status, None, &body, false));
        }
        Ok(response.bytes_stream().map_ok(Vec::from).map_err(broken).boxed())
    }

    /// Sends a request that the server carries out once, however often the connection breaks off.
    pub(crate) async fn send_once(&self, request: impl Fn() -> RequestBuilder) -> Result<Answer> {
        let (key, until) = (Uuid::now_v7().to_string(), deadline(self.timeout()));
        let sent = AtomicUsize::new(0);
        loop {
            let request = || {
                sent.fetch_add(1, Ordering::Relaxed);
                self.with_key(request()).header(IDEMPOTENCY_KEY, &key)
            };
            let answer = send(self.base(), until, true, request).await?;
            // One before this broke off and is still carried out: its answer comes once it is.
            let running = answer.status == StatusCode::CONFLICT && sent.load(Ordering::Relaxed) > 1;
            if !running || Instant::now() + RUNNING >= until {
                return answer.success(false);
            }
            sleep(RUNNING).await;
        }
    }

    /// Reads what needs the key.
    pub(crate) async fn read_as_admin(&self, segments: &[&str], pairs: &[(&str, String)]) -> Result<Answer> {
        let url = self.url(segments, pairs)?;
        let request = || self.with_key(self.http().get(url.clone()));
        send(self.base(), deadline(self.timeout()), true, request).await?.success(false)
    }

    async fn write(&self, method: Method, segments: &[impl AsRef<str>], body: &Value) -> Result<Answer> {
        let url = self.url(segments, &[])?;
        let request = || self.with_key(self.http().request(method.clone(), url.clone())).json(body);
        send(self.base(), deadline(self.timeout()), true, request).await?.success(false)
    }

    pub(crate) fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        match self.admin_key() {
            Some(key) => request.header(AUTHORIZATION, key),
            None => request,
        }
    }
}
