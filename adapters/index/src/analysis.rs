//! What is indexed of a product's texts: words in all their forms, each with its weight, and spellings.
//!
//! All texts of a product become one bag of words. The weight of a word for the product (in the name or the description,
//! early or late, often or rarely) is computed here, once, as a weight from 1 to [`MAX_WEIGHT`] that is stored in the place
//! of the word's frequency: quantised impacts (Anh & Moffat, SIGIR 2006). A search then reads one list a word.
//!
//! ```text
//! weight = MAX_WEIGHT × frequency / (frequency + HALF)      frequency: of the word in all fields, weighted
//! frequency = Σ over fields: field × times × place / (1 − LENGTH + LENGTH × words / usual words)
//! ```
//!
//! That is BM25F (Robertson, Zaragoza & Taylor, CIKM 2004) without the rarity, which is the query's part, and with a
//! factor for the best place of the word in the field.

use std::collections::HashMap;
use std::ops::Range;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use vitrina_core::text::{self, forms, root, tokens};
use vitrina_core::words::Lexicon;
use vitrina_core::{Product, naming};

use crate::codes;
use crate::more_texts::MoreTexts;
use crate::sound::sound;

/// Under this name the schema refers to [`Lines`].
pub(crate) const TOKENIZER: &str = "weighted_lines";

/// The highest weight of a word.
pub(crate) const MAX_WEIGHT: u32 = 90;

/// How many characters of a word count.
const MAX_WORD: usize = 64;

/// The letters that a word has at least for its spelling to be proposed.
const SHORTEST_SPELLING: usize = 3;

/// Between the folded word and the word as it is shown, in a spelling.
pub(crate) const SHOWN: char = '\0';

/// A text of a product and how its words count.
struct Field<'a> {
    text: &'a str,
    /// What a word in it is worth beside one in another field.
    weight: f32,
    /// How many words it usually has: in a longer text each counts less, in a shorter one more.
    usual_words: f32,
    /// Whether words that follow each other in it belong together.
    is_name: bool,
    /// The bytes that say what the product is, where a name begins with that.
    head: Option<Range<usize>>,
}

/// How much a field's length counts.
const LENGTH: f32 = 0.75;

/// The weighted frequency that gives half of [`MAX_WEIGHT`].
const HALF: f32 = 3.0;

/// What a word of the name loses at most by standing late in it.
const LATE: f32 = 0.25;

/// What a word behind the head of the name is worth, and what one in the head loses at most by standing behind the first:
/// `Radio portátil` is a radio.
const BEHIND_HEAD: f32 = 0.5;
const LATE_IN_HEAD: f32 = 0.5;

/// How fast words of the head lose in naming the kind of product, and what a word of the category's name is worth in that.
const NAMING_DECAY: f32 = 0.5;
const CATEGORY_NAMES: f32 = 0.7;

/// What a word is worth that says what the product is for: "funda para móvil".
const PURPOSE: f32 = 0.45;

/// What a piece of a model number is worth, like the `aa` of `ED707AA`, and of how many pieces such a number has at least:
/// `iPhone15` and `1TB` have two.
const PIECE: f32 = 0.4;
const PIECES: usize = 3;

/// What a form is worth that differs from the word as written in number, and in ñ.
const NUMBER: f32 = 0.95;
const TILDE: f32 = 0.8;

/// Words that say nothing by themselves, in Spanish, English, Catalan, Portuguese and French; none that is a size, a unit or a
/// word of another of these languages.
const STOP_WORDS: &[&str] = &[
    "a", "al", "als", "amb", "an", "and", "at", "avec", "con", "da", "das", "de", "del", "dels", "des", "du",
    "el", "els", "en", "et", "for", "in", "la", "las", "les", "los", "of", "on", "or", "para", "per", "por",
    "pour", "the", "to", "um", "uma", "un", "una", "unas", "une", "unos", "with", "y",
];

/// Whether a folded word says nothing by itself.
pub(crate) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The words of a text, those that are too long cut.
pub(crate) fn clipped_tokens(text: &str) -> Vec<text::Token> {
    let mut tokens = tokens(text);
    for token in &mut tokens {
        if let Some((end, _)) = token.word.char_indices().nth(MAX_WORD) {
            token.word.truncate(end);
        }
    }
    tokens
}

/// What is indexed of a product, as [`Lines`] reads it.
#[derive(Debug, Default)]
pub(crate) struct Indexed {
    /// Its words with their weights.
    pub(crate) words: String,
    /// The words that say what kind of product it is, and how surely.
    pub(crate) heads: String,
    pub(crate) spellings: String,
    pub(crate) sounds: String,
    /// The first word of the name's head in one form for all numbers; empty where there is none.
    pub(crate) kind: String,
}

/// What is indexed of a product.
pub(crate) fn lines(product: &Product, lexicon: &Lexicon) -> Indexed {
    let mut indexed = Indexed::default();
    let more = MoreTexts::of(product);
    let mut frequencies: HashMap<String, f32> = HashMap::new();
    let category = product.category().map_or("", |category| category.name.as_str());
    let brand = product.brand.as_deref().unwrap_or("");
    let is_english = lexicon.is_english(&[&product.name, category, &product.description]);
    let head = (!is_english).then(|| naming::head(&product.name, product.brand.as_deref()));
    for field in [
        Field { text: &product.name, weight: 3.0, usual_words: 9.0, is_name: true, head: head.clone() },
        Field { text: category, weight: 1.1, usual_words: 2.0, is_name: false, head: None },
        Field { text: brand, weight: 0.9, usual_words: 2.0, is_name: false, head: None },
        Field { text: &product.description, weight: 0.8, usual_words: 8.0, is_name: false, head: None },
        Field { text: &more.attributes, weight: 0.9, usual_words: 8.0, is_name: false, head: None },
        Field { text: &more.tags, weight: 0.8, usual_words: 5.0, is_name: false, head: None },
        Field { text: &more.codes, weight: 1.0, usual_words: 4.0, is_name: false, head: None },
        Field { text: &more.above, weight: 0.5, usual_words: 4.0, is_name: false, head: None },
        Field { text: &more.names, weight: 1.5, usual_words: 9.0, is_name: true, head: None },
        Field { text: &more.descriptions, weight: 0.4, usual_words: 16.0, is_name: false, head: None },
    ] {
        let tokens = clipped_tokens(field.text);
        add_frequencies(&field, &tokens, &mut frequencies);
        for token in &tokens {
            let letters = token.word.chars().all(char::is_alphabetic);
            if letters && token.word.chars().count() >= SHORTEST_SPELLING && !is_stop_word(&token.word) {
                let shown = field.text[token.span.clone()].to_lowercase();
                let folded = token.word.replace('ñ', "n");
                push_line(
                    &mut indexed.sounds,
                    1,
                    &format!("{}{SHOWN}{folded}{SHOWN}{shown}", sound(&folded)),
                );
                push_line(&mut indexed.spellings, 1, &format!("{folded}{SHOWN}{shown}"));
            }
        }
    }
    for (word, frequency) in frequencies {
        let weight = (MAX_WEIGHT as f32 * frequency / (frequency + HALF)).round() as u32;
        push_line(&mut indexed.words, weight.clamp(1, MAX_WEIGHT), &word);
    }
    for (term, weight) in codes::terms(product) {
        push_line(&mut indexed.words, weight, &term);
    }
    let (names, kind) = names_of_kind(&product.name, head, category);
    for (word, surely) in names {
        let weight = (MAX_WEIGHT as f32 * surely).round() as u32;
        push_line(&mut indexed.heads, weight.clamp(1, MAX_WEIGHT), &word);
    }
    Indexed { kind, ..indexed }
}

/// The words that name the kind of a product, each with how surely it does, from 0 to 1; and the first of the name's head.
/// Where a name has no head, all its words do alike.
fn names_of_kind(name: &str, head: Option<Range<usize>>, category: &str) -> (HashMap<String, f32>, String) {
    let mut names: HashMap<String, f32> = HashMap::new();
    let mut note = |word: &str, surely: f32| {
        for (at, form) in forms(word).into_iter().enumerate() {
            let known = names.entry(form).or_default();
            *known = known.max(if at == 0 { surely } else { surely * NUMBER });
        }
    };
    let says =
        |token: &text::Token| !is_stop_word(&token.word) && token.word.chars().all(char::is_alphabetic);
    let mut first = String::new();
    let decay = if head.is_some() { NAMING_DECAY } else { 0.0 };
    let words = clipped_tokens(head.clone().map_or(name, |head| &name[head]));
    let mut before: Option<(&str, f32)> = None;
    for (at, token) in words.iter().filter(|token| says(token)).enumerate() {
        if at == 0 && head.is_some() {
            first = root(&token.word);
        }
        let surely = 1.0 / (1.0 + decay * at as f32);
        note(&token.word, surely);
        if let Some((word, surely)) = before {
            note(&format!("{word}{}", token.word), surely);
        }
        before = Some((&token.word, surely));
    }
    let words = clipped_tokens(category);
    for token in words.iter().take_while(|token| !naming::is_purpose(&token.word)).filter(|token| says(token))
    {
        note(&token.word, CATEGORY_NAMES);
    }
    (names, first)
}

/// Adds the weighted frequencies of the words of a field.
fn add_frequencies(field: &Field<'_>, tokens: &[text::Token], frequencies: &mut HashMap<String, f32>) {
    let length = 1.0 - LENGTH + LENGTH * tokens.len() as f32 / field.usual_words;
    // For each form how often it occurs, and the best of the places.
    let mut found: HashMap<String, (f32, f32)> = HashMap::new();
    let mut note = |word: &str, place: f32| {
        for (at, form) in forms(word).into_iter().enumerate() {
            let differs = match at {
                0 => 1.0,
                _ if word.contains('ñ') && !form.contains('ñ') => TILDE,
                _ => NUMBER,
            };
            let known = found.entry(form).or_default();
            known.0 += 1.0;
            known.1 = known.1.max(place * differs);
        }
    };
    let mut purpose = 1.0;
    let mut in_head = 0;
    let mut before: Option<(&str, f32)> = None;
    for (at, token) in tokens.iter().enumerate() {
        if at > 0 && naming::is_purpose(&token.word) {
            purpose = PURPOSE;
        }
        let stops = is_stop_word(&token.word);
        let late = match &field.head {
            Some(head) if head.contains(&token.span.start) => {
                let place = 1.0 - LATE_IN_HEAD * (1.0 - 1.0 / (1.0 + in_head as f32));
                in_head += usize::from(!stops);
                place
            }
            Some(_) => BEHIND_HEAD * late_in_name(at),
            None if field.is_name => late_in_name(at),
            None => 1.0,
        };
        let piece = if pieces(tokens, at) >= PIECES { PIECE } else { 1.0 };
        let place = late * purpose * piece;
        note(&token.word, place);
        if stops {
            continue;
        }
        if let Some((word, other)) =
            before.filter(|(word, _)| field.is_name || token.glued || naming::is_without(word))
        {
            note(&format!("{word}{}", token.word), place.min(other));
        }
        before = Some((&token.word, place));
    }
    for (form, (times, place)) in found {
        *frequencies.entry(form).or_default() += field.weight * times * place / length;
    }
}

/// What a word is worth for its place in a name.
fn late_in_name(at: usize) -> f32 {
    1.0 - LATE * (at as f32 / (at as f32 + 4.0))
}

/// Of how many tokens without a gap the one at `at` is part: 3 for each of `ED707AA`.
fn pieces(tokens: &[text::Token], at: usize) -> usize {
    let joined = |pair: &&[text::Token]| pair[0].span.end == pair[1].span.start;
    let before = tokens[..=at].windows(2).rev().take_while(joined).count();
    let after = tokens[at..].windows(2).take_while(joined).count();
    before + 1 + after
}

fn push_line(lines: &mut String, weight: u32, word: &str) {
    lines.extend(char::from_u32(u32::from(' ') + weight));
    lines.push_str(word);
    lines.push('\n');
}

/// Reads lines of a weight and a word, and gives each word as often as its weight says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lines;

impl Tokenizer for Lines {
    type TokenStream<'a> = LineStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> LineStream<'a> {
        LineStream { lines: text.lines(), left: 0, token: Token::default() }
    }
}

/// What [`Lines`] gives.
#[derive(Debug)]
pub(crate) struct LineStream<'a> {
    lines: std::str::Lines<'a>,
    left: u32,
    token: Token,
}

impl TokenStream for LineStream<'_> {
    fn advance(&mut self) -> bool {
        if self.left == 0 {
            let Some((weight, word)) = self.lines.next().and_then(|line| line.split_at_checked(1)) else {
                return false;
            };
            self.left = u32::from(weight.as_bytes()[0]).saturating_sub(u32::from(' ')).max(1);
            self.token.text.clear();
            self.token.text.push_str(word);
            self.token.position = self.token.position.wrapping_add(1);
        }
        self.left -= 1;
        true
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
    use vitrina_core::ProductId;

    use super::*;

    fn indexed(name: &str, description: &str) -> HashMap<String, u32> {
        let product = Product { description: description.into(), ..Product::new(ProductId(1), name) };
        let words = lines(&product, &Lexicon::empty()).words;
        let mut tokenizer = Lines;
        let mut stream = tokenizer.token_stream(&words);
        let mut weights = HashMap::new();
        stream.process(&mut |token| *weights.entry(token.text.clone()).or_default() += 1);
        weights
    }

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn the_name_outweighs_the_description() {
        let weights = indexed("Funda roja", "una funda de cuero");
        assert!(weights["roja"] > 2 * weights["cuero"]);
        assert!(weights["funda"] > weights["roja"]);
        assert!(weights.values().all(|weight| (1..=MAX_WEIGHT).contains(weight)));
    }

    #[test]
    fn what_a_product_is_for_weighs_less_than_what_it_is() {
        let weights = indexed("Funda para móvil", "");
        assert!(f64::from(weights["movil"]) < 0.7 * f64::from(weights["funda"]));
    }

    #[test]
    fn a_word_outweighs_a_piece_of_a_model_number() {
        let weights = indexed("HP ED707AA 1TB", "");
        let word = indexed("HP AA 707 1TB", "");
        assert!(f64::from(weights["aa"]) < 0.7 * f64::from(word["aa"]));
        assert!(weights["tb"] > weights["aa"]);
    }

    #[test]
    fn neighbours_are_indexed_as_one_word_too() {
        let weights = indexed("Air Pods con cable", "conexión wi-fi segura sin cable");
        assert!(weights.contains_key("airpods") && weights.contains_key("podscable"));
        assert!(weights.contains_key("wifi") && !weights.contains_key("wifisegura"));
        assert!(weights.contains_key("sincable"), "what a product lacks counts everywhere");
    }

    #[test]
    fn a_word_as_written_outweighs_its_other_forms() {
        let weights = indexed("Niños", "");
        assert!(weights["niños"] > weights["niño"] && weights["niño"] > weights["nino"]);
        assert_eq!(
            indexed(&"ñ".repeat(1000), "").keys().map(|word| word.chars().count()).max(),
            Some(MAX_WORD)
        );
    }
}
