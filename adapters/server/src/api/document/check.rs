//! Checks JSON against a schema of the document, and names what is wrong.

use serde_json::{Map, Value};

use super::expected::{expected, names};
use super::resolve;

/// How much of an unknown field's name is repeated, in characters.
const SHOWN: usize = 60;

/// The first thing in a value that its schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The field, and what it must be.
    pub(crate) message: String,
    /// Whether the value has the right type and is out of range only.
    pub(crate) out_of_range: bool,
}

impl Violation {
    fn new(message: String) -> Self {
        Self { message, out_of_range: false }
    }
}

/// Checks a value against a schema: types without any coercion, required and unknown fields, choices and bounds.
///
/// # Errors
/// The first violation, with the path of its field, such as `products[3].price`.
pub(crate) fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), Violation> {
    Checker { document }.check(schema, value, "")
}

struct Checker<'a> {
    document: &'a Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, path: &str) -> Result<(), Violation> {
        let schema = resolve(self.document, schema);
        if value.is_null() && schema["nullable"] == true {
            return Ok(());
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            // What is nullable as a whole may be null, whatever its parts say.
            self.check(part, value, path).map_err(|violation| match value {
                Value::Object(_) => violation,
                _ => self.unexpected(schema, path),
            })?;
        }
        if let Some(choices) = schema["anyOf"].as_array()
            && !choices.iter().any(|choice| self.check(choice, value, path).is_ok())
        {
            return Err(self.unexpected(schema, path));
        }
        let allowed = match (schema["type"].as_str(), value) {
            (None, _) => true,
            (Some("integer"), Value::Number(number))
                if schema["format"] == "int64" && number.as_i64().is_none() =>
            {
                return Err(Violation { out_of_range: !number.is_f64(), ..self.unexpected(schema, path) });
            }
            (Some("integer"), Value::Number(number)) => !number.is_f64(),
            (Some("number"), Value::Number(_)) => true,
            (Some("string"), Value::String(text)) => return self.text(schema, text, path),
            (Some("boolean"), Value::Bool(_)) => true,
            (Some("array"), Value::Array(items)) => return self.items(schema, items, path),
            (Some("object"), Value::Object(fields)) => return self.fields(schema, fields, path),
            _ => false,
        };
        if !allowed {
            return Err(self.unexpected(schema, path));
        }
        self.within(schema, ["minimum", "maximum"], value.as_f64(), path)
    }

    fn text(&self, schema: &Value, text: &str, path: &str) -> Result<(), Violation> {
        if schema["enum"].as_array().is_some_and(|choices| !choices.iter().any(|choice| choice == text)) {
            return Err(self.unexpected(schema, path));
        }
        self.within(schema, ["minLength", "maxLength"], Some(text.chars().count() as f64), path)
    }

    fn items(&self, schema: &Value, items: &[Value], path: &str) -> Result<(), Violation> {
        self.within(schema, ["minItems", "maxItems"], Some(items.len() as f64), path)?;
        let mut numbered = items.iter().enumerate();
        numbered.try_for_each(|(at, item)| self.check(&schema["items"], item, &format!("{path}[{at}]")))
    }

    fn fields(&self, schema: &Value, fields: &Map<String, Value>, path: &str) -> Result<(), Violation> {
        let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let known = &schema["properties"];
        for name in fields.keys().filter(|name| known[name.as_str()].is_null()) {
            if schema["additionalProperties"] == false {
                let name: String = name.chars().take(SHOWN).collect();
                let choices = known.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
                let message = format!("unknown field `{}`: the fields are {}", within(&name), names(choices));
                return Err(Violation::new(message));
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            if !fields.contains_key(name) {
                let wanted = expected(self.document, &known[name]);
                return Err(Violation::new(format!(
                    "the field `{}` is missing: send {wanted}",
                    within(name)
                )));
            }
        }
        let others = Some(&schema["additionalProperties"]).filter(|schema| schema.is_object());
        fields.iter().try_for_each(|(name, value)| {
            let shown: String = name.chars().take(SHOWN).collect();
            match Some(&known[name.as_str()]).filter(|schema| !schema.is_null()).or(others) {
                Some(schema) => self.check(schema, value, &within(&shown)),
                None => Ok(()),
            }
        })
    }

    fn within(
        &self,
        schema: &Value,
        bounds: [&str; 2],
        size: Option<f64>,
        path: &str,
    ) -> Result<(), Violation> {
        let [least, most] = bounds.map(|bound| schema[bound].as_f64());
        let small = size.zip(least).is_some_and(|(size, least)| size < least);
        if small || size.zip(most).is_some_and(|(size, most)| size > most) {
            return Err(Violation { out_of_range: true, ..self.unexpected(schema, path) });
        }
        Ok(())
    }

    fn unexpected(&self, schema: &Value, path: &str) -> Violation {
        let name = if path.is_empty() { "the body".to_owned() } else { format!("`{path}`") };
        Violation::new(format!("{name} must be {}", expected(self.document, schema)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({"components": {"schemas": {
            "Search": {
                "type": "object", "required": ["query"], "additionalProperties": false,
                "properties": {
                    "query": {"type": "string", "maxLength": 5},
                    "sort": {"allOf": [{"$ref": "#/components/schemas/Sort"}], "nullable": true},
                    "limit": {"type": "integer", "minimum": 1, "maximum": 9},
                    "scores": {"type": "array", "items": {"$ref": "#/components/schemas/Score"}},
                    "codes": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "Sort": {"type": "string", "enum": ["name", "newest"]},
            "Score": {"type": "object", "properties": {"score": {"anyOf": [{"type": "number"}, {"type": "string"}]}}},
        }}})
    }

    fn checked(value: &Value) -> Result<(), Violation> {
        check(&document(), &json!({"$ref": "#/components/schemas/Search"}), value)
    }

    #[test]
    fn what_the_schema_allows_passes() {
        checked(&json!({"query": ""})).unwrap();
        checked(&json!({"query": "ñandú", "sort": null, "limit": 9})).unwrap();
        checked(&json!({"query": "x", "codes": {"a": "b", "c": ""}})).unwrap();
        checked(
            &json!({"query": "x", "sort": "name", "scores": [{"score": 1}, {"score": "0.5", "more": 1}]}),
        )
        .unwrap();
    }

    #[test]
    fn violations_name_the_field_and_the_choices() {
        for (value, message) in [
            (json!([]), "the body must be an object"),
            (json!({}), "the field `query` is missing: send a string, 5 characters at most"),
            (json!({"query": false}), "`query` must be a string, 5 characters at most"),
            (json!({"query": "x", "sort": "price"}), "`sort` must be one of `name`, `newest` or null"),
            (json!({"query": "x", "limit": 1.5}), "`limit` must be a whole number from 1 to 9"),
            (
                json!({"query": "x", "scores": [{}, {"score": true}]}),
                "`scores[1].score` must be a number or a string",
            ),
            (json!({"query": "x", "codes": {"a": "b", "c": false}}), "`codes.c` must be a string"),
            (
                json!({"query": "x", "q": 1}),
                "unknown field `q`: the fields are `codes`, `limit`, `query`, `scores`, `sort`",
            ),
        ] {
            let violation = checked(&value).unwrap_err();
            assert_eq!((violation.message.as_str(), violation.out_of_range), (message, false));
        }
    }

    #[test]
    fn values_out_of_range_are_told_apart() {
        for value in [json!({"query": "x", "limit": 0}), json!({"query": "xxxxxx"})] {
            assert!(checked(&value).unwrap_err().out_of_range, "{value}");
        }
    }
}
