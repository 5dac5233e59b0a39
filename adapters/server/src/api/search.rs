//! Finding products by words or by a photo.

use std::sync::atomic::Ordering;

use poem::Request;
use poem::http::StatusCode;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::{Json, Response as WithHeaders};
use vitrina_core::ErrorKind;
use vitrina_core::queue::NewTask;
use vitrina_core::search::{PhotoSearch, WordSearch};

use super::body::Body;
use super::params::{ListParams, filter, short_enough};
use super::problem::{Failure, Predicting, Problem, Reading, Searching, Uploading};
use super::upload::PhotoUpload;
use super::written::Written;
use super::{ApiTags, Backend, ModelState, wire};
use crate::limits::Client;
use crate::telemetry;

/// The default number of suggestions of each kind, and the largest.
const SUGGESTIONS: u64 = 6;
const MAX_SUGGESTIONS: u64 = 20;

/// How many understood parts a client switches off at most, and how long the token of one is.
const MAX_IGNORED: usize = 64;
const MAX_TOKEN: usize = 400;

pub struct SearchApi {
    pub(super) backend: Backend,
}

/// Tokens to ignore, as many and as long as a query can have.
fn ignored(tokens: Vec<String>) -> Result<Vec<String>, Failure> {
    if tokens.len() > MAX_IGNORED || tokens.iter().any(|token| token.len() > MAX_TOKEN) {
        let detail = format!("ignore holds at most {MAX_IGNORED} tokens of {MAX_TOKEN} bytes");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail));
    }
    Ok(tokens)
}

/// A search by words in the domain's terms.
pub(super) async fn read(backend: &Backend, search: wire::TextSearch) -> Result<WordSearch, Failure> {
    let text = short_enough(search.query)?;
    let filter = search.filter.unwrap_or_default();
    let params = ListParams { filter, sort: search.sort, limit: search.limit, cursor: search.cursor };
    let list = params.into_query(&backend.shop).await?;
    let page = search.page.map(|page| usize::try_from(page).unwrap_or(usize::MAX));
    let (facets, ignore) = (search.facets.into(), ignored(search.ignore)?);
    let search = WordSearch::default()
        .text(text)
        .list(list)
        .page(page)
        .facets(facets)
        .explain(search.explain)
        .ignore(ignore);
    search.validate()?;
    Ok(search)
}

/// Products and categories by words.
pub(super) async fn found(backend: &Backend, search: wire::TextSearch) -> Result<wire::TextAnswer, Failure> {
    let units = search.highlight_units.unwrap_or_default();
    let everything = search.limit.is_none() && search.page.is_none() && search.query.trim().is_empty();
    let words = read(backend, search).await?;
    let answer = match everything {
        true => backend.shop.service().search_everything(&words).await?,
        false => backend.shop.service().search_words(&words).await?,
    };
    Ok(wire::TextAnswer::new(answer, backend.shop.service(), units))
}

#[OpenApi(tag = "ApiTags::Search")]
impl SearchApi {
    /// Products and categories by words
    #[oai(path = "/search/text", method = "post", operation_id = "searchText")]
    async fn text(
        &self,
        search: Body<wire::TextSearch>,
    ) -> Result<Written<wire::TextAnswer>, Problem<Searching>> {
        Ok(Written(found(&self.backend, search.0).await?))
    }

    /// How a half-typed query may go on
    ///
    /// For suggestions while a customer types: the last word need not be complete.
    #[oai(path = "/search/suggest", method = "get", operation_id = "suggest")]
    async fn suggest(
        &self,
        /// What is typed so far.
        q: Query<String>,
        /// How many of each kind, 1 to 20; 6 by default.
        limit: Query<Option<u64>>,
    ) -> Result<Written<wire::Suggestions>, Problem<Reading>> {
        let text = short_enough(q.0)?;
        let limit = limit.0.unwrap_or(SUGGESTIONS);
        if !(1..=MAX_SUGGESTIONS).contains(&limit) {
            let detail = format!("the limit must be 1 to {MAX_SUGGESTIONS}");
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).into());
        }
        Ok(Written(self.backend.shop.service().suggest(&text, limit as usize).await?.into()))
    }

    /// Takes a photo in, to find products like it
    ///
    /// The photo is queued; ask for the result at the address in `Location`.
    #[oai(path = "/search/image", method = "post", operation_id = "searchImage")]
    async fn image(
        &self,
        request: &Request,
        upload: PhotoUpload,
    ) -> Result<WithHeaders<Json<wire::TaskAccepted>>, Problem<Uploading>> {
        if self.backend.draining.load(Ordering::Relaxed) {
            return Err(Failure::unavailable(
                "the server is about to stop: send the photo again in a moment",
            )
            .into());
        }
        if let ModelState::Missing(reason) = &self.backend.model {
            return Err(Failure::unavailable(format!("photos cannot be searched here: {reason}")).into());
        }
        let budgets = &self.backend.budgets;
        let (photo, info) = upload.checked(budgets.limits())?;
        let client = budgets.client(request);
        budgets.admit_photo(info.cost, client)?;
        let trace = telemetry::current_trace();
        let task = NewTask { photo, client: client.map(Client::tag), cost: info.cost, trace };
        let submitted = self.backend.shop.service().submit_task(task).await;
        let task_id = submitted.inspect_err(|error| {
            if error.kind() == ErrorKind::Busy {
                budgets.rejected("queue");
            }
        })?;
        let task_id = task_id.to_string();
        let location = format!("/tasks/{task_id}/result");
        Ok(WithHeaders::new(Json(wire::TaskAccepted { task_id })).header("Location", location))
    }

    /// Products for a photo that the client classified itself
    ///
    /// Answers what `/tasks/{task_id}/result` answers for a photo that was sent.
    #[oai(path = "/search/prediction", method = "post", operation_id = "searchPrediction")]
    async fn prediction(
        &self,
        request: &Request,
        search: Body<wire::PredictionSearch>,
    ) -> Result<Written<wire::TaskResult>, Problem<Predicting>> {
        let search = search.0;
        let text = short_enough(search.query.unwrap_or_default())?;
        let classification =
            wire::classification(search.categories, search.labels, search.embedding, search.model)?;
        let filter = filter(search.filter.unwrap_or_default(), &self.backend.shop).await?;
        let client = self.backend.budgets.client(request).map(Client::tag);
        let narrowed = PhotoSearch::default().text(text).filter(filter).client(client);
        Ok(Written(self.backend.shop.service().products_like(&classification, &narrowed).await?.into()))
    }
}
