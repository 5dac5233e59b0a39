//! Headers to fields: the names that columns have in each format and language.

mod plain;
mod systems;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use vitrina_core::{Error, Result, text};

use crate::field::Field;
use crate::options::{Format, Mapping};
use crate::row::Column;

/// How a file names its columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Plain,
    Json,
    Shopify,
    WooCommerce,
    PrestaShop,
    /// PrestaShop's second file.
    Combinations,
    Merchant,
    Vendure,
    /// The tables of a live shop.
    Database,
}

/// Separates the names of a path from a database, which may have any character in them.
pub(crate) const CATEGORY_MARK: &str = "\u{1f}";

/// How many names of columns are remembered.
const MAX_KNOWN: usize = 2000;

impl Dialect {
    /// Returns the dialect of a format.
    pub(crate) fn of(format: Format) -> Self {
        match format {
            Format::Csv => Self::Plain,
            Format::Json => Self::Json,
            Format::Shopify => Self::Shopify,
            Format::WooCommerce => Self::WooCommerce,
            Format::PrestaShop => Self::PrestaShop,
            Format::Merchant => Self::Merchant,
            Format::Vendure => Self::Vendure,
        }
    }

    /// Returns the format that files of this dialect are in.
    pub(crate) fn format(self) -> Format {
        match self {
            Self::Plain | Self::Database => Format::Csv,
            Self::Json => Format::Json,
            Self::Shopify => Format::Shopify,
            Self::WooCommerce => Format::WooCommerce,
            Self::PrestaShop | Self::Combinations => Format::PrestaShop,
            Self::Merchant => Format::Merchant,
            Self::Vendure => Format::Vendure,
        }
    }

    /// Returns true for the field by which several rows are one product.
    pub(crate) fn groups_by(self, field: &Field) -> bool {
        match self {
            Self::Plain | Self::Merchant => *field == Field::Group,
            Self::Shopify => *field == Field::Key,
            Self::WooCommerce => *field == Field::Parent,
            // A row without a name continues the one above.
            Self::Vendure => *field == Field::Name,
            Self::Json | Self::PrestaShop | Self::Combinations | Self::Database => false,
        }
    }

    /// Detects the dialect by columns that no other has.
    pub(crate) fn detect(headers: &[String]) -> Self {
        let names: Vec<_> = headers.iter().map(|header| normalise(header)).collect();
        let has = |name: &str| names.iter().any(|known| known == name);
        let count = |dialect: Self| names.iter().filter(|name| dialect.own(name).is_some()).count();
        if has("title") && (has("url handle") || has("handle")) {
            Self::Shopify
        } else if has("name") && has("optiongroups") && has("optionvalues") {
            Self::Vendure
        } else if has("attribute name type position") && has("value value position") {
            Self::Combinations
        } else if has("id")
            && has("title")
            && has("link")
            && has("price")
            && (has("image link") || has("availability"))
        {
            Self::Merchant
        } else if names.iter().any(|name| systems::only_prestashop(name)) && count(Self::PrestaShop) >= 4 {
            Self::PrestaShop
        } else if names.iter().any(|name| systems::only_woocommerce(name)) && count(Self::WooCommerce) >= 4 {
            Self::WooCommerce
        } else {
            Self::Plain
        }
    }

    /// Returns the columns of headers.
    ///
    /// # Errors
    /// When the mapping names a field or a column that does not exist.
    pub(crate) fn columns(self, headers: &[String], mapping: &Mapping) -> Result<Vec<Column>> {
        let columns = headers.iter().map(|header| self.column(header.trim(), mapping));
        columns.collect()
    }

    /// Checks that every column of the mapping exists.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) naming the column.
    pub(crate) fn check_mapping(columns: &[Column], mapping: &Mapping) -> Result<()> {
        for name in mapping.columns.keys() {
            if !columns.iter().any(|column| same(&column.header, name)) {
                let headers: Vec<_> = columns.iter().map(|column| &*column.header).collect();
                return Err(Error::invalid(format!(
                    "the mapping names the column `{name}`, which the file does not have: its columns are {}",
                    headers.join(", ")
                )));
            }
        }
        Ok(())
    }

    /// Returns the column of a header.
    ///
    /// # Errors
    /// When the mapping gives it a field that does not exist.
    pub(crate) fn column(self, header: &str, mapping: &Mapping) -> Result<Column> {
        let mapped = mapping.columns.iter().find(|(name, _)| same(name, header));
        let field = match mapped {
            Some((_, field)) => Field::parse(field, header)?,
            None => self.field(header),
        };
        Ok(Column { header: header.into(), field })
    }

    fn field(self, header: &str) -> Field {
        let name = normalise(header);
        self.own(&name)
            .or_else(|| {
                matches!(self, Self::Plain | Self::Json).then(|| plain::field(header, &name)).flatten()
            })
            .or_else(|| measure(header, &name))
            .unwrap_or(Field::Ignored)
    }

    /// Returns the field of a name that belongs to the system's own files.
    fn own(self, name: &str) -> Option<Field> {
        match self {
            Self::Plain | Self::Json | Self::Database => None,
            Self::Shopify => systems::shopify(name),
            Self::WooCommerce => systems::woocommerce(name),
            Self::PrestaShop => systems::prestashop(name),
            Self::Combinations => systems::combinations(name),
            Self::Merchant => systems::merchant(name),
            Self::Vendure => systems::vendure(name),
        }
    }
}

/// The columns of records that name them each time, each detected once.
pub(crate) struct Columns {
    dialect: Dialect,
    mapping: Mapping,
    known: HashMap<String, Column>,
}

impl Columns {
    pub(crate) fn new(dialect: Dialect, mapping: Mapping) -> Self {
        Self { dialect, mapping, known: HashMap::new() }
    }

    /// Returns the column of a name.
    ///
    /// # Errors
    /// As [`Dialect::column`].
    pub(crate) fn of(&mut self, name: &str) -> Result<Column> {
        if let Some(column) = self.known.get(name) {
            return Ok(column.clone());
        }
        let column = self.dialect.column(name, &self.mapping)?;
        // A file whose every record has names of its own takes no more memory for it.
        if self.known.len() < MAX_KNOWN {
            self.known.insert(name.to_owned(), column.clone());
        }
        Ok(column)
    }
}

fn same(a: &str, b: &str) -> bool {
    a.trim() == b.trim() || normalise(a) == normalise(b)
}

/// Brings a header to one form: folded, words separated by single spaces.
fn normalise(header: &str) -> String {
    let header = match header.strip_prefix("g:") {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Borrowed(header),
    };
    let folded = text::fold(&header);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Replaces the first number of a name by `#` and returns it.
fn numbered(name: &str) -> Option<(String, u8)> {
    let start = name.find(|c: char| c.is_ascii_digit())?;
    let length = name[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len() - start);
    let number = name[start..start + length].parse().ok()?;
    Some((format!("{}#{}", &name[..start], &name[start + length..]), number))
}

fn lookup(table: &[(&[&str], Field)], name: &str) -> Option<Field> {
    table.iter().find(|(names, _)| names.contains(&name)).map(|(_, field)| field.clone())
}

const MEASURES: &[&str] = &[
    "peso",
    "weight",
    "poids",
    "gewicht",
    "pes",
    "longitud",
    "length",
    "longueur",
    "lange",
    "lunghezza",
    "comprimento",
    "anchura",
    "ancho",
    "width",
    "largeur",
    "breite",
    "larghezza",
    "largura",
    "altura",
    "alto",
    "height",
    "hauteur",
    "hohe",
    "altezza",
    "profundidad",
    "depth",
    "fondo",
];
const UNITS: &[&str] = &["kg", "g", "lb", "lbs", "oz", "cm", "mm", "m", "in", "inch"];

/// Returns the measure of a header such as `Peso (kg)`.
fn measure(header: &str, name: &str) -> Option<Field> {
    let (measure, unit) = name.split_once(' ').unwrap_or((name, ""));
    if !MEASURES.contains(&measure) || !(unit.is_empty() || UNITS.contains(&unit)) {
        return None;
    }
    let shown = header.split(['(', '[', '_']).next().unwrap_or(header).trim();
    let shown: Arc<str> = shown.strip_suffix(unit).map_or(shown, str::trim).into();
    Some(Field::Measure(shown, unit.into()))
}
