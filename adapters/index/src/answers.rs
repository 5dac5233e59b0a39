//! The answers that were given lately: customers ask for the same things, mostly.

use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

use vitrina::{TextHits, TextQuery};

/// How many answers a shelf holds; there are two.
const SHELF: usize = 2000;

/// How many bytes a text has at most for its answer to be kept.
const LONGEST: usize = 200;

/// Answers of one state of the index. When the shelf of the young is full, they become the old, and the old are dropped:
/// what is asked for again in time stays.
#[derive(Default)]
pub(crate) struct Answers(Mutex<Shelves>);

#[derive(Default)]
struct Shelves {
    state: u64,
    young: HashMap<TextQuery, TextHits>,
    old: HashMap<TextQuery, TextHits>,
}

impl Answers {
    /// The answer that this query had in this state.
    pub(crate) fn get(&self, state: u64, query: &TextQuery) -> Option<TextHits> {
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.state != state {
            return None;
        }
        if let Some(known) = shelves.young.get(query) {
            return Some(known.clone());
        }
        let (query, known) = shelves.old.remove_entry(query)?;
        let answer = known.clone();
        shelves.put(query, known);
        Some(answer)
    }

    /// Keeps an answer of this state; those of states before are dropped.
    pub(crate) fn put(&self, state: u64, query: &TextQuery, answer: &TextHits) {
        if query.text.len() > LONGEST {
            return;
        }
        let mut shelves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelves.state < state {
            *shelves = Shelves { state, ..Shelves::default() };
        }
        if shelves.state == state {
            shelves.put(query.clone(), answer.clone());
        }
    }
}

impl Shelves {
    fn put(&mut self, query: TextQuery, answer: TextHits) {
        if self.young.len() >= SHELF {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(query, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(number: usize) -> TextQuery {
        TextQuery { text: number.to_string(), ..TextQuery::default() }
    }

    fn answer(total: usize) -> TextHits {
        TextHits { total, ..TextHits::default() }
    }

    #[test]
    fn an_answer_belongs_to_its_state_and_its_query() {
        let answers = Answers::default();
        answers.put(1, &query(1), &answer(7));
        assert_eq!(answers.get(1, &query(1)), Some(answer(7)));
        assert_eq!(answers.get(1, &TextQuery { facets: true, ..query(1) }), None);
        assert_eq!(answers.get(2, &query(1)), None);
        answers.put(2, &query(2), &answer(8));
        answers.put(1, &query(1), &answer(7)); // a search that began before
        assert_eq!(answers.get(1, &query(1)), None);
        assert_eq!(answers.get(2, &query(2)), Some(answer(8)));
    }

    #[test]
    fn what_is_asked_for_stays_and_the_room_is_bounded() {
        let answers = Answers::default();
        for number in 0..10 * SHELF {
            answers.put(1, &query(number), &answer(number));
            assert!(answers.get(1, &query(0)).is_some(), "{number}");
        }
        assert_eq!(answers.get(1, &query(1)), None);
        let shelves = answers.0.lock().unwrap();
        assert!(shelves.young.len() + shelves.old.len() <= 2 * SHELF);
    }
}
