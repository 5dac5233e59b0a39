//! The layers that stand between a connection and the endpoints.

use std::sync::Arc;

use poem::endpoint::BoxEndpoint;
use poem::http::HeaderValue;
use poem::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use poem::middleware::Cors;
use poem::{Endpoint, EndpointExt, IntoResponse, Request, Response};

use super::Access;
use crate::limits::Budgets;

/// Checks every request before the endpoint behind it sees anything of it.
pub(crate) struct Guarded<E> {
    pub(crate) endpoint: E,
    pub(crate) access: Arc<Access>,
    pub(crate) budgets: Arc<Budgets>,
}

impl<E: Endpoint> Endpoint for Guarded<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        self.access.check(&request, self.budgets.client(&request))?;
        self.endpoint.call(request).await.map(IntoResponse::into_response)
    }
}

/// Answers pages of the origins that are allowed with the headers of CORS, and all others without: their browsers keep the
/// answers from them.
pub(crate) struct Origins {
    own: Arc<BoxEndpoint<'static, Response>>,
    allowed: BoxEndpoint<'static, Response>,
    access: Arc<Access>,
}

impl Origins {
    pub(crate) fn new(endpoint: BoxEndpoint<'static, Response>, access: Arc<Access>) -> Self {
        let own = Arc::new(endpoint);
        // It answers any origin with that origin: only those that are allowed come here.
        let allowed = own.clone().with(Cors::new().allow_credentials(false)).map_to_response().boxed();
        Self { own, allowed, access }
    }
}

impl Endpoint for Origins {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let origin = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
        if origin.is_some_and(|origin| self.access.is_allowed_origin(origin)) {
            self.allowed.call(request).await
        } else {
            self.own.call(request).await
        }
    }
}

/// What an API allows a browser that opens an answer of it as a page: nothing.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Adds the headers that keep browsers and caches from doing more with an answer than it is for.
pub(crate) struct Headers<E> {
    pub(crate) endpoint: E,
    /// What the documentation's page may do.
    pub(crate) documentation: HeaderValue,
}

impl<E: Endpoint> Endpoint for Headers<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let path = request.uri().path();
        let documentation = path == "/docs" || path.starts_with("/docs/");
        // The same for everybody until the server is another version.
        let fixed = documentation || path == "/openapi.json";
        let mut response = self.endpoint.call(request).await?.into_response();
        let policy =
            if documentation { self.documentation.clone() } else { HeaderValue::from_static(NOTHING) };
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        let always: [(HeaderName, &str); 3] = [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
            (REFERRER_POLICY, "no-referrer"),
        ];
        for (name, value) in always {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let cached = if fixed { "no-cache" } else { "no-store" };
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(cached));
        Ok(response)
    }
}

/// The policy of a page whose scripts and styles are all in it: it names each script by its digest (CSP level 3), so that
/// nothing else runs, and it works without a network.
pub(crate) fn policy_of_page(html: &str) -> HeaderValue {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest, Sha256};

    let mut scripts = String::new();
    let mut rest = html;
    while let Some(at) = rest.find("<script") {
        rest = &rest[at..];
        let Some((begin, end)) = rest.find('>').zip(rest.find("</script>")) else { break };
        let digest = STANDARD.encode(Sha256::digest(&rest.as_bytes()[begin + 1..end]));
        scripts.push_str(&format!(" 'sha256-{digest}'"));
        rest = &rest[end..];
    }
    let policy = format!(
        "default-src 'none'; script-src{scripts}; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static(NOTHING))
}
