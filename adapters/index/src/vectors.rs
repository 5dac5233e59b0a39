//! How products look: vectors in memory.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;
use std::thread::{available_parallelism, scope};

use vitrina::{CategoryId, Embedding, Hit, ProductId, Result, fair_shares};

use crate::filter::{Facts, Wanted};
use crate::shelf::{Far, Shelf};

/// From so many vectors on, all cores share a search.
const SHARED: usize = 20_000;

/// Vectors of products, those of each length apart.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    shelves: BTreeMap<usize, Shelf>,
    places: HashMap<ProductId, (usize, usize)>,
}

impl Vectors {
    /// Takes over how a product looks, in place of what was known.
    pub(crate) fn put(&mut self, product: ProductId, facts: Facts, vector: &[f32]) {
        self.remove(product);
        let length = vector.len();
        let shelf = self.shelves.entry(length).or_insert_with(|| Shelf::new(length));
        self.places.insert(product, (length, shelf.push(product, facts, vector)));
    }

    /// Forgets a product.
    pub(crate) fn remove(&mut self, product: ProductId) {
        let Some((length, place)) = self.places.remove(&product) else {
            return;
        };
        let Some(shelf) = self.shelves.get_mut(&length) else {
            return;
        };
        if let Some(moved) = shelf.remove(place) {
            self.places.insert(moved, (length, place));
        }
        if shelf.len() == 0 {
            self.shelves.remove(&length); // the last of a model that is no longer used
        }
    }

    /// How a product looks.
    pub(crate) fn get(&self, product: ProductId) -> Result<Option<Embedding>> {
        let Some((length, place)) = self.places.get(&product) else {
            return Ok(None);
        };
        self.shelves.get(length).map(|shelf| Embedding::new(shelf.vector(*place))).transpose()
    }

    /// How products of each category look, as [`SearchIndex::looks`](vitrina::SearchIndex::looks) says.
    pub(crate) fn looks(&self, limit: usize) -> Result<Vec<(CategoryId, Embedding)>> {
        let mut shelves: BTreeMap<CategoryId, Vec<ProductId>> = BTreeMap::new();
        for (product, facts) in self.shelves.values().flat_map(|shelf| shelf.owners()) {
            if let Some(category) = facts.category {
                shelves.entry(CategoryId(category)).or_default().push(*product);
            }
        }
        let chosen = fair_shares(shelves, limit).into_iter();
        chosen
            .filter_map(|(category, product)| {
                Some(self.get(product).transpose()?.map(|embedding| (category, embedding)))
            })
            .collect()
    }

    /// The `limit` vectors nearest to `wanted` that pass the filter, the nearest first.
    pub(crate) fn nearest(&self, wanted: &[f32], filter: &Wanted, limit: usize) -> Vec<Hit> {
        static CORES: LazyLock<usize> = LazyLock::new(|| available_parallelism().map_or(1, usize::from));
        let Some(shelf) = self.shelves.get(&wanted.len()) else {
            return Vec::new();
        };
        let query = shelf.query(wanted);
        let share = if shelf.len() < SHARED { shelf.len() } else { shelf.len().div_ceil(*CORES) };
        let part = |first: usize| {
            let places = first..(first + share).min(shelf.len());
            shelf.nearest(&query, filter, places, limit)
        };
        let hits = scope(|scope| {
            let part = &part;
            let others: Vec<_> = (share..shelf.len())
                .step_by(share.max(1))
                .map(|first| scope.spawn(move || part(first)))
                .collect();
            let mut hits = part(0);
            hits.extend(others.into_iter().filter_map(|other| other.join().ok()).flatten());
            hits
        });
        let mut hits: Vec<_> = hits.into_iter().map(Far).collect();
        hits.sort_unstable();
        hits.into_iter().map(|Far(hit)| hit).take(limit).collect()
    }
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
        assert_eq!(vectors.shelves[&20].len(), 200);
        (0..200).for_each(|n| vectors.put(ProductId(n), facts(), &unit(n as usize, 8)));
        assert_eq!(vectors.shelves.keys().collect::<Vec<_>>(), [&8]);
        assert_eq!(nearest(&vectors, &unit(3, 8), 500).len(), 200);
        assert_eq!(nearest(&vectors, &unit(3, 20), 500), [0; 0]);
    }
}
