//! Query understanding: what a customer's words say beside the product, separated from the words to search.
//!
//! ```
//! use vitrina_core::words::{Intent, Lexicon, Understanding};
//!
//! let lexicon = Lexicon::from_json(r#"{"version": 1, "fillers": ["busco", "una"], "at_most": ["menos de"]}"#)?;
//! let read = Understanding::of("Busco una tele de menos de 300 €", &lexicon, &[]);
//! assert_eq!(read.words.split_whitespace().collect::<Vec<_>>(), ["tele", "de"]);
//! assert_eq!(read.max_price.unwrap().to_string(), "300.00");
//! let typed = Understanding::of("Busco una tele de menos de 300 €", &lexicon, &["max_price:menos de 300".into()]);
//! assert_eq!(typed.max_price, None);
//! # Ok::<(), vitrina_core::Error>(())
//! ```

use std::fmt;
use std::ops::Range;

use crate::Money;
use crate::naming::is_without;
use crate::text::{Token, tokens};
use crate::words::Lexicon;
use crate::words::lexicon::{LONGEST, Role};

/// What a part of a query says beside the product.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Intent {
    /// Nothing: politeness, "I am looking for".
    Filler,
    /// The highest price.
    MaxPrice(Money),
    /// The lowest price.
    MinPrice(Money),
    /// The lowest and the highest price.
    PriceRange(Money, Money),
    /// Cheap products first, among those asked for.
    Cheap,
    /// Expensive products first, among those asked for.
    Expensive,
    /// The best; nothing is known yet by which products could be compared, so the words are only left out.
    Best,
    /// What the product should not be or have, as a folded word: "que no sea de piel", `-piel`.
    Without(String),
}

impl Intent {
    /// The name of its kind, as it stands in a token.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Filler => "filler",
            Self::MaxPrice(_) => "max_price",
            Self::MinPrice(_) => "min_price",
            Self::PriceRange(..) => "price_range",
            Self::Cheap => "cheap",
            Self::Expensive => "expensive",
            Self::Best => "best",
            Self::Without(_) => "without",
        }
    }

    /// The lowest and the highest price that it asks for.
    pub fn prices(&self) -> (Option<Money>, Option<Money>) {
        match *self {
            Self::MaxPrice(max) => (None, Some(max)),
            Self::MinPrice(min) => (Some(min), None),
            Self::PriceRange(min, max) => (Some(min), Some(max)),
            _ => (None, None),
        }
    }
}

/// A part of a query that was understood and not looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderstoodPart {
    /// What it says.
    pub intent: Intent,
    /// The words as they were typed.
    pub text: String,
    /// By this a client switches the part off: the words are looked for then.
    pub token: String,
}

/// Which end of the prices comes first among products that fit alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PriceOrder {
    /// The cheap ones.
    Cheap,
    /// The expensive ones.
    Expensive,
}

/// A query that was understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Understanding {
    /// What was understood, in the order of the query.
    pub parts: Vec<UnderstoodPart>,
    /// The words that are left to look for.
    pub words: String,
    /// The lowest price that was asked for.
    pub min_price: Option<Money>,
    /// The highest price that was asked for.
    pub max_price: Option<Money>,
    /// Which prices are preferred.
    pub price_order: Option<PriceOrder>,
    /// Words that the products should not have, folded.
    pub without: Vec<String>,
}

/// Words that may stand between "que no sea" and the word that it denies.
const BETWEEN: &[&str] = &[
    "a", "an", "de", "del", "el", "la", "las", "los", "made", "muy", "of", "the", "too", "un", "una", "very",
];

/// The most characters of a query that are understood; a longer one is looked for as it is.
const MAX_QUERY: usize = 300;

impl Understanding {
    /// Reads a query; parts whose token is in `ignore` are looked for as words.
    ///
    /// Fillers and what orders by price are left out only where other words or a price remain: "barato" alone is looked for.
    /// A number after "menos de" and the like is a price when a currency follows or nothing that could be a unit does.
    pub fn of(text: &str, lexicon: &Lexicon, ignore: &[String]) -> Self {
        if text.chars().count() > MAX_QUERY {
            return Self { words: text.to_owned(), ..Self::default() };
        }
        let tokens = tokens(text);
        let read = Read { text, tokens: &tokens, lexicon };
        let mut found: Vec<(Range<usize>, Intent)> = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            // "sin" stays beside its word: shops write it in names.
            if is_without(&tokens[at].word) {
                at += 2;
                continue;
            }
            let read_here = read.without(at).or_else(|| read.price(at)).or_else(|| read.word(at));
            let Some((span, intent)) = read_here else {
                at += 1;
                continue;
            };
            at = span.end;
            if !ignore.contains(&token(&tokens[span.clone()], &intent)) {
                found.push((span, intent));
            }
        }
        let left = tokens.len() - found.iter().map(|(span, _)| span.len()).sum::<usize>();
        let is_price = |intent: &Intent| intent.prices() != (None, None);
        if left == 0 && !found.iter().any(|(_, intent)| is_price(intent)) {
            return Self { words: text.to_owned(), ..Self::default() };
        }
        let mut understood = Self::default();
        let mut end = 0;
        for (span, intent) in found {
            understood.apply(&intent);
            let (start, stop) = (read.start(span.start), read.end(span.end - 1));
            understood.words.push_str(&text[end..start]);
            understood.words.push(' ');
            end = stop;
            let token = token(&tokens[span], &intent);
            understood.parts.push(UnderstoodPart { intent, text: text[start..stop].to_owned(), token });
        }
        understood.words.push_str(&text[end..]);
        understood
    }

    fn apply(&mut self, intent: &Intent) {
        if let Intent::Without(word) = intent {
            self.without.push(word.clone());
        }
        let (min, max) = intent.prices();
        self.min_price = min.or(self.min_price);
        self.max_price = max.or(self.max_price);
        match intent {
            Intent::Cheap => self.price_order = Some(PriceOrder::Cheap),
            Intent::Expensive => self.price_order = Some(PriceOrder::Expensive),
            _ => {}
        }
    }
}

impl fmt::Display for UnderstoodPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.token)
    }
}

/// The token of a part: its kind and its words, folded.
fn token(words: &[Token], intent: &Intent) -> String {
    let words: Vec<_> = words.iter().map(|token| token.word.as_str()).collect();
    format!("{}:{}", intent.name(), words.join(" "))
}

/// A query while it is read.
struct Read<'a> {
    text: &'a str,
    tokens: &'a [Token],
    lexicon: &'a Lexicon,
}

impl Read<'_> {
    /// The longest phrase with one of these roles that begins at a token, and where it ends.
    fn phrase(&self, at: usize, wanted: &[Role]) -> Option<(usize, Role)> {
        (1..=LONGEST.min(self.tokens.len().saturating_sub(at))).rev().find_map(|length| {
            let words: Vec<_> =
                self.tokens[at..at + length].iter().map(|token| token.word.as_str()).collect();
            let roles = self.lexicon.roles(&words.join(" "));
            let role = roles.iter().find(|role| wanted.contains(role))?;
            Some((at + length, *role))
        })
    }

    /// What the product should not be: `-piel`, "que no sea de piel", and "ni tela" behind either.
    ///
    /// "Que no sea caro" asks for cheap products.
    fn without(&self, at: usize) -> Option<(Range<usize>, Intent)> {
        let token = self.tokens.get(at)?;
        if self.has_minus(at) && token.word.starts_with(char::is_alphabetic) {
            return Some((at..at + 1, Intent::Without(token.word.clone())));
        }
        let mut word = match self.phrase(at, &[Role::Without]) {
            Some((end, _)) => end,
            None if self.lexicon.is_nor(&token.word) => at + 1,
            None => return None,
        };
        while self.tokens.get(word).is_some_and(|token| BETWEEN.contains(&token.word.as_str())) {
            word += 1;
        }
        let opposite = match self.phrase(word, &[Role::Cheap, Role::Expensive]) {
            Some((end, Role::Cheap)) => Some((at..end, Intent::Expensive)),
            Some((end, _)) => Some((at..end, Intent::Cheap)),
            None => None,
        };
        opposite.or_else(|| {
            let token = self.tokens.get(word).filter(|token| token.word.starts_with(char::is_alphabetic))?;
            Some((at..word + 1, Intent::Without(token.word.clone())))
        })
    }

    fn word(&self, at: usize) -> Option<(Range<usize>, Intent)> {
        let (end, role) = self.phrase(at, &[Role::Filler, Role::Cheap, Role::Expensive, Role::Best])?;
        let intent = match role {
            Role::Cheap => Intent::Cheap,
            Role::Expensive => Intent::Expensive,
            Role::Best => Intent::Best,
            _ => Intent::Filler,
        };
        Some((at..end, intent))
    }

    fn price(&self, at: usize) -> Option<(Range<usize>, Intent)> {
        let bound = self.phrase(at, &[Role::AtMost, Role::AtLeast, Role::Between]);
        let Some((start, role)) = bound else {
            // An amount with its currency is what a customer has to spend.
            let (end, amount, has_currency) = self.amount(at)?;
            return has_currency.then_some((at..end, Intent::MaxPrice(amount)));
        };
        let (end, amount, has_currency) = self.amount(start)?;
        if role == Role::Between {
            let and = self.tokens.get(end).filter(|token| self.lexicon.is_and(&token.word));
            let (end, other, second) = and.and_then(|_| self.amount(end + 1))?;
            let is_price = has_currency || second || self.ends(end);
            return is_price.then(|| (at..end, Intent::PriceRange(amount.min(other), amount.max(other))));
        }
        let intent = if role == Role::AtMost { Intent::MaxPrice(amount) } else { Intent::MinPrice(amount) };
        (has_currency || self.ends(end)).then_some((at..end, intent))
    }

    /// The amount of money at a token, where it ends, and whether its currency is named.
    fn amount(&self, at: usize) -> Option<(usize, Money, bool)> {
        let token = self.tokens.get(at)?;
        let amount = Money::from_major(token.word.parse().ok()?).ok()?;
        let sign = |text: &str| text.starts_with(['€', '$', '£']);
        let before = self.text[..token.span.start].trim_end().ends_with(['€', '$', '£']);
        let after = sign(self.text[token.span.end..].trim_start());
        let named = self.tokens.get(at + 1).is_some_and(|next| self.lexicon.is_currency(&next.word));
        let end = if named && !after { at + 2 } else { at + 1 };
        Some((end, amount, before || after || named))
    }

    /// Whether a token has a minus sign: a hyphen that follows no word.
    fn has_minus(&self, at: usize) -> bool {
        let before = self.text[..self.tokens[at].span.start].strip_suffix('-');
        before.is_some_and(|before| before.chars().next_back().is_none_or(char::is_whitespace))
    }

    /// Where a token starts in the text, with its minus sign.
    fn start(&self, at: usize) -> usize {
        self.tokens[at].span.start - usize::from(self.has_minus(at))
    }

    /// Whether what follows cannot be the unit of a number: nothing, or a word of an intent.
    fn ends(&self, at: usize) -> bool {
        at >= self.tokens.len() || self.word(at).is_some() || self.price(at).is_some()
    }

    /// Where a token ends in the text, with the sign of a currency behind it.
    fn end(&self, at: usize) -> usize {
        let end = self.tokens[at].span.end;
        let behind = &self.text[end..];
        let gap = behind.len() - behind.trim_start().len();
        let sign = behind.trim_start().chars().next().filter(|c| ['€', '$', '£'].contains(c));
        let is_number = self.tokens[at].word.starts_with(char::is_numeric);
        sign.filter(|_| is_number).map_or(end, |sign| end + gap + sign.len_utf8())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lexicon() -> Lexicon {
        Lexicon::from_json(include_str!("../../../data/lexicon.json")).unwrap()
    }

    fn read(text: &str) -> (String, Option<String>, Option<String>, Option<PriceOrder>) {
        let read = Understanding::of(text, &lexicon(), &[]);
        let words = read.words.split_whitespace().collect::<Vec<_>>().join(" ");
        let price = |price: Option<Money>| price.map(|price| price.to_string());
        (words, price(read.min_price), price(read.max_price), read.price_order)
    }

    #[test]
    fn prices_are_read_in_both_languages() {
        for (text, words, min, max) in [
            ("auriculares menos de 30 euros", "auriculares", None, Some("30.00")),
            ("televisor de menos de 400€", "televisor", None, Some("400.00")),
            ("portátil por menos de 1.500 euros", "portátil", None, Some("1500.00")),
            ("nevera de más de 1000 euros", "nevera", Some("1000.00"), None),
            ("tv entre 100 y 200 euros", "tv", Some("100.00"), Some("200.00")),
            ("tv between $100 and $200", "tv", Some("100.00"), Some("200.00")),
            ("cafetera hasta 100", "cafetera", None, Some("100.00")),
            ("headphones under 50", "headphones", None, Some("50.00")),
            ("tablet 150 €", "tablet", None, Some("150.00")),
            ("menos de 20 euros", "", None, Some("20.00")),
            ("mochila de menos de 30 litros", "mochila de menos de 30 litros", None, None),
            ("cable de más de 2 m", "cable de más de 2 m", None, None),
            ("disco entre 1 y 2 TB", "disco entre 1 y 2 TB", None, None),
            ("iphone 15", "iphone 15", None, None),
        ] {
            let (found, low, high, _) = read(text);
            assert_eq!((found.as_str(), low.as_deref(), high.as_deref()), (words, min, max), "{text}");
        }
    }

    #[test]
    fn fillers_go_and_the_thing_stays() {
        for (text, words) in [
            ("Quiero un portátil para estudiar que no pese mucho", "un portátil para estudiar pese"),
            ("hola, busco una nevera por favor", ", una nevera"),
            ("i am looking for a kettle", "a kettle"),
            ("algo", "algo"),
            ("barato", "barato"),
            ("", ""),
        ] {
            assert_eq!(read(text).0, words, "{text}");
        }
        assert_eq!(read("tele barata").3, Some(PriceOrder::Cheap));
        assert_eq!(read("el reloj más caro"), ("el reloj".into(), None, None, Some(PriceOrder::Expensive)));
    }

    #[test]
    fn what_is_not_wanted_is_read_in_both_languages() {
        for (text, words, without) in [
            ("zapatos que no sean de piel", "zapatos", vec!["piel"]),
            ("Portátil -HP barato", "Portátil", vec!["hp"]),
            ("camisa que no sea roja ni azul", "camisa", vec!["roja", "azul"]),
            ("shoes that are not made of leather", "shoes", vec!["leather"]),
            ("phone except apple", "phone", vec!["apple"]),
            ("zapatos sin cordones", "zapatos sin cordones", vec![]),
            ("auriculares sin algo", "auriculares sin algo", vec![]),
            ("wi-fi", "wi-fi", vec![]),
            ("monitor - acer", "monitor - acer", vec![]),
            ("-hp", "-hp", vec![]),
        ] {
            let read = Understanding::of(text, &lexicon(), &[]);
            let left: Vec<_> = read.words.split_whitespace().collect();
            assert_eq!(
                (left.join(" "), read.without),
                (words.to_owned(), without.iter().map(ToString::to_string).collect()),
                "{text}"
            );
        }
        let read = Understanding::of("portátil que no sea muy caro", &lexicon(), &[]);
        assert_eq!((read.words.trim(), read.price_order), ("portátil", Some(PriceOrder::Cheap)));
    }

    #[test]
    fn a_part_is_switched_off_by_its_token() {
        let all = Understanding::of("busco tele barata", &lexicon(), &[]);
        let tokens: Vec<_> = all.parts.iter().map(|part| part.token.clone()).collect();
        assert_eq!(tokens, ["filler:busco", "cheap:barata"]);
        let some = Understanding::of("busco tele barata", &lexicon(), &tokens[1..]);
        assert_eq!((some.parts.len(), some.price_order), (1, None));
        assert_eq!(some.words.trim(), "tele barata");
        let price = "max_price:de menos de 30 euros".to_owned();
        let typed = Understanding::of("tele de menos de 30 euros", &lexicon(), &[price]);
        assert_eq!((typed.max_price, typed.words.as_str()), (None, "tele de menos de 30 euros"));
    }
}
