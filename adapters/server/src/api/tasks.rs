//! Photos that are being classified.

use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use poem::Request;
use poem::http::StatusCode;
use poem::web::sse::Event;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::{EventStream, Json};
use poem_openapi::types::ToJSON;
use poem_openapi::{ApiResponse, Object, OpenApi};
use vitrina_core::queue::{Outcome, Stage, TaskId, TaskState};
use vitrina_core::search::{PhotoSearch, TaskAnswer};

use super::params::{attributes, filter, short_enough};
use super::problem::{Failure, Problem, Watching};
use super::written::Written;
use super::{ApiTags, Backend, wire};
use crate::limits::Client;

/// The longest that a request is held open.
pub(crate) const LONGEST_POLL: Duration = Duration::from_secs(60);
/// How often a watched task is looked at when nothing is heard of it.
const EVENT_WAIT: Duration = Duration::from_secs(15);
/// When a client is to ask again for a pending result, in seconds.
const RETRY_AFTER: u64 = 1;

/// A result, or the state of a task without one yet.
#[derive(ApiResponse)]
enum ResultResponse {
    /// The photo was classified
    #[oai(status = 200)]
    Completed(
        Written<wire::TaskResult>,
        /// `wait=N` where the request asked for it.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
    /// Not yet: ask again after `Retry-After` seconds, or send `Prefer: wait=10`
    #[oai(status = 202)]
    Pending(
        Json<wire::TaskPending>,
        /// Seconds.
        #[oai(header = "Retry-After")]
        u64,
        /// `wait=N` where the request asked for it.
        #[oai(header = "Preference-Applied")]
        Option<String>,
    ),
}

/// What became of a task.
#[derive(Debug, Object)]
struct TaskEvent {
    /// `queued`, `started`, `completed` or `failed`.
    state: String,
    /// Why it failed.
    #[oai(skip_serializing_if_is_none)]
    detail: Option<String>,
}

pub struct TasksApi {
    pub(super) backend: Backend,
}

#[OpenApi(tag = "ApiTags::Tasks")]
impl TasksApi {
    /// The result of a photo, as soon as there is one
    ///
    /// 202 until then. With `Prefer: wait=10` (RFC 7240) the answer is held back until the result is there or the seconds
    /// are over, 60 at most.
    ///
    /// The other parameters narrow the products, so that one photo can be looked at in many ways: the photo is not
    /// classified anew.
    #[allow(clippy::too_many_arguments)]
    #[oai(path = "/tasks/:task_id/result", method = "get", operation_id = "getTaskResult")]
    async fn result(
        &self,
        /// The `task_id` that `/search/image` answered.
        request: &Request,
        task_id: Path<String>,
        /// `wait=N` to wait up to N seconds.
        #[oai(name = "Prefer")]
        prefer: Header<Option<String>>,
        /// Words that the products must be found by too.
        query: Query<Option<String>>,
        /// A category by name or number; may be repeated.
        #[oai(default)]
        category: Query<Vec<String>>,
        /// A brand; may be repeated.
        #[oai(default)]
        brand: Query<Vec<String>>,
        /// The lowest price.
        min_price: Query<Option<f64>>,
        /// The highest price.
        max_price: Query<Option<f64>>,
        /// Only what can be bought now.
        in_stock: Query<Option<bool>>,
        /// A value of an attribute as `name:value`, such as `color:rojo`; may be repeated. Of several values of an attribute one
        /// is enough.
        #[oai(default)]
        attribute: Query<Vec<String>>,
    ) -> Result<ResultResponse, Problem<Watching>> {
        let task = known(&task_id.0)?;
        let wire_filter = wire::Filter {
            categories: category.0,
            brands: brand.0,
            min_price: min_price.0,
            max_price: max_price.0,
            in_stock: in_stock.0.unwrap_or(false),
            attributes: attributes(attribute.0)?,
        };
        let search = PhotoSearch::default()
            .text(short_enough(query.0.unwrap_or_default())?)
            .filter(filter(wire_filter, &self.backend.shop).await?)
            .client(self.backend.budgets.client(request).map(Client::tag));
        let wait = prefer.0.as_deref().and_then(preferred_wait);
        let applied = wait.map(|wait| format!("wait={}", wait.as_secs()));
        match self.backend.shop.service().task(task, &search, wait.unwrap_or_default()).await? {
            TaskAnswer::Completed(answer) => Ok(ResultResponse::Completed(Written(answer.into()), applied)),
            TaskAnswer::Pending { started } => {
                let stage = if started { "started" } else { "queued" };
                let body = wire::TaskPending { status: "pending".into(), stage: stage.into() };
                Ok(ResultResponse::Pending(Json(body), RETRY_AFTER, applied))
            }
            TaskAnswer::Failed(reason) => {
                Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", reason).into())
            }
            TaskAnswer::Expired => Err(expired().into()),
            TaskAnswer::Unknown => Err(unknown().into()),
        }
    }

    /// What happens to a photo, as server-sent events
    ///
    /// One event a stage: `queued`, `started`, and `completed` or `failed`, with which the stream ends.
    #[oai(path = "/tasks/:task_id/events", method = "get", operation_id = "watchTask")]
    async fn events(
        &self,
        /// The `task_id` that `/search/image` answered.
        task_id: Path<String>,
    ) -> Result<EventStream<futures_util::stream::BoxStream<'static, TaskEvent>>, Problem<Watching>> {
        let task = known(&task_id.0)?;
        match self.backend.shop.service().queue().state(task).await? {
            TaskState::Unknown => return Err(unknown().into()),
            TaskState::Expired => return Err(expired().into()),
            _ => {}
        }
        let events: futures_util::stream::BoxStream<'static, TaskEvent> =
            Box::pin(follow(self.backend.clone(), task));
        let to_event = |event: TaskEvent| Event::message(event.to_json_string()).event_type(event.state);
        Ok(EventStream::new(events).keep_alive(EVENT_WAIT).to_event(to_event))
    }
}

/// What was reported to a watcher last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reported {
    Nothing,
    Queued,
    Started,
    End,
}

fn follow(backend: Backend, task: TaskId) -> impl Stream<Item = TaskEvent> {
    unfold(Reported::Nothing, move |reported| {
        let backend = backend.clone();
        async move {
            let event = |state: &str| TaskEvent { state: state.into(), detail: None };
            loop {
                let stage = match reported {
                    Reported::End => return None,
                    Reported::Nothing | Reported::Queued => Stage::Started,
                    Reported::Started => Stage::Ended,
                };
                let patience = if reported == Reported::Nothing { Duration::ZERO } else { EVENT_WAIT };
                let state = backend.shop.service().queue().wait(task, stage, patience).await.ok()?;
                // A quick task may be past a stage before the watcher heard of it: no stage is left out.
                return Some(match (reported, state) {
                    (Reported::Nothing, _) => (event("queued"), Reported::Queued),
                    (Reported::Queued, TaskState::Started | TaskState::Ended(_)) => {
                        (event("started"), Reported::Started)
                    }
                    (_, TaskState::Ended(Outcome::Classified(_))) => (event("completed"), Reported::End),
                    (_, TaskState::Ended(Outcome::Failed(reason))) => {
                        (TaskEvent { detail: Some(reason), ..event("failed") }, Reported::End)
                    }
                    (_, TaskState::Queued | TaskState::Started) => continue,
                    (_, TaskState::Expired | TaskState::Unknown) => return None,
                });
            }
        }
    })
}

fn known(task_id: &str) -> Result<TaskId, Failure> {
    task_id.parse().map_err(|_| unknown())
}

fn unknown() -> Failure {
    Failure::new(
        StatusCode::NOT_FOUND,
        "unknown-task",
        "there is no task of this id: send the photo to /search/image",
    )
}

fn expired() -> Failure {
    Failure::new(StatusCode::GONE, "expired", "the result was kept as long as promised: send the photo again")
}

/// The seconds of `wait=N` in a `Prefer` header, bounded (RFC 7240, section 4.3).
fn preferred_wait(prefer: &str) -> Option<Duration> {
    let preferences = prefer.split([',', ';']).map(str::trim);
    let wait = preferences
        .filter_map(|preference| preference.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("wait"))?;
    let seconds: u64 = wait.1.trim().trim_matches('"').parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_POLL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_of_a_prefer_header_is_read_and_bounded() {
        let seconds = |prefer| preferred_wait(prefer).map(|wait| wait.as_secs());
        assert_eq!(seconds("wait=10"), Some(10));
        assert_eq!(seconds("respond-async, Wait = 5"), Some(5));
        assert_eq!(seconds("wait=86400"), Some(60));
        assert_eq!(seconds("wait=soon"), None);
        assert_eq!(seconds("return=minimal"), None);
    }
}
