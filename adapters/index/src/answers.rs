//! The answers that were given lately: customers ask for the same things, mostly.

use std::sync::{Mutex, PoisonError};

use lru::LruCache;
use vitrina_core::index::{TextHits, TextQuery};

/// How many answers are kept.
const KEPT: usize = 4000;

/// How many bytes a text has at most for its answer to be kept.
const LONGEST: usize = 200;

/// Answers of one state of the index; of too many, the one that was asked for the longest time ago goes.
pub(crate) struct Answers(Mutex<Kept>);

struct Kept {
    state: u64,
    answers: LruCache<TextQuery, TextHits>,
}

impl Default for Answers {
    fn default() -> Self {
        Self(Mutex::new(Kept { state: 0, answers: LruCache::unbounded() }))
    }
}

impl Answers {
    /// The answer that this query had in this state.
    pub(crate) fn get(&self, state: u64, query: &TextQuery) -> Option<TextHits> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.state != state { None } else { kept.answers.get(query).cloned() }
    }

    /// Keeps an answer of this state; those of states before are dropped.
    pub(crate) fn put(&self, state: u64, query: &TextQuery, answer: &TextHits) {
        if query.text.len() > LONGEST {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.state < state {
            *kept = Kept { state, answers: LruCache::unbounded() };
        }
        if kept.state == state {
            kept.answers.put(query.clone(), answer.clone());
            if kept.answers.len() > KEPT {
                kept.answers.pop_lru();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use vitrina_core::index::FacetChoice;

    use super::*;

    fn query(number: usize) -> TextQuery {
        TextQuery::default().text(number.to_string())
    }

    fn answer(total: usize) -> TextHits {
        TextHits { total, ..TextHits::default() }
    }

    #[test]
    fn an_answer_belongs_to_its_state_and_its_query() {
        let answers = Answers::default();
        answers.put(1, &query(1), &answer(7));
        assert_eq!(answers.get(1, &query(1)), Some(answer(7)));
        assert_eq!(answers.get(1, &query(1).facets(FacetChoice::All)), None);
        assert_eq!(answers.get(2, &query(1)), None);
        answers.put(2, &query(2), &answer(8));
        answers.put(1, &query(1), &answer(7)); // a search that began before
        assert_eq!(answers.get(1, &query(1)), None);
        assert_eq!(answers.get(2, &query(2)), Some(answer(8)));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_room_is_bounded() {
        let answers = Answers::default();
        for number in 0..5 * KEPT {
            answers.put(1, &query(number), &answer(number));
            assert!(answers.get(1, &query(0)).is_some(), "{number}");
        }
        assert_eq!(answers.get(1, &query(1)), None);
        assert_eq!(answers.0.lock().unwrap().answers.len(), KEPT);
    }
}
