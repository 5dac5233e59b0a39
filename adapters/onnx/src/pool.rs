//! Sessions of one model, lent to one caller at a time.

use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use ort::environment::Environment;
use ort::ep;
use ort::session::Session;
use vitrina_core::{Error, Result};

use crate::processor::multiplies_bytes;

/// A bounded set of sessions, opened as callers come at the same time. Each holds the model's weights.
pub(crate) struct SessionPool {
    environment: Environment,
    file: PathBuf,
    threads: usize,
    most: usize,
    state: Mutex<State>,
    returned: Condvar,
}

struct State {
    idle: Vec<Session>,
    opened: usize,
}

impl SessionPool {
    /// A pool of at most `most` sessions, with the first one open: a model that cannot be used is noticed here.
    pub(crate) fn open(environment: Environment, file: PathBuf, threads: usize, most: usize) -> Result<Self> {
        let first = open_session(&environment, &file, threads)?;
        let state = Mutex::new(State { idle: vec![first], opened: 1 });
        Ok(Self { environment, file, threads, most: most.max(1), state, returned: Condvar::new() })
    }

    /// Lends a session to `work`, alone; waits while all are lent.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Session) -> T) -> Result<T> {
        let mut loan = Loan { pool: self, session: self.idle_session() };
        if loan.session.is_none() {
            loan.session = Some(open_session(&self.environment, &self.file, self.threads)?);
        }
        match &mut loan.session {
            Some(session) => Ok(work(session)),
            None => Err(Error::internal("a session of the model was lost")),
        }
    }

    /// A session that nobody uses, or none with the right to open another.
    fn idle_session(&self) -> Option<Session> {
        let mut state = self.state();
        loop {
            if let Some(session) = state.idle.pop() {
                return Some(session);
            }
            if state.opened < self.most {
                state.opened += 1;
                return None;
            }
            state = self.returned.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the session back, or the right to open it where that failed; also when the work panics.
struct Loan<'a> {
    pool: &'a SessionPool,
    session: Option<Session>,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let mut state = self.pool.state();
        match self.session.take() {
            Some(session) => state.idle.push(session),
            None => state.opened -= 1,
        }
        drop(state);
        self.pool.returned.notify_one();
    }
}

fn open_session(environment: &Environment, file: &Path, threads: usize) -> Result<Session> {
    let open = || -> ort::Result<Session> {
        Session::builder(environment)?
            .with_intra_threads(threads)?
            .with_inter_threads(1)?
            .with_intra_op_spinning(false)?
            // Without it models in bytes saturate on x86-64 processors that lack VNNI, and answer something else; with
            // VNNI it changes no bit, and doubles the time.
            .with_config_entry("session.x64quantprecision", if multiplies_bytes() { "0" } else { "1" })?
            // Memory that stays small: an arena does not wear malloc's heap out, and no block is planned for a whole run.
            .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?
            .with_memory_pattern(false)?
            .commit_from_file(file)
    };
    open().map_err(|source| {
        let path = file.display();
        Error::invalid(format!(
            "the model {path} cannot be loaded: it must be an ONNX model that the runtime knows"
        ))
        .with_source(source)
    })
}
