//! Vitrina's task queue on Redis Streams, shared by any number of servers and workers.
//!
//! Redis 6.2 or newer, or what speaks its protocol. The queue is a sorted set of tasks that wait, from which clients are served in
//! turn (start-time fair queueing), and a stream with one consumer group for those that workers hold; its entries hold the
//! task's number alone. The photo, the state and the result of a task lie in keys beside it, and every step that
//! changes them is one Lua script, so that no moment at which a process may die leaves anything half-done:
//!
//! | key | what it holds | until |
//! | --- | --- | --- |
//! | `{vitrina}:waiting` | the tasks that wait, by their start in virtual time | |
//! | `{vitrina}:flows` | the virtual time, and until when in it each client's tasks are served | nothing waits |
//! | `{vitrina}:clients` | the tasks and bytes of each client, by an opaque number | they end |
//! | `{vitrina}:stream` | the tasks that were claimed and have not ended; group `workers` | |
//! | `{vitrina}:leases` | the entries that workers hold, by the end of their lease on Redis's clock; 0 for those given back | |
//! | `{vitrina}:meta` | the bytes of all photos, the place of the sweep | |
//! | `{vitrina}:dead` | the dead letters, the newest first, bounded | |
//! | `{vitrina}:photo:<id>`, `{vitrina}:task:<id>` | the photo; its entry, size, deliveries and the lease's token | the task ends |
//! | `{vitrina}:result:<id>` | the outcome | it expires |
//!
//! Two channels of publish and subscribe save everybody from polling: `{vitrina}:work` rings when there is something to
//! claim, `{vitrina}:news` names tasks that were claimed or ended. Each process hears what it waits for: workers the one,
//! servers the other. A lost message costs a moment, never a task.
//!
//! All keys share the hash tag of the queue, so that a queue lives whole on one node of a Redis Cluster; the node is
//! found by its redirections. Queues of different prefixes spread over the nodes.
//!
//! Run Redis with `maxmemory-policy noeviction` (a full Redis then refuses photos, as a full queue does, and everything
//! else goes on) and with `appendonly yes` (what was accepted survives a restart). An async call needs a Tokio runtime.

#![forbid(unsafe_code)]

mod error;
mod link;
mod listener;
mod notifications;
mod queue;
mod scripts;
mod wire;

pub use queue::RedisQueue;
