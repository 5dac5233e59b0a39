//! What Python hands over, as the client's own types.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vitrina::{CategoryId, Embedding};
use vitrina_client::{CategoryRef, Listing};

use crate::errors::Failure;

/// The dictionary that `vitrina._arguments.listing` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Asked {
    limit: Option<usize>,
    cursor: Option<String>,
    categories: Vec<CategoryArgument>,
    brands: Vec<String>,
    min_price: Option<String>,
    max_price: Option<String>,
    in_stock: bool,
    sort: Option<String>,
    facets: bool,
}

#[derive(FromPyObject)]
enum CategoryArgument {
    Id(i64),
    Name(String),
}

impl Asked {
    pub(crate) fn into_listing(self) -> Result<Listing, Failure> {
        let categories = self.categories.into_iter().map(|category| match category {
            CategoryArgument::Id(id) => CategoryRef::Id(CategoryId(id)),
            CategoryArgument::Name(name) => CategoryRef::Name(name),
        });
        let price = |text: Option<String>| text.map(|text| text.parse()).transpose();
        Ok(Listing {
            categories: categories.collect(),
            brands: self.brands,
            min_price: price(self.min_price)?,
            max_price: price(self.max_price)?,
            in_stock: self.in_stock,
            sort: self.sort.map(|word| Listing::sort_from(&word)).transpose()?.unwrap_or_default(),
            limit: self.limit,
            cursor: self.cursor,
            facets: self.facets,
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
