//! Versions of products as `ETag`, and what `If-Match` and `If-None-Match` ask for (RFC 9110).

use poem::Request;
use poem::http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Json;
use vitrina_core::Product;
use vitrina_core::product::{Precondition, ProductVersion};

use super::problem::Failure;
use super::wire;

/// The most versions that a header may name.
const MOST: usize = 20;

/// A product with its version.
#[derive(ApiResponse)]
pub(super) enum Versioned {
    /// The product
    #[oai(status = 200)]
    Product(
        Json<wire::Product>,
        /// Its version, for `If-Match` of a later write
        #[oai(header = "ETag")]
        String,
    ),
}

/// A product with its version, or that it is as the client has it.
#[derive(ApiResponse)]
#[expect(clippy::large_enum_variant, reason = "it is made once and written at once")]
pub(super) enum Read {
    /// The product
    #[oai(status = 200)]
    Product(
        Json<wire::Product>,
        /// Its version, for `If-Match` of a later write
        #[oai(header = "ETag")]
        String,
    ),
    /// It has the version that `If-None-Match` names
    #[oai(status = 304)]
    Unchanged(
        /// Its version
        #[oai(header = "ETag")]
        String,
    ),
}

impl From<Product> for Versioned {
    fn from(product: Product) -> Self {
        let tag = tag(&product);
        Self::Product(Json(product.into()), tag)
    }
}

impl Read {
    /// The answer to a request that may name the version that it has.
    pub(super) fn of(product: Product, request: &Request) -> Self {
        let tag = tag(&product);
        match crate::caching::is_known(request.headers(), &tag) {
            true => Self::Unchanged(tag),
            false => Self::Product(Json(product.into()), tag),
        }
    }
}

fn tag(product: &Product) -> String {
    format!("\"{}\"", ProductVersion::of(product))
}

/// What a request asks of the product that it writes: `If-Match: "VERSION"`, `If-Match: *` for one that exists,
/// `If-None-Match: *` for one that does not.
///
/// # Errors
/// 400 for headers that cannot be read, among them weak versions, by which nothing can be compared here.
pub(super) fn precondition(request: &Request) -> Result<Precondition, Failure> {
    let header = |name: HeaderName| {
        let values = request.headers().get_all(name).iter().map(|value| value.to_str().unwrap_or(""));
        let values: Vec<_> = values.collect();
        // An empty one asks for something too: a client whose version got lost must not overwrite.
        (!values.is_empty()).then(|| values.join(","))
    };
    match (header(IF_MATCH), header(IF_NONE_MATCH)) {
        (None, None) => Ok(Precondition::None),
        (Some(value), None) if value.trim() == "*" => Ok(Precondition::Exists),
        (None, Some(value)) if value.trim() == "*" => Ok(Precondition::Absent),
        (Some(value), None) => {
            let versions: Option<Vec<_>> = value.split(',').map(|tag| version(tag.trim())).collect();
            let versions = versions.filter(|versions| versions.len() <= MOST);
            versions.map(Precondition::Version).ok_or_else(|| {
                let detail =
                    "`If-Match` must be versions in quotes, as the header `ETag` of an answer, or `*`";
                Failure::bad_request(detail)
            })
        }
        _ => Err(Failure::bad_request("writes take `If-Match`, or `If-None-Match: *` for what is new")),
    }
}

fn version(tag: &str) -> Option<ProductVersion> {
    let version = tag.strip_prefix('"')?.strip_suffix('"')?;
    (!version.contains('"')).then(|| ProductVersion::named(version))
}
