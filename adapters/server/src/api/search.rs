//! Finding products by words or by a photo.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use poem::Request;
use poem::http::StatusCode;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use poem_openapi::payload::{Json, Response as WithHeaders};
use vitrina::{PhotoSearch, WordSearch};

use super::params::{ListParams, filter, short_enough};
use super::problem::{Failure, Predicting, Problem, Reading, Uploading};
use super::upload::PhotoUpload;
use super::{ApiTags, Backend, ModelState, wire};

/// How many suggestions of each kind are made unless told, and at most.
const SUGGESTIONS: u64 = 6;
const MAX_SUGGESTIONS: u64 = 20;

pub struct SearchApi {
    backend: Backend,
    uploads: Option<DefaultKeyedRateLimiter<IpAddr>>,
}

impl SearchApi {
    pub(super) fn new(backend: Backend) -> Self {
        let uploads = backend.uploads_per_second.map(|rate| RateLimiter::keyed(Quota::per_second(rate)));
        Self { backend, uploads }
    }

    fn within_rate(&self, request: &Request) -> Result<(), Failure> {
        let (Some(uploads), Some(client)) = (&self.uploads, request.remote_addr().as_socket_addr()) else {
            return Ok(());
        };
        // Clients that have been quiet are forgotten, so that the table stays small.
        if uploads.len() > 10_000 {
            uploads.retain_recent();
        }
        uploads.check_key(&client.ip()).map_err(|_| {
            let detail = "too many photos from your address: wait a moment";
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(1)
        })
    }
}

#[OpenApi(tag = "ApiTags::Search")]
impl SearchApi {
    /// Products and categories by words
    #[oai(path = "/search/text", method = "post")]
    async fn text(&self, search: Json<wire::TextSearch>) -> Result<Json<wire::TextAnswer>, Problem<Reading>> {
        let search = search.0;
        let text = short_enough(search.query.0)?;
        let filter = search.filter.unwrap_or_default();
        let params = ListParams { filter, sort: search.sort, limit: search.limit, cursor: search.cursor };
        let list = params.into_query(&self.backend.service).await?;
        let words = WordSearch { text, list, facets: search.facets };
        let answer = self.backend.service.search_words(&words).await?;
        Ok(Json(wire::TextAnswer::new(answer, &self.backend.service)))
    }

    /// How a half-typed query may go on
    ///
    /// For suggestions while a customer types: the last word need not be complete.
    #[oai(path = "/search/suggest", method = "get")]
    async fn suggest(
        &self,
        /// What is typed so far.
        q: Query<String>,
        /// How many of each kind, 1 to 20; 6 unless told.
        limit: Query<Option<u64>>,
    ) -> Result<Json<wire::Suggestions>, Problem<Reading>> {
        let text = short_enough(q.0)?;
        let limit = limit.0.unwrap_or(SUGGESTIONS);
        if !(1..=MAX_SUGGESTIONS).contains(&limit) {
            let detail = format!("the limit must be 1 to {MAX_SUGGESTIONS}");
            return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail).into());
        }
        Ok(Json(self.backend.service.suggest(&text, limit as usize).await?.into()))
    }

    /// Takes a photo in, to find products like it
    ///
    /// The photo is queued; ask for the result at the address in `Location`.
    #[oai(path = "/search/image", method = "post")]
    async fn image(
        &self,
        request: &Request,
        upload: PhotoUpload,
    ) -> Result<WithHeaders<Json<wire::TaskAccepted>>, Problem<Uploading>> {
        self.within_rate(request)?;
        if self.backend.draining.load(Ordering::Relaxed) {
            return Err(Failure::unavailable(
                "the server is about to stop: send the photo again in a moment",
            )
            .into());
        }
        if let ModelState::Missing(reason) = &self.backend.model {
            return Err(Failure::unavailable(format!("photos cannot be searched here: {reason}")).into());
        }
        let photo = upload.checked(self.backend.max_upload, self.backend.photo_limits)?;
        let task_id = self.backend.service.submit_photo(photo).await?.to_string();
        let location = format!("/tasks/{task_id}/result");
        Ok(WithHeaders::new(Json(wire::TaskAccepted { task_id })).header("Location", location))
    }

    /// Products for a photo that the client recognised itself
    ///
    /// Answers what `/tasks/{task_id}/result` answers for a photo that was sent.
    #[oai(path = "/search/prediction", method = "post")]
    async fn prediction(
        &self,
        search: Json<wire::PredictionSearch>,
    ) -> Result<Json<wire::TaskResult>, Problem<Predicting>> {
        let search = search.0;
        let text = short_enough(search.query.unwrap_or_default())?;
        let recognition = wire::recognition(search.categories, search.labels, search.embedding)?;
        let filter = filter(search.filter.unwrap_or_default(), &self.backend.service).await?;
        let narrowed = PhotoSearch { text, filter };
        Ok(Json(self.backend.service.products_like(&recognition, &narrowed).await?.into()))
    }
}
