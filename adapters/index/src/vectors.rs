//! The vector store: embeddings of products in memory, those of each space apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use rayon::current_num_threads;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use vitrina_core::classify::{Embedding, EmbeddingSpace};
use vitrina_core::index::{EmbeddedProducts, Hit, PhotoMatch, fair_shares};
use vitrina_core::photo::PhotoKey;
use vitrina_core::{CategoryId, ProductId, Result};

use crate::encoder::{Code, Encoded, Encoders};
use crate::filter::{Facts, Wanted};
use crate::photo_id::PhotoId;
use crate::selection::Far;
use crate::vector_store::{Query, VectorStore};

/// From so many vectors on, all cores share a search.
const SHARED: usize = 20_000;

/// A space and the length of its vectors.
type Kind = (EmbeddingSpace, usize);

/// Embeddings of products' photos, at most one of each space a photo.
#[derive(Debug, Default)]
pub(crate) struct Vectors {
    encoders: Encoders,
    kinds: BTreeMap<Kind, Placed>,
    /// The categories that products are of, each combination once.
    categories: HashSet<Arc<[i64]>>,
}

/// The vectors of one kind, and where each product's are.
#[derive(Debug)]
struct Placed {
    store: VectorStore,
    /// Where the vectors of main photos are,
    places: HashMap<ProductId, usize>,
    /// and those of further ones, of the products that have some.
    further: HashMap<ProductId, Vec<(usize, PhotoId)>>,
    products: usize,
}

impl Placed {
    fn new(store: VectorStore) -> Self {
        Self { store, places: HashMap::new(), further: HashMap::new(), products: 0 }
    }

    /// Takes over the vector of a product's photo: of the main one, or of the `further` one.
    fn put(&mut self, product: ProductId, facts: Facts, further: Option<&PhotoKey>, code: &Code) {
        self.products += usize::from(!self.knows(product));
        let place = self.store.push(product, facts, code);
        match further {
            None => {
                self.places.insert(product, place);
            }
            Some(photo) => {
                self.store.allow_several();
                self.further.entry(product).or_default().push((place, PhotoId::of(photo)));
            }
        }
    }

    fn knows(&self, product: ProductId) -> bool {
        self.places.contains_key(&product) || self.further.contains_key(&product)
    }

    fn remove(&mut self, product: ProductId) {
        let further = self.further.remove(&product).into_iter().flatten().map(|(place, _)| place);
        let mut places: Vec<_> = self.places.remove(&product).into_iter().chain(further).collect();
        self.products -= usize::from(!places.is_empty());
        // The last first, so that none of them moves into the place of another.
        places.sort_unstable_by_key(|place| Reverse(*place));
        for place in places {
            if let Some(moved) = self.store.remove(place) {
                self.moved(moved, self.store.len(), place);
            }
        }
    }

    fn moved(&mut self, product: ProductId, from: usize, to: usize) {
        let further = self.further.get_mut(&product).into_iter().flatten().map(|(place, _)| place);
        let known = self.places.get_mut(&product).into_iter().chain(further);
        known.filter(|place| **place == from).for_each(|place| *place = to);
    }

    /// The place of the product's vector that is nearest to the query, and its photo where that is not the main one.
    fn nearest_of(&self, query: &Query, product: ProductId) -> Option<(usize, Option<PhotoId>)> {
        let main = self.places.get(&product).map(|place| (*place, None));
        let further = self.further.get(&product).into_iter().flatten();
        let all = main.into_iter().chain(further.map(|(place, photo)| (*place, Some(*photo))));
        let scored = all.map(|found| (self.store.score(query, found.0), found));
        scored.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, found)| found)
    }
}

impl Vectors {
    /// Takes over the embeddings of a product, in place of those that were known.
    pub(crate) fn put(&mut self, product: ProductId, facts: &Facts, embeddings: &[Encoded]) {
        self.remove(product);
        let categories = match self.categories.get(&facts.categories) {
            Some(known) => known.clone(),
            None => facts.categories.clone(),
        };
        if !embeddings.is_empty() {
            self.categories.insert(categories.clone());
        }
        let facts = &Facts { categories, ..facts.clone() };
        for Encoded { further, space, length, code } in embeddings {
            let encoder = self.encoders.of(*length).clone();
            let kind = self.kinds.entry((space.clone(), *length));
            let placed = kind.or_insert_with(|| Placed::new(VectorStore::new(*length, encoder)));
            placed.put(product, facts.clone(), further.as_ref(), code);
        }
    }

    /// Forgets a product.
    pub(crate) fn remove(&mut self, product: ProductId) {
        self.kinds.retain(|_, placed| {
            placed.remove(product);
            placed.store.len() > 0 // else it was the last of a model that is no longer used
        });
    }

    /// The spaces, as [`SearchIndex::spaces`](vitrina_core::SearchIndex::spaces) says.
    pub(crate) fn spaces(&self) -> Vec<EmbeddedProducts> {
        let kinds = self.kinds.iter().map(|((space, length), placed)| EmbeddedProducts {
            space: space.clone(),
            length: *length,
            products: placed.products,
        });
        let mut spaces: Vec<_> = kinds.collect();
        spaces.sort_by_key(|space| Reverse(space.products));
        spaces
    }

    /// The embedding of a product's main photo in a space.
    pub(crate) fn get(&self, product: ProductId, space: &EmbeddingSpace) -> Result<Option<Embedding>> {
        let known = self.of_space(space).find_map(|placed| Some((placed, placed.places.get(&product)?)));
        let embedding = |(placed, place): (&Placed, &usize)| Embedding::new(placed.store.vector(*place));
        Ok(known.map(embedding).transpose()?.map(|embedding| embedding.in_space(space.clone())))
    }

    fn of_space(&self, space: &EmbeddingSpace) -> impl Iterator<Item = &Placed> {
        self.kinds.range((space.clone(), 0)..).take_while(move |((of, _), _)| of == space).map(|(_, it)| it)
    }

    /// Embeddings of each category, as [`SearchIndex::sample_embeddings`](vitrina_core::SearchIndex::sample_embeddings) says.
    pub(crate) fn sample_embeddings(
        &self,
        space: &EmbeddingSpace,
        limit: usize,
    ) -> Result<Vec<(CategoryId, Embedding)>> {
        let mut categories: BTreeMap<CategoryId, Vec<ProductId>> = BTreeMap::new();
        for placed in self.of_space(space) {
            for (product, place) in &placed.places {
                if let Some(category) = placed.store.facts(*place).categories.first() {
                    categories.entry(CategoryId(*category)).or_default().push(*product);
                }
            }
        }
        let chosen = fair_shares(categories, limit).into_iter();
        chosen
            .filter_map(|(category, product)| {
                Some(self.get(product, space).transpose()?.map(|embedding| (category, embedding)))
            })
            .collect()
    }

    /// The photos of these products that are nearest to `wanted`, as
    /// [`SearchIndex::best_photos`](vitrina_core::SearchIndex::best_photos) says.
    pub(crate) fn best_photos(
        &self,
        wanted: &Embedding,
        products: &[ProductId],
    ) -> Result<HashMap<ProductId, PhotoMatch>> {
        let kind = (wanted.space().clone(), wanted.as_slice().len());
        let Some(placed) = self.kinds.get(&kind) else { return Ok(HashMap::new()) };
        let query = placed.store.query(wanted.as_slice());
        let nearest = |id: &ProductId| Some((*id, placed.nearest_of(&query, *id)?));
        let matched = products.iter().filter_map(nearest).map(|(product, (place, photo))| {
            let embedding = Embedding::new(placed.store.vector(place))?.in_space(wanted.space().clone());
            let photo = photo.and_then(|photo| photo.key());
            Ok((product, PhotoMatch { photo, similarity: wanted.cosine(&embedding) }))
        });
        matched.collect()
    }

    /// The `limit` products nearest to `wanted` that pass the filter, the nearest first.
    pub(crate) fn nearest(&self, wanted: &Embedding, filter: &Wanted, limit: usize) -> Vec<Hit> {
        let kind = (wanted.space().clone(), wanted.as_slice().len());
        let Some(Placed { store, .. }) = self.kinds.get(&kind) else {
            return Vec::new();
        };
        let query = store.query(wanted.as_slice());
        let share =
            if store.len() < SHARED { store.len() } else { store.len().div_ceil(current_num_threads()) };
        let part = |first: usize| {
            let places = first..(first + share).min(store.len());
            store.nearest(&query, filter, places, limit)
        };
        let shares: Vec<usize> = (0..store.len()).step_by(share.max(1)).collect();
        let hits: Vec<Hit> = match shares.as_slice() {
            [alone] => part(*alone),
            shares => shares.par_iter().flat_map_iter(|first| part(*first)).collect(),
        };
        let mut hits: Vec<_> = hits.into_iter().map(Far).collect();
        hits.sort_unstable();
        // Photos of a product may lie in several shares.
        let mut seen = HashSet::new();
        hits.into_iter().map(|Far(hit)| hit).filter(|hit| seen.insert(hit.product)).take(limit).collect()
    }
}

#[cfg(test)]
mod tests {
    use vitrina_core::catalog::Filter;

    use super::*;

    fn facts() -> Facts {
        Facts { categories: [].into(), brand: "".into(), price: 0, sale: None, in_stock: true }
    }

    fn unit(seed: usize, length: usize) -> Embedding {
        let numbers = (0..length).map(|n| ((seed * 31 + n * 17) % 101) as f32 - 50.0);
        Embedding::new(numbers.collect()).unwrap()
    }

    fn put(vectors: &mut Vectors, product: i64, embedding: Embedding) {
        let encoded = Encoders::default().encode(&embedding, None);
        vectors.put(ProductId(product), &facts(), &[encoded]);
    }

    fn nearest(vectors: &Vectors, wanted: &Embedding, limit: usize) -> Vec<i64> {
        let hits = vectors.nearest(wanted, &Wanted::new(&Filter::default()), limit);
        hits.iter().map(|hit| hit.product.0).collect()
    }

    #[test]
    fn the_nearest_are_those_of_a_full_sort() {
        let mut vectors = Vectors::default();
        (0..500).for_each(|n| put(&mut vectors, n as i64, unit(n, 20)));
        let wanted = unit(77, 20);
        let all = nearest(&vectors, &wanted, 500);
        assert_eq!(all.len(), 500);
        assert_eq!(nearest(&vectors, &wanted, 9), all[..9]);
        assert_eq!(nearest(&vectors, &wanted, 0), [0; 0]);
    }

    #[test]
    fn places_are_used_again_and_no_vector_stays_behind() {
        let mut vectors = Vectors::default();
        (0..200).for_each(|n| put(&mut vectors, n, unit(n as usize, 20)));
        for round in 0..5 {
            (0..100).for_each(|n| vectors.remove(ProductId(n + 100 * (round % 2))));
            (0..100).for_each(|n| put(&mut vectors, n + 100 * (round % 2), unit(n as usize, 20)));
        }
        let lengths = |vectors: &Vectors| -> Vec<(usize, usize)> {
            vectors.spaces().into_iter().map(|known| (known.length, known.products)).collect()
        };
        assert_eq!(lengths(&vectors), [(20, 200)]);
        (0..200).for_each(|n| put(&mut vectors, n, unit(n as usize, 8)));
        assert_eq!(lengths(&vectors), [(8, 200)]);
        assert_eq!(nearest(&vectors, &unit(3, 8), 500).len(), 200);
        assert_eq!(nearest(&vectors, &unit(3, 20), 500), [0; 0]);
    }
}
