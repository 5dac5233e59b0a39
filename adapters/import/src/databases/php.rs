//! The part of PHP's serialisation that WordPress keeps product attributes in.

/// A value of a serialised text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Php {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<(Php, Php)>),
}

/// The deepest nesting and the most elements that are read.
const MAX_DEPTH: usize = 16;
const MAX_ELEMENTS: usize = 10_000;

impl Php {
    /// Reads a serialised value; `None` for what is none, and for objects.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.as_bytes(), elements: 0 };
        reader.value(0)
    }

    /// Returns the value of a key of an array.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Self::Array(pairs) = self else { return None };
        pairs.iter().find(|(known, _)| known.text().as_deref() == Some(key)).map(|(_, value)| value)
    }

    /// Returns a text, or a number as text.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(flag) => Some(u8::from(*flag).to_string()),
            _ => None,
        }
    }

    /// Returns the values of an array.
    pub(super) fn values(&self) -> impl Iterator<Item = &Self> {
        let pairs = if let Self::Array(pairs) = self { pairs.as_slice() } else { &[] };
        pairs.iter().map(|(_, value)| value)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    elements: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Php> {
        self.elements += 1;
        if depth > MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return None;
        }
        let kind = self.take(2)?;
        match kind {
            b"N;" => Some(Php::Null),
            b"b:" => Some(Php::Bool(self.until(b';')? == "1")),
            b"i:" | b"d:" => self.until(b';')?.parse().ok().map(Php::Number),
            b"s:" => {
                // The length counts bytes.
                let length: usize = self.until(b':')?.parse().ok()?;
                self.expect(b'"')?;
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                self.expect(b'"')?;
                self.expect(b';')?;
                Some(Php::Text(text))
            }
            b"a:" => {
                let length: usize = self.until(b':')?.parse().ok()?;
                self.expect(b'{')?;
                let mut pairs = Vec::new();
                for _ in 0..length {
                    pairs.push((self.value(depth + 1)?, self.value(depth + 1)?));
                }
                self.expect(b'}')?;
                Some(Php::Array(pairs))
            }
            _ => None,
        }
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(taken)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.take(1)? == [byte]).then_some(())
    }

    fn until(&mut self, byte: u8) -> Option<&'a str> {
        let end = self.rest.iter().take(32).position(|found| *found == byte)?;
        let taken = self.take(end)?;
        self.expect(byte)?;
        std::str::from_utf8(taken).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_and_damage_is_not() {
        let text = "a:1:{s:5:\"color\";a:3:{s:4:\"name\";s:6:\"Tamaño\";s:5:\"value\";s:4:\"S | \";s:11:\"is_taxonomy\";i:0;}}";
        // `Tamaño` has seven bytes.
        assert_eq!(Php::parse(text), None);
        let read = Php::parse(&text.replace("s:6:\"Tam", "s:7:\"Tam")).unwrap();
        let color = read.get("color").unwrap();
        assert_eq!(color.get("name").and_then(Php::text).as_deref(), Some("Tamaño"));
        assert_eq!(color.get("is_taxonomy"), Some(&Php::Number(0.0)));
        for text in ["", "a:99999999:{", "s:99:\"x\";", "O:3:\"Foo\":0:{}", "i:x;"] {
            assert_eq!(Php::parse(text), None, "{text}");
        }
    }
}
