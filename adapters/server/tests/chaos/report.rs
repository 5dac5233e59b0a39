//! What came of it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use vitrina_core::queue::QueueDepth;

use crate::faults::Fault;
use crate::load::{Accepted, Journal, Reported};
use crate::stack::Log;

pub struct Report {
    pub journal: Journal,
    pub faults: Vec<Fault>,
    pub contradictions: Vec<String>,
    /// What the queue holds when every customer has an answer.
    pub left: QueueDepth,
    pub log: Arc<Log>,
}

impl Report {
    /// Tasks without an end, and those that no server knows any more.
    fn lost(&self) -> impl Iterator<Item = &Accepted> {
        let lost = |reported: &Option<Reported>| {
            reported.as_ref().is_none_or(|(status, _)| matches!(status, 404 | 410))
        };
        self.journal.accepted.iter().filter(move |accepted| lost(&accepted.reported))
    }

    /// Fails where something was lost, reported in two ways, or given up.
    pub fn judge(&self) {
        let lost: Vec<_> = self.lost().map(|accepted| &accepted.task).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(self.contradictions.is_empty(), "contradictions: {:#?}", self.contradictions);
        assert_eq!(self.left.dead, 0, "photos were given up");
        assert_eq!(self.log.panics.load(Ordering::Relaxed), 0, "a process panicked");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let accepted = &self.journal.accepted;
        let mut times: Vec<_> = accepted.iter().map(|accepted| accepted.took).collect();
        times.sort();
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::Relaxed);
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        writeln!(f, "tasks accepted           {}", accepted.len())?;
        writeln!(f, "lost                     {}", self.lost().count())?;
        writeln!(f, "contradicting results    {}", self.contradictions.len())?;
        writeln!(f, "given up (dead letters)  {}", self.left.dead)?;
        writeln!(f, "redeliveries             {}", count(&self.log.redeliveries))?;
        writeln!(f, "duplicate results        {}", count(&self.log.duplicates))?;
        writeln!(
            f,
            "photos refused           {}, refused after {} at most",
            self.journal.refused,
            seconds(self.journal.slowest_refusal)
        )?;
        writeln!(f, "from accepted to answer  median {}, longest {}", seconds(at(0.5)), seconds(at(1.0)))?;
        writeln!(f, "faults                   {}; until a task ended again:", self.faults.len())?;
        let mut names: Vec<_> = self.faults.iter().map(|fault| &fault.name).collect();
        names.dedup();
        names.sort();
        names.dedup();
        for name in names {
            let same: Vec<_> = self.faults.iter().filter(|fault| fault.name == *name).collect();
            let mut recoveries: Vec<_> = same.iter().map(|fault| fault.recovery).collect();
            recoveries.sort();
            let away = same.iter().map(|fault| fault.outage).max().unwrap_or_default();
            writeln!(
                f,
                "  {name:<29} {:>3} times, away {}, recovery median {}, longest {}",
                same.len(),
                seconds(away),
                seconds(recoveries[recoveries.len() / 2]),
                seconds(recoveries[recoveries.len() - 1])
            )?;
        }
        Ok(())
    }
}
