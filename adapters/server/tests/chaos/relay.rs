//! A relay between a worker and the rest that sees what goes over the wire, and strikes at a chosen moment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// The moments in the life of a task at which a worker may die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The queue has handed a batch out; the worker has not heard of it.
    Claimed,
    /// The worker has the photos and classifies them.
    Classifying,
    /// The worker has a result; the call of the webhook does not arrive.
    Calling,
    /// The backend has stored the result; its answer does not arrive.
    Called,
    /// The worker reports to the queue that a task has ended; the queue does not hear it.
    Completing,
    /// The queue has ended the task; the worker does not hear it.
    Completed,
}

/// What a relay carries.
#[derive(Debug, Clone, Copy)]
pub enum Wire {
    Redis,
    Http,
}

/// The one trap that is set for a worker, or none.
#[derive(Default)]
pub struct Traps(Mutex<Option<Trap>>);

struct Trap {
    moment: Moment,
    strike: Box<dyn FnOnce() + Send>,
    sprung: oneshot::Sender<()>,
}

impl Traps {
    /// Has `strike` done as soon as the moment comes; the receiver hears of it.
    pub fn set(&self, moment: Moment, strike: impl FnOnce() + Send + 'static) -> oneshot::Receiver<()> {
        let (sprung, heard) = oneshot::channel();
        *self.0.lock().unwrap() = Some(Trap { moment, strike: Box::new(strike), sprung });
        heard
    }

    /// Takes the trap away that was not sprung.
    pub fn clear(&self) {
        *self.0.lock().unwrap() = None;
    }

    fn awaits(&self, moment: Moment) -> bool {
        self.0.lock().unwrap().as_ref().is_some_and(|trap| trap.moment == moment)
    }

    /// Springs the trap if it is set for this moment.
    fn comes(&self, moment: Moment) -> bool {
        let mut set = self.0.lock().unwrap();
        let Some(trap) = set.take_if(|trap| trap.moment == moment) else { return false };
        (trap.strike)();
        let _ = trap.sprung.send(());
        true
    }
}

/// A port that leads to others in turn.
pub struct Relay {
    wire: Wire,
    upstreams: Vec<u16>,
    next: AtomicUsize,
    traps: Arc<Traps>,
}

/// How a photo begins: all that are sent are JPEGs.
const PHOTO: &[u8] = b"\xff\xd8\xff";
/// How the outcomes begin that a worker gives the queue.
const OUTCOMES: [&[u8]; 2] = [b"\r\n1R", b"\r\n1F"];
/// The request and the answer of a webhook call.
const CALL: &[u8] = b"POST /webhook/task_completed";
const STORED: &[u8] = b"HTTP/1.1 202";
/// How long a worker has had its photos when it is struck while it classifies them.
const INTO_RECOGNITION: Duration = Duration::from_millis(15);

impl Relay {
    /// Opens a port that leads to `upstreams` in turn, and answers it.
    pub async fn open(wire: Wire, upstreams: Vec<u16>, traps: Arc<Traps>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let relay = Arc::new(Self { wire, upstreams, next: AtomicUsize::new(0), traps });
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                tokio::spawn(relay.clone().carry(here));
            }
        });
        port
    }

    async fn carry(self: Arc<Self>, here: TcpStream) {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        // Like a load balancer, it goes to the next where nobody answers.
        for attempt in 0..self.upstreams.len() {
            let port = self.upstreams[(turn + attempt) % self.upstreams.len()];
            if let Ok(there) = TcpStream::connect(("127.0.0.1", port)).await {
                let ((from_here, to_here), (from_there, to_there)) = (here.into_split(), there.into_split());
                tokio::select! {
                    () = self.pass(from_here, to_there, true) => {}
                    () = self.pass(from_there, to_here, false) => {}
                }
                return;
            }
        }
    }

    async fn pass(&self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, up: bool) {
        let mut seen = Seen::default();
        let mut buffer = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let chunk = &buffer[..count];
            seen.take(chunk);
            let moment = self.moment(&seen, up);
            if moment.is_some_and(|moment| self.traps.comes(moment)) || to.write_all(chunk).await.is_err() {
                return;
            }
            if moment == Some(Moment::Claimed) && self.traps.awaits(Moment::Classifying) {
                tokio::time::sleep(INTO_RECOGNITION).await;
                if self.traps.comes(Moment::Classifying) {
                    return;
                }
            }
        }
    }

    /// What it means that these bytes pass.
    fn moment(&self, seen: &Seen, up: bool) -> Option<Moment> {
        let outcomes = || OUTCOMES.iter().any(|start| seen.holds(start));
        match (self.wire, up) {
            (Wire::Redis, false) if seen.holds(PHOTO) => Some(Moment::Claimed),
            (Wire::Redis, false) => Some(Moment::Completed).filter(|_| seen.is_number()),
            (Wire::Redis, true) => Some(Moment::Completing).filter(|_| outcomes()),
            (Wire::Http, true) => Some(Moment::Calling).filter(|_| seen.holds(CALL)),
            (Wire::Http, false) => Some(Moment::Called).filter(|_| seen.holds(STORED)),
        }
    }
}

/// The last bytes, with enough of those before to see what lies across two reads.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    new: usize,
}

impl Seen {
    fn take(&mut self, chunk: &[u8]) {
        let kept = self.bytes.len().min(CALL.len());
        self.bytes.drain(..self.bytes.len() - kept);
        self.bytes.extend_from_slice(chunk);
        self.new = chunk.len();
    }

    /// Whether `wanted` ends in what came last.
    fn holds(&self, wanted: &[u8]) -> bool {
        let old = self.bytes.len() - self.new;
        let start = old.saturating_sub(wanted.len() - 1);
        self.bytes[start..].windows(wanted.len()).any(|window| window == wanted)
    }

    /// Whether what came last is one number alone, as Redis answers when a task has ended.
    fn is_number(&self) -> bool {
        let new = &self.bytes[self.bytes.len() - self.new..];
        matches!(new, [b':', b'1' | b'2', b'\r', b'\n'])
    }
}
