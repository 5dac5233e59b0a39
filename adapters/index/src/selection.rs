//! What a scan of vectors keeps. A product counts once, by its best photo, so that one with many photos leaves room for others.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use vitrina_core::ProductId;
use vitrina_core::index::Hit;

/// A hit, ordered by how far it is: the best is the least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Far(pub(crate) Hit);

impl Ord for Far {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.score.total_cmp(&self.0.score).then(self.0.product.cmp(&other.0.product))
    }
}

impl PartialOrd for Far {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Far {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Far {}

/// A vector that was compared: how far it is, and its place.
type Compared = (Far, usize);

/// The best products of a scan, each with its best vector.
pub(crate) struct Best {
    room: usize,
    best: BTreeSet<Compared>,
    of_product: HashMap<ProductId, Compared>,
    /// What is no better than this is not among the best: the last of them once the room is full.
    bar: Option<Compared>,
}

impl Best {
    /// Room for so many products, at least one.
    pub(crate) fn new(room: usize) -> Self {
        Self { room: room.max(1), best: BTreeSet::new(), of_product: HashMap::new(), bar: None }
    }

    /// Takes a vector in if it is among the best.
    pub(crate) fn offer(&mut self, hit: Hit, place: usize) {
        let offered = (Far(hit), place);
        if self.bar.is_some_and(|bar| offered >= bar) {
            return;
        }
        match self.of_product.entry(hit.product) {
            Entry::Occupied(known) if *known.get() <= offered => return,
            Entry::Occupied(mut known) => {
                self.best.remove(&known.insert(offered));
            }
            Entry::Vacant(new) => {
                new.insert(offered);
            }
        }
        self.best.insert(offered);
        if self.best.len() > self.room
            && let Some((Far(worst), _)) = self.best.pop_last()
        {
            self.of_product.remove(&worst.product);
        }
        if self.best.len() == self.room {
            self.bar = self.best.last().copied();
        }
    }

    /// The best, in order.
    pub(crate) fn into_compared(self) -> impl Iterator<Item = (Hit, usize)> {
        self.best.into_iter().map(|(Far(hit), place)| (hit, place))
    }
}

/// The places whose sketches are nearest to a query's: those of as many products as are wanted, and all that are as near as
/// the last of these.
pub(crate) struct Closest {
    wanted: usize,
    /// How far the farthest are that are still wanted.
    far: usize,
    close: Vec<(usize, usize)>,
    /// How many products are at each distance,
    counts: Vec<usize>,
    /// and how many up to `far`.
    seen: usize,
    /// The distance of each product; none where every product has one vector.
    of_product: Option<HashMap<ProductId, usize>>,
}

impl Closest {
    /// Those of `wanted` products, by distances of up to `farthest`; `has_several` says whether any product has several vectors.
    pub(crate) fn new(wanted: usize, farthest: usize, has_several: bool) -> Self {
        Self {
            wanted,
            far: farthest,
            close: Vec::new(),
            counts: vec![0; farthest + 1],
            seen: 0,
            of_product: has_several.then(HashMap::new),
        }
    }

    pub(crate) fn offer(&mut self, product: ProductId, place: usize, distance: usize) {
        if distance > self.far {
            return;
        }
        self.close.push((place, distance));
        if let Some(of_product) = &mut self.of_product {
            match of_product.entry(product) {
                Entry::Occupied(known) if *known.get() <= distance => return,
                Entry::Occupied(mut known) => {
                    let before = known.insert(distance);
                    // What has become too far is not counted any more.
                    if before <= self.far {
                        self.counts[before] -= 1;
                        self.seen -= 1;
                    }
                }
                Entry::Vacant(new) => {
                    new.insert(distance);
                }
            }
        }
        self.counts[distance] += 1;
        self.seen += 1;
        // As long as there are enough without the farthest, these are no longer wanted.
        while self.seen - self.counts[self.far] >= self.wanted {
            self.seen -= self.counts[self.far];
            self.far -= 1;
        }
    }

    pub(crate) fn into_places(self) -> Vec<usize> {
        let far = self.far;
        self.close.into_iter().filter(|(_, distance)| *distance <= far).map(|(place, _)| place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(product: i64, score: f32) -> Hit {
        Hit { product: ProductId(product), score }
    }

    #[test]
    fn a_product_is_among_the_best_once_by_its_best_vector() {
        let mut best = Best::new(3);
        let offered =
            [(1, 0.1), (2, 0.9), (2, 0.95), (3, 0.5), (2, 0.93), (4, 0.6), (1, 0.7), (5, 0.2), (3, 0.65)];
        for (place, (product, score)) in offered.into_iter().enumerate() {
            best.offer(hit(product, score), place);
        }
        let places: Vec<_> = best.into_compared().map(|(hit, place)| (hit.product.0, place)).collect();
        assert_eq!(places, [(2, 2), (1, 6), (3, 8)]);
    }

    #[test]
    fn the_closest_are_those_of_enough_products() {
        let places = |wanted, offered: &[(i64, usize)]| {
            let mut closest = Closest::new(wanted, 8, true);
            for (place, (product, distance)) in offered.iter().enumerate() {
                closest.offer(ProductId(*product), place, *distance);
            }
            closest.into_places()
        };
        // Of product 1 four are nearer than the nearest of product 2.
        let offered = [(1, 1), (1, 0), (3, 7), (1, 1), (2, 4), (1, 2), (2, 3), (4, 6)];
        assert_eq!(places(1, &offered), [1], "enough of one product");
        assert_eq!(places(2, &offered), [0, 1, 3, 5, 6]);
        assert_eq!(places(3, &offered), [0, 1, 3, 4, 5, 6, 7]);
        assert_eq!(places(9, &offered).len(), 8);
    }
}
