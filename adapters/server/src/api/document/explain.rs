//! Errors of the router and of poem-openapi, explained by the document.

use poem::error::NotFoundError;
use poem::http::{Method, StatusCode};
use poem_openapi::error::{ContentTypeError, ParseMultipartError, ParseParamError, ParsePathError};

use super::{Document, expected};
use crate::api::Failure;

impl Document {
    /// What an error that no endpoint made becomes on the wire. `pattern` is the route that the router found.
    pub(crate) fn explain(&self, error: &poem::Error, method: &Method, pattern: Option<&str>) -> Failure {
        let wanted = |name: &str| {
            let schema = self.parameter(method, pattern?, name)?;
            Some(expected(self.json(), schema))
        };
        if let Some(parameter) = error.downcast_ref::<ParseParamError>() {
            let (name, wanted) = (parameter.name, wanted(parameter.name).unwrap_or("another value".into()));
            return Failure::bad_request(match parameter.reason.contains("expects an input value") {
                true => format!("the parameter `{name}` is missing: send {wanted}"),
                false => format!("the parameter `{name}` must be {wanted}"),
            });
        }
        if let Some(part) = error.downcast_ref::<ParsePathError>() {
            let name =
                pattern.and_then(|pattern| self.path_parameter(pattern, part.name)).unwrap_or(part.name);
            let wanted = wanted(name).unwrap_or("another value".into());
            return Failure::bad_request(format!("`{name}` in the path must be {wanted}"));
        }
        if let Some(form) = error.downcast_ref::<ParseMultipartError>() {
            return Failure::bad_request(format!(
                "the form cannot be read: {}; its field is `file`",
                form.reason
            ));
        }
        if let Some(form) = error.downcast_ref::<poem::error::ParseMultipartError>() {
            return Failure::bad_request(format!("the form cannot be read: {form}"));
        }
        if error.is::<ContentTypeError>() {
            return Failure::bad_request(format!("{error}: send what the documentation at /docs says"));
        }
        match error.status() {
            status @ StatusCode::UNAUTHORIZED => {
                let detail = "this needs the administration key: send it as `Authorization: Bearer KEY`";
                Failure::new(status, "unauthorized", detail)
            }
            status @ StatusCode::NOT_FOUND if error.is::<NotFoundError>() => {
                Failure::new(status, "not-found", "there is nothing at this path: see /docs")
            }
            status @ StatusCode::NOT_FOUND => {
                Failure::new(status, "not-found", "there is no such thing: see /docs")
            }
            status @ StatusCode::METHOD_NOT_ALLOWED => {
                let allowed =
                    pattern.and_then(|pattern| self.allow(pattern)).unwrap_or_else(|| "GET, HEAD".into());
                let detail = format!("this path takes {allowed} only");
                Failure::new(status, "method-not-allowed", detail).allow(allowed)
            }
            StatusCode::PAYLOAD_TOO_LARGE => Failure::too_large("the body is larger than this path takes"),
            status if status.is_client_error() => {
                tracing::debug!(%error, "a request could not be read");
                Failure::new(status, "invalid", "the request cannot be read: see /docs")
            }
            status => {
                tracing::error!(%error, "a request failed");
                Failure::new(status, "internal", "the server failed: the log of the server says why")
            }
        }
    }
}
