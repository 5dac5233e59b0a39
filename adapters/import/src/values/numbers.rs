//! Numbers and amounts of money in the spellings of shops: `1.299,00 €`, `1,299.00`, `1299.00 EUR`, `3,15 €/kg`, `$12`.

use vitrina_core::Money;

/// The mark between whole units and decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalMark {
    /// `12,99`, with `1.299` for thousands.
    Comma,
    /// `12.99`, with `1,299` for thousands.
    Point,
}

/// Counts the values of a source by their decimal mark, to read those that could be either (`1.299`).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct DecimalVote {
    comma: usize,
    point: usize,
}

impl DecimalVote {
    /// Counts a value that can be read in one way alone.
    pub(crate) fn count(&mut self, text: &str) {
        match Digits::find(text).and_then(|digits| digits.mark()) {
            Some(DecimalMark::Comma) => self.comma += 1,
            Some(DecimalMark::Point) => self.point += 1,
            None => {}
        }
    }

    /// Returns the mark that the values agree on; `None` without evidence or with as much for either.
    pub(crate) fn winner(self) -> Option<DecimalMark> {
        match self.comma.cmp(&self.point) {
            std::cmp::Ordering::Greater => Some(DecimalMark::Comma),
            std::cmp::Ordering::Less => Some(DecimalMark::Point),
            std::cmp::Ordering::Equal => None,
        }
    }
}

/// An amount of money as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Amount {
    /// Exact: the amount in ten-thousandths of a major unit times 100, that is in millionths.
    micros: i128,
    /// The currency as ISO 4217 code or symbol, where one stands beside the number.
    pub(crate) currency: Option<String>,
    /// What the price is for, such as the `kg` of `€/kg`.
    pub(crate) unit: Option<String>,
}

impl Amount {
    /// Returns the amount with `vat` per cent added, rounded half up to the minor unit if `rounding`.
    ///
    /// # Errors
    /// A reason when it has more than two decimals and `rounding` is false, or is out of range.
    pub(crate) fn money(&self, vat: Option<f64>, rounding: bool) -> Result<Money, String> {
        // Rates have at most three decimals (`5.5`, `2.875`), so this is exact.
        let rate = 100_000 + vat.map_or(0, |rate| (rate * 1000.0).round() as i128);
        let taxed = self.micros * rate;
        let (unit, rest) = (10_000 * 100_000, taxed % (10_000 * 100_000));
        if rest != 0 && !rounding && vat.is_none() {
            return Err("has more than two decimals".into());
        }
        let minor = taxed / unit + i128::from(rest * 2 >= unit);
        i64::try_from(minor)
            .ok()
            .map(Money::from_minor)
            .filter(|money| *money <= Money::MAX)
            .ok_or_else(|| "is out of range".into())
    }
}

/// Reads an amount of money.
///
/// # Errors
/// A reason when it is no amount, negative, a range, or could be two amounts and `mark` is unknown.
pub(crate) fn amount(text: &str, mark: Option<DecimalMark>) -> Result<Amount, String> {
    let text = text.trim().trim_start_matches('\'').trim();
    let digits = Digits::find(text).ok_or("is no amount: write it like 12,99 or 12.99")?;
    let before = text[..digits.start].trim();
    let after = text[digits.end..].trim();
    if before.ends_with(['-', '−', '(']) || after.starts_with('-') && after.len() == 1 {
        return Err("is negative".into());
    }
    let before = before.strip_suffix('+').unwrap_or(before).trim();
    let (after, unit) = match after.split_once('/') {
        Some((currency, unit)) if !unit.trim().is_empty() => {
            (currency.trim(), Some(unit.trim().trim_end_matches('.').to_owned()))
        }
        _ => (after, None),
    };
    let currency = match (currency_name(before), currency_name(after)) {
        (Ok(None), Ok(found)) | (Ok(found), Ok(None)) => found,
        (Ok(Some(one)), Ok(Some(other))) if one == other => Some(one),
        _ => return Err("is no amount: write one number with its currency, like 12,99 €".into()),
    };
    Ok(Amount { micros: digits.micros(mark)?, currency, unit })
}

/// Returns the currency that stands beside an amount.
///
/// # Errors
/// As [`amount`].
pub(crate) fn currency(text: &str) -> Result<Option<String>, String> {
    amount(text, Some(DecimalMark::Point)).map(|amount| amount.currency)
}

/// Reads a number, which may have a sign.
///
/// # Errors
/// A reason when it is no number, or could be two numbers and `mark` is unknown.
pub(crate) fn number(text: &str, mark: Option<DecimalMark>) -> Result<f64, String> {
    let text = text.trim().trim_start_matches('\'').trim();
    let digits = Digits::find(text).ok_or("is no number")?;
    let negative = match text[..digits.start].trim() {
        "" | "+" => false,
        "-" | "−" => true,
        _ => return Err("is no number".into()),
    };
    if !text[digits.end..].trim().is_empty() {
        return Err("is no number".into());
    }
    let value = digits.micros(mark)? as f64 / 1e6;
    Ok(if negative { -value } else { value })
}

/// Returns the currency of the text beside a number: an ISO 4217 code or a symbol; `None` of no text.
fn currency_name(text: &str) -> Result<Option<String>, ()> {
    let text = text.trim_end_matches('.');
    let code = match text {
        "" => return Ok(None),
        "€" | "Euro" | "euro" | "Euros" | "euros" | "eur" | "Eur" => "EUR",
        "£" => "GBP",
        "US$" | "us$" => "USD",
        "R$" => "BRL",
        "$" | "¥" => text,
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) => code,
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            return Ok(Some(code.to_ascii_uppercase()));
        }
        _ => return Err(()),
    };
    Ok(Some(code.to_owned()))
}

/// The digits and marks of the first number in a text.
struct Digits<'a> {
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Digits<'a> {
    fn find(text: &'a str) -> Option<Self> {
        let first = text.find(|c: char| c.is_ascii_digit())?;
        // `.50` and `,50` lack the zero.
        let start = match text[..first].chars().next_back() {
            Some('.' | ',')
                if text[..first - 1].trim_end().chars().next_back().is_none_or(|c| !c.is_alphanumeric()) =>
            {
                first - 1
            }
            _ => first,
        };
        let mut end = first;
        let mut chars = text[first..].char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let digit_follows = chars.peek().is_some_and(|(_, next)| next.is_ascii_digit());
            let is_part = c.is_ascii_digit()
                || matches!(c, '.' | ',' | '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}') && digit_follows;
            if !is_part {
                break;
            }
            end = first + at + c.len_utf8();
        }
        // `12,` and `12.-` end with a mark that says nothing.
        Some(Self { text: &text[start..end], start, end: end + trailing_mark(&text[end..]) })
    }

    /// Returns the decimal mark where the digits leave no doubt.
    fn mark(&self) -> Option<DecimalMark> {
        let (comma, point) = (self.text.rfind(','), self.text.rfind('.'));
        let (at, mark) = match (comma, point) {
            (Some(comma), Some(point)) if comma > point => return Some(DecimalMark::Comma),
            (Some(_), Some(_)) => return Some(DecimalMark::Point),
            (Some(comma), None) => (comma, DecimalMark::Comma),
            (None, Some(point)) => (point, DecimalMark::Point),
            (None, None) => return None,
        };
        let sign = &self.text[at..=at];
        let decimals = self.text.len() - at - 1;
        let whole = &self.text[..at];
        let repeated = self.text.matches(sign).count() > 1;
        let other = match mark {
            DecimalMark::Comma => DecimalMark::Point,
            DecimalMark::Point => DecimalMark::Comma,
        };
        if repeated {
            return Some(other);
        }
        let could_be_thousands = decimals == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0');
        (!could_be_thousands).then_some(mark)
    }

    /// Returns the number in millionths.
    fn micros(&self, hint: Option<DecimalMark>) -> Result<i128, String> {
        let has_mark = self.text.contains(['.', ',']);
        let mark = match self.mark().or(hint) {
            Some(mark) => mark,
            None if has_mark => {
                return Err(
                    "could be thousands or decimals: set `decimal` in the mapping to \",\" or \".\"".into()
                );
            }
            None => DecimalMark::Point,
        };
        let (decimal, thousands) = match mark {
            DecimalMark::Comma => (',', '.'),
            DecimalMark::Point => ('.', ','),
        };
        let (whole, decimals) = self.text.split_once(decimal).unwrap_or((self.text, ""));
        let is_group = |c: char| c == thousands || matches!(c, '\'' | '’' | ' ' | '\u{a0}' | '\u{202f}');
        let mut groups = whole.split(is_group);
        let mut digits = groups.next().unwrap_or("").to_owned();
        let grouped = whole.contains(is_group);
        if grouped && !(1..=3).contains(&digits.len()) {
            return Err("is no number: its thousands are not in groups of three".into());
        }
        for group in groups {
            if group.len() != 3 {
                return Err("is no number: its thousands are not in groups of three".into());
            }
            digits.push_str(group);
        }
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if digits.len() > 15 || !all_digits(&digits) || !all_digits(decimals) {
            return Err("is no number".into());
        }
        let (kept, cut) = decimals.split_at(decimals.len().min(6));
        if cut.bytes().any(|byte| byte != b'0') && cut.len() > 6 {
            return Err("is no number: it has too many decimals".into());
        }
        let whole: i128 = if digits.is_empty() { 0 } else { digits.parse().map_err(|_| "is no number")? };
        let kept: i128 = format!("{kept:0<6}").parse().map_err(|_| "is no number")?;
        Ok(whole * 1_000_000 + kept)
    }
}

fn trailing_mark(text: &str) -> usize {
    [",-", ".-", ",", "."].into_iter().find(|mark| text.starts_with(mark)).map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cents(text: &str, mark: Option<DecimalMark>) -> Result<i64, String> {
        amount(text, mark).and_then(|amount| amount.money(None, false)).map(Money::minor)
    }

    #[test]
    fn amounts_are_read_in_every_spelling() {
        for (text, expected) in [
            ("1.299,00 €", 129_900),
            ("1,299.00", 129_900),
            ("1299.00 EUR", 129_900),
            ("3,15 €/kg", 315),
            ("9.50€", 950),
            ("$12", 1200),
            ("12", 1200),
            ("1\u{a0}299,50\u{a0}€", 129_950),
            ("1'299.50 CHF", 129_950),
            ("1.234.567,8", 123_456_780),
            ("12,-", 1200),
            (",50", 50),
            ("12.990000", 1299),
            ("EUR 7,5", 750),
            ("0,00 €", 0),
        ] {
            assert_eq!(cents(text, None), Ok(expected), "{text}");
        }
        assert_eq!(amount("3,15 €/kg", None).unwrap().unit.as_deref(), Some("kg"));
        assert_eq!(amount("9.50€", None).unwrap().currency.as_deref(), Some("EUR"));
    }

    #[test]
    fn what_is_no_amount_or_could_be_two_is_refused() {
        for text in [
            "",
            "-",
            "gratis",
            "-5,00",
            "12,99 - 15,99",
            "desde 12 €",
            "1.299",
            "12,995",
            "12 € 15 €",
            "1.29.00,1",
            "1e5",
            "99999999999999999999",
            "12,99 puntos",
        ] {
            assert!(cents(text, None).is_err(), "{text}");
        }
        assert_eq!(cents("1.299", Some(DecimalMark::Comma)), Ok(129_900));
        assert!(cents("1.299", Some(DecimalMark::Point)).is_err());
    }

    #[test]
    fn vat_is_added_to_the_exact_amount() {
        let net = amount("10.743802", None).unwrap();
        assert_eq!(net.money(Some(21.0), false).unwrap().minor(), 1300);
        assert!(net.money(None, false).is_err());
        assert_eq!(net.money(None, true).unwrap().minor(), 1074);
    }
}
