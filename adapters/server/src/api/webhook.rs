//! The webhook by which inference workers report the end of a task.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use poem::Request;
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, Object, OpenApi};
use standardwebhooks::Webhook;
use vitrina_core::classify::Classification;
use vitrina_core::queue::{Completion, Outcome, TaskId};
use vitrina_core::{Error, ErrorKind};

use super::body::Body;
use super::problem::{Failure, Problem, Receiving};
use super::{ApiTags, Backend, wire};
use crate::body::RawBody;

/// The secret of webhook calls, as the Standard Webhooks specification writes it: `whsec_` and base64.
#[derive(Clone)]
pub struct WebhookSecret(Arc<Webhook>);

impl WebhookSecret {
    /// The fewest bytes of a key; the specification asks for 24 and more.
    const MIN_KEY: usize = 16;

    /// Reads a secret.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is no base64 or too short to protect anything; the message does
    /// not repeat it.
    pub fn new(secret: &str) -> vitrina_core::Result<Self> {
        let invalid =
            || Error::invalid("the webhook secret must be `whsec_` and at least 16 bytes in base64");
        let secret = secret.trim();
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).map_err(|_| invalid())?;
        if key.len() < Self::MIN_KEY {
            return Err(invalid());
        }
        Ok(Self(Arc::new(Webhook::from_bytes(key).map_err(|_| invalid())?)))
    }

    /// The signature of a call made at `time`, in seconds since 1970.
    ///
    /// # Errors
    /// Never for a body of text.
    pub(crate) fn sign(&self, id: &str, time: u64, body: &str) -> vitrina_core::Result<String> {
        let time = i64::try_from(time).unwrap_or(i64::MAX);
        let signed = self.0.sign(id, time, body.as_bytes());
        signed.map_err(|error| Error::internal("the webhook call could not be signed").with_source(error))
    }
}

/// The secret of a flag or the environment, where an empty one is none.
///
/// # Errors
/// As [`WebhookSecret::new`].
pub(crate) fn optional_secret(secret: Option<&str>) -> vitrina_core::Result<Option<WebhookSecret>> {
    secret.filter(|secret| !secret.trim().is_empty()).map(WebhookSecret::new).transpose()
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The end of a task.
#[derive(Debug, Object)]
struct TaskEnd {
    /// The task.
    task_id: String,
    /// `completed` or `failed`.
    state: String,
    /// The shop's categories with their scores.
    #[oai(default, nullable)]
    categories: Vec<wire::CategoryScoreIn>,
    /// The older spelling of `categories`.
    #[oai(default, nullable)]
    category: Vec<wire::CategoryScoreIn>,
    /// Another spelling of `categories`.
    #[oai(default, nullable)]
    predictions: Vec<wire::CategoryScoreIn>,
    /// The model's classes with their scores; the server turns them into categories.
    #[oai(default, nullable)]
    labels: Vec<wire::LabelScoreIn>,
    /// The photo's embedding: little-endian 32-bit floats in base64.
    #[oai(nullable)]
    embedding: Option<String>,
    /// The model that made the embedding, with its version, such as `efficientnet_lite0/1`.
    #[oai(nullable)]
    model: Option<String>,
    /// Why it failed.
    #[oai(nullable)]
    error: Option<String>,
}

/// The longest reason of a failure that is kept, in characters.
const MAX_REASON: usize = 500;

impl TaskEnd {
    fn outcome(self) -> Result<Outcome, Failure> {
        match self.state.as_str() {
            "completed" => {
                let spellings = [self.categories, self.category, self.predictions];
                let categories = spellings.into_iter().find(|given| !given.is_empty()).unwrap_or_default();
                let classification =
                    wire::classification(categories, self.labels, self.embedding, self.model)?;
                if classification == Classification::default() {
                    let detail =
                        "a completed task needs a result: send `categories`, `labels` or `embedding`";
                    return Err(Error::invalid(detail).into());
                }
                Ok(Outcome::Classified(classification))
            }
            "failed" => {
                let reason = self.error.unwrap_or_else(|| "the photo could not be classified".into());
                Ok(Outcome::Failed(reason.chars().take(MAX_REASON).collect()))
            }
            other => Err(Failure::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "invalid",
                format!("`state` is `completed` or `failed`, not `{other}`"),
            )),
        }
    }
}

#[derive(ApiResponse)]
enum ReceivedResponse {
    /// The result is stored, or an earlier one was
    #[oai(status = 202)]
    Received(Json<Received>),
}

/// A call that was understood.
#[derive(Debug, Object)]
struct Received {
    /// Always `received`.
    status: String,
}

pub struct WebhookApi {
    pub(super) backend: Backend,
}

#[OpenApi(tag = "ApiTags::Tasks")]
impl WebhookApi {
    /// Tells that a task has ended
    ///
    /// Signed as the Standard Webhooks specification says, where the server has a secret. The first result of a task
    /// stands; repeats are answered alike and change nothing. `completed` without any category, label or embedding is 422. A
    /// task that this server does not know is 404 where calls must be signed, and 202 where unsigned ones are taken.
    #[oai(path = "/webhook/task_completed", method = "post", operation_id = "taskCompleted")]
    async fn task_completed(
        &self,
        request: &Request,
        raw: Data<&RawBody>,
        end: Body<TaskEnd>,
    ) -> Result<ReceivedResponse, Problem<Receiving>> {
        if let Some(secret) = &self.backend.webhook_secret
            && let Err(error) = secret.0.verify(&raw.0.0, request.headers())
        {
            tracing::warn!(%error, "a webhook call was refused");
            let detail = format!("{error}: sign the call with the server's secret, and check the clock");
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "unsigned", detail).into());
        }
        let task_id = end.0.task_id.clone();
        let outcome = end.0.outcome()?;
        let completed = match task_id.parse::<TaskId>() {
            Ok(task) => self.backend.shop.service().queue().complete(task, outcome).await,
            Err(unknown) => Err(unknown),
        };
        match completed {
            Ok(Completion::First) => {}
            Ok(Completion::Repeated) => tracing::info!(task = task_id, "a result was there already"),
            Err(error)
                if error.kind() == ErrorKind::NotFound
                    && self.backend.access.webhook.takes_unknown_tasks() =>
            {
                tracing::debug!("a result of an unknown task was taken and dropped");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let detail = "there is no task of this id";
                return Err(Failure::new(StatusCode::NOT_FOUND, "unknown-task", detail).into());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(ReceivedResponse::Received(Json(Received { status: "received".into() })))
    }
}
