//! Words that mean the same, as data.

use std::collections::HashMap;

use serde::Deserialize;

use crate::data_file;
use crate::text::{root, tokens};
use crate::{Error, Result};

/// The longest phrase that may have synonyms, in words.
const LONGEST: usize = 3;

/// What else a customer's words may be called, in the shop's language and in others.
///
/// It is read from JSON, `data/synonyms.json` by default. A group holds phrases that stand for each other; one way, `from`
/// finds `to` as well, but not the other way round: who asks for shoes means boots too.
#[derive(Debug, Clone, Default)]
pub struct Synonyms {
    by_phrase: HashMap<String, Vec<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    groups: Vec<Vec<String>>,
    #[serde(default)]
    one_way: Vec<OneWay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OneWay {
    from: Vec<String>,
    to: Vec<String>,
}

impl Synonyms {
    /// No synonyms.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the JSON form.
    ///
    /// ```
    /// let synonyms = vitrina_core::words::Synonyms::from_json(r#"{"version": 1,
    ///     "groups": [["zapatillas", "tenis", "sneakers"]],
    ///     "one_way": [{"from": ["calzado"], "to": ["zapatos", "botas"]}]
    /// }"#)?;
    /// assert_eq!(synonyms.of(&["zapatilla"]).len(), 2);
    /// assert!(synonyms.of(&["bota"]).is_empty());
    /// # Ok::<(), vitrina_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form, or a phrase is empty or longer than three
    /// words.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = data_file::parse(json, "synonyms")?;
        let mut synonyms = Self::default();
        for group in &file.groups {
            for phrase in group {
                synonyms.add(phrase, group)?;
            }
        }
        for rule in &file.one_way {
            for phrase in &rule.from {
                synonyms.add(phrase, &rule.to)?;
            }
        }
        Ok(synonyms)
    }

    fn add(&mut self, phrase: &str, others: &[String]) -> Result<()> {
        let key = key(&words(phrase)?);
        for other in others {
            let other = words(other)?;
            let known = self.by_phrase.entry(key.clone()).or_default();
            if self::key(&other) != key && !known.contains(&other) {
                known.push(other);
            }
        }
        Ok(())
    }

    /// What else a phrase may be called, each as its words; the number of the phrase's words does not matter.
    pub fn of(&self, phrase: &[impl AsRef<str>]) -> &[Vec<String>] {
        if phrase.is_empty() || phrase.len() > LONGEST {
            return &[];
        }
        self.by_phrase.get(&key(phrase)).map_or(&[], Vec::as_slice)
    }
}

fn words(phrase: &str) -> Result<Vec<String>> {
    let words: Vec<_> = tokens(phrase).into_iter().map(|token| token.word).collect();
    if words.is_empty() || words.len() > LONGEST {
        return Err(Error::invalid(format!("the synonym `{phrase}` must have one to {LONGEST} words")));
    }
    Ok(words)
}

fn key(phrase: &[impl AsRef<str>]) -> String {
    let roots: Vec<_> = phrase.iter().map(|word| root(word.as_ref())).collect();
    roots.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_the_same_in_singular_and_plural() {
        for (one, many) in [
            ("luz", "luces"),
            ("movil", "moviles"),
            ("battery", "batteries"),
            ("coche", "coches"),
            ("jersey", "jerseis"),
            ("dress", "dresses"),
            ("niño", "ninos"),
        ] {
            assert_eq!(root(one), root(many), "{one} {many}");
        }
        assert_ne!(root("bota"), root("bote"));
    }

    #[test]
    fn groups_go_both_ways_and_rules_one() {
        let synonyms = Synonyms::from_json(
            r#"{"version": 1, "groups": [["disco duro", "hdd"]], "one_way": [{"from": ["calzado"], "to": ["bota"]}]}"#,
        )
        .unwrap();
        assert_eq!(synonyms.of(&["discos", "duros"]), [["hdd"]]);
        assert_eq!(synonyms.of(&["hdd"]), [["disco", "duro"]]);
        assert_eq!(synonyms.of(&["calzados"]), [["bota"]]);
        assert!(synonyms.of(&["bota"]).is_empty() && synonyms.of(&["disco"]).is_empty());
    }

    #[test]
    fn what_is_no_synonym_file_is_refused() {
        for json in ["", "[]", "{}", r#"{"version": 1, "groups": [[""]]}"#, r#"{"version": 1, "group": []}"#]
        {
            assert!(Synonyms::from_json(json).is_err(), "{json}");
        }
    }
}
