//! What Python hands over, as the client's own types.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vitrina::{CategoryId, Embedding, Error, ProductId};
use vitrina_client::{CategoryRef, Filter, Listing, PhotoSearch, ProductDraft};

use crate::errors::Failure;

/// The dictionary that `vitrina._arguments.filtering` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Filtering {
    categories: Vec<CategoryArgument>,
    brands: Vec<String>,
    min_price: Option<String>,
    max_price: Option<String>,
    in_stock: bool,
}

/// The dictionary that `vitrina._arguments.listing` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Asked {
    filter: Filtering,
    limit: Option<usize>,
    cursor: Option<String>,
    sort: Option<String>,
    facets: bool,
}

/// The dictionary that `vitrina._arguments.narrowing` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Narrowing {
    query: String,
    filter: Filtering,
}

/// The dictionary that `vitrina._arguments.draft` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Drafted {
    id: Option<i64>,
    name: String,
    description: String,
    brand: Option<String>,
    price: String,
    category: Option<CategoryArgument>,
    stock: Option<i64>,
}

#[derive(FromPyObject)]
enum CategoryArgument {
    Id(i64),
    Name(String),
}

impl From<CategoryArgument> for CategoryRef {
    fn from(category: CategoryArgument) -> Self {
        match category {
            CategoryArgument::Id(id) => Self::Id(CategoryId(id)),
            CategoryArgument::Name(name) => Self::Name(name),
        }
    }
}

impl Filtering {
    pub(crate) fn into_filter(self) -> Result<Filter, Failure> {
        let price = |text: Option<String>| text.map(|text| text.parse()).transpose();
        Ok(Filter {
            categories: self.categories.into_iter().map(CategoryRef::from).collect(),
            brands: self.brands,
            min_price: price(self.min_price)?,
            max_price: price(self.max_price)?,
            in_stock: self.in_stock,
        })
    }
}

impl Asked {
    pub(crate) fn into_listing(self) -> Result<Listing, Failure> {
        Ok(Listing {
            filter: self.filter.into_filter()?,
            sort: self.sort.map(|word| Listing::sort_from(&word)).transpose()?.unwrap_or_default(),
            limit: self.limit,
            cursor: self.cursor,
            facets: self.facets,
        })
    }
}

impl Narrowing {
    pub(crate) fn into_search(self) -> Result<PhotoSearch, Failure> {
        Ok(PhotoSearch { text: self.query, filter: self.filter.into_filter()? })
    }
}

impl Drafted {
    pub(crate) fn into_draft(self) -> Result<ProductDraft, Failure> {
        let pieces = |count: i64| {
            u32::try_from(count)
                .map_err(|_| Error::invalid(format!("a stock of {count} cannot be: count pieces")))
        };
        Ok(ProductDraft {
            id: self.id.map(ProductId),
            name: self.name,
            description: self.description,
            brand: self.brand,
            price: self.price.parse()?,
            category: self.category.map(CategoryRef::from),
            stock: self.stock.map(pieces).transpose()?,
        })
    }
}

/// A time that a person gives in seconds.
pub(crate) fn seconds(name: &str, seconds: f64) -> PyResult<Duration> {
    if seconds == f64::INFINITY {
        return Ok(Duration::MAX);
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| {
        PyValueError::new_err(format!("{name} is a number of seconds, 0 or more, not {seconds}"))
    })
}

/// An embedding from the bytes of little-endian floats.
pub(crate) fn embedding(bytes: Option<Vec<u8>>) -> Result<Option<Embedding>, Failure> {
    Ok(bytes.map(|bytes| Embedding::from_bytes(&bytes)).transpose()?)
}
