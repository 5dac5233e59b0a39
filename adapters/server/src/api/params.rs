//! Filters and pages as they come over the wire, brought to the domain's.

use poem::http::StatusCode;
use vitrina::{CategoryId, Cursor, Error, Filter, ListQuery, Money, Result, SearchService};

use super::problem::Failure;
use super::wire;

/// The longest query in characters.
const MAX_QUERY: usize = 1000;

/// The query, unless it is too long.
pub(super) fn short_enough(query: String) -> Result<String, Failure> {
    if query.chars().count() <= MAX_QUERY {
        return Ok(query);
    }
    let detail = format!("the query is longer than {MAX_QUERY} characters: search for fewer words");
    Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail))
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
    pub(super) async fn into_query(self, service: &SearchService) -> Result<ListQuery, Failure> {
        let cursor = self.cursor.as_deref().filter(|word| !word.is_empty()).map(Cursor::decode);
        let after = cursor.transpose().map_err(|error| Failure::bad_request(error.to_string()))?;
        let limit =
            self.limit.map_or(vitrina::DEFAULT_LIMIT, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let sort = self.sort.map(Into::into).unwrap_or_default();
        let query = ListQuery { filter: filter(self.filter, service).await?, sort, limit, after };
        query.validate()?;
        Ok(query)
    }
}

/// A filter in the domain's terms.
pub(super) async fn filter(wire: wire::Filter, service: &SearchService) -> Result<Filter> {
    let price = |price: Option<f64>| price.map(Money::from_major).transpose();
    let (min_price, max_price) = (price(wire.min_price)?, price(wire.max_price)?);
    let categories = category_ids(&wire.categories, service).await?;
    Ok(Filter { categories, brands: wire.brands, min_price, max_price, in_stock: wire.in_stock })
}

/// Categories by name (without case) or number.
pub(super) async fn category_ids(wanted: &[String], service: &SearchService) -> Result<Vec<CategoryId>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let known = service.categories().await?;
    let id = |wanted: &String| {
        let folded = vitrina::text::fold(wanted);
        let named = known.iter().find(|category| vitrina::text::fold(&category.name) == folded);
        let numbered = || known.iter().find(|category| category.id.0.to_string() == *wanted);
        let found = named.or_else(numbered).map(|category| category.id);
        found.ok_or_else(|| Error::invalid(format!("there is no category `{wanted}`: see /categories")))
    };
    wanted.iter().map(id).collect()
}
