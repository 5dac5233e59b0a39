//! Words as they are indexed and asked for.
//!
//! A word is indexed in all forms that may be its singular (`luces`: `luces`, `luce`, `luc`, `luz`), and a query's word
//! finds what shares a form with it: exactly what [`vitrina::text::same_word`] says. Nothing is cut to a stem, so `plano`
//! and `plan`, or `plato` and `plata` but for the gender below, stay apart.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use vitrina::text::{singulars, words};

/// Under this name the schema refers to [`Forms`].
pub(crate) const TOKENIZER: &str = "forms";

/// How many different words of a query are looked for; the rest is ignored.
const MAX_WORDS: usize = 32;

/// How many characters of a query are read.
const MAX_QUERY: usize = 2000;

/// How many characters of a word count.
const MAX_WORD: usize = 64;

/// What a word is worth that differs from the customer's in number, and in gender.
const NUMBER: f32 = 0.95;
const GENDER: f32 = 0.8;

/// Words that say nothing by themselves: left out of a query that has others.
const STOP_WORDS: &[&str] = &[
    "a", "al", "an", "and", "at", "con", "de", "del", "el", "en", "for", "in", "la", "las", "los", "of",
    "on", "or", "para", "por", "the", "to", "un", "una", "unas", "unos", "with", "y",
];

/// A spelling that is looked for, and what finding it is worth, from 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Form {
    pub(crate) text: String,
    pub(crate) worth: f32,
}

/// The different words of a query, each with the forms that it may be found in, the best first.
///
/// Empty when the text has no word at all.
pub(crate) fn query_words(text: &str) -> Vec<Vec<Form>> {
    let start: String = text.chars().take(MAX_QUERY).collect();
    let mut wanted: Vec<String> = Vec::new();
    for word in words(&start) {
        let word = clipped(word);
        if wanted.len() < MAX_WORDS && !wanted.contains(&word) {
            wanted.push(word);
        }
    }
    if wanted.iter().any(|word| !is_stop_word(word)) {
        wanted.retain(|word| !is_stop_word(word));
    }
    wanted.iter().map(|word| query_forms(word)).collect()
}

fn query_forms(word: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    for text in singulars(word) {
        let worth = if forms.is_empty() { 1.0 } else { NUMBER };
        forms.push(Form { text, worth });
    }
    let others: Vec<_> = forms.iter().filter_map(|form| other_gender(&form.text)).collect();
    for text in others {
        if forms.iter().all(|form| form.text != text) {
            forms.push(Form { text, worth: GENDER });
        }
    }
    forms
}

/// `rojo` for `roja` and the other way round; the plural has been taken care of.
fn other_gender(form: &str) -> Option<String> {
    if form.len() < 4 || !form.is_ascii() {
        return None;
    }
    let other = |stem: &str, ending: &str| Some(format!("{stem}{ending}"));
    match (form.strip_suffix('o'), form.strip_suffix('a')) {
        (Some(stem), _) => other(stem, "a"),
        (_, Some(stem)) => other(stem, "o"),
        _ => None,
    }
}

fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

fn clipped(mut word: String) -> String {
    if let Some((end, _)) = word.char_indices().nth(MAX_WORD) {
        word.truncate(end);
    }
    word
}

/// Splits a product's text into all forms of its words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Forms;

impl Tokenizer for Forms {
    type TokenStream<'a> = FormStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> FormStream {
        FormStream { words: words(text).into_iter(), forms: Vec::new(), token: Token::default() }
    }
}

/// What [`Forms`] gives: the forms of one word share its position.
#[derive(Debug)]
pub(crate) struct FormStream {
    words: std::vec::IntoIter<String>,
    forms: Vec<String>,
    token: Token,
}

impl TokenStream for FormStream {
    fn advance(&mut self) -> bool {
        if self.forms.is_empty() {
            let Some(word) = self.words.next() else {
                return false;
            };
            self.forms = singulars(&clipped(word));
            self.token.position = self.token.position.wrapping_add(1);
        }
        match self.forms.pop() {
            Some(form) => {
                self.token.text = form;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(query: &str) -> Vec<Vec<String>> {
        let forms = |word: Vec<Form>| word.into_iter().map(|form| form.text).collect();
        query_words(query).into_iter().map(forms).collect()
    }

    fn indexed(text: &str) -> Vec<(usize, String)> {
        let mut forms = Forms;
        let mut stream = forms.token_stream(text);
        let mut tokens = Vec::new();
        stream.process(&mut |token| tokens.push((token.position, token.text.clone())));
        tokens
    }

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn stop_words_count_only_alone() {
        assert_eq!(texts("de la luz"), [["luz"]]);
        assert_eq!(texts("de la").len(), 2);
        assert_eq!(texts("¿?"), Vec::<Vec<String>>::new());
    }

    #[test]
    fn a_word_is_asked_for_in_number_and_gender() {
        assert_eq!(texts("Rojas")[0], ["rojas", "roja", "rojo"]);
        let worth: Vec<_> = query_words("rojas")[0].iter().map(|form| form.worth).collect();
        assert_eq!(worth, [1.0, NUMBER, GENDER]);
    }

    #[test]
    fn forms_of_one_word_share_a_position() {
        let at: Vec<_> = indexed("Dos luces").iter().map(|(position, _)| *position).collect();
        assert_eq!(at, [0, 1, 1, 1, 1]);
        assert!(indexed("Dos luces").contains(&(1, "luz".into())));
    }

    #[test]
    fn what_a_query_may_hold_is_bounded() {
        let many: String = (0..1000).map(|n| format!("w{n} ")).collect();
        assert_eq!(query_words(&many).len(), MAX_WORDS);
        let long = "ñ".repeat(10_000);
        assert_eq!(query_words(&long)[0][0].text.chars().count(), MAX_WORD);
        assert_eq!(indexed(&long)[0].1.chars().count(), MAX_WORD);
    }
}
