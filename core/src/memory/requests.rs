//! Requests that were carried out, in memory.

use std::collections::HashMap;

use crate::catalog::RequestKey;
use crate::product::Timestamp;
use crate::{ProductId, Result};

/// The requests that are remembered, by scope: each scope's in the order in which they were recorded.
#[derive(Debug, Clone, Default)]
pub(super) struct Requests {
    scopes: HashMap<String, Vec<Recorded>>,
}

#[derive(Debug, Clone)]
struct Recorded {
    key: String,
    fingerprint: [u8; 32],
    ids: Vec<ProductId>,
    at: Timestamp,
}

impl Requests {
    /// The IDs that a request wrote.
    ///
    /// # Errors
    /// Those of [`RequestKey::check`].
    pub(super) fn find(&self, request: &RequestKey) -> Result<Option<Vec<ProductId>>> {
        let mut recorded = self.scopes.get(request.scope()).into_iter().flatten();
        let is_it =
            |recorded: &&Recorded| recorded.key == request.key() && recorded.at > request.forgotten_until();
        let Some(recorded) = recorded.find(is_it) else { return Ok(None) };
        request.check(&recorded.fingerprint)?;
        Ok(Some(recorded.ids.clone()))
    }

    /// Remembers a request, and forgets those that are too old or too many.
    pub(super) fn record(&mut self, request: &RequestKey, ids: Vec<ProductId>) {
        let of_scope = self.scopes.entry(request.scope().to_owned()).or_default();
        of_scope.retain(|recorded| recorded.at > request.forgotten_until());
        of_scope.drain(..(of_scope.len() + 1).saturating_sub(RequestKey::MOST));
        let (key, fingerprint) = (request.key().to_owned(), *request.fingerprint());
        of_scope.push(Recorded { key, fingerprint, ids, at: request.moment() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_too_many_are_forgotten() {
        let request =
            |scope: &str, number: usize| RequestKey::new(scope, number.to_string(), [0; 32]).unwrap();
        let mut requests = Requests::default();
        requests.record(&request("b", 0), Vec::new());
        (0..=RequestKey::MOST).for_each(|number| requests.record(&request("a", number), Vec::new()));
        let known = |scope, number| requests.find(&request(scope, number)).unwrap().is_some();
        assert_eq!([known("a", 0), known("a", 1), known("a", RequestKey::MOST)], [false, true, true]);
        assert!(known("b", 0), "of another scope");
    }
}
