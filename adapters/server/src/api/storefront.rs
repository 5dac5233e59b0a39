//! What storefronts need besides: many searches in one request, and what visitors did.

use poem::Request;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};
use vitrina_core::search::WordSearch;

use super::body::Body;
use super::problem::{Problem, Storefront};
use super::search::{found, read};
use super::{ApiTags, Backend, wire};

/// The default number of values.
const VALUES: u64 = 10;

pub struct StorefrontApi {
    pub(super) backend: Backend,
}

#[derive(ApiResponse)]
enum EventsResponse {
    /// The events were counted
    #[oai(status = 202)]
    Received(Json<wire::EventsReceived>),
}

#[OpenApi(tag = "ApiTags::Search")]
impl StorefrontApi {
    /// Many searches by words in one request
    ///
    /// Each counts against the client's rate like a request of its own.
    #[oai(path = "/search/batch", method = "post", operation_id = "searchBatch")]
    async fn batch(
        &self,
        request: &Request,
        batch: Body<wire::SearchBatch>,
    ) -> Result<Json<wire::BatchAnswer>, Problem<Storefront>> {
        let searches = batch.0.searches;
        let budgets = &self.backend.budgets;
        budgets.admit_searches(searches.len(), budgets.client(request))?;
        let mut results = Vec::with_capacity(searches.len());
        for mut search in searches {
            // Long listings are for clients that cannot page, one at a time.
            search.limit.get_or_insert(vitrina_core::catalog::DEFAULT_LIMIT as u64);
            results.push(found(&self.backend, search).await?);
        }
        Ok(Json(wire::BatchAnswer { results }))
    }

    /// Values of a facet that contain a text
    ///
    /// For a search box over a long list of brands.
    #[oai(path = "/search/facet-values", method = "post", operation_id = "searchFacetValues")]
    async fn facet_values(
        &self,
        asked: Body<wire::FacetValueSearch>,
    ) -> Result<Json<wire::FacetValues>, Problem<Storefront>> {
        let asked = asked.0;
        let units = asked.highlight_units.unwrap_or_default();
        let search = match asked.search {
            Some(search) => read(&self.backend, search).await?,
            None => WordSearch::default(),
        };
        let limit = asked.limit.unwrap_or(VALUES) as usize;
        let values =
            self.backend.shop.service().facet_values(&search, &asked.facet, &asked.query, limit).await?;
        let values = values.into_iter().map(|value| wire::FacetValue::new(value, units)).collect();
        Ok(Json(wire::FacetValues { values }))
    }

    /// Counts what visitors did
    ///
    /// Counted by day, action, product and position, and by nothing of the visitor.
    #[oai(path = "/events", method = "post", operation_id = "sendEvents")]
    async fn events(&self, sent: Body<wire::ShopEvents>) -> Result<EventsResponse, Problem<Storefront>> {
        self.backend.events.count(sent.0.events.into_iter().map(Into::into));
        Ok(EventsResponse::Received(Json(wire::EventsReceived { status: "received".into() })))
    }
}
