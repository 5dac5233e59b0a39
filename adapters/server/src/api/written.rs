//! JSON answers that are written straight from their types.

use poem::error::ResponseError;
use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaResponses, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use serde::Serialize;

use super::problem::Failure;

/// A JSON answer whose type says twice what it is: to the document, and to serde, which writes it.
///
/// poem-openapi's own `Json` builds a tree of values first, with a string for every name of a field. Both must give the same:
/// debug builds, and so all tests, compare them.
#[derive(Debug)]
pub(super) struct Written<T>(pub(super) T);

impl<T: Type> Payload for Written<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn check_content_type(content_type: &str) -> bool {
        Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + ToJSON> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        debug_assert_eq!(serde_json::to_value(&self.0).ok(), self.0.to_json(), "serde and document differ");
        match serde_json::to_vec(&self.0) {
            Ok(json) => Response::builder().content_type(Self::CONTENT_TYPE).body(json),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written");
                let detail = "the server failed: the log of the server says why";
                Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail).as_response()
            }
        }
    }
}

impl<T: Serialize + ToJSON> ApiResponse for Written<T> {
    fn meta() -> MetaResponses {
        Json::<T>::meta()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
