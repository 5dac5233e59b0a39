//! Reports the ends of tasks to a backend's webhook, signed as the Standard Webhooks specification says.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use reqwest::{Client, StatusCode, Url};
use serde_json::{Value, json};
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP};
use vitrina_core::classify::Categorizer;
use vitrina_core::queue::{Lease, Outcome, QueueReporter, Reporter};
use vitrina_core::{Error, Result, TaskQueue};

use crate::api::{WebhookSecret, wire};
use crate::telemetry::headers_of_current_trace;

/// How long one call may take.
const CALL_TIME: Duration = Duration::from_secs(5);
/// The pauses between tries double from the first to the last, each with up to as much again at random.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How long a call is tried before the task is given back. A backend that is away keeps its workers waiting and loses
/// nothing: each delivery that a task has waits so long.
const TRY_TIME: Duration = Duration::from_secs(600);

/// Reports to a webhook, then ends the task in the queue, so that backends with a result store of their own work too.
pub struct WebhookReporter {
    url: Url,
    secret: Option<WebhookSecret>,
    client: Client,
    results: QueueReporter,
    categorizer: Categorizer,
}

impl WebhookReporter {
    /// A reporter to this address; `categorizer` names categories for backends that cannot tell them from labels.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when the address is none.
    pub fn new(
        url: &str,
        secret: Option<WebhookSecret>,
        queue: Arc<dyn TaskQueue>,
        categorizer: Categorizer,
    ) -> Result<Self> {
        let url: Url =
            url.parse().map_err(|error| Error::invalid("the webhook is no address").with_source(error))?;
        // The first provider of the process stands; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(CALL_TIME).build();
        let client =
            client.map_err(|error| Error::internal("no HTTP client for the webhook").with_source(error))?;
        Ok(Self { url, secret, client, results: QueueReporter(queue), categorizer })
    }

    fn body(&self, lease: &Lease, outcome: &Outcome) -> Value {
        let task_id = lease.task.to_string();
        match outcome {
            Outcome::Failed(error) => json!({"task_id": task_id, "state": "failed", "error": error}),
            Outcome::Classified(classification) => {
                let categories = self.categorizer.of_photo(classification).into_iter().take(3);
                let categories: Vec<_> = categories
                    .map(|score| json!({"label": score.category.0, "score": score.score}))
                    .collect();
                let mut body = wire::classified(classification);
                body["task_id"] = task_id.into();
                body["state"] = "completed".into();
                body["categories"] = categories.into();
                body
            }
        }
    }

    async fn call(&self, id: &str, body: &str) -> Result<(), Refusal> {
        let mut request = self.client.post(self.url.clone()).header("Content-Type", "application/json");
        for (name, value) in headers_of_current_trace() {
            request = request.header(name, value);
        }
        if let Some(secret) = &self.secret {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
            let signature = secret.sign(id, now, body).map_err(Refusal::Final)?;
            request = request
                .header(HEADER_WEBHOOK_ID, id)
                .header(HEADER_WEBHOOK_TIMESTAMP, now)
                .header(HEADER_WEBHOOK_SIGNATURE, signature);
        }
        let status = match request.body(body.to_owned()).send().await {
            Ok(answer) => answer.status(),
            Err(error) => {
                return Err(Refusal::Passing(
                    Error::unavailable("the webhook does not answer").with_source(error.without_url()),
                ));
            }
        };
        let refused = || Error::unavailable(format!("the webhook answered {status}"));
        match status {
            status if status.is_success() => Ok(()),
            // A secret or a clock that is wrong can be put right while the photo waits.
            StatusCode::UNAUTHORIZED
            | StatusCode::FORBIDDEN
            | StatusCode::REQUEST_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS => Err(Refusal::Passing(refused())),
            status if status.is_client_error() => Err(Refusal::Final(refused())),
            _ => Err(Refusal::Passing(refused())),
        }
    }
}

/// Why a call failed, and whether trying again helps.
enum Refusal {
    Passing(Error),
    Final(Error),
}

#[async_trait]
impl Reporter for WebhookReporter {
    async fn report(&self, lease: &Lease, outcome: &Outcome) -> Result<()> {
        let body = self.body(lease, outcome).to_string();
        // The id stays the same over all tries and deliveries, so that a backend can tell repeats.
        let id = format!("task_{}", lease.task);
        let (mut pause, begin) = (FIRST_PAUSE, Instant::now());
        for attempt in 1.. {
            match self.call(&id, &body).await {
                Ok(()) => break,
                Err(Refusal::Final(error)) => return Err(error),
                Err(Refusal::Passing(error)) if begin.elapsed() >= TRY_TIME => return Err(error),
                Err(Refusal::Passing(error)) => {
                    let (task, error) = (lease.task, error.chain());
                    match attempt {
                        1 => tracing::warn!(%task, %error, "the webhook failed; trying again"),
                        _ => tracing::debug!(%task, attempt, %error, "the webhook failed again"),
                    }
                    tokio::time::sleep(pause + jitter(pause, attempt, lease)).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
        // A backend with the same result store has ended the task by now; another one has not.
        self.results.complete(lease, outcome).await.map(|_| ())
    }
}

/// Up to `pause`, different for every task and try, so that workers do not all come back at once.
fn jitter(pause: Duration, attempt: u32, lease: &Lease) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one((attempt, lease.task));
    pause.mul_f64((random % 1000) as f64 / 1000.0)
}
