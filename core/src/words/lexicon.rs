//! Words of queries that are no words of products, as data: fillers, prices in words, accessories, right spellings.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use crate::data_file;
use crate::text::{root, singulars, tokens};
use crate::{Error, Result};

/// The longest phrase of a lexicon in words.
pub(crate) const LONGEST: usize = 4;

/// How many words of a product decide its language.
const MAX_WORDS: usize = 64;

/// What a word or phrase of a query says beside the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    Filler,
    Cheap,
    Expensive,
    Best,
    AtMost,
    AtLeast,
    Between,
    Without,
}

/// How customers say what they want, in Spanish and English: `data/lexicon.json` and `data/words/` by default.
///
/// An empty one understands nothing but the words of products.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    phrases: BTreeMap<String, Vec<Role>>,
    and: HashSet<String>,
    nor: HashSet<String>,
    currency: HashSet<String>,
    accessories: HashSet<String>,
    vague: HashSet<String>,
    spanish: HashSet<Box<str>>,
    english: HashSet<Box<str>>,
    fingerprint: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "version")]
    _version: u32,
    #[serde(default)]
    fillers: Vec<String>,
    #[serde(default)]
    cheap: Vec<String>,
    #[serde(default)]
    expensive: Vec<String>,
    #[serde(default)]
    best: Vec<String>,
    #[serde(default)]
    at_most: Vec<String>,
    #[serde(default)]
    at_least: Vec<String>,
    #[serde(default)]
    between: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    and: Vec<String>,
    #[serde(default)]
    nor: Vec<String>,
    #[serde(default)]
    currency: Vec<String>,
    #[serde(default)]
    accessories: Vec<String>,
    #[serde(default)]
    vague: Vec<String>,
}

impl Lexicon {
    /// Nothing is understood.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads the JSON form.
    ///
    /// ```
    /// let lexicon = vitrina_core::words::Lexicon::from_json(r#"{"version": 1, "fillers": ["busco"], "accessories": ["funda"]}"#)?;
    /// assert!(lexicon.is_accessory("fundas"));
    /// # Ok::<(), vitrina_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form, or a phrase is empty or longer than four words.
    pub fn from_json(json: &str) -> Result<Self> {
        let file: File = data_file::parse(json, "lexicon")?;
        let mut lexicon = Self { fingerprint: hashed(0, json), ..Self::default() };
        for (phrases, role) in [
            (&file.fillers, Role::Filler),
            (&file.cheap, Role::Cheap),
            (&file.expensive, Role::Expensive),
            (&file.best, Role::Best),
            (&file.at_most, Role::AtMost),
            (&file.at_least, Role::AtLeast),
            (&file.between, Role::Between),
            (&file.without, Role::Without),
        ] {
            for phrase in phrases {
                lexicon.phrases.entry(key(phrase)?).or_default().push(role);
            }
        }
        for (words, set) in [
            (&file.and, &mut lexicon.and),
            (&file.nor, &mut lexicon.nor),
            (&file.currency, &mut lexicon.currency),
        ] {
            for word in words {
                set.insert(key(word)?);
            }
        }
        for (words, roots) in
            [(&file.accessories, &mut lexicon.accessories), (&file.vague, &mut lexicon.vague)]
        {
            for word in words {
                roots.insert(root(&key(word)?));
            }
        }
        Ok(lexicon)
    }

    /// The same with the words of both languages that are spelt right, one a line.
    #[must_use]
    pub fn with_right_words(mut self, spanish: &str, english: &str) -> Self {
        for (lines, words) in [(spanish, &mut self.spanish), (english, &mut self.english)] {
            self.fingerprint = hashed(self.fingerprint, lines);
            let folded = lines.lines().flat_map(|line| tokens(line).into_iter().map(|token| token.word));
            words.extend(folded.map(|word| word.replace('ñ', "n").into_boxed_str()));
        }
        self
    }

    /// A number that differs between lexicons that were made from different data; indexes depend on it.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether more words of the texts are English alone than Spanish alone. English names do not begin with what a product
    /// is: `Camera bag`.
    ///
    /// ```
    /// let lexicon = vitrina_core::words::Lexicon::empty().with_right_words("impresora\nbarato\n", "printer\nlaser\n");
    /// assert!(lexicon.is_english(&["Laser printer X5"]) && !lexicon.is_english(&["Impresora láser X5"]));
    /// ```
    pub fn is_english(&self, texts: &[&str]) -> bool {
        let (mut spanish, mut english) = (0, 0);
        for token in texts.iter().flat_map(|text| tokens(text)).take(MAX_WORDS) {
            let forms = dictionary_forms(&token.word);
            match (has(&self.spanish, &forms), has(&self.english, &forms)) {
                (true, false) => spanish += 1,
                (false, true) => english += 1,
                _ => {}
            }
        }
        english > spanish
    }

    /// Whether a folded word, in any number, names an accessory, a part or a consumable.
    pub fn is_accessory(&self, word: &str) -> bool {
        self.accessories.contains(&root(word))
    }

    /// Whether a folded word says how a product should be in a way that names seldom tell: big, light, quiet.
    pub fn is_vague(&self, word: &str) -> bool {
        self.vague.contains(&root(word))
    }

    /// Whether a folded word is known to be spelt right, in any number and gender.
    ///
    /// ```
    /// let lexicon = vitrina_core::words::Lexicon::empty().with_right_words("barato\nsalón\n", "");
    /// assert!(lexicon.is_right("baratas") && lexicon.is_right("salon") && !lexicon.is_right("labadora"));
    /// ```
    pub fn is_right(&self, word: &str) -> bool {
        let forms = dictionary_forms(word);
        self.phrases.contains_key(word) || has(&self.spanish, &forms) || has(&self.english, &forms)
    }

    pub(crate) fn roles(&self, phrase: &str) -> &[Role] {
        self.phrases.get(phrase).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_and(&self, word: &str) -> bool {
        self.and.contains(word)
    }

    /// Whether a word goes on with what a product should not be: "ni".
    pub(crate) fn is_nor(&self, word: &str) -> bool {
        self.nor.contains(word)
    }

    pub(crate) fn is_currency(&self, word: &str) -> bool {
        self.currency.contains(word)
    }
}

/// The forms under which a dictionary may have a folded word of any number and gender.
fn dictionary_forms(word: &str) -> Vec<String> {
    let mut forms = singulars(&word.replace('ñ', "n"));
    let masculine = |form: &String| form.strip_suffix('a').map(|stem| format!("{stem}o"));
    let others: Vec<_> = forms.iter().filter_map(masculine).collect();
    forms.extend(others);
    forms
}

/// Whether some words have one of these forms.
fn has(words: &HashSet<Box<str>>, forms: &[String]) -> bool {
    forms.iter().any(|form| words.contains(form.as_str()))
}

/// The FNV-1a hash of a text, after another.
fn hashed(before: u64, text: &str) -> u64 {
    let start = before ^ 0xcbf2_9ce4_8422_2325;
    text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A phrase as its folded words with spaces between.
fn key(phrase: &str) -> Result<String> {
    let words: Vec<_> = tokens(phrase).into_iter().map(|token| token.word).collect();
    if words.is_empty() || words.len() > LONGEST {
        return Err(Error::invalid(format!("the phrase `{phrase}` must have one to {LONGEST} words")));
    }
    Ok(words.join(" "))
}
