//! Which facets a client asks for.

use std::borrow::Cow;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::Value;
use vitrina_core::index::FacetChoice;

/// The most facets that are named, and the longest name in characters.
const MAX_NAMES: usize = 50;
const MAX_NAME: usize = 100;

/// `true` for all facets, or a list of names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacetsAsked(FacetChoice);

impl From<FacetsAsked> for FacetChoice {
    fn from(asked: FacetsAsked) -> Self {
        asked.0
    }
}

impl Type for FacetsAsked {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "boolean_or_names".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let inline = |schema| MetaSchemaRef::Inline(Box::new(schema));
        let name = MetaSchema { max_length: Some(MAX_NAME), ..MetaSchema::new("string") };
        let names = MetaSchema {
            items: Some(Box::new(inline(name))),
            max_items: Some(MAX_NAMES),
            ..MetaSchema::new("array")
        };
        let kinds = [MetaSchema::new("boolean"), names].map(inline);
        inline(MetaSchema { any_of: kinds.into(), ..MetaSchema::ANY })
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for FacetsAsked {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::Bool(all) => Ok(Self(if all { FacetChoice::All } else { FacetChoice::None })),
            Value::Array(names) => {
                let names = names.into_iter().map(|name| match name {
                    Value::String(name) => Ok(name),
                    other => Err(ParseError::expected_type(other)),
                });
                Ok(Self(FacetChoice::Named(names.collect::<Result<_, _>>()?)))
            }
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for FacetsAsked {
    fn to_json(&self) -> Option<Value> {
        Some(match &self.0 {
            FacetChoice::None => Value::Bool(false),
            FacetChoice::All => Value::Bool(true),
            FacetChoice::Named(names) => names.clone().into(),
        })
    }
}
