//! The end of the interpreter: it waits for our threads that are in Python, and lets none in afterwards.
//!
//! CPython, up to 3.13, unwinds a thread that asks for the interpreter lock while the interpreter is finalized, and where
//! that meets frames of Rust the process aborts. PyO3 guards the lock that it takes itself, not the ones that Python code
//! takes further down: `call_soon_threadsafe` gives the lock away to wake its event loop, and a short program may be over
//! before it has it again.
//! <https://docs.python.org/3.13/c-api/init.html#cautions-regarding-runtime-finalization>

use std::sync::{PoisonError, RwLock};

use pyo3::prelude::*;
use pyo3::types::PyCFunction;

/// Whether the interpreter is about to end. Every thread of ours that is in Python holds a read lock.
static ENDING: RwLock<bool> = RwLock::new(false);

/// Waits, at the exit of this process, for our threads that are in Python.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let owner = std::process::id();
    let wait = PyCFunction::new_closure(py, None, None, move |arguments, _| {
        // A fork takes no threads along, but the locks that they held.
        if std::process::id() == owner {
            // Who is inside needs the interpreter to get out.
            arguments.py().detach(|| *ENDING.write().unwrap_or_else(PoisonError::into_inner) = true);
        }
    })?;
    py.import("atexit")?.call_method1("register", (wait,))?;
    Ok(())
}

/// Does something in Python on a thread of ours, which must not be in Python already; nothing once the interpreter ends.
pub(crate) fn enter<R>(act: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    let ending = ENDING.read().unwrap_or_else(PoisonError::into_inner);
    (!*ending).then(|| Python::attach(act))
}

/// Whether the interpreter is about to end, so that no answer would reach an event loop any more.
pub(crate) fn has_begun() -> bool {
    // Waiting for the lock here would keep the interpreter from those whom its end waits for.
    ENDING.try_read().map_or(true, |ending| *ending)
}
