//! Requests of one client that are worked on at the same time: the others wait for their turn.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Client;

/// How many clients are remembered before those without a request are forgotten.
const REMEMBERED: usize = 1000;

/// A semaphore for each client that has requests.
#[derive(Debug)]
pub struct Turns {
    at_once: usize,
    clients: Mutex<HashMap<Client, Weak<Semaphore>>>,
}

impl Turns {
    /// So many requests of one client at the same time.
    pub fn new(at_once: usize) -> Self {
        Self { at_once, clients: Mutex::default() }
    }

    /// Waits for a turn of this client; it lasts until the permit is dropped.
    pub async fn wait(&self, client: Client) -> Option<OwnedSemaphorePermit> {
        self.of(client).acquire_owned().await.ok()
    }

    fn of(&self, client: Client) -> Arc<Semaphore> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(semaphore) = clients.get(&client).and_then(Weak::upgrade) {
            return semaphore;
        }
        if clients.len() >= REMEMBERED {
            clients.retain(|_, semaphore| semaphore.strong_count() > 0);
        }
        let semaphore = Arc::new(Semaphore::new(self.at_once));
        clients.insert(client, Arc::downgrade(&semaphore));
        semaphore
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_client_waits_for_itself_alone() {
        let turns = Turns::new(2);
        let client = |last| Client::from(IpAddr::from(Ipv4Addr::new(192, 0, 2, last)));
        let first = turns.wait(client(1)).now_or_never().flatten();
        let second = turns.wait(client(1)).now_or_never().flatten();
        assert!(first.is_some() && second.is_some());
        assert!(turns.wait(client(1)).now_or_never().is_none());
        assert!(turns.wait(client(2)).now_or_never().is_some());
        drop(first);
        assert!(turns.wait(client(1)).now_or_never().is_some());
    }
}
