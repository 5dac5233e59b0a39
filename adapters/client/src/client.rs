//! The client and how it is set up.

use std::fmt;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Url, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;
use vitrina_core::product::ProductRef;
use vitrina_core::{Category, ProductId};

use crate::answer::{ImageAnswer, Product, ProductPage, Readiness, Suggestions, TextAnswer};
use crate::http::{Answer, deadline, send};
use crate::{Classified, ClientError, Filter, Listing, PhotoSearch, Result, wire};

/// A connection to one server; clones are cheap and share it.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    timeout: Duration,
    admin_key: Option<HeaderValue>,
}

/// Options of a [`Client`].
#[derive(Clone)]
pub struct Builder {
    base: String,
    timeout: Duration,
    api_key: Option<String>,
    admin_key: Option<String>,
}

impl Builder {
    /// How long any one request may take, 30 s by default; waiting for a photo's result has its own time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// A key that is sent as a bearer token with every request, for whoever stands before the server and asks for one.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(key.into());
        self
    }

    /// The key that the server's administration asks for (`vitrina serve --admin-key`); it is sent as a bearer token with
    /// administration alone, there in place of [`api_key`](Self::api_key), and shown nowhere.
    #[must_use]
    pub fn admin_key(mut self, key: impl Into<String>) -> Self {
        self.admin_key = Some(key.into());
        self
    }

    /// The client; nothing is sent yet.
    ///
    /// # Errors
    /// [`Invalid`](crate::ClientErrorKind::Invalid) when the address is none of `http` or `https`, or a key cannot be sent.
    pub fn build(self) -> Result<Client> {
        let wrong = || {
            ClientError::invalid(format!(
                "`{}` is no address: write it like http://127.0.0.1:8000",
                self.base
            ))
        };
        let mut base = Url::parse(self.base.trim()).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || base.host_str().is_none() {
            return Err(wrong());
        }
        base.set_query(None);
        base.set_fragment(None);
        let mut headers = HeaderMap::new();
        if let Some(key) = &self.api_key {
            headers.insert(AUTHORIZATION, bearer(key)?);
        }
        let admin_key = self.admin_key.as_deref().map(bearer).transpose()?;
        let http = secured(reqwest::Client::builder(), base.scheme() == "https")?
            .user_agent(concat!("vitrina-client/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // A photo cannot be sent on, and a key should not be.
            .redirect(redirect::Policy::none())
            .connect_timeout(self.timeout.min(Duration::from_secs(10)))
            // Shorter than common servers keep idle connections, so that none is used while it closes.
            .pool_idle_timeout(Duration::from_secs(4))
            .build()
            .map_err(|error| {
                ClientError::invalid("the client cannot be set up on this machine").caused_by(error)
            })?;
        Ok(Client { http, base, timeout: self.timeout, admin_key })
    }
}

/// A key as it is sent, marked so that nothing prints it.
fn bearer(key: &str) -> Result<HeaderValue> {
    let mut bearer = HeaderValue::try_from(format!("Bearer {key}"))
        .map_err(|_| ClientError::invalid("the key holds characters that no key has: copy it again"))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

#[cfg(feature = "https")]
fn secured(builder: reqwest::ClientBuilder, https: bool) -> Result<reqwest::ClientBuilder> {
    use std::sync::Arc;

    use rustls::crypto::{CryptoProvider, ring};

    if https {
        // Whoever was first in this process has chosen; that choice serves as well.
        let _ =
            CryptoProvider::get_default().is_none() && ring::default_provider().install_default().is_err();
        return Ok(builder);
    }
    // Reading the machine's certificates takes time, fails where there are none, and plain http needs none.
    let trusting_none = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| {
            ClientError::invalid("the client cannot be set up on this machine").caused_by(error)
        })?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.tls_backend_preconfigured(trusting_none))
}

#[cfg(not(feature = "https"))]
fn secured(builder: reqwest::ClientBuilder, https: bool) -> Result<reqwest::ClientBuilder> {
    if https {
        return Err(ClientError::invalid("this client was built without https: enable the feature `https`"));
    }
    Ok(builder)
}

impl Client {
    /// A client of the server at `base_url`, such as `http://127.0.0.1:8000`.
    ///
    /// # Errors
    /// As [`Builder::build`].
    pub fn new(base_url: &str) -> Result<Self> {
        Self::builder(base_url).build()
    }

    /// Returns a builder of a client, for options beside the URL.
    pub fn builder(base_url: &str) -> Builder {
        Builder {
            base: base_url.to_owned(),
            timeout: Duration::from_secs(30),
            api_key: None,
            admin_key: None,
        }
    }

    /// The server's address.
    pub fn base_url(&self) -> &str {
        self.base.as_str()
    }

    /// Asks whether the server serves.
    ///
    /// # Errors
    /// Those of any request: it does not.
    pub async fn health(&self) -> Result<()> {
        self.get(&["health"], &[]).await.map(drop)
    }

    /// Whether the server can do its work; one that answers that it cannot is no error.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn ready(&self) -> Result<Readiness> {
        let url = self.url(&["ready"], &[])?;
        let answer = send(&self.base, deadline(self.timeout), true, || self.http.get(url.clone())).await?;
        let report = answer.json::<Value>().ok().filter(Value::is_object);
        match (answer.status.as_u16(), report) {
            (503, Some(report)) => Ok(wire::readiness(false, &report)),
            (_, report) => answer.success(false).map(|_| wire::readiness(true, &report.unwrap_or_default())),
        }
    }

    /// All categories, by number.
    ///
    /// # Errors
    /// Those of any request.
    pub async fn categories(&self) -> Result<Vec<Category>> {
        self.get_json::<wire::Categories>(&["categories"], &[]).await.map(wire::Categories::into_answer)
    }

    /// A page of the catalogue.
    ///
    /// # Errors
    /// Those of any request; [`Invalid`](crate::ClientErrorKind::Invalid) for a listing that the server refuses.
    pub async fn products(&self, listing: &Listing) -> Result<ProductPage> {
        let page = self.get_json::<wire::Products>(&["products"], &listing.to_pairs()?).await?;
        Ok(page.into_answer(&self.base))
    }

    /// One product, by its ID or key.
    ///
    /// # Errors
    /// Those of any request; [`NotFound`](crate::ClientErrorKind::NotFound).
    pub async fn product(&self, which: impl Into<ProductRef>) -> Result<Product> {
        self.one(&self.get(&path(&which.into()), &[]).await?)
    }

    /// The products most similar to this one, `limit` at most, of those that pass `filter`.
    ///
    /// # Errors
    /// Those of any request; [`NotFound`](crate::ClientErrorKind::NotFound), [`Invalid`](crate::ClientErrorKind::Invalid)
    /// for a filter or a limit that the server refuses.
    pub async fn similar(&self, id: ProductId, filter: &Filter, limit: usize) -> Result<Vec<Product>> {
        let mut pairs = filter.to_pairs();
        pairs.push(("limit", limit.to_string()));
        let page =
            self.get_json::<wire::Products>(&["products", &id.0.to_string(), "similar"], &pairs).await?;
        Ok(page.into_answer(&self.base).products)
    }

    /// Products by words; none of them lists all products.
    ///
    /// # Errors
    /// Those of any request; [`Invalid`](crate::ClientErrorKind::Invalid) for a listing that the server refuses.
    pub async fn search_text(&self, words: &str, listing: &Listing) -> Result<TextAnswer> {
        let body = listing.to_body(words);
        let answer = self.post(&["search", "text"], &body).await?;
        Ok(answer.json::<wire::Text>()?.into_answer(&self.base))
    }

    /// How a half-typed query may go on, for suggestions while a customer types: at most `limit` of each kind.
    ///
    /// # Errors
    /// Those of any request; [`Invalid`](crate::ClientErrorKind::Invalid) for a limit that the server refuses.
    pub async fn suggest(&self, text: &str, limit: usize) -> Result<Suggestions> {
        let pairs = [("q", text.to_owned()), ("limit", limit.to_string())];
        let found = self.get_json::<wire::Suggestions>(&["search", "suggest"], &pairs).await?;
        Ok(found.into_answer(&self.base))
    }

    /// The products for a photo that was classified elsewhere, such as in the browser, as `search` narrows them.
    ///
    /// # Errors
    /// Those of any request; [`Invalid`](crate::ClientErrorKind::Invalid) for scores or a filter that the server refuses.
    pub async fn search_prediction(
        &self,
        classified: &Classified,
        search: &PhotoSearch,
    ) -> Result<ImageAnswer> {
        let answer = self.post(&["search", "prediction"], &classified.to_body(search)).await?;
        Ok(answer.json::<wire::Task>()?.into_answer(&self.base))
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(crate) fn admin_key(&self) -> Option<&HeaderValue> {
        self.admin_key.as_ref()
    }

    /// The address of a resource below the server's; each segment is escaped.
    pub(crate) fn url(&self, segments: &[impl AsRef<str>], pairs: &[(&str, String)]) -> Result<Url> {
        let mut url = self.base.clone();
        let path = url.path_segments_mut().map(|mut path| {
            path.pop_if_empty().extend(segments);
        });
        path.map_err(|()| ClientError::invalid("the server's address has no path"))?;
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Ok(url)
    }

    async fn get(&self, segments: &[impl AsRef<str>], pairs: &[(&str, String)]) -> Result<Answer> {
        let url = self.url(segments, pairs)?;
        self.asked(|| self.http.get(url.clone())).await
    }

    async fn get_json<T: DeserializeOwned>(
        &self,
        segments: &[impl AsRef<str>],
        pairs: &[(&str, String)],
    ) -> Result<T> {
        self.get(segments, pairs).await?.json()
    }

    /// Posts a search, which changes nothing and so may be repeated.
    async fn post(&self, segments: &[&str], body: &Value) -> Result<Answer> {
        let url = self.url(segments, &[])?;
        self.asked(|| self.http.post(url.clone()).json(body)).await
    }

    async fn asked(&self, request: impl Fn() -> RequestBuilder) -> Result<Answer> {
        send(&self.base, deadline(self.timeout), true, request).await?.success(false)
    }
}

/// The path of a product.
pub(crate) fn path(which: &ProductRef) -> Vec<String> {
    match which {
        ProductRef::Id(id) => vec!["products".into(), id.0.to_string()],
        ProductRef::Key(key) => vec!["products".into(), "by-key".into(), key.clone()],
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the keys.
        f.debug_struct("Client").field("base", &self.base.as_str()).field("timeout", &self.timeout).finish()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("base", &self.base)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
