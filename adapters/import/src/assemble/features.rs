//! Attributes: named columns, numbered pairs of columns, PrestaShop's features, Vendure's facets, measures.

use vitrina_core::product::{Attribute, AttributeValue, ProductDraft};

use crate::field::Field;
use crate::headers::Dialect;
use crate::row::Row;
use crate::values;

use super::{Assembler, Findings};

/// The most attributes of a product, and values of an attribute.
const MAX_ATTRIBUTES: usize = ProductDraft::MAX_ATTRIBUTES;
/// The most characters of a name, a value or a unit.
const MAX_TEXT: usize = ProductDraft::MAX_ATTRIBUTE;

/// Attributes in the order in which they come, each name once.
#[derive(Debug, Default)]
pub(super) struct Attributes(pub(super) Vec<Attribute>);

impl Attributes {
    pub(super) fn add(&mut self, name: &str, value: AttributeValue, row: &Row, findings: &mut Findings) {
        let too_long = |text: &str| text.chars().count() > MAX_TEXT;
        let text = match &value {
            AttributeValue::Text(text) => text.as_str(),
            AttributeValue::Number { unit, .. } => unit.as_deref().unwrap_or_default(),
            AttributeValue::Flag(_) => "",
        };
        if too_long(name) || too_long(text) {
            return findings.leave_out(row, name, text, format!("is longer than {MAX_TEXT} characters"));
        }
        // An empty value says nothing.
        if name.trim().is_empty() || matches!(&value, AttributeValue::Text(text) if text.trim().is_empty()) {
            return;
        }
        let count = self.0.len();
        match self.0.iter_mut().find(|attribute| attribute.name == name) {
            Some(attribute) if attribute.values.contains(&value) => {}
            Some(attribute) if attribute.values.len() < MAX_ATTRIBUTES => attribute.values.push(value),
            None if count < MAX_ATTRIBUTES => {
                self.0.push(Attribute { name: name.to_owned(), values: vec![value] });
            }
            _ => findings.leave_out(
                row,
                name,
                "",
                format!(
                    "is one too many: a product has {MAX_ATTRIBUTES} attributes of as many values at most"
                ),
            ),
        }
    }

    /// Adds a text unless it is empty.
    pub(super) fn add_text(&mut self, name: &str, text: &str, row: &Row, findings: &mut Findings) {
        self.add(name, AttributeValue::Text(text.to_owned()), row, findings);
    }
}

impl Assembler {
    /// The attributes that distinguish a variant from its siblings, of names and values as the source writes them.
    pub(super) fn options<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
        row: &Row,
        findings: &mut Findings,
    ) -> Vec<Attribute> {
        let mut options = Attributes::default();
        for (name, value) in pairs {
            options.add_text(&self.line(name), &self.line(value), row, findings);
        }
        options.0
    }

    pub(super) fn attributes(&self, row: &Row, findings: &mut Findings) -> Vec<Attribute> {
        let mut attributes = Attributes::default();
        for cell in &row.cells {
            match &cell.column.field {
                Field::Attribute(name) => {
                    for value in self.split_values(&cell.text) {
                        attributes.add_text(name, &self.line(&value), row, findings);
                    }
                }
                Field::Measure(name, unit) => {
                    self.measure(&mut attributes, (name, unit), &cell.text, row, findings)
                }
                Field::Features => {
                    for feature in cell.text.split(',') {
                        let mut parts = feature.split(':');
                        let (name, value) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
                        attributes.add_text(&self.line(name), &self.line(value), row, findings);
                    }
                }
                Field::Facets => {
                    for facet in cell.text.split('|') {
                        let (name, value) = facet.split_once(':').unwrap_or(("", ""));
                        attributes.add_text(&self.line(name), &self.line(value), row, findings);
                    }
                }
                Field::Price | Field::NetPrice => {
                    // `3,15 €/kg`: what the price is for.
                    if let Ok(Some(unit)) =
                        values::amount(&cell.text, self.reading.decimal).map(|amount| amount.unit)
                    {
                        attributes.add_text("price_unit", &unit, row, findings);
                    }
                }
                _ => {}
            }
        }
        // Shopify's options tell variants apart; a WooCommerce row lists its attributes in pairs of columns.
        if matches!(self.reading.dialect, Dialect::WooCommerce | Dialect::Plain | Dialect::Json) {
            for (name, value) in pairs(row) {
                for value in self.split_values(value) {
                    attributes.add_text(&self.line(name), &self.line(&value), row, findings);
                }
            }
        }
        attributes.0
    }

    fn measure(
        &self,
        attributes: &mut Attributes,
        (name, unit): (&str, &str),
        text: &str,
        row: &Row,
        findings: &mut Findings,
    ) {
        let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c.is_whitespace());
        let own = text[digits.len()..].trim();
        let unit = if own.is_empty() { unit } else { own };
        match values::number(digits, self.reading.decimal) {
            // Shop systems write 0 for what nobody has measured.
            Ok(0.0) => {}
            Ok(number) if number > 0.0 => {
                let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
                attributes.add(name, AttributeValue::Number { number, unit }, row, findings);
            }
            Ok(_) => findings.leave_out(row, name, text, "is negative"),
            Err(reason) => findings.leave_out(row, name, text, reason),
        }
    }

    fn split_values(&self, text: &str) -> Vec<String> {
        match self.reading.dialect {
            Dialect::WooCommerce => values::split_escaped(text).collect(),
            Dialect::Plain => text.split('|').map(|value| value.trim().to_owned()).collect(),
            _ => vec![text.to_owned()],
        }
    }
}

/// Returns the numbered attributes or options of a row, by number.
pub(super) fn pairs(row: &Row) -> Vec<(&str, &str)> {
    let mut pairs: Vec<_> = row
        .cells
        .iter()
        .filter_map(|cell| match cell.column.field {
            Field::AttributeName(number) => {
                row.get(&Field::AttributeValue(number)).map(|value| (number, cell.text.as_str(), value))
            }
            _ => None,
        })
        .collect();
    pairs.sort_by_key(|(number, ..)| *number);
    pairs.into_iter().map(|(_, name, value)| (name, value)).collect()
}
