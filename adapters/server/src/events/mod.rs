//! What visitors do with answers, counted by day. Nothing of a visitor is kept: no address, no time of day, no query.

mod store;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::day::Day;

/// The most counters of one day; what comes beyond them is counted without its object.
const MOST_COUNTERS: usize = 50_000;
/// Positions are counted up to this one; later ones count as none.
pub const LAST_POSITION: u32 = 100;

/// What a visitor did, by the names of OpenSearch's User Behavior Insights.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Event {
    /// What was done: `search`, `view`, `click`, `add_to_cart` or `purchase`.
    pub action_name: String,
    /// The product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object_id: Option<String>,
    /// Where it stood in the answer, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

/// Events counted by day; written to a folder from time to time.
#[derive(Debug, Default)]
pub struct EventCounts {
    folder: Option<PathBuf>,
    days: Mutex<HashMap<Day, Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    events: HashMap<Event, u64>,
    changed: bool,
}

impl EventCounts {
    /// Counts that are kept in `folder`, a file for each day; those of today go on from its file.
    pub fn kept_in(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        let today = Day::today();
        let events = store::read(&folder, today);
        let days = HashMap::from([(today, Counts { events, changed: false })]);
        Self { folder: Some(folder), days: Mutex::new(days) }
    }

    /// Counts events of today.
    pub fn count(&self, events: impl IntoIterator<Item = Event>) {
        self.count_on(Day::today(), events);
    }

    fn count_on(&self, day: Day, events: impl IntoIterator<Item = Event>) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = days.entry(day).or_default();
        for event in events {
            let position = event.position.filter(|position| *position <= LAST_POSITION);
            let event = Event { position, ..event };
            let is_full = counts.events.len() >= MOST_COUNTERS && !counts.events.contains_key(&event);
            let event = if is_full { Event { object_id: None, position: None, ..event } } else { event };
            *counts.events.entry(event).or_default() += 1;
            counts.changed = true;
        }
    }

    /// How often each event was counted on a day, as far as this process remembers it.
    pub fn of(&self, day: Day) -> HashMap<Event, u64> {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.get(&day).map(|counts| counts.events.clone()).unwrap_or_default()
    }

    /// Writes what has changed to the folder, and forgets days that are over. Writes files: not for async threads.
    pub fn save(&self) {
        let Some(folder) = &self.folder else { return };
        let changed: Vec<(Day, HashMap<Event, u64>)> = {
            let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
            let changed = days.iter_mut().filter(|(_, counts)| counts.changed);
            let taken = changed.map(|(day, counts)| {
                counts.changed = false;
                (*day, counts.events.clone())
            });
            taken.collect()
        };
        for (day, events) in &changed {
            if let Err(error) = store::write(folder, *day, events) {
                tracing::warn!(%error, "counts of events cannot be written");
                self.mark_changed(*day);
            }
        }
        let today = Day::today();
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.retain(|day, counts| *day >= today || counts.changed);
    }

    fn mark_changed(&self, day: Day) {
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.entry(day).or_default().changed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn click(object: &str, position: u32) -> Event {
        let object_id = Some(object.to_owned());
        Event { action_name: "click".to_owned(), object_id, position: Some(position) }
    }

    #[test]
    fn counts_survive_a_restart_and_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let counts = EventCounts::kept_in(folder.path());
        counts.count([click("7", 1), click("7", 1), click("8", 4000)]);
        counts.save();
        let again = EventCounts::kept_in(folder.path());
        again.count([click("7", 1)]);
        let known = again.of(Day::today());
        assert_eq!(known[&click("7", 1)], 3);
        let far = Event { position: None, ..click("8", 1) };
        assert_eq!(known[&far], 1, "far positions are none");
    }

    #[test]
    fn the_number_of_counters_is_bounded() {
        let counts = EventCounts::default();
        counts.count((0..MOST_COUNTERS + 5).map(|at| click(&at.to_string(), 1)));
        let known = counts.of(Day::today());
        assert_eq!(known.len(), MOST_COUNTERS + 1);
        let rest = Event { action_name: "click".to_owned(), object_id: None, position: None };
        assert_eq!(known[&rest], 5);
    }
}
