//! Answers as the package's classes.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyList;
use vitrina::{Category, Money, ProductId};
use vitrina_client::{
    Facets, ImageAnswer, Prediction, Product, ProductPage, Readiness, Suggestions, TextAnswer,
};
use vitrina_server::shop::ImportReport;

use crate::engine::Engine;

/// What a call can come to.
pub(crate) enum Answer {
    Done,
    Yes(bool),
    Readiness(Readiness),
    Category(Category),
    Categories(Vec<Category>),
    Page(ProductPage),
    Product(Product),
    Products(Vec<Product>),
    Numbers(Vec<ProductId>),
    Text(TextAnswer),
    Suggestions(Suggestions),
    Task(String),
    Image(Option<ImageAnswer>),
    Engine(Engine),
    Imported(ImportReport),
}

impl Answer {
    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let answer = match self {
            Self::Done => py.None().into_bound(py),
            Self::Yes(yes) => yes.into_pyobject(py)?.to_owned().into_any(),
            Self::Task(task) => task.into_pyobject(py)?.into_any(),
            Self::Readiness(told) => make(py, "Readiness", (told.ready, told.dependencies))?,
            Self::Category(found) => category(py, found)?,
            Self::Categories(categories) => self::categories(py, categories)?.into_any(),
            Self::Page(page) => make(py, "ProductPage", (products(py, page.products)?, page.next_cursor))?,
            Self::Product(found) => product(py, found)?,
            Self::Products(found) => products(py, found)?.into_any(),
            Self::Numbers(ids) => PyList::new(py, ids.into_iter().map(|id| id.0))?.into_any(),
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
                make(py, "ImportReport", (report.products, report.categories, report.photos))?
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

fn category(py: Python<'_>, known: Category) -> PyResult<Bound<'_, PyAny>> {
    make(py, "Category", (known.id.0, known.name))
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
    make(py, "Facets", (categories, brands, prices, counted.in_stock, counted.out_of_stock))
}

fn decimal(py: Python<'_>, amount: Money) -> PyResult<Bound<'_, PyAny>> {
    static DECIMAL: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    DECIMAL.import(py, "decimal", "Decimal")?.call1((amount.to_string(),))
}

fn products(py: Python<'_>, found: Vec<Product>) -> PyResult<Bound<'_, PyList>> {
    list(py, found, |found| product(py, found))
}

fn product(py: Python<'_>, found: Product) -> PyResult<Bound<'_, PyAny>> {
    let highlights = found.highlights.map(|places| make(py, "Highlights", (places.name, places.description)));
    let fields = (
        found.id.0,
        found.name,
        found.description,
        found.brand,
        decimal(py, found.price)?,
        found.category,
        found.stock,
        found.in_stock,
        found.photo_url,
        found.similarity,
        highlights.transpose()?,
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
