//! How products look: unit vectors in memory, scanned exactly.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use vitrina::{Embedding, Hit, ProductId, Result};

use crate::filter::{Facts, Wanted};

/// How many vectors lie in one piece of memory: growing never copies, and leaves at most this many places unused.
const CHUNK: usize = 64;

/// How many sums run side by side, so that the compiler makes vector instructions of them.
const LANES: usize = 16;

/// Vectors of products, those of each length apart.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    shelves: BTreeMap<usize, Shelf>,
    places: HashMap<ProductId, (usize, usize)>,
}

/// Vectors of one length.
#[derive(Debug, Default)]
struct Shelf {
    chunks: Vec<Box<[f32]>>,
    /// Whose vector lies in a place; `None` where it is free.
    owners: Vec<Option<(ProductId, Facts)>>,
    free: Vec<usize>,
}

impl Vectors {
    /// Takes over how a product looks, in place of what was known.
    pub(crate) fn put(&mut self, product: ProductId, facts: Facts, vector: &[f32]) {
        self.remove(product);
        let shelf = self.shelves.entry(vector.len()).or_default();
        let place = shelf.free.pop().unwrap_or_else(|| shelf.grow(vector.len()));
        shelf.owners[place] = Some((product, facts));
        let start = place % CHUNK * vector.len();
        shelf.chunks[place / CHUNK][start..start + vector.len()].copy_from_slice(vector);
        self.places.insert(product, (vector.len(), place));
    }

    /// Forgets a product.
    pub(crate) fn remove(&mut self, product: ProductId) {
        let Some((length, place)) = self.places.remove(&product) else {
            return;
        };
        if let Some(shelf) = self.shelves.get_mut(&length) {
            shelf.owners[place] = None;
            shelf.free.push(place);
            if shelf.free.len() == shelf.owners.len() {
                self.shelves.remove(&length); // the last of a model that is no longer used
            }
        }
    }

    /// How a product looks.
    pub(crate) fn get(&self, product: ProductId) -> Result<Option<Embedding>> {
        let Some((length, place)) = self.places.get(&product) else {
            return Ok(None);
        };
        let vector = self.shelves.get(length).map(|shelf| shelf.vector(*length, *place).to_vec());
        vector.map(Embedding::new).transpose()
    }

    /// The `limit` vectors nearest to `wanted` that pass the filter, the nearest first.
    pub(crate) fn nearest(&self, wanted: &[f32], filter: &Wanted, limit: usize) -> Vec<Hit> {
        let Some(shelf) = self.shelves.get(&wanted.len()) else {
            return Vec::new();
        };
        let mut best: BinaryHeap<Far> = BinaryHeap::new();
        for (place, owner) in shelf.owners.iter().enumerate() {
            let Some((product, facts)) = owner else {
                continue;
            };
            if !filter.matches(facts) {
                continue;
            }
            let far = Far(Hit { product: *product, score: dot(wanted, shelf.vector(wanted.len(), place)) });
            if best.len() < limit {
                best.push(far);
            } else if best.peek().is_some_and(|worst| far < *worst) {
                best.pop();
                best.push(far);
            }
        }
        best.into_sorted_vec().into_iter().map(|Far(hit)| hit).collect()
    }
}

impl Shelf {
    /// A new place at the end.
    fn grow(&mut self, length: usize) -> usize {
        let place = self.owners.len();
        if place.is_multiple_of(CHUNK) {
            self.chunks.push(vec![0.0; CHUNK * length].into_boxed_slice());
        }
        self.owners.push(None);
        place
    }

    fn vector(&self, length: usize, place: usize) -> &[f32] {
        let start = place % CHUNK * length;
        &self.chunks[place / CHUNK][start..start + length]
    }
}

/// A hit, ordered by how far it is: the best is the least.
#[derive(Debug)]
struct Far(Hit);

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

/// The cosine of two unit vectors of one length.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    let mut sums = [0.0f32; LANES];
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use vitrina::Filter;

    use super::*;

    fn facts() -> Facts {
        Facts { category: None, brand: "".into(), price: 0, in_stock: true }
    }

    fn unit(seed: usize, length: usize) -> Vec<f32> {
        let numbers = (0..length).map(|n| ((seed * 31 + n * 17) % 101) as f32 - 50.0);
        Embedding::new(numbers.collect()).unwrap().as_slice().to_vec()
    }

    fn nearest(vectors: &Vectors, wanted: &[f32], limit: usize) -> Vec<i64> {
        let hits = vectors.nearest(wanted, &Wanted::new(&Filter::default()), limit);
        hits.iter().map(|hit| hit.product.0).collect()
    }

    #[test]
    fn the_product_of_vectors_is_exact_for_every_length() {
        for length in [1, 15, 16, 17, 33, 1280] {
            let (a, b) = (unit(1, length), unit(2, length));
            let slow: f64 = a.iter().zip(&b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
            assert!((f64::from(dot(&a, &b)) - slow).abs() < 1e-5, "{length}");
        }
    }

    #[test]
    fn the_nearest_are_those_of_a_full_sort() {
        let mut vectors = Vectors::default();
        (0..500).for_each(|n| vectors.put(ProductId(n as i64), facts(), &unit(n, 20)));
        let wanted = unit(77, 20);
        let all = nearest(&vectors, &wanted, 500);
        assert_eq!(all.len(), 500);
        assert_eq!(nearest(&vectors, &wanted, 9), all[..9]);
        assert_eq!(nearest(&vectors, &wanted, 0), [0; 0]);
    }

    #[test]
    fn places_are_used_again_and_no_vector_stays_behind() {
        let mut vectors = Vectors::default();
        (0..200).for_each(|n| vectors.put(ProductId(n), facts(), &unit(n as usize, 20)));
        for round in 0..5 {
            (0..100).for_each(|n| vectors.remove(ProductId(n + 100 * (round % 2))));
            (0..100)
                .for_each(|n| vectors.put(ProductId(n + 100 * (round % 2)), facts(), &unit(n as usize, 20)));
        }
        assert_eq!(vectors.shelves[&20].owners.len(), 200);
        (0..200).for_each(|n| vectors.put(ProductId(n), facts(), &unit(n as usize, 8)));
        assert_eq!(vectors.shelves.keys().collect::<Vec<_>>(), [&8]);
        assert_eq!(nearest(&vectors, &unit(3, 8), 500).len(), 200);
        assert_eq!(nearest(&vectors, &unit(3, 20), 500), [0; 0]);
    }
}
