//! Answers as the package's classes.

mod product;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyList};
use vitrina::PutReport;
use vitrina_client::{
    Facets, ImageAnswer, OffersUpdated, Prediction, Product, ProductPage, Readiness, Suggestions, TextAnswer,
    UnderstoodPart,
};
use vitrina_core::product::ProductRef;
use vitrina_core::{Category, Money, ProductId};

use crate::engine::Engine;
use product::product;

/// What a call can come to.
#[expect(clippy::large_enum_variant, reason = "it is made once and converted at once")]
pub(crate) enum Answer {
    Done,
    Yes(bool),
    Count(usize),
    Readiness(Readiness),
    Category(Category),
    Categories(Vec<Category>),
    Page(ProductPage),
    Product(Product),
    Products(Vec<Product>),
    Numbers(Vec<ProductId>),
    Offers(OffersUpdated),
    Text(TextAnswer),
    Suggestions(Suggestions),
    Task(String),
    Image(Option<ImageAnswer>),
    Engine(Engine),
    Imported(PutReport),
}

impl Answer {
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let answer = match self {
            Self::Done => py.None().into_bound(py),
            Self::Yes(yes) => yes.into_pyobject(py)?.to_owned().into_any(),
            Self::Count(count) => count.into_pyobject(py)?.into_any(),
            Self::Task(task) => task.into_pyobject(py)?.into_any(),
            Self::Readiness(reported) => make(py, "Readiness", (reported.ready, reported.dependencies))?,
            Self::Category(found) => category(py, found)?,
            Self::Categories(categories) => self::categories(py, categories)?.into_any(),
            Self::Page(page) => make(py, "ProductPage", (products(py, page.products)?, page.next_cursor))?,
            Self::Product(found) => product(py, found)?,
            Self::Products(found) => products(py, found)?.into_any(),
            Self::Numbers(ids) => PyList::new(py, ids.into_iter().map(|id| id.0))?.into_any(),
            Self::Offers(report) => {
                let missing = list(py, report.missing, |which| named(py, which))?;
                make(py, "OffersUpdated", (report.updated, missing))?
            }
            Self::Text(answer) => {
                let fields = (
                    answer.categories,
                    products(py, answer.products)?,
                    answer.total,
                    answer.next_cursor,
                    answer.total_is_exact,
                    predictions(py, answer.predictions)?,
                    answer.did_you_mean,
                    answer.instead,
                    answer.facets.map(|counted| facets(py, counted)).transpose()?,
                    list(py, answer.understood, |part| understood(py, part))?,
                    answer.unknown,
                );
                make(py, "TextAnswer", fields)?
            }
            Self::Suggestions(found) => {
                let (categories, products) =
                    (self::categories(py, found.categories)?, products(py, found.products)?);
                make(py, "Suggestions", (found.queries, categories, products))?
            }
            Self::Engine(engine) => Bound::new(py, engine)?.into_any(),
            Self::Imported(report) => {
                make(py, "ImportReport", (report.ids.len(), report.categories, report.embedded))?
            }
            Self::Image(None) => py.None().into_bound(py),
            Self::Image(Some(answer)) => {
                let seen = predictions(py, answer.predictions)?;
                let products = products(py, answer.products)?;
                make(py, "ImageAnswer", (answer.categories, seen, products, answer.not_sold))?
            }
        };
        Ok(answer.unbind())
    }
}

fn categories(py: Python<'_>, known: Vec<Category>) -> PyResult<Bound<'_, PyList>> {
    list(py, known, |known| category(py, known))
}

/// A product's number, or its key.
fn named(py: Python<'_>, which: ProductRef) -> PyResult<Bound<'_, PyAny>> {
    Ok(match which {
        ProductRef::Id(id) => id.0.into_pyobject(py)?.into_any(),
        ProductRef::Key(key) => key.into_pyobject(py)?.into_any(),
    })
}

fn category(py: Python<'_>, known: Category) -> PyResult<Bound<'_, PyAny>> {
    make(py, "Category", (known.id.0, known.name, known.parent.map(|parent| parent.0), known.translations))
}

fn predictions(py: Python<'_>, seen: Vec<Prediction>) -> PyResult<Bound<'_, PyList>> {
    list(py, seen, |seen| make(py, "Prediction", (seen.label.0, seen.category, seen.score)))
}

fn facets(py: Python<'_>, counted: Facets) -> PyResult<Bound<'_, PyAny>> {
    let categories = list(py, counted.categories, |found| {
        make(py, "CategoryCount", (found.label.0, found.category, found.count))
    })?;
    let brands = list(py, counted.brands, |found| make(py, "BrandCount", found))?;
    let prices = list(py, counted.prices, |found| {
        let max = found.max.map(|max| decimal(py, max)).transpose()?;
        make(py, "PriceCount", (decimal(py, found.min)?, max, found.count))
    })?;
    let attributes = list(py, counted.attributes, |found| {
        let values = list(py, found.values, |value| make(py, "ValueCount", value))?;
        make(py, "AttributeCounts", (found.name, values))
    })?;
    let (in_stock, out_of_stock) = (counted.in_stock, counted.out_of_stock);
    make(py, "Facets", (categories, brands, prices, in_stock, out_of_stock, attributes))
}

fn understood(py: Python<'_>, part: UnderstoodPart) -> PyResult<Bound<'_, PyAny>> {
    let price = |price: Option<Money>| price.map(|price| decimal(py, price)).transpose();
    let (min, max) = (price(part.min_price)?, price(part.max_price)?);
    make(py, "UnderstoodPart", (part.kind, part.text, part.token, min, max))
}

fn decimal(py: Python<'_>, amount: Money) -> PyResult<Bound<'_, PyAny>> {
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")?.call1((amount.to_string(),))
}

fn products(py: Python<'_>, found: Vec<Product>) -> PyResult<Bound<'_, PyList>> {
    list(py, found, |found| product(py, found))
}

fn list<'py, T>(
    py: Python<'py>,
    items: Vec<T>,
    each: impl FnMut(T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let items = items.into_iter().map(each).collect::<PyResult<Vec<_>>>()?;
    PyList::new(py, items)
}

/// An instance of one of the package's dataclasses, its fields by name.
fn make_named<'py>(py: Python<'py>, class: &str, fields: Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    types(py)?.getattr(class)?.call((), Some(&fields))
}

/// An instance of one of the package's dataclasses, its fields in order.
fn make<'py, A>(py: Python<'py>, class: &str, fields: A) -> PyResult<Bound<'py, PyAny>>
where
    A: pyo3::call::PyCallArgs<'py>,
{
    types(py)?.getattr(class)?.call1(fields)
}

fn types(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    static TYPES: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let types = TYPES.get_or_try_init(py, || py.import("vitrina._types").map(Bound::unbind))?;
    Ok(types.bind(py))
}
