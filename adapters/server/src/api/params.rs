//! Filters and pages as they come over the wire, brought to the domain's.

use poem::http::StatusCode;
use vitrina::Shop;
use vitrina_core::catalog::{Cursor, Filter, ListQuery};
use vitrina_core::{Error, Money, Result};

use super::problem::Failure;
use super::wire::{self, product::Attributes};

/// The longest query in characters.
const MAX_QUERY: usize = 1000;

/// The most values of one field of a filter.
const MAX_VALUES: usize = 100;

/// The query, unless it is too long.
pub(super) fn short_enough(query: String) -> Result<String, Failure> {
    if query.chars().count() <= MAX_QUERY {
        return Ok(query);
    }
    let detail = format!("the query is longer than {MAX_QUERY} characters: search for fewer words");
    Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail))
}

/// The most attributes of a filter.
const MAX_ATTRIBUTES: usize = 50;

/// The attributes of a filter from query parameters, each a `name:value`; a colon of the name is written `\:`.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a parameter without a colon.
pub(super) fn attributes(params: Vec<String>) -> Result<Option<Attributes>> {
    let mut attributes = Attributes::new();
    for param in params {
        let mut colons = param.match_indices(':').map(|(at, _)| at);
        let Some(colon) = colons.find(|at| !param[..*at].ends_with('\\')) else {
            let example = "an attribute is written as name:value, such as attribute=color:rojo";
            return Err(Error::invalid(format!("attribute={param}: {example}")));
        };
        let name = param[..colon].replace("\\:", ":");
        attributes.entry(name).or_default().push(param[colon + 1..].to_owned());
    }
    Ok(Some(attributes))
}

/// A listing as a client asks for it.
pub(super) struct ListParams {
    pub(super) filter: wire::Filter,
    pub(super) sort: Option<wire::Sort>,
    pub(super) limit: Option<u64>,
    pub(super) cursor: Option<String>,
}

impl ListParams {
    /// The listing in the domain's terms.
    pub(super) async fn into_query(self, shop: &Shop) -> Result<ListQuery, Failure> {
        let cursor = self.cursor.as_deref().filter(|word| !word.is_empty()).map(Cursor::decode);
        let after = cursor.transpose().map_err(|error| Failure::bad_request(error.to_string()))?;
        let limit = self.limit.map_or(vitrina_core::catalog::DEFAULT_LIMIT, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        let sort = self.sort.map(Into::into).unwrap_or_default();
        Ok(ListQuery::default().filter(filter(self.filter, shop).await?).sort(sort).limit(limit).after(after))
    }
}

/// A filter in the domain's terms.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for more than [`MAX_VALUES`] values of one field, an unknown category, or a
/// price that is none.
pub(super) async fn filter(wire: wire::Filter, shop: &Shop) -> Result<Filter> {
    for (field, values) in [("categories", &wire.categories), ("brands", &wire.brands)] {
        if values.len() > MAX_VALUES {
            return Err(Error::invalid(format!("{field} has more than {MAX_VALUES} values: send fewer")));
        }
    }
    let price = |price: Option<f64>| price.map(Money::from_major).transpose();
    let (min_price, max_price) = (price(wire.min_price)?, price(wire.max_price)?);
    let categories = shop.category_ids(&wire.categories).await?;
    let attributes = wire.attributes.unwrap_or_default();
    if attributes.len() > MAX_ATTRIBUTES || attributes.values().any(|values| values.len() > MAX_VALUES) {
        let most = format!("{MAX_ATTRIBUTES} attributes of {MAX_VALUES} values");
        return Err(Error::invalid(format!("the filter has more than {most}: send fewer")));
    }
    let attributes = attributes.into_iter().filter(|(_, values)| !values.is_empty()).collect();
    Ok(Filter::default()
        .categories(categories)
        .brands(wire.brands)
        .min_price(min_price)
        .max_price(max_price)
        .in_stock(wire.in_stock)
        .attributes(attributes))
}
