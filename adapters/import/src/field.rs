//! The fields that columns, elements and JSON keys are mapped to.

use std::sync::Arc;

use vitrina_core::product::check_language;
use vitrina_core::{Error, Result};

/// What a value is of a product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// Not used.
    Ignored,
    /// Vitrina's number of the product if it is a number, else its key.
    Id,
    Key,
    /// What rows of one product have in common.
    Group,
    /// Key or SKU of the product that a variant belongs to.
    Parent,
    /// The kind of row: simple, variable, variation.
    Kind,
    Name,
    Description,
    Summary,
    Brand,
    Price,
    /// A price without VAT.
    NetPrice,
    /// The rate of VAT that is added to a price without it, in per cent.
    VatRate,
    SalePrice,
    /// The price before a reduction, where `Price` is the reduced one.
    ComparePrice,
    SaleFrom,
    SaleUntil,
    /// The first moment after a sale.
    SaleUntilMoment,
    SalePeriod,
    DiscountAmount,
    DiscountPercent,
    /// A name at a level of the category path, from 1.
    CategoryLevel(u8),
    /// Category paths.
    Categories,
    /// Google's own taxonomy; used where there is no other category.
    GoogleCategory,
    Sku,
    Gtin,
    Mpn,
    Code,
    Link,
    Photos,
    PhotoPosition,
    VariantPhoto,
    Stock,
    Availability,
    Published,
    Visibility,
    Tags,
    /// Name of attribute or option n.
    AttributeName(u8),
    /// Values of attribute or option n.
    AttributeValue(u8),
    /// Values of the attribute of this name.
    Attribute(Arc<str>),
    /// A number in a unit (`kg`) under this name.
    Measure(Arc<str>, Arc<str>),
    /// `Name:Value:Position`, comma-separated.
    Features,
    /// `facet:value`, separated by bars.
    Facets,
    OptionGroups,
    OptionValues,
    Popularity,
    UpdatedAt,
    /// Name in the language of this code.
    NameIn(Arc<str>),
    /// Description in the language of this code.
    DescriptionIn(Arc<str>),
}

impl Field {
    /// Reads a field as mapping files name it; a bare `attribute` has the column's header for its name.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) listing the names when it is none.
    pub(crate) fn parse(text: &str, column: &str) -> Result<Self> {
        let (name, argument) = match text.split_once([':', '.']) {
            Some((name, argument)) => (name.trim(), Some(argument.trim())),
            None => (text.trim(), None),
        };
        let field = match (name, argument) {
            ("attribute", name) => Self::Attribute(name.unwrap_or(column).into()),
            ("name" | "description", Some(language)) => {
                check_language(language).map_err(|error| Error::invalid(format!("`{text}`: {error}")))?;
                if name == "name" {
                    Self::NameIn(language.into())
                } else {
                    Self::DescriptionIn(language.into())
                }
            }
            ("category", Some(level)) => match level.parse() {
                Ok(level @ 1..=9) => Self::CategoryLevel(level),
                _ => return Err(Error::invalid(format!("`{text}`: levels are category.1 to category.9"))),
            },
            ("ignore", None) => Self::Ignored,
            (_, None) => match SIMPLE.iter().find(|(known, _)| *known == name) {
                Some((_, field)) => field.clone(),
                None => return Err(unknown(text, column)),
            },
            _ => return Err(unknown(text, column)),
        };
        Ok(field)
    }
}

fn unknown(text: &str, column: &str) -> Error {
    let names: Vec<_> = SIMPLE.iter().map(|(name, _)| *name).collect();
    Error::invalid(format!(
        "the mapping of `{column}` to `{text}` is unknown: use {}, category.1 to category.9, attribute, attribute:NAME, \
         name.en, description.en or ignore",
        names.join(", ")
    ))
}

/// The names of fields in mapping files.
const SIMPLE: &[(&str, Field)] = &[
    ("id", Field::Id),
    ("key", Field::Key),
    ("group", Field::Group),
    ("name", Field::Name),
    ("description", Field::Description),
    ("summary", Field::Summary),
    ("brand", Field::Brand),
    ("price", Field::Price),
    ("net_price", Field::NetPrice),
    ("vat", Field::VatRate),
    ("sale_price", Field::SalePrice),
    ("compare_price", Field::ComparePrice),
    ("sale_from", Field::SaleFrom),
    ("sale_until", Field::SaleUntil),
    ("category", Field::Categories),
    ("categories", Field::Categories),
    ("sku", Field::Sku),
    ("gtin", Field::Gtin),
    ("mpn", Field::Mpn),
    ("code", Field::Code),
    ("link", Field::Link),
    ("photo", Field::Photos),
    ("photos", Field::Photos),
    ("stock", Field::Stock),
    ("availability", Field::Availability),
    ("published", Field::Published),
    ("tags", Field::Tags),
    ("popularity", Field::Popularity),
    ("updated_at", Field::UpdatedAt),
];
