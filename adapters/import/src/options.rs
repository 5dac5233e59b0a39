//! How a file is read: its format, and the mapping that overrides what its content says.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;
use vitrina_core::{Error, Result};

use crate::field::Field;
use crate::values::DecimalMark;

/// The largest mapping file in bytes.
const MAX_MAPPING: u64 = 1 << 20;

/// A format of product files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Rows with headers of the shop's own, in Spanish, English and other languages.
    Csv,
    /// JSON objects, one a line, in a list, or in `products`.
    Json,
    /// Shopify's product export, current or older.
    Shopify,
    /// WooCommerce's product export, in any of its languages.
    WooCommerce,
    /// PrestaShop's product import and export file.
    PrestaShop,
    /// A Google Merchant Center feed: RSS 2.0, Atom or tab-separated.
    Merchant,
    /// Vendure's product import file.
    Vendure,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 7] = [
        Self::Csv,
        Self::Json,
        Self::Shopify,
        Self::WooCommerce,
        Self::PrestaShop,
        Self::Merchant,
        Self::Vendure,
    ];

    /// Returns the name by which `--format` selects it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Shopify => "shopify",
            Self::WooCommerce => "woocommerce",
            Self::PrestaShop => "prestashop",
            Self::Merchant => "merchant",
            Self::Vendure => "vendure",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Shopify => "Shopify export",
            Self::WooCommerce => "WooCommerce export",
            Self::PrestaShop => "PrestaShop file",
            Self::Merchant => "Google Merchant feed",
            Self::Vendure => "Vendure file",
        })
    }
}

impl FromStr for Format {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim().to_ascii_lowercase();
        let name = if matches!(name.as_str(), "jsonl" | "ndjson") { "json" } else { &name };
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::invalid(format!("the format `{text}` is unknown: use one of {names}"))
        })
    }
}

/// What a file's content does not say, or says wrongly. Written as TOML or JSON:
///
/// ```toml
/// decimal = ","
/// [columns]
/// "Descripción larga" = "description"
/// "Familia" = "category.1"
/// "Acabado" = "attribute"
/// ```
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Mapping {
    /// The format's name.
    pub format: Option<String>,
    /// The separator of columns: one character, or `tab`.
    pub separator: Option<String>,
    /// The encoding's label as the Encoding Standard has it, such as `windows-1252`.
    pub encoding: Option<String>,
    /// The decimal mark: `,` or `.`.
    pub decimal: Option<String>,
    /// The currency of all prices, an ISO 4217 code. Prices in another one are refused.
    pub currency: Option<String>,
    /// The rate of value added tax, in per cent, that is added to prices stated without it.
    pub vat: Option<f64>,
    /// The field of each column by its header.
    pub columns: BTreeMap<String, String>,
}

impl Mapping {
    /// Sets the format's name.
    #[must_use]
    pub fn format(mut self, format: Option<String>) -> Self {
        self.format = format;
        self
    }

    /// Sets the separator of columns.
    #[must_use]
    pub fn separator(mut self, separator: Option<String>) -> Self {
        self.separator = separator;
        self
    }

    /// Sets the label of the encoding, such as `windows-1252`.
    #[must_use]
    pub fn encoding(mut self, encoding: Option<String>) -> Self {
        self.encoding = encoding;
        self
    }

    /// Sets the decimal mark.
    #[must_use]
    pub fn decimal(mut self, decimal: Option<String>) -> Self {
        self.decimal = decimal;
        self
    }

    /// Sets the currency of all prices, an ISO 4217 code.
    #[must_use]
    pub fn currency(mut self, currency: Option<String>) -> Self {
        self.currency = currency;
        self
    }

    /// Sets the rate of value added tax in per cent.
    #[must_use]
    pub fn vat(mut self, vat: Option<f64>) -> Self {
        self.vat = vat;
        self
    }

    /// Sets the field of each column by its header.
    #[must_use]
    pub fn columns(mut self, columns: BTreeMap<String, String>) -> Self {
        self.columns = columns;
        self
    }

    /// Reads a mapping from TOML, or from JSON if it begins with `{`.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming what cannot be used.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |error: String| Error::invalid(format!("the mapping cannot be used: {error}"));
        let mapping: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| wrong(error.to_string()))?
        };
        mapping.check()?;
        Ok(mapping)
    }

    /// Reads a mapping file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and when the file cannot be read.
    pub fn read(file: &Path) -> Result<Self> {
        let shown = file.display();
        let unreadable =
            |error| Error::invalid(format!("the mapping {shown} cannot be read")).with_source(error);
        if std::fs::metadata(file).map_err(unreadable)?.len() > MAX_MAPPING {
            return Err(Error::invalid(format!("the mapping {shown} is larger than {MAX_MAPPING} bytes")));
        }
        Self::parse(&std::fs::read_to_string(file).map_err(unreadable)?)
    }

    /// Checks every value.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the value that cannot be used.
    pub fn check(&self) -> Result<()> {
        self.format.as_deref().map(Format::from_str).transpose()?;
        self.separator_byte()?;
        self.text_encoding()?;
        self.decimal_mark()?;
        for (column, field) in &self.columns {
            Field::parse(field, column)?;
        }
        if self.vat.is_some_and(|rate| !(0.0..=100.0).contains(&rate)) {
            return Err(Error::invalid("`vat` in the mapping is a rate in per cent, 0 to 100"));
        }
        if self
            .currency
            .as_deref()
            .is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()))
        {
            return Err(Error::invalid("`currency` in the mapping is an ISO 4217 code, such as \"EUR\""));
        }
        Ok(())
    }

    pub(crate) fn separator_byte(&self) -> Result<Option<u8>> {
        match self.separator.as_deref() {
            None => Ok(None),
            Some("tab" | "\\t") => Ok(Some(b'\t')),
            Some(text) if text.len() == 1 && !matches!(text, "\"" | "\n" | "\r") => {
                Ok(Some(text.as_bytes()[0]))
            }
            Some(_) => {
                Err(Error::invalid("`separator` in the mapping is one character, such as \";\", or \"tab\""))
            }
        }
    }

    pub(crate) fn text_encoding(&self) -> Result<Option<&'static encoding_rs::Encoding>> {
        let Some(label) = &self.encoding else { return Ok(None) };
        encoding_rs::Encoding::for_label(label.as_bytes()).map(Some).ok_or_else(|| {
            Error::invalid(format!("the encoding `{label}` is unknown: use utf-8, windows-1252 or utf-16le"))
        })
    }

    pub(crate) fn decimal_mark(&self) -> Result<Option<DecimalMark>> {
        match self.decimal.as_deref() {
            None => Ok(None),
            Some(",") => Ok(Some(DecimalMark::Comma)),
            Some(".") => Ok(Some(DecimalMark::Point)),
            Some(_) => Err(Error::invalid("`decimal` in the mapping is \",\" or \".\"")),
        }
    }
}

/// Which file to read, and how.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct FileOptions {
    /// The format; `None` is detected by the content.
    pub format: Option<Format>,
    /// What overrides the content.
    pub mapping: Mapping,
    /// PrestaShop's second file, with the combinations.
    pub combinations: Option<PathBuf>,
}

impl FileOptions {
    /// Sets the format.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets the mapping.
    #[must_use]
    pub fn mapping(mut self, mapping: Mapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Sets PrestaShop's file of combinations.
    #[must_use]
    pub fn combinations(mut self, file: impl Into<PathBuf>) -> Self {
        self.combinations = Some(file.into());
        self
    }
}
