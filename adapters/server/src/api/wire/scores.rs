//! Scores of categories and labels, in every form in which clients send them.

use std::borrow::Cow;

use poem_openapi::Object;
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde_json::{Number, Value};
use vitrina_core::classify::{CategoryScore, LabelScore};
use vitrina_core::{CategoryId, Error, Result};

/// A JSON number, or a string in which clients write one.
#[derive(Debug, Clone, PartialEq)]
pub enum NumberOrText {
    /// A number.
    Number(Number),
    /// A string.
    Text(String),
}

impl Type for NumberOrText {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "number_or_string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let kinds = ["number", "string"].map(|kind| MetaSchemaRef::Inline(Box::new(MetaSchema::new(kind))));
        MetaSchemaRef::Inline(Box::new(MetaSchema { any_of: kinds.into(), ..MetaSchema::ANY }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for NumberOrText {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::Number(number) => Ok(Self::Number(number)),
            Value::String(text) => Ok(Self::Text(text)),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for NumberOrText {
    fn to_json(&self) -> Option<Value> {
        Some(match self {
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone()),
        })
    }
}

impl NumberOrText {
    /// A probability.
    fn score(&self) -> Result<f32> {
        let score = match self {
            Self::Number(number) => number.as_f64().map(|score| score as f32),
            Self::Text(text) => text.trim().parse().ok(),
        };
        let score = score.ok_or_else(|| Error::invalid("a score is no number: send 0 to 1"))?;
        if (0.0..=1.0).contains(&score) {
            return Ok(score);
        }
        Err(Error::invalid(format!("the score {score} is no probability: send 0 to 1")))
    }
}

/// A score of a category or of a class of the model.
#[derive(Debug, Object)]
pub struct CategoryScoreIn {
    /// The category's ID; or the name of one of the model's classes, which the server turns into a category.
    pub label: NumberOrText,
    /// How likely, 0 to 1; required unless there is `confidence`.
    #[oai(nullable)]
    pub score: Option<NumberOrText>,
    /// The older spelling of `score`.
    #[oai(nullable)]
    pub confidence: Option<NumberOrText>,
}

/// A score of a class of the model.
#[derive(Debug, Object)]
pub struct LabelScoreIn {
    /// The class's ID, such as the WordNet ID `n04120489`, or its name.
    pub label: String,
    /// How likely, 0 to 1.
    pub score: NumberOrText,
}

impl LabelScoreIn {
    /// The domain's score.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for a score that is no probability.
    pub(super) fn read(self) -> Result<LabelScore> {
        Ok(LabelScore { score: self.score.score()?, label: self.label })
    }
}

/// Splits scores into those of categories by ID and those of labels by name.
///
/// # Errors
/// [`Invalid`](vitrina_core::ErrorKind::Invalid) for an entry without a score, a score that is no probability, and a label that
/// is neither an ID nor a name.
pub(super) fn split(given: Vec<CategoryScoreIn>) -> Result<(Vec<CategoryScore>, Vec<LabelScore>)> {
    let (mut categories, mut labels) = (Vec::new(), Vec::new());
    for entry in given {
        let score = entry.score.or(entry.confidence);
        let score = score.ok_or_else(|| Error::invalid("an entry has no `score`: send 0 to 1"))?.score()?;
        let id = match &entry.label {
            NumberOrText::Number(number) => number.as_i64(),
            NumberOrText::Text(text) => text.trim().parse().ok(),
        };
        match (id, entry.label) {
            (Some(id), _) => categories.push(CategoryScore { category: CategoryId(id), score }),
            (None, NumberOrText::Text(label)) => labels.push(LabelScore { label, score }),
            (None, NumberOrText::Number(number)) => {
                return Err(Error::invalid(format!("the label {number} is no category's ID")));
            }
        }
    }
    Ok((categories, labels))
}
