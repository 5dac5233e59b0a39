//! Who may call what: keys are checked before anything of a request's body is read.

mod guard;
mod keys;
mod throttle;

use std::sync::Arc;

use poem::http::header::{AUTHORIZATION, FORWARDED, ORIGIN};
use poem::http::{Method, StatusCode};
use poem::{Addr, Request};
use vitrina_core::keys::Scope;

use crate::api::Failure;
use crate::limits::Client;

pub(crate) use guard::{Guarded, Headers, Origins, policy_of_page};
pub(crate) use keys::now;
pub use keys::{AdminKey, KeyRing, new_secret};
pub use throttle::Throttle;

/// The path of the webhook.
const WEBHOOK: &str = "/webhook/task_completed";

/// Who may call what.
#[derive(Debug, Default)]
pub struct Access {
    /// A key for everything; without it and without keys of the catalogue the administration is off.
    pub admin_key: Option<AdminKey>,
    /// The keys of the catalogue's database.
    pub keys: Arc<KeyRing>,
    /// Whether searching needs a key too.
    pub require_key: bool,
    /// The origins of other sites whose pages may call the API, besides those of keys.
    pub origins: Vec<String>,
    /// Who may report results of tasks.
    pub webhook: WebhookAccess,
    /// Whether everybody may read metrics and the details of readiness.
    pub details: bool,
    /// Counts wrong keys.
    pub throttle: Throttle,
}

/// Who may report results of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WebhookAccess {
    /// Whoever signs with the secret; the endpoint checks that over the body.
    Signed,
    /// Everybody, unsigned: by configuration, where nobody else reaches the server.
    Unsigned,
    /// This machine alone, unsigned.
    Local,
    /// Nobody.
    #[default]
    Off,
}

impl WebhookAccess {
    /// Whether a call for a task that the queue does not know is taken like any other: backends of other makes do, and
    /// clients that were written for them report tasks of their own invention. A worker that signs is to know of its mistake.
    pub(crate) fn takes_unknown_tasks(self) -> bool {
        matches!(self, Self::Unsigned | Self::Local)
    }
}

/// What a request needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Key(Scope),
    /// A key, or to come from this machine.
    KeyUnlessLocal(Scope),
    Webhook,
}

impl Access {
    /// Lets a request pass.
    ///
    /// # Errors
    /// 401 without a key, 403 with a wrong one, 404 where the webhook is not for this client, 429 after too many wrong keys
    /// or over the key's own rate.
    pub fn check(&self, request: &Request, client: Option<Client>) -> Result<(), Failure> {
        match self.need(request.method(), request.uri().path()) {
            Need::Nothing => Ok(()),
            Need::Webhook => self.check_webhook(request),
            Need::KeyUnlessLocal(_) if self.details || is_local(request) => Ok(()),
            Need::Key(scope) | Need::KeyUnlessLocal(scope) => self.check_key(request, client, scope),
        }
    }

    /// Whether a client may see what is wrong with what this server depends on. Wrong keys count against it.
    pub(crate) fn may_see_details(&self, request: &Request, client: Option<Client>) -> bool {
        self.details || is_local(request) || self.check_key(request, client, Scope::Metrics).is_ok()
    }

    /// Whether web pages of another site may call the API.
    pub(crate) fn is_allowed_origin(&self, origin: &str) -> bool {
        self.origins.iter().any(|own| own.eq_ignore_ascii_case(origin)) || self.keys.has_origin(origin)
    }

    /// Lets the bearer of a key pass that has a scope, from a page of this origin if it is one.
    ///
    /// # Errors
    /// 403 for any other key, and for all of them where there is none; 429 over the key's rate.
    pub(crate) fn admit(&self, given: &str, scope: Scope, origin: Option<&str>) -> Result<(), Failure> {
        if self.admin_key.as_ref().is_some_and(|key| key.is(given)) {
            return Ok(());
        }
        if scope == Scope::Admin && self.admin_key.is_none() && self.keys.is_empty() {
            let detail =
                "administration is off: start the server with --admin-key, or run `vitrina key create`";
            return Err(Failure::new(StatusCode::FORBIDDEN, "forbidden", detail));
        }
        self.keys.admit(given, scope, origin)
    }

    /// The name by which the bearer of a key is told from others: the key's ID, and an empty one for the key of the flags.
    pub(crate) fn client_of(&self, given: &str) -> String {
        self.keys.id_of(given).unwrap_or_default()
    }

    /// Whether some configuration asks for a key at this path.
    pub(crate) fn may_ask_for_key(method: &Method, path: &str) -> bool {
        let closed = Self { require_key: true, ..Self::default() };
        matches!(closed.need(method, path), Need::Key(_) | Need::KeyUnlessLocal(_))
    }

    /// What is known before the body is read. Endpoints of the administration check the key themselves too, so that one
    /// that is missing here is not open.
    fn need(&self, method: &Method, path: &str) -> Need {
        let path = path.trim_end_matches('/');
        let of_one = path.starts_with("/products/") || path.starts_with("/categories/");
        let searches = || {
            of_one
                || matches!(path, "/products" | "/categories")
                || path.starts_with("/search/")
                || path.starts_with("/tasks/")
        };
        match *method {
            Method::POST if path == WEBHOOK => Need::Webhook,
            Method::POST if matches!(path, "/products" | "/products/import") => Need::Key(Scope::Admin),
            Method::GET | Method::HEAD if matches!(path, "/imports" | "/export") => Need::Key(Scope::Admin),
            Method::POST if path == "/events" && self.require_key => Need::Key(Scope::Events),
            Method::PUT | Method::PATCH | Method::DELETE if of_one => Need::Key(Scope::Admin),
            Method::PATCH if path == "/products" => Need::Key(Scope::Admin),
            Method::GET | Method::HEAD if path == "/metrics" => Need::KeyUnlessLocal(Scope::Metrics),
            Method::GET | Method::HEAD | Method::POST if self.require_key && searches() => {
                Need::Key(Scope::Search)
            }
            _ => Need::Nothing,
        }
    }

    fn check_webhook(&self, request: &Request) -> Result<(), Failure> {
        match self.webhook {
            WebhookAccess::Signed | WebhookAccess::Unsigned => Ok(()),
            WebhookAccess::Local if is_local(request) => Ok(()),
            WebhookAccess::Local | WebhookAccess::Off => {
                let detail = "the webhook is off: start the server with --webhook-secret or WEBHOOK_SECRET";
                Err(Failure::new(StatusCode::NOT_FOUND, "not-found", detail))
            }
        }
    }

    fn check_key(&self, request: &Request, client: Option<Client>, scope: Scope) -> Result<(), Failure> {
        let Some(given) = bearer(request) else {
            let kind = if scope == Scope::Admin { "the administration key" } else { "an API key" };
            let detail = format!("this needs {kind}: send it as `Authorization: Bearer KEY`");
            return Err(Failure::new(StatusCode::UNAUTHORIZED, "unauthorized", detail));
        };
        if let Some(seconds) = self.throttle.blocked_for(client) {
            let detail = "too many wrong keys came from this address: wait before you try again";
            return Err(
                Failure::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).retry_after(seconds)
            );
        }
        let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
        self.admit(given, scope, origin).inspect_err(|failure| {
            // A key that is known but does not reach so far is no guess.
            if failure.is(StatusCode::FORBIDDEN) && !self.keys.knows(given) {
                self.throttle.failed(client);
                let client =
                    client.map_or_else(|| request.remote_addr().to_string(), |client| client.to_string());
                tracing::warn!(client, path = request.uri().path(), %scope, "a key was refused");
            }
        })
    }
}

/// The key of `Authorization: Bearer KEY`.
fn bearer(request: &Request) -> Option<&str> {
    let (scheme, key) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim()).filter(|key| !key.is_empty())
}

/// Whether a request comes from this machine itself, and from nobody for whom somebody here passes it on.
fn is_local(request: &Request) -> bool {
    let headers = request.headers();
    let passed_on = [FORWARDED.as_str(), "x-forwarded-for", "x-real-ip", "via"];
    let local = match &**request.remote_addr() {
        Addr::SocketAddr(address) => address.ip().to_canonical().is_loopback(),
        // A Unix socket, or a call that came over no network at all.
        Addr::Unix(_) | Addr::Custom(..) => true,
    };
    local && passed_on.iter().all(|name| !headers.contains_key(*name))
}
