//! How outcomes are written: a digit for the version, a letter for the kind, then
//! `F` the reason, or `R` the length of a piece of JSON (4 bytes, little-endian), the JSON, the embedding's bytes. Both ways
//! a field that the reader does not know is passed over, and one that is missing is empty.

use serde::{Deserialize, Serialize};
use vitrina_core::classify::{CategoryScore, Classification, Embedding, EmbeddingSpace, LabelScore};
use vitrina_core::queue::Outcome;
use vitrina_core::{CategoryId, Error, Result};

/// The most characters of a reason that are kept.
const MAX_REASON: usize = 1000;

/// The scores of a classification, where one that is no number is written as none, and the space of its embedding.
#[derive(Default, Serialize, Deserialize)]
struct Scores {
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    labels: Vec<(String, Option<f32>)>,
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<(i64, Option<f32>)>,
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    space: String,
}

pub(crate) fn encode(outcome: &Outcome) -> Result<Vec<u8>> {
    let classification = match outcome {
        Outcome::Failed(reason) => return Ok([b"1F", shortened(reason).as_bytes()].concat()),
        Outcome::Classified(classification) => classification,
    };
    let scores = Scores {
        labels: classification.labels.iter().map(|label| (label.label.clone(), Some(label.score))).collect(),
        categories: classification
            .categories
            .iter()
            .map(|category| (category.category.0, Some(category.score)))
            .collect(),
        space: classification
            .embedding
            .as_ref()
            .map_or("", |embedding| embedding.space().as_str())
            .to_owned(),
    };
    let json = serde_json::to_vec(&scores)
        .map_err(|error| Error::internal("the classification cannot be written").with_source(error))?;
    let length = u32::try_from(json.len())
        .map_err(|_| Error::invalid("the classification is too long to be kept"))?
        .to_le_bytes();
    let embedding = classification.embedding.as_ref().map_or_else(Vec::new, Embedding::to_bytes);
    Ok([b"1R", &length[..], &json, &embedding].concat())
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Outcome> {
    let unreadable = || Error::internal("a result in the queue is not readable by this version of vitrina");
    let (head, rest) = bytes.split_at_checked(2).ok_or_else(unreadable)?;
    match head {
        b"1F" => Ok(Outcome::Failed(String::from_utf8_lossy(rest).into_owned())),
        b"1R" => {
            let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(unreadable)?;
            let length = u32::from_le_bytes(*length) as usize;
            let (json, embedding) = rest.split_at_checked(length).ok_or_else(unreadable)?;
            let scores: Scores =
                serde_json::from_slice(json).map_err(|error| unreadable().with_source(error))?;
            let embedding = match embedding {
                [] => None,
                bytes => {
                    let space = EmbeddingSpace::new(scores.space.as_str())?;
                    Some(Embedding::from_bytes(bytes)?.in_space(space))
                }
            };
            Ok(Outcome::Classified(classification(scores, embedding)))
        }
        _ => Err(unreadable()),
    }
}

fn classification(scores: Scores, embedding: Option<Embedding>) -> Classification {
    let label =
        |(label, score): (String, Option<f32>)| LabelScore { label, score: score.unwrap_or_default() };
    let category = |(category, score): (i64, Option<f32>)| CategoryScore {
        category: CategoryId(category),
        score: score.unwrap_or_default(),
    };
    Classification {
        labels: scores.labels.into_iter().map(label).collect(),
        categories: scores.categories.into_iter().map(category).collect(),
        embedding,
    }
}

/// A reason, no longer than is kept.
pub(crate) fn shortened(reason: &str) -> &str {
    match reason.char_indices().nth(MAX_REASON) {
        Some((end, _)) => &reason[..end],
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_come_back_as_they_were_written() {
        let labels =
            (0..100u16).map(|n| LabelScore { label: format!("n{n:08}"), score: 1.0 / f32::from(n + 3) });
        let categories = vec![CategoryScore { category: CategoryId(-4), score: f32::MIN_POSITIVE }];
        let outcomes = [
            Outcome::Failed("la foto está dañada\n«»".into()),
            Outcome::Failed(String::new()),
            Outcome::Classified(Classification::default()),
            Outcome::Classified(Classification {
                labels: labels.collect(),
                categories,
                embedding: Some(
                    Embedding::new(vec![0.0, 1.0]).unwrap().in_space(EmbeddingSpace::new("m/1").unwrap()),
                ),
            }),
        ];
        for outcome in outcomes {
            assert_eq!(decode(&encode(&outcome).unwrap()).unwrap(), outcome);
        }
    }

    #[test]
    fn results_of_versions_without_spaces_are_read() {
        let json = br#"{"l":[["n1",0.5]]}"#;
        let numbers = Embedding::new(vec![0.6, 0.8]).unwrap();
        let old = [b"1R", &(json.len() as u32).to_le_bytes()[..], json, &numbers.to_bytes()].concat();
        let Outcome::Classified(kept) = decode(&old).unwrap() else { panic!() };
        assert_eq!(kept.embedding.unwrap(), numbers);
        assert!(numbers.space().is_unnamed());
    }

    #[test]
    fn what_is_no_outcome_is_refused() {
        let whole = encode(&Outcome::Classified(Classification::default())).unwrap();
        for bytes in [b"".as_slice(), b"1", b"2Fno", b"1Rxx", b"1R\xff\xff\xff\xff{}", &whole[..7]] {
            assert!(decode(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn odd_numbers_and_long_reasons_are_kept_within_bounds() {
        let odd = Outcome::Classified(Classification {
            labels: vec![LabelScore { label: "n1".into(), score: f32::NAN }],
            ..Classification::default()
        });
        let Outcome::Classified(kept) = decode(&encode(&odd).unwrap()).unwrap() else { panic!() };
        assert_eq!(kept.labels[0].score, 0.0);
        assert_eq!(shortened(&"ñ".repeat(5000)).chars().count(), MAX_REASON);
    }
}
