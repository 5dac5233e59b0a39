//! Words as customers write them, brought to one form: folded, split, and without the marks of the plural.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower case, without accents: `Teléfonos MÓVILES` becomes `telefonos moviles`.
pub fn fold(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The words of a text, folded; everything that is neither letter nor digit separates.
///
/// ```
/// assert_eq!(vitrina::text::words("¿Camiseta deportiva, ROJA?"), ["camiseta", "deportiva", "roja"]);
/// ```
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The forms that a folded word may have in the singular, itself among them, in Spanish and English.
///
/// A word alone does not tell its language, so all that may be right are given: `zapatos` → `zapato`, `luces` → `luz`,
/// `pantalones` → `pantalon`, `phones` → `phone`, `dresses` → `dress`.
pub fn singulars(word: &str) -> Vec<String> {
    let mut forms = vec![word.to_owned()];
    if word.len() < 4 || !word.is_ascii() || word.ends_with("ss") {
        return forms;
    }
    if let Some(stem) = word.strip_suffix('s') {
        forms.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix("es") {
        forms.push(stem.to_owned());
    }
    if let Some(stem) = word.strip_suffix("ces") {
        forms.push(format!("{stem}z"));
    }
    if let Some(stem) = word.strip_suffix("ies") {
        forms.push(format!("{stem}y"));
    }
    forms
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
        ] {
            assert!(same_word(plural, singular), "{plural} {singular}");
        }
        for (a, b) in [("gas", "ga"), ("boss", "bos"), ("bota", "bote"), ("casa", "caza")] {
            assert!(!same_word(a, b), "{a} {b}");
        }
    }

    #[test]
    fn phrases_are_compared_whole() {
        let phrase = words("zapatilla de running");
        assert!(same_phrase(&phrase, &words("ZAPATILLAS de running")));
        assert!(!same_phrase(&phrase, &words("zapatilla running")));
        assert!(!same_phrase(&phrase, &words("zapatilla de running azul")));
    }
}
