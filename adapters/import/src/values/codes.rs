//! Codes of products: global trade item numbers with their check digit, and codes that a spreadsheet has damaged.

/// A value of a GTIN column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Gtin {
    /// A valid EAN-8, UPC, EAN-13 or GTIN-14, digits alone.
    Valid(String),
    /// A code of another kind, or with a wrong check digit.
    Other(String),
}

/// Reads a global trade item number.
pub(crate) fn gtin(text: &str) -> Gtin {
    let text = text.trim().trim_start_matches('\'').trim();
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{a0}')).collect();
    let well_formed =
        matches!(digits.len(), 8 | 12 | 13 | 14) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if well_formed && has_check_digit(&digits) { Gtin::Valid(digits) } else { Gtin::Other(text.to_owned()) }
}

/// Modulo 10 with weights 3 and 1 from the right (GS1 General Specifications, 7.9).
fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| u32::from(byte - b'0') * if place % 2 == 1 { 3 } else { 1 })
        .sum();
    sum.is_multiple_of(10)
}

/// Returns true for a long number that a spreadsheet has rounded, such as `8,41E+12`.
pub(crate) fn rounded_by_a_spreadsheet(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.trim().split_once(['E', 'e']) else { return false };
    let exponent = exponent.strip_prefix('+').unwrap_or("");
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    mantissa.contains(['.', ',']) && digits(exponent) && mantissa.split(['.', ',']).all(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_digit_decides() {
        assert_eq!(gtin("8412345678905"), Gtin::Valid("8412345678905".into()));
        assert_eq!(gtin(" 84 12345 67890 5"), Gtin::Valid("8412345678905".into()));
        assert_eq!(gtin("8412345678906"), Gtin::Other("8412345678906".into()));
        assert_eq!(gtin("ABC"), Gtin::Other("ABC".into()));
        assert!(rounded_by_a_spreadsheet("8,41235E+12"));
        assert!(!rounded_by_a_spreadsheet("12E4"));
    }
}
