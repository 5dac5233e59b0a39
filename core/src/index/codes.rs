//! Codes in queries: which parts of a query may be the code of a product, and which codes they name.
//!
//! Codes are compared by their [`code_key`], without separators and case: `311-992 D3` is `311992d3`. A query names a code by its
//! whole key or by a part of it: its beginning or, of a number such as an EAN, its last digits.

use std::ops::Range;

use crate::text::fold;

/// How many characters of a code name it at least, where they are not the whole.
pub const SHORTEST_CODE_PART: usize = 4;

/// How long a key is at most; more of a code is not compared.
const LONGEST: usize = 64;

/// In how many words of a query a code is written at most.
const MOST_WORDS: usize = 5;

/// A code as it is compared: letters and digits alone, folded.
///
/// ```
/// assert_eq!(vitrina_core::index::code_key("311-992 D3"), vitrina_core::index::code_key("311992d3"));
/// ```
pub fn code_key(code: &str) -> String {
    fold(code).chars().filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
}

/// Whether a code of this key can be named by its last characters: it is a number.
pub fn has_last_digits(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit())
}

/// A part of a query that may be a code: words that follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodePart {
    /// Its bytes in the query.
    pub span: Range<usize>,
    /// Its key, [`SHORTEST_CODE_PART`] characters or more.
    pub key: String,
    /// Whether it has a digit, as nearly all codes have.
    pub has_digit: bool,
    /// Whether it may be a part of a code too: it is one word, or the whole query.
    pub may_be_partial: bool,
    /// Whether it is the whole query.
    pub is_query: bool,
}

impl CodePart {
    /// Whether it names the code of this key, by the whole or by a part.
    pub fn names(&self, key: &str) -> bool {
        let is_part = || key.starts_with(&self.key) || has_last_digits(key) && key.ends_with(&self.key);
        key == self.key || self.may_be_partial && is_part()
    }
}

/// The parts of a query that may be codes: those with a digit in them, and single words.
pub fn code_parts(query: &str) -> Vec<CodePart> {
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    for (at, c) in query.char_indices().chain([(query.len(), ' ')]) {
        match (c.is_whitespace(), start) {
            (false, None) => start = Some(at),
            (true, Some(first)) => {
                words.push(first..at);
                start = None;
            }
            _ => {}
        }
    }
    let mut parts = Vec::new();
    for first in 0..words.len() {
        for last in first..words.len().min(first + MOST_WORDS) {
            let span = words[first].start..words[last].end;
            let key = code_key(&query[span.clone()]);
            let has_digit = key.contains(|c: char| c.is_ascii_digit());
            let is_query = last - first + 1 == words.len();
            let may_be_partial = first == last || is_query;
            if key.chars().count() >= SHORTEST_CODE_PART && (has_digit || first == last) {
                parts.push(CodePart { span, key, has_digit, may_be_partial, is_query });
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(query: &str, code: &str) -> bool {
        code_parts(query).iter().any(|part| part.names(&code_key(code)))
    }

    #[test]
    fn codes_are_named_whole_and_by_parts_whatever_their_separators() {
        for query in ["311992D3", "311-992 d3", "311 992 D3", "cafetera 311-992.D3", "3119", "311-9", "311 9"]
        {
            for code in ["311992D3", "311-992 D3", "311/992/d3"] {
                assert!(named(query, code), "{query} for {code}");
            }
        }
        for query in ["8412345678905", "84123", "78905", "cafetera 8905", "8 412345 678905"] {
            assert!(named(query, "8412345678905"), "{query}");
        }
    }

    #[test]
    fn fewer_characters_the_middle_and_the_end_of_a_mixed_code_name_none() {
        for (query, code) in
            [("311", "311992D3"), ("1992", "311992D3"), ("92D3", "311992D3"), ("905", "8412345678905")]
        {
            assert!(!named(query, code), "{query} for {code}");
        }
        assert!(!named("bota 31 19", "311992D3"), "two words of three are no beginning");
        assert!(code_parts("una bota de piel").iter().all(|part| !part.has_digit));
    }
}
