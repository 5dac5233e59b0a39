//! Words as customers write them, brought to one form: folded, split, and without the marks of the plural.

use std::collections::BTreeSet;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, without accents: `Teléfonos MÓVILES` becomes `telefonos moviles`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let letters = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    letters.for_each(|letter| push_plain(&mut folded, letter));
    folded
}

/// Adds a letter, those that no accent makes as they are typed without them: `œuf` is `oeuf`.
fn push_plain(word: &mut String, letter: char) {
    match letter {
        'œ' => word.push_str("oe"),
        'æ' => word.push_str("ae"),
        'ß' => word.push_str("ss"),
        'ø' => word.push('o'),
        'ł' => word.push('l'),
        other => word.push(other),
    }
}

/// The words of a text, folded; everything that is neither letter nor digit separates.
///
/// ```
/// assert_eq!(vitrina_core::text::words("¿Camiseta deportiva, ROJA?"), ["camiseta", "deportiva", "roja"]);
/// ```
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A word of a text, and where it stands there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Token {
    /// The word in lower case without accents, but for the tilde of ñ; numbers with a decimal point.
    pub word: String,
    /// Its bytes in the text.
    pub span: Range<usize>,
    /// Whether it follows the word before without a gap, or after a hyphen: `1tb`, `wi-fi`.
    pub glued: bool,
}

/// The words of a text as an index wants them: letters and digits apart (`iphone15` is two words), numbers whole
/// (`5,5` is `5.5`, `1.000` is `1000`), and the sign of inches as a word.
///
/// ```
/// let words: Vec<_> = vitrina_core::text::tokens("Monitor 27\" 5,5 ms AÑO").into_iter().map(|token| token.word).collect();
/// assert_eq!(words, ["monitor", "27", "pulgada", "5.5", "ms", "año"]);
/// ```
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    each_token(text, |token| tokens.push(std::mem::take(token)));
    tokens
}

/// As [`tokens`], one after the other, without memory of its own for each: a token that is not taken lends its memory to the next.
fn each_token(text: &str, mut visit: impl FnMut(&mut Token)) {
    let mut token = Token::default();
    let mut end_of = |token: &mut Token| {
        if !token.word.is_empty() {
            if is_number(&token.word) {
                token.word = number(&token.word);
            }
            visit(token);
            token.word.clear();
        }
    };
    let mut gap = Some("");
    let mut after = text.char_indices().peekable();
    while let Some((start, c)) = after.next() {
        let end = start + c.len_utf8();
        let is_next = !token.word.is_empty() && token.span.end == start;
        let number = is_next && is_number(&token.word);
        if !c.is_ascii() && is_combining_mark(c) {
            if is_next {
                token.span.end = end;
                if c == TILDE && token.word.ends_with('n') {
                    token.word.pop();
                    token.word.push('ñ');
                }
            }
        } else if c.is_alphanumeric() {
            if is_next && number == c.is_numeric() {
                token.span.end = end;
            } else {
                end_of(&mut token);
                token.span = start..end;
                token.glued = gap.take().is_some_and(|gap| gap == "-");
            }
            fold_into(&mut token.word, c);
            gap = Some("-");
        } else if number && matches!(c, '.' | ',') && after.peek().is_some_and(|(_, c)| c.is_ascii_digit()) {
            token.word.push('.');
            token.span.end = end;
        } else if number
            && (matches!(c, '"' | '″' | '”' | '“')
                || c == '\'' && after.next_if(|(_, c)| *c == '\'').is_some())
        {
            end_of(&mut token);
            token = Token { word: "pulgada".into(), span: start..end + usize::from(c == '\''), glued: true };
            gap = None;
        } else {
            gap = if c == '-' && gap == Some("-") && is_next { Some("-") } else { None };
        }
    }
    end_of(&mut token);
}

/// U+0303: with an n before it, ñ.
const TILDE: char = '\u{303}';

/// Lower case without accents, ñ kept.
fn fold_into(word: &mut String, c: char) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    for c in c.to_lowercase() {
        if c == 'ñ' {
            word.push(c);
        } else {
            let plain = std::iter::once(c).nfkd().filter(|c| !is_combining_mark(*c));
            plain.flat_map(char::to_lowercase).for_each(|letter| push_plain(word, letter));
        }
    }
}

fn is_number(word: &str) -> bool {
    word.starts_with(char::is_numeric)
}

/// A number in one spelling: points before groups of three digits go, and so do zeros at the end of a fraction.
fn number(written: &str) -> String {
    let mut groups = written.split('.');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<_> = groups.collect();
    match rest.as_slice() {
        [] => written.to_owned(),
        groups if groups.iter().all(|group| group.len() == 3) && !first.starts_with('0') => {
            written.replace('.', "")
        }
        [fraction] => match fraction.trim_end_matches('0') {
            "" => first.to_owned(),
            fraction => format!("{first}.{fraction}"),
        },
        _ => written.to_owned(),
    }
}

/// The forms under which a word is known: itself, what may be its singular, and both with n for ñ.
///
/// `niños` → `niños`, `niño`, `ninos`, `nino`. Two words mean the same when they share a form.
pub fn forms(word: &str) -> Vec<String> {
    let mut forms = singulars(word);
    if word.contains('ñ') {
        let plain: Vec<_> = forms.iter().map(|form| form.replace('ñ', "n")).collect();
        forms.extend(plain);
    }
    forms
}

/// Returns the byte ranges of a text whose words are among `known`, in order; ranges that touch are one.
///
/// Words are compared in all their [`forms`]; two words that are known as one ("air pods", `airpods`) are a range too.
pub fn matched_spans(text: &str, known: &BTreeSet<String>) -> Vec<Range<usize>> {
    // All forms of a word begin with the same letter, so most words need no look at their forms.
    let firsts: Vec<_> = known.iter().filter_map(|word| first_letter(word)).collect();
    let may_be_known = |word: &str| first_letter(word).is_some_and(|first| firsts.contains(&first));
    let is_known = |word: &str| forms(word).iter().any(|form| known.contains(form));
    let mut spans: Vec<Range<usize>> = Vec::new();
    let mut add = |span: Range<usize>| match spans.last_mut() {
        Some(last) if last.end >= span.start => last.end = span.end,
        _ => spans.push(span),
    };
    let mut before = Token::default();
    each_token(text, |token| {
        if may_be_known(&before.word) && is_known(&[&*before.word, &*token.word].concat()) {
            add(before.span.clone());
            add(token.span.clone());
        } else if may_be_known(&token.word) && is_known(&token.word) {
            add(token.span.clone());
        }
        std::mem::swap(&mut before, token);
    });
    spans
}

/// The letter that all [`forms`] of a word begin with.
fn first_letter(word: &str) -> Option<char> {
    word.chars().next().map(|c| if c == 'ñ' { 'n' } else { c })
}

/// The forms that a folded word may have in the singular, itself among them, in Spanish and English.
///
/// A word alone does not tell its language, so all that may be right are given: `zapatos` → `zapato`, `luces` → `luz`,
/// `pantalones` → `pantalon`, `phones` → `phone`, `dresses` → `dress`.
pub fn singulars(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.len() < 4 || word.ends_with("ss") {
        return forms;
    }
    if let Some(stem) = word.strip_suffix('s') {
        forms.push(stem.to_owned());
    }
    // After a vowel the plural is made by s alone, but for a stressed í or ú and English o: "tees" has no "te" in it.
    if let Some(stem) = word.strip_suffix("es")
        && stem.len() > 2
        && !stem.ends_with(['a', 'e'])
    {
        forms.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix("ces") {
        forms.push(format!("{stem}z"));
    }
    if let Some(stem) = word.strip_suffix("ies") {
        forms.push(format!("{stem}y"));
    } else if let Some(stem) = word.strip_suffix("is") {
        forms.push(format!("{stem}y")); // jerséis, espráis
    }
    forms
}

/// One spelling for all numbers of a word: `luz` and `luces`, `movil` and `moviles`, `battery` and `batteries` share it.
pub fn root(word: &str) -> String {
    let mut root = word.replace('ñ', "n");
    for ending in ['s', 'e'] {
        if root.len() > 3 && root.ends_with(ending) && !root.ends_with("ss") {
            root.pop();
        }
    }
    let last = root.pop();
    root.extend(last.map(|last| match last {
        'z' => 'c',
        'y' => 'i',
        other => other,
    }));
    root
}

/// Whether two folded words mean the same but for number.
pub fn same_word(a: &str, b: &str) -> bool {
    a == b || {
        let forms = singulars(b);
        singulars(a).iter().any(|form| forms.contains(form))
    }
}

/// Whether two phrases of folded words mean the same but for number.
pub fn same_phrase(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_word(a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_meet_their_singular_in_both_languages() {
        for (plural, singular) in [
            ("zapatos", "zapato"),
            ("luces", "luz"),
            ("pantalones", "pantalon"),
            ("portatiles", "portatil"),
            ("phones", "phone"),
            ("dresses", "dress"),
            ("watches", "watch"),
            ("batteries", "battery"),
            ("tenis", "tenis"),
            ("jerseis", "jersey"),
            ("autobuses", "autobus"),
            ("niños", "niño"),
        ] {
            assert!(same_word(plural, singular), "{plural} {singular}");
        }
        for (a, b) in [
            ("gas", "ga"),
            ("boss", "bos"),
            ("bota", "bote"),
            ("casa", "caza"),
            ("tees", "te"),
            ("pies", "pi"),
        ] {
            assert!(!same_word(a, b), "{a} {b}");
        }
    }

    fn split(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn numbers_units_and_models_are_split_alike() {
        for (written, words) in [
            ("iPhone15 Pro", vec!["iphone", "15", "pro"]),
            ("WH-1000XM4", vec!["wh", "1000", "xm", "4"]),
            ("27\" 27” 27 pulgadas", vec!["27", "pulgada", "27", "pulgada", "27", "pulgadas"]),
            ("5,5 5.5 5.50", vec!["5.5", "5.5", "5.5"]),
            ("1.000 1,000 1000", vec!["1000", "1000", "1000"]),
            ("1TB/2 tb", vec!["1", "tb", "2", "tb"]),
            ("Core™2", vec!["core", "2"]),
            ("an\u{303}o año ano", vec!["año", "año", "ano"]),
            ("fin. 3, o 4.", vec!["fin", "3", "o", "4"]),
        ] {
            assert_eq!(split(written), words, "{written}");
        }
    }

    #[test]
    fn glued_words_are_told() {
        let glued = |text: &str| tokens(text).into_iter().map(|token| token.glued).collect::<Vec<_>>();
        assert_eq!(glued("wi-fi 1tb wi fi"), [false, true, false, true, false, false]);
        assert_eq!(glued("a - b"), [false, false]);
        assert_eq!(glued("-a"), [false]);
    }

    #[test]
    fn spans_cover_what_is_known_in_any_form() {
        let known = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<BTreeSet<_>>();
        let marked = |text: &str, words: &[&str]| {
            matched_spans(text, &known(words))
                .into_iter()
                .map(|span| text[span].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(marked("Lápices y un lápiz", &["lapiz"]), ["Lápices", "lápiz"]);
        assert_eq!(marked("Mis Air Pods", &["airpods"]), ["Air", "Pods"]);
        assert_eq!(marked("AÑO y ano", &["año"]), ["AÑO"]);
        assert_eq!(marked("iphone15", &["iphone", "15"]), ["iphone15"]);
    }

    #[test]
    fn phrases_are_compared_whole() {
        let phrase = words("zapatilla de running");
        assert!(same_phrase(&phrase, &words("ZAPATILLAS de running")));
        assert!(!same_phrase(&phrase, &words("zapatilla running")));
        assert!(!same_phrase(&phrase, &words("zapatilla de running azul")));
    }
}
