//! Writes of one product, which may depend on what the product is like (`If-Match`, `If-None-Match` of RFC 9110).

use std::future::IntoFuture;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use serde_json::Value;
use vitrina_core::product::{Precondition, ProductRef, ProductVersion};

use crate::answer::Product;
use crate::client::path;
use crate::http::{Answer, deadline, send};
use crate::{Client, ClientError, Result, wire};

/// A write of one product; see [`Client::put_product`], [`Client::update_product`] and [`Client::delete_product`]. Awaiting it
/// sends it and returns `T`.
#[must_use = "nothing is sent before this is awaited"]
pub struct ProductWrite<'a, T> {
    client: &'a Client,
    method: Method,
    which: ProductRef,
    body: Result<Option<Value>>,
    precondition: Precondition,
    read: fn(&Client, &Answer) -> Result<T>,
}

impl<'a, T> ProductWrite<'a, T> {
    pub(crate) fn new(
        client: &'a Client,
        method: Method,
        which: ProductRef,
        body: Result<Option<Value>>,
        read: fn(&Client, &Answer) -> Result<T>,
    ) -> Self {
        Self { client, method, which, body, precondition: Precondition::None, read }
    }

    /// Writes the product only if it is as it must be, which the server checks at the moment of the write; else this fails
    /// with [`Conflict`](crate::ClientErrorKind::Conflict), and nothing is written.
    ///
    /// A write of a [version](Product::version) or of what must be absent is not repeated when the connection breaks off: if
    /// the first one arrived, it would refuse the second. Read the product to know whether it did.
    pub fn only_if(mut self, precondition: Precondition) -> Self {
        self.precondition = precondition;
        self
    }

    async fn send(self) -> Result<T> {
        let Self { client, method, which, body, precondition, read } = self;
        let (body, condition) = (body?, condition(&precondition)?);
        let repeatable = match precondition {
            // Asked twice, the second answer would be that there is none.
            _ if method == Method::DELETE => false,
            Precondition::None | Precondition::Exists => true,
            Precondition::Absent | Precondition::Version(_) => false,
        };
        let url = client.url(&path(&which), &[])?;
        let request = || {
            let request = client.http().request(method.clone(), url.clone()).headers(condition.clone());
            let request = client.with_key(request);
            match &body {
                Some(body) => request.json(body),
                None => request,
            }
        };
        let answer = send(client.base(), deadline(client.timeout()), repeatable, request).await?;
        read(client, &answer.success(false)?)
    }
}

impl<'a, T: 'a> IntoFuture for ProductWrite<'a, T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'a, Result<T>>;

    fn into_future(self) -> Self::IntoFuture {
        self.send().boxed()
    }
}

impl Client {
    /// The product of an answer that has one, with its version.
    pub(crate) fn one(&self, answer: &Answer) -> Result<Product> {
        let product = answer.json::<wire::Product>()?.into_answer(self.base());
        Ok(Product { version: answer.version(), ..product })
    }
}

/// The header that asks for a precondition.
///
/// # Errors
/// [`Invalid`](crate::ClientErrorKind::Invalid) where no version is named, or one that no header can carry.
fn condition(precondition: &Precondition) -> Result<HeaderMap> {
    let any = HeaderValue::from_static("*");
    Ok(match precondition {
        Precondition::None => HeaderMap::new(),
        Precondition::Exists => HeaderMap::from_iter([(IF_MATCH, any)]),
        Precondition::Absent => HeaderMap::from_iter([(IF_NONE_MATCH, any)]),
        Precondition::Version(versions) => HeaderMap::from_iter([(IF_MATCH, tags(versions)?)]),
    })
}

fn tags(versions: &[ProductVersion]) -> Result<HeaderValue> {
    let written = |version: &ProductVersion| {
        let text = version.as_str();
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b',');
        (!text.is_empty() && text.bytes().all(plain)).then(|| format!("\"{text}\""))
    };
    let tags: Option<Vec<_>> = versions.iter().map(written).collect();
    let tags =
        tags.filter(|tags| !tags.is_empty()).and_then(|tags| HeaderValue::try_from(tags.join(", ")).ok());
    tags.ok_or_else(|| {
        ClientError::invalid(
            "a version is needed as an answer with one product has it: read the product by itself",
        )
    })
}
