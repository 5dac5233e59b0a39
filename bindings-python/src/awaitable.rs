//! Work on our threads as a future of an event loop.

use std::future::Future;

use pyo3::call::PyCallArgs;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyTuple};
use tokio::runtime::Runtime;
use tokio::task;

use crate::answers::Answer;
use crate::errors::Failure;
use crate::exit;

/// Starts `work` on the runtime; the event loop gets its answer. Cancelling what is returned ends the work.
///
/// Raises `VitrinaError` once the interpreter is about to end.
pub(crate) fn awaitable<'py>(
    event_loop: &Bound<'py, PyAny>,
    runtime: &Runtime,
    work: impl Future<Output = Result<Answer, Failure>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    let py = event_loop.py();
    if exit::has_begun() {
        return Err(Failure::Misuse(
            "the program is ending, and no answer would reach its event loop: call a `Client` or a `Shop`, which block, or \
             register the exit function after vitrina is imported",
        )
        .into());
    }
    let future = event_loop.call_method0("create_future")?;
    let work = runtime.spawn(work);
    let abort = work.abort_handle();
    let cancel = PyCFunction::new_closure(py, None, None, move |_, _| abort.abort())?;
    future.call_method1("add_done_callback", (cancel,))?;

    let (event_loop, awaited) = (event_loop.clone().unbind(), future.clone().unbind());
    runtime.spawn(async move {
        let answer = match work.await {
            Err(error) if error.is_cancelled() => return,
            Err(_) => Err(Failure::BROKE_OFF),
            Ok(answer) => answer,
        };
        // Waiting for the interpreter blocks: not on the threads that drive the requests.
        task::spawn_blocking(move || exit::enter(|py| settle(py, &event_loop, awaited, answer)));
    });
    Ok(future)
}

/// The event loop that runs on this thread, or a `RuntimeError` that there is none.
pub(crate) fn running_loop(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    py.import("asyncio")?.call_method0("get_running_loop")
}

/// Calls a function on an event loop, from any thread. A loop that is closed calls nothing: nobody waits for it any more.
pub(crate) fn call_soon<'py>(py: Python<'py>, event_loop: &Py<PyAny>, call: impl PyCallArgs<'py>) {
    drop(event_loop.call_method1(py, "call_soon_threadsafe", call));
}

/// Gives a future its answer, on its event loop.
fn settle(py: Python<'_>, event_loop: &Py<PyAny>, future: Py<PyAny>, answer: Result<Answer, Failure>) {
    let (method, value) = match answer.map_err(PyErr::from).and_then(|answer| answer.into_python(py)) {
        Ok(value) => ("set_result", value),
        Err(error) => ("set_exception", error.into_value(py).into_any()),
    };
    let set = PyCFunction::new_closure(py, None, None, move |arguments: &Bound<'_, PyTuple>, _| {
        let future = future.bind(arguments.py());
        // Cancelled on the way here.
        if !future.call_method0("done")?.is_truthy()? {
            future.call_method1(method, (&value,))?;
        }
        PyResult::Ok(())
    });
    if let Ok(set) = set {
        call_soon(py, event_loop, (set,));
    }
}
