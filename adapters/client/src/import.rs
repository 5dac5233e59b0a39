//! Imports of files by the server.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use reqwest::multipart::{Form, Part};
use serde::{Deserialize, Serialize};

use crate::{Client, Result};

/// A file that is handed in to be imported; see [`Client::import`]. Awaiting it returns what the server takes it for, such as
/// `WooCommerce export (commas, UTF-8)`.
#[must_use = "the file is handed in when this is awaited"]
pub struct ImportFile<'a> {
    client: &'a Client,
    file: Vec<u8>,
    mapping: Option<String>,
    pairs: Vec<(&'static str, String)>,
}

impl ImportFile<'_> {
    /// Names the format, which is detected otherwise: `csv`, `json`, `shopify`, `woocommerce`, `prestashop`, `merchant`,
    /// `vendure`.
    pub fn format(self, format: impl Into<String>) -> Self {
        self.with("format", format.into())
    }

    /// Names the fields of the file's columns, separator, encoding, decimal mark, currency, VAT, as TOML or JSON.
    pub fn mapping(mut self, mapping: impl Into<String>) -> Self {
        self.mapping = Some(mapping.into());
        self
    }

    /// Removes products that the file no longer has, at most this part of the catalogue, 0 to 1.
    pub fn prune(self, max_removals: f64) -> Self {
        self.with("prune", true.to_string()).with("max_removals", max_removals.to_string())
    }

    /// Removes the demo products first of a shop that has them, or keeps them; without this such a shop takes no import.
    pub fn replace_demo(self, replace: bool) -> Self {
        self.with("replace_demo", replace.to_string())
    }

    fn with(mut self, name: &'static str, value: String) -> Self {
        self.pairs.push((name, value));
        self
    }

    async fn send(self) -> Result<String> {
        let Self { client, file, mapping, pairs } = self;
        let url = client.url(&["products", "import"], &pairs)?;
        let form = || {
            let form = Form::new().part("file", Part::bytes(file.clone()).file_name("products"));
            match &mapping {
                Some(mapping) => form.text("mapping", mapping.clone()),
                None => form,
            }
        };
        let answer = client.send_once(|| client.http().post(url.clone()).multipart(form())).await?;
        Ok(answer.json::<Begun>()?.source)
    }
}

impl<'a> IntoFuture for ImportFile<'a> {
    type Output = Result<String>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

#[derive(Deserialize)]
struct Begun {
    source: String,
}

/// The import that goes on in a server, and the last that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Imports {
    /// The one that goes on.
    #[serde(default)]
    pub running: Option<RunningImport>,
    /// Those that have ended, the newest first.
    pub imports: Vec<Import>,
}

/// An import that goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunningImport {
    /// What is read.
    pub source: String,
    /// Products that were read.
    pub products: u64,
    /// Products and rows that were refused.
    pub refused: u64,
    /// How far the source has been read, 0 to 1, where that is known.
    #[serde(default)]
    pub done: Option<f64>,
}

/// An import that has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Import {
    /// What was read.
    pub source: String,
    /// When it began, in seconds since 1970.
    pub started_at: i64,
    /// How long it took.
    pub seconds: f64,
    /// Products that were created.
    pub new: u64,
    /// Products that were changed.
    pub changed: u64,
    /// Products that were as they are.
    pub unchanged: u64,
    /// Products that the source no longer had.
    pub gone: u64,
    /// Products that were removed.
    pub removed: u64,
    /// Products and rows that were refused.
    pub refused: u64,
    /// Values without which products came in.
    pub left_out: u64,
    /// Products that the source says are not offered.
    pub hidden: u64,
    /// What should be known about the source.
    pub notes: Vec<String>,
    /// Examples of what was refused or left out.
    pub problems: Vec<ImportProblem>,
    /// Why it ended early.
    #[serde(default)]
    pub error: Option<String>,
}

/// A value that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImportProblem {
    /// Where it stands, such as `line 12`.
    pub position: String,
    /// The key of its product.
    #[serde(default)]
    pub key: Option<String>,
    /// The column, element or field.
    pub field: String,
    /// The value.
    pub value: String,
    /// What is wrong with it.
    pub reason: String,
    /// Whether the whole product was refused.
    pub refused: bool,
}

/// Imports, with [`Builder::admin_key`](crate::Builder::admin_key).
impl Client {
    /// Hands in a file of products, which the server imports in the background: the export of a shop system, a feed, CSV or
    /// JSON, also as gzip, or what [`export`](Self::export) gave, which is brought back whole. [`imports`](Self::imports) says how
    /// far it is and what came of it.
    ///
    /// When the connection breaks off the file is sent again, and imported once.
    ///
    /// # Errors
    /// Those of administration; [`Conflict`](crate::ClientErrorKind::Conflict) while another import goes on, and for a shop that
    /// holds the demo products; [`TooLarge`](crate::ClientErrorKind::TooLarge) for a file over the server's limit of uploads,
    /// and [`Invalid`](crate::ClientErrorKind::Invalid) for one that is of no known format or of another than was named.
    pub fn import(&self, file: impl Into<Vec<u8>>) -> ImportFile<'_> {
        ImportFile { client: self, file: file.into(), mapping: None, pairs: Vec::new() }
    }

    /// The import that goes on, and the last `limit` (1 to 500) that ended.
    ///
    /// # Errors
    /// Those of administration, and [`Invalid`](crate::ClientErrorKind::Invalid) for another `limit`.
    pub async fn imports(&self, limit: u32) -> Result<Imports> {
        self.read_as_admin(&["imports"], &[("limit", limit.to_string())]).await?.json()
    }
}
