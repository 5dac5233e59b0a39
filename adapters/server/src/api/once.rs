//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): requests that are carried out once, however often they are sent.

use sha2::{Digest, Sha256};
use vitrina_core::catalog::RequestKey;

use super::Backend;
use super::admin::AdminKey;
use super::problem::Failure;

/// The header.
pub(crate) const IDEMPOTENCY_KEY: &str = "idempotency-key";

impl Backend {
    /// The key of a request, if its client gave it one. Clients are told apart by their API keys, and requests by the operation
    /// and its `parts`.
    ///
    /// # Errors
    /// 400 for a header that is no key.
    pub(super) fn request_key(
        &self,
        client: &AdminKey,
        header: Option<&str>,
        operation: &str,
        parts: &[&[u8]],
    ) -> Result<Option<RequestKey>, Failure> {
        let Some(header) = header else { return Ok(None) };
        let mut digest = Sha256::new();
        for part in [operation.as_bytes()].iter().chain(parts) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        let scope = self.access.client_of(client.token());
        let key = RequestKey::new(scope, parse(header)?, digest.finalize().into());
        key.map(Some).map_err(|error| Failure::bad_request(format!("`Idempotency-Key`: {error}")))
    }
}

/// The key in a header: a string in quotes (RFC 9651), as the draft has it, or without them, as many clients write it.
///
/// # Errors
/// 400 for quotes that do not end.
fn parse(header: &str) -> Result<String, Failure> {
    let Some(quoted) = header.trim().strip_prefix('"') else { return Ok(header.trim().to_owned()) };
    let (mut key, mut characters) = (String::new(), quoted.chars());
    while let Some(character) = characters.next() {
        match character {
            '"' if characters.as_str().is_empty() => return Ok(key),
            '"' => break,
            '\\' => key.extend(characters.next()),
            other => key.push(other),
        }
    }
    Err(Failure::bad_request(
        "`Idempotency-Key` must be a string in quotes, such as `\"8e03978e-40d5-43dd\"`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_with_and_without_quotes() {
        for (header, key) in [(r#""a-1""#, "a-1"), (" a-1 ", "a-1"), (r#""a\"b\\c""#, r#"a"b\c"#)] {
            assert_eq!(parse(header).unwrap(), key, "{header}");
        }
        for header in [r#""a"#, r#""a"; b"#, r#"""#] {
            assert!(parse(header).is_err(), "{header}");
        }
    }
}
