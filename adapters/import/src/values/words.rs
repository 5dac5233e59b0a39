//! Yes and no, availability, pieces in stock.

use vitrina_core::product::Availability;
use vitrina_core::text;

/// What Excel and LibreOffice show for a formula that failed, in Spanish and English.
const SPREADSHEET_ERRORS: [&str; 14] = [
    "#N/A",
    "#N/D",
    "#REF!",
    "#¡REF!",
    "#VALUE!",
    "#¡VALOR!",
    "#DIV/0!",
    "#¡DIV/0!",
    "#NAME?",
    "#¿NOMBRE?",
    "#NULL!",
    "#¡NULO!",
    "#NUM!",
    "#¡NUM!",
];

/// Returns true for what shops write where there is no value (nothing, `-`, `N/A`), and for the errors of spreadsheets.
pub(crate) fn is_missing(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}');
    let none = matches!(text, "" | "-" | "–" | "—" | "N/A" | "n/a" | "NULL" | "null" | "\\N");
    none || text.starts_with('#') && SPREADSHEET_ERRORS.contains(&text)
}

/// Splits at commas; one after a backslash separates nothing.
pub(crate) fn split_escaped(text: &str) -> impl Iterator<Item = String> {
    text.replace("\\,", "\u{1}")
        .split(',')
        .map(|part| part.replace('\u{1}', ","))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Reads a yes or a no.
///
/// # Errors
/// A reason when it is neither.
pub(crate) fn flag(text: &str) -> Result<bool, String> {
    match fold(text).as_str() {
        "1" | "true" | "yes" | "y" | "si" | "s" | "x" | "on" | "verdadero" | "cierto" | "oui" | "vrai"
        | "ja" | "wahr" | "sim" | "vero" | "activo" | "active" | "published" | "publicado" => Ok(true),
        "0" | "-1" | "false" | "no" | "n" | "off" | "falso" | "non" | "faux" | "nein" | "falsch" | "nao"
        | "inactivo" | "inactive" | "draft" | "borrador" | "archived" | "unlisted" => Ok(false),
        _ => Err("is neither yes nor no: write 1 or 0, sí or no".into()),
    }
}

/// Reads an availability.
///
/// # Errors
/// A reason when it is none.
pub(crate) fn availability(text: &str) -> Result<Availability, String> {
    let folded = fold(text).replace(['_', '-'], " ");
    match folded.as_str() {
        "in stock" | "instock" | "available" | "en stock" | "disponible" | "en existencias"
        | "en inventario" | "hay existencias" => Ok(Availability::InStock),
        "out of stock" | "outofstock" | "agotado" | "sin stock" | "sin existencias" | "no disponible"
        | "unavailable" | "sold out" => Ok(Availability::OutOfStock),
        "preorder" | "pre order" | "reserva" | "preventa" | "preorden" => Ok(Availability::Preorder),
        "backorder"
        | "onbackorder"
        | "available for order"
        | "bajo pedido"
        | "por encargo"
        | "se puede reservar" => Ok(Availability::Backorder),
        _ => match flag(text) {
            Ok(true) => Ok(Availability::InStock),
            Ok(false) => Ok(Availability::OutOfStock),
            Err(_) => Err("is no availability: write in_stock, out_of_stock, preorder or backorder".into()),
        },
    }
}

/// What stands in a column of stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StockWord {
    /// Pieces.
    Pieces(u32),
    /// Fewer than none: sold in advance.
    Oversold,
    /// A word in place of a number.
    Word(Availability),
}

/// Reads pieces in stock, or a word for them.
///
/// # Errors
/// A reason when it is neither.
pub(crate) fn stock(text: &str) -> Result<StockWord, String> {
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return availability(text).map(StockWord::Word).map_err(|_| "is no number of pieces".into());
    }
    let text = text.trim().trim_start_matches('\'');
    if text.starts_with(['-', '−']) && pieces(&text[text.chars().next().map_or(0, char::len_utf8)..]).is_ok()
    {
        return Ok(StockWord::Oversold);
    }
    pieces(text).map(StockWord::Pieces)
}

/// Reads a number of pieces: whole, `1.500` and `1,500` with thousands, `25.000000` without decimals.
fn pieces(text: &str) -> Result<u32, String> {
    let text = text.trim();
    let lower = text.to_lowercase();
    let text = ["unidades", "uds.", "uds", "ud.", "ud", "pcs", "u."]
        .iter()
        .find_map(|unit| lower.strip_suffix(unit))
        .unwrap_or(&lower)
        .trim();
    let wrong = || "is no number of pieces: write a whole number".to_owned();
    let separators = text.matches(['.', ',']).count();
    let digits = match text.rsplit_once(['.', ',']) {
        None => text.to_owned(),
        Some((whole, decimals))
            if separators == 1 && decimals.len() != 3 && decimals.bytes().all(|byte| byte == b'0') =>
        {
            whole.to_owned()
        }
        Some(_) if text.split(['.', ',']).skip(1).all(|group| group.len() == 3) => {
            text.replace(['.', ','], "")
        }
        Some(_) => return Err(wrong()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    digits.parse().map_err(|_| "is more pieces than 4,294,967,295".to_owned())
}

fn fold(word: &str) -> String {
    text::fold(word.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stock_is_a_whole_number_or_a_word() {
        assert_eq!(stock("25"), Ok(StockWord::Pieces(25)));
        assert_eq!(stock("25.00"), Ok(StockWord::Pieces(25)));
        assert_eq!(stock("1.500"), Ok(StockWord::Pieces(1500)));
        assert_eq!(stock("12 uds"), Ok(StockWord::Pieces(12)));
        assert_eq!(stock("-3"), Ok(StockWord::Oversold));
        assert_eq!(stock("Agotado"), Ok(StockWord::Word(Availability::OutOfStock)));
        for text in ["muchos", "2,5", ">10", "99999999999", "10+"] {
            assert!(stock(text).is_err(), "{text}");
        }
    }

    #[test]
    fn yes_and_no_in_the_languages_of_shops() {
        for text in ["1", "Sí", "si", "TRUE", "yes"] {
            assert_eq!(flag(text), Ok(true), "{text}");
        }
        for text in ["0", "No", "false", "-1"] {
            assert_eq!(flag(text), Ok(false), "{text}");
        }
        assert!(flag("quizá").is_err());
    }
}
