//! What Python hands over, as the client's own types.

use std::collections::BTreeMap;
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use vitrina_client::{CategoryRef, Filter, Listing, PhotoSearch};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::index::FacetChoice;
use vitrina_core::product::{Precondition, ProductRef, ProductVersion};
use vitrina_core::{CategoryId, ProductId};

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
    attributes: BTreeMap<String, Vec<String>>,
}

/// The dictionary that `vitrina._arguments.listing` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Asked {
    filter: Filtering,
    limit: Option<usize>,
    cursor: Option<String>,
    page: Option<usize>,
    sort: Option<String>,
    facets: FacetsArgument,
    ignore: Vec<String>,
}

/// The dictionary that `vitrina._arguments.narrowing` makes.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Narrowing {
    query: String,
    filter: Filtering,
}

/// A product by its number, or by its key.
#[derive(FromPyObject)]
pub(crate) enum ProductArgument {
    Id(i64),
    Key(String),
}

impl From<ProductArgument> for ProductRef {
    fn from(product: ProductArgument) -> Self {
        match product {
            ProductArgument::Id(id) => Self::Id(ProductId(id)),
            ProductArgument::Key(key) => Self::Key(key),
        }
    }
}

#[derive(FromPyObject)]
enum FacetsArgument {
    All(bool),
    Named(Vec<String>),
}

impl From<FacetsArgument> for FacetChoice {
    fn from(facets: FacetsArgument) -> Self {
        match facets {
            FacetsArgument::All(false) => Self::None,
            FacetsArgument::All(true) => Self::All,
            FacetsArgument::Named(names) => Self::Named(names),
        }
    }
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
        let filter = Filter::default()
            .categories(self.categories.into_iter().map(CategoryRef::from).collect())
            .brands(self.brands)
            .min_price(price(self.min_price)?)
            .max_price(price(self.max_price)?)
            .in_stock(self.in_stock);
        let attributes = self.attributes.into_iter();
        Ok(attributes.fold(filter, |filter, (name, values)| filter.attribute(name, values)))
    }
}

impl Asked {
    pub(crate) fn into_listing(self) -> Result<Listing, Failure> {
        Ok(Listing {
            filter: self.filter.into_filter()?,
            sort: self.sort.map(|word| Listing::sort_from(&word)).transpose()?.unwrap_or_default(),
            limit: self.limit,
            cursor: self.cursor,
            page: self.page,
            facets: self.facets.into(),
            ignore: self.ignore,
        })
    }
}

impl Narrowing {
    pub(crate) fn into_search(self) -> Result<PhotoSearch, Failure> {
        Ok(PhotoSearch::default().text(self.query).filter(self.filter.into_filter()?))
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

/// What a product must be like to be written: of the version that its writer has seen, where there is one.
pub(crate) fn as_seen(version: Option<String>) -> Precondition {
    version.map(ProductVersion::named).map(Precondition::from).unwrap_or_default()
}

/// An embedding from the bytes of little-endian floats, in the space of this model.
pub(crate) fn embedding(bytes: Option<Vec<u8>>, model: Option<String>) -> Result<Option<Embedding>, Failure> {
    let Some(bytes) = bytes else { return Ok(None) };
    let space = EmbeddingSpace::new(model.unwrap_or_default())?;
    Ok(Some(Embedding::from_bytes(&bytes)?.in_space(space)))
}
