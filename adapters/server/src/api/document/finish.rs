//! What poem-openapi cannot express, added to its document.

use std::collections::BTreeSet;

use poem::http::Method;
use serde_json::{Map, Value, json};

use crate::access::Access;
use crate::api::problem::{RETRY_AFTER, describe, has_retry_after};
use crate::limits::RateClass;

/// The version of the specification that the document keeps to. poem-openapi writes 3.0 only.
const VERSION: &str = "3.0.3";
/// The headers of every answer.
const EVERY_ANSWER: [(&str, &str); 2] = [
    (
        "X-Request-Id",
        "What the server's log calls the request: the header of the request where it is plain, else a new name",
    ),
    (
        "Server-Timing",
        "How long the server took, in milliseconds: `total`, and the stages `index` and `catalogue`",
    ),
];
/// The media types of product photos.
const PHOTOS: [&str; 5] = ["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"];

/// Completes a document.
pub(super) fn finish(document: &mut Value) {
    document["openapi"] = VERSION.into();
    rewrite(document);
    let requests = requested(document);
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        if schema["type"] != "object" {
            continue;
        }
        match requests.contains(name) {
            true => schema["additionalProperties"] = false.into(),
            false => require_nullable(schema),
        }
    }
    let paths = document["paths"].as_object_mut();
    for (path, operations) in paths.into_iter().flatten() {
        for (method, operation) in operations.as_object_mut().into_iter().flatten() {
            let Ok(method) = method.to_uppercase().parse() else { continue };
            let responses = &mut operation["responses"];
            add_method_not_allowed(responses);
            add_refusals(&method, path, responses);
            for (_, response) in responses.as_object_mut().into_iter().flatten() {
                for (name, _) in EVERY_ANSWER {
                    let reference = format!("#/components/headers/{name}");
                    response["headers"][name] = json!({"$ref": reference});
                }
            }
        }
    }
    for (name, description) in EVERY_ANSWER {
        let header = json!({"description": description, "required": true, "schema": {"type": "string"}});
        document["components"]["headers"][name] = header;
    }
}

/// Rewrites media types and schemas everywhere.
fn rewrite(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            plain_media_types(fields);
            nullable_reference(fields);
            bound_unsigned(fields);
            empty_default(fields);
            fields.iter_mut().for_each(|(_, field)| rewrite(field));
        }
        Value::Array(items) => items.iter_mut().for_each(rewrite),
        _ => {}
    }
}

/// JSON without its character set, which is always UTF-8; the types that photos really have; events of any schema, since
/// OpenAPI 3.0 has none for the items of a stream; and closed forms.
fn plain_media_types(fields: &mut Map<String, Value>) {
    if let Some(schema) = fields.remove("application/json; charset=utf-8") {
        fields.insert("application/json".into(), schema);
    }
    if let Some(schema) = fields.remove("application/octet-stream") {
        fields.extend(PHOTOS.map(|photo| (photo.to_owned(), schema.clone())));
    }
    if let Some(events) = fields.get_mut("text/event-stream") {
        let description = "Server-sent events; the data of each is a `TaskEvent`";
        *events = json!({"schema": {"description": description}});
    }
    // Forms are read as JSON bodies are: without unknown fields.
    if let Some(form) = fields.get_mut("multipart/form-data") {
        form["schema"]["additionalProperties"] = false.into();
    }
}

/// `allOf` of a reference and what is said of this use of it, with the latter beside `allOf`, where `nullable` counts.
fn nullable_reference(fields: &mut Map<String, Value>) {
    let Some([reference, here]) =
        fields.get_mut("allOf").and_then(Value::as_array_mut).map(Vec::as_mut_slice)
    else {
        return;
    };
    if let Value::Object(here) = here.take() {
        let reference = reference.take();
        fields.extend(here);
        fields.insert("allOf".into(), json!([reference]));
    }
}

/// The bounds of unsigned numbers, whose formats no specification knows.
fn bound_unsigned(fields: &mut Map<String, Value>) {
    let most = match fields.get("format").and_then(Value::as_str) {
        Some("uint16") => Some(u32::from(u16::MAX)),
        Some("uint32") => Some(u32::MAX),
        Some("uint64") => None,
        _ => return,
    };
    fields.insert("format".into(), "int64".into());
    fields.entry("minimum").or_insert(0.into());
    if let Some(most) = most {
        fields.entry("maximum").or_insert(most.into());
    }
}

/// No default where it is nothing: generators take a field with a default for one that is always there.
fn empty_default(fields: &mut Map<String, Value>) {
    if matches!(fields.get("default"), Some(default) if *default == json!([]) || default == false || default == "")
    {
        fields.remove("default");
    }
}

/// The names of the schemas that request bodies are made of.
fn requested(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Value> = Vec::new();
    let operations = document["paths"].as_object().into_iter().flatten();
    for operation in operations.filter_map(|(_, path)| path.as_object()).flatten() {
        open.push(&operation.1["requestBody"]);
    }
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => open.extend(fields.values()),
            Value::Array(items) => open.extend(items),
            Value::String(text) => {
                let name = text.strip_prefix("#/components/schemas/");
                if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                    open.push(&document["components"]["schemas"][name]);
                }
            }
            _ => {}
        }
    }
    found
}

/// What may be null in an answer is always there: fields are left out only where they are not nullable.
fn require_nullable(schema: &mut Value) {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let nullable: Vec<_> =
        properties.filter(|(_, field)| field["nullable"] == true).map(|(name, _)| name.clone()).collect();
    if nullable.is_empty() {
        return;
    }
    let mut required: Vec<_> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    required.extend(nullable);
    schema["required"] = required.into();
}

/// What the layers before the endpoints answer: keys that are missing or wrong, rates, and the time for an answer.
fn add_refusals(method: &Method, path: &str, responses: &mut Value) {
    let (keyed, limited) = (Access::may_ask_for_key(method, path), RateClass::of(method, path).is_some());
    let statuses = [(401, keyed), (403, keyed), (429, keyed || limited), (503, true)];
    for (status, _) in statuses.into_iter().filter(|(_, answered)| *answered) {
        let response = &mut responses[status.to_string()];
        if response.is_null() {
            *response = problem(status);
        }
    }
}

/// The response with a problem of this status.
fn problem(status: u16) -> Value {
    let mut response = json!({
        "description": describe(status),
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    if has_retry_after(status) {
        response["headers"]["Retry-After"] = json!({
            "description": RETRY_AFTER, "schema": {"type": "integer", "format": "int64", "minimum": 0},
        });
    }
    response
}

/// The answer to other methods, which the router gives.
fn add_method_not_allowed(responses: &mut Value) {
    responses["405"] = json!({
        "description": "The path does not take this method",
        "headers": {"Allow": {
            "description": "The methods that it takes", "required": true, "schema": {"type": "string"},
        }},
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
}
