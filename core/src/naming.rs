//! The head of a product's name: the words that say what the product is, before those that say what it belongs to or how it is.
//!
//! Shops write the kind of product first and set the rest off with a dash, a comma or a bracket: `Cafetera de cápsulas -
//! Nespresso Inissia, 19 bares`. What follows `para`, `for` or `compatible` names what the product goes with. English names do not keep to
//! this ([`Lexicon::is_english`](crate::words::Lexicon::is_english)).

use std::ops::Range;

use crate::text::tokens;

/// Words after which a name says what the product goes with.
const PURPOSE: &[&str] = &["compatible", "for", "para", "per", "pour"];

/// Whether what follows this folded word says what a product is for, in Spanish, English, Catalan, French or Portuguese.
///
/// ```
/// assert!(vitrina_core::naming::is_purpose("para") && !vitrina_core::naming::is_purpose("con"));
/// ```
pub fn is_purpose(word: &str) -> bool {
    PURPOSE.contains(&word)
}

/// Words after which a text says what a product lacks.
const WITHOUT: &[&str] = &["sans", "sem", "sense", "sin", "without"];

/// Whether what follows this folded word says what a product lacks, in Spanish, English, Catalan, French or Portuguese.
///
/// ```
/// assert!(vitrina_core::naming::is_without("sin") && !vitrina_core::naming::is_without("con"));
/// ```
pub fn is_without(word: &str) -> bool {
    WITHOUT.contains(&word)
}

/// The words for which [`is_without`] is true.
pub fn without_words() -> &'static [&'static str] {
    WITHOUT
}

/// The bytes of a product's name that say what it is. A brand at the beginning is passed over.
///
/// ```
/// let head = |name: &str| name[vitrina_core::naming::head(name, Some("Acme"))].to_owned();
/// assert_eq!(head("Funda para móvil - Acme X5"), "Funda ");
/// assert_eq!(head("ACME - Robot aspirador, 60 min"), "Robot aspirador");
/// assert_eq!(head("Acme"), "Acme");
/// ```
pub fn head(name: &str, brand: Option<&str>) -> Range<usize> {
    let brand: Vec<_> = tokens(brand.unwrap_or("")).into_iter().map(|token| token.word).collect();
    for segment in segments(name) {
        let words = tokens(&name[segment.clone()]);
        let is_brand = |word: &str| brand.iter().any(|known| known == word);
        let mut rest = words.iter().skip_while(|token| is_brand(&token.word)).peekable();
        let Some(start) = rest.peek().map(|token| segment.start + token.span.start) else { continue };
        let purpose = rest.skip(1).find(|token| is_purpose(&token.word));
        return start..purpose.map_or(segment.end, |token| segment.start + token.span.start);
    }
    0..name.len()
}

/// The parts of a name between dashes with a space beside them, commas, semicolons, bars and brackets.
fn segments(name: &str) -> Vec<Range<usize>> {
    let mut segments = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    let mut rest = name.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        let after = rest.peek().map_or(' ', |(_, c)| *c);
        let separates = match c {
            '-' | '–' | '—' => before.is_whitespace() || after.is_whitespace(),
            ',' => !(before.is_ascii_digit() && after.is_ascii_digit()),
            ':' => after.is_whitespace(),
            '|' | '(' | ')' | '[' | ']' | ';' => true,
            _ => false,
        };
        if separates {
            segments.push(start..at);
            start = at + c.len_utf8();
        }
        before = c;
    }
    segments.push(start..name.len());
    let trimmed = |segment: Range<usize>| {
        let text = &name[segment.clone()];
        let start = segment.start + text.len() - text.trim_start().len();
        start..start + text.trim().len()
    };
    segments.into_iter().map(trimmed).collect()
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn heads_of_names_as_shops_write_them() {
        for (name, brand, expected) in [
            ("Portátil - HP 15-DB0023NS, 8 GB", "HP", "Portátil"),
            ("BROTHER Impresora multifunción - Brother MFC", "BROTHER", "Impresora multifunción"),
            ("Portátil gaming- MSI Raider", "MSI", "Portátil gaming"),
            ("Adaptador USB-C a HDMI", "", "Adaptador USB-C a HDMI"),
            ("Bolsa (pack de 5)", "", "Bolsa"),
            ("Pizarra de 5,5 cm", "", "Pizarra de 5,5 cm"),
            ("Cargador compatible con Dyson V8", "", "Cargador "),
            ("Para llevar", "", "Para llevar"),
            ("", "", ""),
            (" - ", "", " - "),
        ] {
            assert_eq!(&name[head(name, Some(brand))], expected, "{name}");
        }
    }
}
