//! Products as the package's classes.

use pyo3::prelude::*;
use pyo3::types::PyDict;
use vitrina_client::Product;
use vitrina_core::Money;
use vitrina_core::product::{Attribute, Codes, SalePrice, Texts, Variant};

use super::{decimal, list, make, make_named};

pub(super) fn product(py: Python<'_>, found: Product) -> PyResult<Bound<'_, PyAny>> {
    let highlights = found.highlights.map(|places| make(py, "Highlights", (places.name, places.description)));
    let translations = PyDict::new(py);
    for (language, Texts { name, description }) in found.translations {
        translations.set_item(language, make(py, "Texts", (name, description))?)?;
    }
    let fields = PyDict::new(py);
    fields.set_item("id", found.id.0)?;
    fields.set_item("key", found.key)?;
    fields.set_item("name", found.name)?;
    fields.set_item("description", found.description)?;
    fields.set_item("brand", found.brand)?;
    fields.set_item("price", decimal(py, found.price)?)?;
    set_sale(py, &fields, found.sale)?;
    fields.set_item("category", found.category)?;
    fields.set_item("categories", found.categories)?;
    fields.set_item("stock", found.stock)?;
    fields.set_item("in_stock", found.in_stock)?;
    fields.set_item("availability", found.availability.map(|stated| stated.as_str()))?;
    fields.set_item("photo_url", found.photo_url)?;
    fields.set_item("photo_urls", found.photo_urls)?;
    fields.set_item("url", found.link)?;
    fields.set_item("codes", codes(py, found.codes)?)?;
    fields.set_item("attributes", attributes(py, found.attributes)?)?;
    fields.set_item("tags", found.tags)?;
    fields.set_item("popularity", found.popularity)?;
    fields.set_item("translations", translations)?;
    fields.set_item("updated_at", found.updated_at.map(|at| at.0))?;
    fields.set_item("variants", list(py, found.variants, |found| variant(py, found))?)?;
    let matched = found.matched_variant.map(|found| variant(py, found)).transpose()?;
    fields.set_item("matched_variant", matched)?;
    fields.set_item("version", found.version.as_ref().map(|version| version.as_str()))?;
    fields.set_item("similarity", found.similarity)?;
    fields.set_item("resemblance", found.resemblance)?;
    fields.set_item("highlights", highlights.transpose()?)?;
    make_named(py, "Product", fields)
}

fn variant(py: Python<'_>, found: Variant) -> PyResult<Bound<'_, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("key", found.key)?;
    fields.set_item("codes", codes(py, found.codes)?)?;
    fields.set_item("attributes", attributes(py, found.attributes)?)?;
    fields.set_item("price", amount(py, found.price)?)?;
    set_sale(py, &fields, found.sale)?;
    fields.set_item("stock", found.stock)?;
    fields.set_item("availability", found.availability.map(|stated| stated.as_str()))?;
    fields.set_item("photo_url", found.photo)?;
    fields.set_item("url", found.link)?;
    make_named(py, "Variant", fields)
}

fn set_sale(py: Python<'_>, fields: &Bound<'_, PyDict>, sale: Option<SalePrice>) -> PyResult<()> {
    fields.set_item("sale_price", amount(py, sale.map(|sale| sale.price))?)?;
    fields.set_item("sale_from", sale.and_then(|sale| sale.from).map(|from| from.0))?;
    fields.set_item("sale_until", sale.and_then(|sale| sale.until).map(|until| until.0))
}

fn amount(py: Python<'_>, amount: Option<Money>) -> PyResult<Option<Bound<'_, PyAny>>> {
    amount.map(|amount| decimal(py, amount)).transpose()
}

fn codes(py: Python<'_>, codes: Codes) -> PyResult<Bound<'_, PyAny>> {
    make(py, "Codes", (codes.sku, codes.gtin, codes.mpn, codes.others))
}

/// Values by name, as text.
fn attributes(py: Python<'_>, attributes: Vec<Attribute>) -> PyResult<Bound<'_, PyDict>> {
    let named = PyDict::new(py);
    for Attribute { name, values } in attributes {
        named.set_item(name, values.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    }
    Ok(named)
}
