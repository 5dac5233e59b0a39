//! The words that a text asks for, and those that a product should lack.

use vitrina_core::naming::{is_purpose as is_purpose_word, is_without};
use vitrina_core::text::Token;

use crate::analysis::is_stop_word;

/// How many different words of a query are searched; the rest is ignored.
pub(super) const MAX_WORDS: usize = 32;

/// A word as it was asked for.
#[derive(Debug)]
pub(super) struct AskedWord {
    pub(super) word: String,
    pub(super) span: std::ops::Range<usize>,
    pub(super) is_purpose: bool,
    /// The word that the product should lack, and where it stands: `word` is "sin" and this in one.
    pub(super) without: Option<Token>,
}

/// The words to look for, each once: without those that say nothing, unless there is no other, and with what the product should
/// lack in one with "sin".
pub(super) fn asked_words(tokens: Vec<Token>) -> Vec<AskedWord> {
    let mut asked: Vec<AskedWord> = Vec::new();
    let mut silent = Vec::new();
    let mut is_purpose = false;
    let mut rest = tokens.into_iter().peekable();
    while let Some(Token { mut word, mut span, .. }) = rest.next() {
        if asked.len() >= MAX_WORDS {
            break;
        }
        if is_purpose_word(&word) && !asked.is_empty() {
            is_purpose = true;
            continue;
        }
        let mut without = None;
        if is_without(&word) {
            while rest.next_if(|next| is_stop_word(&next.word)).is_some() {}
            if let Some(next) = rest.next() {
                (word, span) = (format!("{word}{}", next.word), span.start..next.span.end);
                without = Some(next);
            }
        }
        let says_nothing = is_stop_word(&word);
        let words = if says_nothing { &mut silent } else { &mut asked };
        if words.iter().all(|known: &AskedWord| known.word != word) {
            words.push(AskedWord { word, span, is_purpose: is_purpose && !says_nothing, without });
        }
    }
    if asked.is_empty() { silent } else { asked }
}
