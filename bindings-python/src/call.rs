//! A call: work that has not begun, to be waited for by a thread or by an event loop.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::task::AbortHandle;
use vitrina_client::Progress;

use crate::answers::Answer;
use crate::awaitable::{awaitable, call_soon, running_loop};
use crate::errors::Failure;
use crate::exit;

/// How long a blocked thread may take to notice an interrupt.
const SLICE: Duration = Duration::from_millis(50);

/// Hears how far a photo has come.
pub(crate) type Watch = Box<dyn Fn(Progress) + Send + Sync>;

type Work = Pin<Box<dyn Future<Output = Result<Answer, Failure>> + Send>>;
type Begin = Box<dyn FnOnce(Option<Watch>) -> Work + Send>;

/// One operation that was asked for. It begins with `wait` or `start`, and does so once.
#[pyclass(frozen, module = "vitrina._vitrina")]
pub(crate) struct Call {
    begin: Mutex<Option<Begin>>,
}

/// The runtime that all calls share, unless this process was forked off the one whose threads drive it.
fn runtime() -> Result<&'static Runtime, Failure> {
    static RUNTIME: OnceLock<(u32, Runtime)> = OnceLock::new();
    let this = std::process::id();
    let (owner, runtime) = match RUNTIME.get() {
        Some(started) => started,
        None => {
            let started = Builder::new_multi_thread()
                .worker_threads(2)
                .thread_name("vitrina")
                .enable_all()
                .build()
                .map_err(|error| {
                    vitrina_core::Error::unavailable("the threads for calls cannot be started")
                        .with_source(error)
                })?;
            RUNTIME.get_or_init(|| (this, started))
        }
    };
    if *owner != this {
        return Err(Failure::Misuse(
            "this process was forked from one that had already used vitrina, whose threads a fork does not take along: \
             start it with the `spawn` method, or use vitrina only after the fork",
        ));
    }
    Ok(runtime)
}

impl Call {
    /// A call of `work`.
    pub(crate) fn new<F>(work: impl FnOnce() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Answer, Failure>> + Send + 'static,
    {
        Self::watched(|_| work())
    }

    /// A call of work that reports its progress.
    pub(crate) fn watched<F>(work: impl FnOnce(Option<Watch>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Answer, Failure>> + Send + 'static,
    {
        let begin: Begin = Box::new(|watch| Box::pin(work(watch)));
        Self { begin: Mutex::new(Some(begin)) }
    }

    fn begin(&self, watch: Option<Watch>) -> Result<Work, Failure> {
        let begin = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take();
        begin.map(|begin| begin(watch)).ok_or(Failure::Misuse("a call can be waited for once"))
    }
}

enum Message {
    Progress(Progress),
    Done(Box<Result<Answer, Failure>>),
}

#[pymethods]
impl Call {
    /// Blocks until the answer is there, without holding the interpreter.
    ///
    /// `on_progress` is called on this thread; what it raises ends the call, as an interrupt does.
    #[pyo3(signature = (on_progress = None))]
    fn wait(&self, py: Python<'_>, on_progress: Option<Py<PyAny>>) -> PyResult<Py<PyAny>> {
        let runtime = runtime()?;
        let (sender, mut receiver) = mpsc::channel();
        let watch = on_progress.is_some().then(|| {
            let sender = sender.clone();
            Box::new(move |progress| drop(sender.send(Message::Progress(progress)))) as Watch
        });
        let work = self.begin(watch)?;
        let task = runtime.spawn(async move { drop(sender.send(Message::Done(Box::new(work.await)))) });
        let _guard = AbortOnDrop(task.abort_handle());
        loop {
            let received;
            (receiver, received) = py.detach(move || {
                let received = receiver.recv_timeout(SLICE);
                (receiver, received)
            });
            match received {
                Ok(Message::Done(result)) => return (*result)?.into_python(py),
                Ok(Message::Progress(progress)) => {
                    if let Some(heard) = &on_progress {
                        heard.call1(py, (progress.as_str(),))?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::BROKE_OFF.into());
                }
            }
            py.check_signals()?;
        }
    }

    /// Starts the call on the running event loop; the answer is awaited, and cancelling that ends the call.
    ///
    /// `on_progress` is called on the event loop.
    #[pyo3(signature = (on_progress = None))]
    fn start<'py>(&self, py: Python<'py>, on_progress: Option<Py<PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        let runtime = runtime()?;
        let event_loop = running_loop(py)?;
        let watch = on_progress.map(|heard| {
            let event_loop = event_loop.clone().unbind();
            Box::new(move |progress: Progress| {
                exit::enter(|py| call_soon(py, &event_loop, (&heard, progress.as_str())));
            }) as Watch
        });
        awaitable(&event_loop, runtime, self.begin(watch)?)
    }
}

/// Ends the work when the thread that waits for it leaves.
struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
