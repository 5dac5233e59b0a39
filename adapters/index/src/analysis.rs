//! What is indexed of a product's texts: words in all their forms, each with its weight, and spellings.
//!
//! All texts of a product become one bag of words. How well a word tells the product (in the name or the description,
//! early or late, often or rarely) is settled here, once, as a weight from 1 to [`MAX_WEIGHT`] that is stored in the place
//! of the word's frequency: quantised impacts (Anh & Moffat, SIGIR 2006). A search then reads one list a word.
//!
//! ```text
//! weight = MAX_WEIGHT × told / (told + HALF)      told: how much the fields tell the word, together
//! told   = Σ over fields: field × times × place / (1 − LENGTH + LENGTH × words / usual words)
//! ```
//!
//! That is BM25F (Robertson, Zaragoza & Taylor, CIKM 2004) without the rarity, which is the query's part, and with a
//! factor for the best place of the word in the field.

use std::collections::HashMap;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use vitrina::Product;
use vitrina::text::{self, forms, tokens};

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
    /// Whether its words follow each other as in a name.
    is_name: bool,
}

/// How much a field's length counts.
const LENGTH: f32 = 0.75;

/// How much a word must be told for half of [`MAX_WEIGHT`].
const HALF: f32 = 3.0;

/// What a word of the name loses at most by standing late in it.
const LATE: f32 = 0.25;

/// What a word is worth that says what the product is for: "funda para móvil".
const PURPOSE: f32 = 0.45;

/// What a piece of a model number is worth, like the `aa` of `ED707AA`, and of how many pieces such a number has at least:
/// `iPhone15` and `1TB` have two.
const PIECE: f32 = 0.4;
const PIECES: usize = 3;

/// What a form is worth that differs from the word as written in number, and in ñ.
const NUMBER: f32 = 0.95;
const TILDE: f32 = 0.8;

/// Words that say nothing by themselves.
const STOP_WORDS: &[&str] = &[
    "a", "al", "an", "and", "at", "con", "de", "del", "el", "en", "for", "in", "la", "las", "los", "of",
    "on", "or", "para", "por", "the", "to", "un", "una", "unas", "unos", "with", "y",
];

/// Words after which a text tells what the product goes with.
const PURPOSE_WORDS: &[&str] = &["compatible", "for", "para"];

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

/// What is indexed of a product, as [`Lines`] reads it: its weighted words, and its spellings.
pub(crate) fn lines(product: &Product) -> (String, String) {
    let mut told: HashMap<String, f32> = HashMap::new();
    let mut spellings = String::new();
    let category = product.category.as_ref().map_or("", |category| category.name.as_str());
    let brand = product.brand.as_deref().unwrap_or("");
    for field in [
        Field { text: &product.name, weight: 3.0, usual_words: 9.0, is_name: true },
        Field { text: category, weight: 1.1, usual_words: 2.0, is_name: false },
        Field { text: brand, weight: 0.9, usual_words: 2.0, is_name: false },
        Field { text: &product.description, weight: 0.8, usual_words: 8.0, is_name: false },
    ] {
        let tokens = clipped_tokens(field.text);
        tell(&field, &tokens, &mut told);
        for token in &tokens {
            let letters = token.word.chars().all(char::is_alphabetic);
            if letters && token.word.chars().count() >= SHORTEST_SPELLING && !is_stop_word(&token.word) {
                let shown = field.text[token.span.clone()].to_lowercase();
                push_line(&mut spellings, 1, &format!("{}{SHOWN}{shown}", token.word.replace('ñ', "n")));
            }
        }
    }
    let mut words = String::new();
    for (word, told) in told {
        let weight = (MAX_WEIGHT as f32 * told / (told + HALF)).round() as u32;
        push_line(&mut words, weight.clamp(1, MAX_WEIGHT), &word);
    }
    (words, spellings)
}

/// Adds how much a field tells its words.
fn tell(field: &Field<'_>, tokens: &[text::Token], told: &mut HashMap<String, f32>) {
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
    let mut before: Option<(&str, f32)> = None;
    for (at, token) in tokens.iter().enumerate() {
        let late = if field.is_name { 1.0 - LATE * (at as f32 / (at as f32 + 4.0)) } else { 1.0 };
        if at > 0 && PURPOSE_WORDS.contains(&token.word.as_str()) {
            purpose = PURPOSE;
        }
        let piece = if pieces(tokens, at) >= PIECES { PIECE } else { 1.0 };
        let place = late * purpose * piece;
        note(&token.word, place);
        if is_stop_word(&token.word) {
            continue;
        }
        if let Some((word, other)) = before.filter(|_| field.is_name || token.glued) {
            note(&format!("{word}{}", token.word), place.min(other));
        }
        before = Some((&token.word, place));
    }
    for (form, (times, place)) in found {
        *told.entry(form).or_default() += field.weight * times * place / length;
    }
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
    use vitrina::{Money, ProductId};

    use super::*;

    fn indexed(name: &str, description: &str) -> HashMap<String, u32> {
        let product = Product {
            id: ProductId(1),
            name: name.into(),
            description: description.into(),
            brand: None,
            price: Money::default(),
            category: None,
            stock: None,
            photo: None,
        };
        let (words, _) = lines(&product);
        let mut tokenizer = Lines;
        let mut stream = tokenizer.token_stream(&words);
        let mut weights = HashMap::new();
        stream.process(&mut |token| *weights.entry(token.text.clone()).or_default() += 1);
        weights
    }

    #[test]
    fn stop_words_are_sorted_for_the_search() {
        assert!(STOP_WORDS.is_sorted() && PURPOSE_WORDS.is_sorted());
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
        let weights = indexed("Air Pods con cable", "conexión wi-fi sin cable");
        assert!(weights.contains_key("airpods") && weights.contains_key("podscable"));
        assert!(weights.contains_key("wifi") && !weights.contains_key("sincable"));
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
