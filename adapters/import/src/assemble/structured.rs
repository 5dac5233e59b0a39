//! Values of Vitrina's own JSON that are objects: attributes, categories, codes, a sale, translations, variants.

use serde_json::Value;
use vitrina_core::NewProduct;
use vitrina_core::product::{AttributeValue, NewVariant, Texts};

use crate::field::Field;
use crate::records::json_row;
use crate::row::Row;

use super::features::Attributes;
use super::offer::kept_codes;
use super::texts::kept_translations;
use super::variants::push;
use super::{Assembler, Findings};

/// The keys whose values may be structured.
pub(crate) const STRUCTURED: [&str; 6] =
    ["attributes", "categories", "codes", "sale", "translations", "variants"];

impl Assembler {
    pub(super) fn set_structured(&mut self, product: &mut NewProduct, row: &Row, findings: &mut Findings) {
        for (column, value) in &row.structured {
            let wrong = |findings: &mut Findings, reason: &str| {
                findings.refuse(row, &column.header, &value.to_string(), reason);
            };
            match (&*column.header, value) {
                ("attributes", value) => {
                    let mut attributes = Attributes(std::mem::take(&mut product.attributes));
                    if add_attributes(&mut attributes, value, row, findings).is_none() {
                        wrong(findings, "is no set of attributes: write {\"color\": [\"rojo\"]}");
                    }
                    product.attributes = attributes.0;
                }
                ("categories", Value::Array(paths)) => {
                    let mut read = std::mem::take(&mut product.categories);
                    for path in paths {
                        match path {
                            Value::String(path) => read.push(self.path(path)),
                            Value::Array(names) => {
                                read.push(
                                    names
                                        .iter()
                                        .filter_map(Value::as_str)
                                        .map(|name| name.trim().to_owned())
                                        .collect(),
                                );
                            }
                            _ => wrong(findings, "is no list of paths: write [[\"Hogar\", \"Cocina\"]]"),
                        }
                    }
                    product.categories = self.kept_categories(read, row, findings);
                }
                ("codes", Value::Object(_)) => match serde_json::from_value(value.clone()) {
                    Ok(codes) => product.codes = kept_codes(codes, row, findings),
                    Err(_) => wrong(
                        findings,
                        "is no set of codes: write {\"sku\": \"A1\", \"gtin\": \"8412345678905\"}",
                    ),
                },
                ("sale", Value::Object(sale)) => {
                    // Read as the columns are.
                    let mut flat = serde_json::Map::new();
                    for (from, to) in
                        [("price", "sale_price"), ("from", "sale_from"), ("until", "sale_until")]
                    {
                        flat.extend(sale.get(from).map(|value| (to.to_owned(), value.clone())));
                    }
                    flat.extend(product.price.map(|price| ("price".to_owned(), price.to_major().into())));
                    if let Ok(flat) = json_row(row.position.clone(), flat, &mut self.own) {
                        product.sale = self.offer(&flat, findings).sale;
                    }
                }
                ("translations", Value::Object(languages)) => {
                    for (language, texts) in languages {
                        let text = |name: &str| {
                            texts.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned()
                        };
                        let texts = Texts { name: text("name"), description: text("description") };
                        product.translations.insert(language.clone(), texts);
                    }
                    kept_translations(product, row, findings);
                }
                ("variants", Value::Array(variants)) => {
                    for variant in variants {
                        match variant {
                            Value::Object(object) => {
                                let variant = self.json_variant(object.clone(), row, findings);
                                push(product, variant, row, findings);
                            }
                            _ => wrong(
                                findings,
                                "is no list of variants: write [{\"sku\": \"A1-S\", \"attributes\": {\"talla\": \"S\"}}]",
                            ),
                        }
                    }
                }
                _ if column.field == Field::Ignored => {}
                _ => wrong(findings, "is an object where a value is expected"),
            }
        }
    }

    fn json_variant(
        &mut self,
        object: serde_json::Map<String, Value>,
        row: &Row,
        findings: &mut Findings,
    ) -> NewVariant {
        let mut variant = NewVariant::default();
        let flat = match json_row(row.position.clone(), object, &mut self.own) {
            Ok(flat) => flat,
            Err(error) => {
                findings.refuse(row, "variants", "", error.to_string());
                return variant;
            }
        };
        // A variant is read as a product of its own and leaves out what variants do not have.
        let mut inner = Findings::default();
        let read = self.product(&flat, &mut inner);
        for problem in inner.problems.into_iter().filter(|problem| problem.reason != super::MISSING_NAME) {
            findings.refused |= problem.refused;
            findings.problems.push(problem);
        }
        variant.key = read.key.or_else(|| read.codes.sku.clone());
        variant.codes = read.codes;
        variant.attributes = read.attributes;
        variant.price = read.price;
        variant.sale = read.sale;
        variant.stock = read.stock;
        variant.availability = read.availability;
        variant.photo = read.photos.into_iter().next();
        variant.link = read.link;
        variant
    }
}

/// Reads `{"color": ["rojo"]}` or `[{"name": "color", "values": ["rojo"]}]`.
fn add_attributes(
    attributes: &mut Attributes,
    value: &Value,
    row: &Row,
    findings: &mut Findings,
) -> Option<()> {
    let named: Vec<(&str, &Value)> = match value {
        Value::Object(named) => named.iter().map(|(name, values)| (name.as_str(), values)).collect(),
        Value::Array(list) => list
            .iter()
            .map(|attribute| Some((attribute.get("name")?.as_str()?, attribute.get("values")?)))
            .collect::<Option<_>>()?,
        _ => return None,
    };
    for (name, values) in named {
        let values = match values {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            let typed = match value {
                Value::Number(number) => AttributeValue::Number { number: number.as_f64()?, unit: None },
                Value::Null => continue,
                other => serde_json::from_value(other.clone()).ok()?,
            };
            attributes.add(name, typed, row, findings);
        }
    }
    Some(())
}
