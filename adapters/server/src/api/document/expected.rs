//! What a schema expects, in words for error messages.

use serde_json::Value;

use super::resolve;

/// What a schema expects, such as "a whole number from 1 to 100" or "one of `name`, `newest`".
pub(crate) fn expected(document: &Value, schema: &Value) -> String {
    let schema = resolve(document, schema);
    let mut kinds = Vec::new();
    if let Some(choices) = schema["enum"].as_array() {
        kinds.push(format!("one of {}", names(choices.iter().filter_map(Value::as_str))));
    } else if let Some(kind) = schema["type"].as_str() {
        kinds.push(format!("{}{}", name(kind), range(schema)));
    }
    for part in ["anyOf", "allOf"].iter().filter_map(|list| schema[*list].as_array()).flatten() {
        kinds.push(expected(document, part));
    }
    if schema["nullable"] == true {
        kinds.push("null".into());
    }
    kinds.join(" or ")
}

fn name(kind: &str) -> &str {
    match kind {
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "string" => "a string",
        "array" => "an array",
        _ => "an object",
    }
}

/// The bounds of a number, of a string's length, or of how many items an array has.
fn range(schema: &Value) -> String {
    let (least, most, unit) = match schema["type"].as_str() {
        Some("string") => ("minLength", "maxLength", " characters"),
        Some("array") => ("minItems", "maxItems", " items"),
        _ => ("minimum", "maximum", ""),
    };
    match (&schema[least], &schema[most]) {
        (Value::Null, Value::Null) => String::new(),
        (least, Value::Null) => format!(", {least}{unit} or more"),
        (Value::Null, most) => format!(", {most}{unit} at most"),
        (least, most) => format!(" from {least} to {most}{unit}"),
    }
}

/// Names in backticks, separated by commas.
pub(super) fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
