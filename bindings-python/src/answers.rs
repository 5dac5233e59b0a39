//! Answers as the package's classes.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;
use vitrina::Category;
use vitrina_client::{ImageAnswer, Prediction, Product, ProductPage, Readiness, TextAnswer};
use vitrina_server::shop::ImportReport;

use crate::engine::Engine;

/// What a call can come to.
pub(crate) enum Answer {
    Yes(bool),
    Readiness(Readiness),
    Categories(Vec<Category>),
    Page(ProductPage),
    Product(Product),
    Products(Vec<Product>),
    Text(TextAnswer),
    Task(String),
    Image(Option<ImageAnswer>),
    Engine(Engine),
    Imported(ImportReport),
}

impl Answer {
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let answer = match self {
            Self::Yes(yes) => yes.into_pyobject(py)?.to_owned().into_any(),
            Self::Task(task) => task.into_pyobject(py)?.into_any(),
            Self::Readiness(told) => make(py, "Readiness", (told.ready, told.dependencies))?,
            Self::Categories(categories) => {
                list(py, categories, |category| make(py, "Category", (category.id.0, category.name)))?
                    .into_any()
            }
            Self::Page(page) => make(py, "ProductPage", (products(py, page.products)?, page.next_cursor))?,
            Self::Product(found) => product(py, found)?,
            Self::Products(found) => products(py, found)?.into_any(),
            Self::Text(answer) => {
                let found = products(py, answer.products)?;
                make(py, "TextAnswer", (answer.categories, found, answer.total, answer.next_cursor))?
            }
            Self::Engine(engine) => Bound::new(py, engine)?.into_any(),
            Self::Imported(report) => {
                make(py, "ImportReport", (report.products, report.categories, report.photos))?
            }
            Self::Image(None) => py.None().into_bound(py),
            Self::Image(Some(answer)) => {
                let seen = list(py, answer.predictions, |seen: Prediction| {
                    make(py, "Prediction", (seen.label.0, seen.category, seen.score))
                })?;
                make(py, "ImageAnswer", (answer.categories, seen, products(py, answer.products)?))?
            }
        };
        Ok(answer.unbind())
    }
}

fn products(py: Python<'_>, found: Vec<Product>) -> PyResult<Bound<'_, PyList>> {
    list(py, found, |found| product(py, found))
}

fn product(py: Python<'_>, found: Product) -> PyResult<Bound<'_, PyAny>> {
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let price = DECIMAL.import(py, "decimal", "Decimal")?.call1((found.price.to_string(),))?;
    let fields = (
        found.id.0,
        found.name,
        found.description,
        found.brand,
        price,
        found.category,
        found.stock,
        found.in_stock,
        found.photo_url,
        found.similarity,
    );
    make(py, "Product", fields)
}

fn list<'py, T>(
    py: Python<'py>,
    items: Vec<T>,
    each: impl FnMut(T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyList>> {
    let items = items.into_iter().map(each).collect::<PyResult<Vec<_>>>()?;
    PyList::new(py, items)
}

/// An instance of one of the package's dataclasses, its fields in order.
fn make<'py, A>(py: Python<'py>, class: &str, fields: A) -> PyResult<Bound<'py, PyAny>>
where
    A: pyo3::call::PyCallArgs<'py>,
{
    static TYPES: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let types = TYPES.get_or_try_init(py, || py.import("vitrina._types").map(Bound::unbind))?;
    types.bind(py).getattr(class)?.call1(fields)
}
