//! Something that all clients share, such as memory or connections, and of which one of them gets a part.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Client;

/// A number of units (bytes, connections) for all clients together, of which one client gets a part.
#[derive(Debug)]
pub struct Budget {
    total: usize,
    per_client: usize,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    all: usize,
    clients: HashMap<Client, usize>,
}

/// Why units are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exhausted {
    /// All clients together have taken everything.
    Total,
    /// The client has taken its share.
    Share,
}

impl Budget {
    /// A budget of `total` units, of which a client gets `per_client`.
    pub fn new(total: usize, per_client: usize) -> Self {
        Self { total, per_client, used: Mutex::default() }
    }

    /// A charge on this budget, of nothing yet.
    pub fn charge(self: &Arc<Self>, client: Option<Client>) -> Charge {
        Charge { budget: self.clone(), client, units: 0 }
    }

    /// How much is taken, and how much there is.
    pub fn taken(&self) -> (usize, usize) {
        (self.used().all, self.total)
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one request or connection has taken of a budget; given back when this is dropped.
#[derive(Debug)]
pub struct Charge {
    budget: Arc<Budget>,
    client: Option<Client>,
    units: usize,
}

impl Charge {
    /// Takes `units` more.
    ///
    /// # Errors
    /// When they are not there; nothing is taken then.
    pub fn grow(&mut self, units: usize) -> Result<(), Exhausted> {
        let mut used = self.budget.used();
        if used.all + units > self.budget.total {
            return Err(Exhausted::Total);
        }
        if let Some(client) = self.client {
            let of_client = used.clients.entry(client).or_default();
            if *of_client + units > self.budget.per_client {
                return Err(Exhausted::Share);
            }
            *of_client += units;
        }
        used.all += units;
        self.units += units;
        Ok(())
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        let mut used = self.budget.used();
        used.all -= self.units;
        let Some(client) = self.client else { return };
        if let Some(of_client) = used.clients.get_mut(&client) {
            *of_client -= self.units;
            if *of_client == 0 {
                used.clients.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    #[test]
    fn a_client_gets_a_share_and_gives_it_back() {
        let budget = Arc::new(Budget::new(400, 100));
        let client = |last| Some(Client::from(IpAddr::from(Ipv4Addr::new(192, 0, 2, last))));
        let mut charge = budget.charge(client(1));
        assert_eq!(charge.grow(60), Ok(()));
        assert_eq!(charge.grow(60), Err(Exhausted::Share));
        assert_eq!(budget.charge(client(1)).grow(41), Err(Exhausted::Share));
        let others: Vec<_> = (2..5)
            .map(|n| {
                let mut charge = budget.charge(client(n));
                assert_eq!(charge.grow(100), Ok(()));
                charge
            })
            .collect();
        assert_eq!(budget.charge(None).grow(41), Err(Exhausted::Total));
        drop((charge, others));
        assert_eq!(budget.charge(None).grow(400), Ok(()), "everything is back");
        assert!(budget.used().clients.is_empty());
    }
}
