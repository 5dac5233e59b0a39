//! JSON bodies, checked against the OpenAPI document before they are read.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::web::Data;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::impl_apirequest_for_payload;
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use serde_json::{Value, json};

use super::document::{Document, check};
use super::problem::Failure;

/// A JSON body.
///
/// poem-openapi's own `Json` takes numbers for strings, passes over unknown fields, and names Rust types in its errors.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: Type> Payload for Body<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        poem_openapi::payload::Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ParseFromJSON> ParsePayload for Body<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let document = Data::<&Arc<Document>>::from_request(request, body).await?;
        let bytes = Vec::<u8>::from_request(request, body).await?;
        Ok(Self(read(&bytes, document.json())?))
    }
}

impl_apirequest_for_payload!(Body<T>, T: ParseFromJSON);

/// Reads a body of type `T`.
///
/// # Errors
/// 400 for what is no JSON or not of the schema, 422 for a value out of its range; the detail names the field.
fn read<T: ParseFromJSON>(bytes: &[u8], document: &Value) -> Result<T, Failure> {
    let value = serde_json::from_slice(bytes)
        .map_err(|error| Failure::bad_request(format!("the body is no JSON: {error}")))?;
    let schema = json!({"$ref": format!("#/components/schemas/{}", T::name())});
    check(document, &schema, &value).map_err(|violation| {
        let status =
            if violation.out_of_range { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        Failure::new(status, "invalid", violation.message)
    })?;
    T::parse_from_json(Some(value)).map_err(|error| {
        // The schema allows what the type does not: a mistake of ours, which the client can still avoid.
        tracing::warn!(error = error.message(), "a body passed its schema but could not be read");
        Failure::bad_request("a value of the body is out of its range: see /docs")
    })
}
