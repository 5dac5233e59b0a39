//! Photos' keys in memory: 33 bytes each.

use vitrina_core::photo::{PhotoFormat, PhotoKey};

/// A photo's key as bytes: the hash in two halves, and the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PhotoId {
    hash: [[u8; 16]; 2],
    format: PhotoFormat,
}

impl PhotoId {
    pub(crate) fn of(key: &PhotoKey) -> Self {
        // A key is 64 hexadecimal digits, and then its format.
        let half = |digits: Option<&str>| {
            digits.and_then(|digits| u128::from_str_radix(digits, 16).ok()).unwrap_or_default().to_be_bytes()
        };
        let text = key.as_str();
        Self { hash: [half(text.get(..32)), half(text.get(32..64))], format: key.format() }
    }

    pub(crate) fn key(&self) -> Option<PhotoKey> {
        let [first, second] = self.hash.map(u128::from_be_bytes);
        format!("{first:032x}{second:032x}.{}", self.format.extension()).parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_back() {
        for format in PhotoFormat::ALL {
            let key = PhotoKey::of(b"a photo", format);
            assert_eq!(PhotoId::of(&key).key(), Some(key));
        }
        let zeros: PhotoKey = format!("{}.jpg", "0".repeat(64)).parse().unwrap();
        assert_eq!(PhotoId::of(&zeros).key(), Some(zeros));
        assert_eq!(size_of::<PhotoId>(), 33);
    }
}
