//! Vectors of one length, quantized, and how they are scanned. They are kept rotated ([`Rotation`]).

use std::ops::Range;
use std::sync::Arc;

use simsimd::{BinarySimilarity, SpatialSimilarity};
use vitrina_core::ProductId;
use vitrina_core::index::Hit;

use crate::encoder::{Code, Encoder};
use crate::filter::{Facts, Wanted};
use crate::quantizer::{quantize, scale};
use crate::selection::{Best, Closest, Far};

/// How many vectors lie in one piece of memory: growing never copies. A piece is large enough to be memory of its own, so
/// that a scan runs through its pages in their order, and those not yet written to cost nothing.
const PIECE: usize = 4096;

/// Up to so many vectors every one is compared; of more, those first whose sketch is close.
pub(crate) const EXACT: usize = 100_000;

/// And of these so many, where a filter leaves no more: all are compared after all.
const FEW: usize = 20_000;

/// Of how many products vectors are compared for each that is wanted, and at least, where sketches choose them.
const CANDIDATES: (usize, usize) = (50, 1000);

/// How many numbers of a vector have a bit in its sketch, at most.
const SKETCHED: usize = 1280;

/// How many of the best products by the first bytes are scored again with both, for each that is wanted, and at least.
const FINELY: (usize, usize) = (2, 32);

/// How much finer the second bytes of a query are than the first.
const FINER: f32 = 254.0;

/// Vectors of one length, in places without a gap.
#[derive(Debug)]
pub(crate) struct VectorStore {
    length: usize,
    encoder: Arc<Encoder>,
    owners: Vec<(ProductId, Facts)>,
    /// Whether any product has had several vectors.
    has_several: bool,
    pieces: Vec<Piece>,
    /// What each number is in the mean, as far as sketches are drawn,
    means: Vec<f32>,
    /// and how many vectors there were when it was.
    drawn: usize,
}

/// Some vectors: their packed codes, the factor of each vector's codes, and a bit for each number that is above its mean.
#[derive(Debug)]
struct Piece {
    rows: Box<[i8]>,
    factors: Box<[f32]>,
    sketches: Box<[u8]>,
}

/// A vector as it is searched for.
pub(crate) struct Query {
    bytes: Vec<i8>,
    /// What the bytes leave of the vector, in bytes too. So only the rounding of what is found blurs an order, not that of
    /// the query as well.
    rest: Vec<i8>,
    factor: f32,
    sketch: Vec<u8>,
}

impl VectorStore {
    /// An empty one, of vectors that have this length and are encoded so.
    pub(crate) fn new(length: usize, encoder: Arc<Encoder>) -> Self {
        Self {
            length,
            encoder,
            owners: Vec::new(),
            has_several: false,
            pieces: Vec::new(),
            means: Vec::new(),
            drawn: 0,
        }
    }

    /// What is known of the product whose vector is in a place.
    pub(crate) fn facts(&self, place: usize) -> &Facts {
        &self.owners[place].1
    }

    /// Prepares for products with several vectors.
    pub(crate) fn allow_several(&mut self) {
        self.has_several = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.owners.len()
    }

    /// Puts a vector into the next place, and answers which.
    pub(crate) fn push(&mut self, product: ProductId, facts: Facts, code: &Code) -> usize {
        let place = self.owners.len();
        if place.is_multiple_of(PIECE) {
            let sketches = if self.means.is_empty() { 0 } else { PIECE * self.sketch_length() };
            self.pieces.push(Piece {
                rows: vec![0; PIECE * self.encoder.quantizer.row()].into(),
                factors: vec![0.0; PIECE].into(),
                sketches: vec![0; sketches].into(),
            });
        }
        self.owners.push((product, facts));
        let (piece, at, row) = (&mut self.pieces[place / PIECE], place % PIECE, code.row.len());
        piece.factors[at] = code.factor;
        piece.rows[at * row..][..row].copy_from_slice(&code.row);
        if !self.means.is_empty() {
            self.draw(place);
        }
        if self.owners.len() > EXACT.max(2 * self.drawn) {
            self.draw_all();
        }
        place
    }

    /// Empties a place; the last vector moves there. Returns whose that is, where there is one.
    pub(crate) fn remove(&mut self, place: usize) -> Option<ProductId> {
        self.owners.swap_remove(place);
        let last = self.owners.len();
        if place < last {
            let moved = self.row(last).to_vec();
            let factor = self.factor(last);
            let piece = &mut self.pieces[place / PIECE];
            piece.rows[place % PIECE * moved.len()..][..moved.len()].copy_from_slice(&moved);
            piece.factors[place % PIECE] = factor;
            if !self.means.is_empty() {
                self.draw(place);
            }
        }
        self.pieces.truncate(last.div_ceil(PIECE));
        self.owners.get(place).map(|(product, _)| *product)
    }

    /// The vector in a place.
    pub(crate) fn vector(&self, place: usize) -> Vec<f32> {
        let factor = self.factor(place);
        let mut room = vec![0; self.length];
        let codes = self.encoder.quantizer.unpack(self.row(place), &mut room);
        self.encoder.rotation.rotate_back(codes.iter().map(|code| f32::from(*code) * factor).collect())
    }

    pub(crate) fn query(&self, vector: &[f32]) -> Query {
        let rotated = self.encoder.rotation.rotate(vector);
        let scale = scale(&rotated);
        let bytes = quantize(&rotated, scale);
        let factor = 1.0 / scale;
        let rest =
            bytes.iter().zip(&rotated).map(|(byte, number)| (number * scale - f32::from(*byte)) * FINER);
        let rest = rest.map(|rest| rest.round() as i8).collect();
        let mut sketch = vec![0; if self.means.is_empty() { 0 } else { self.sketch_length() }];
        sketch_of(&bytes, factor, &self.means, &mut sketch);
        Query { bytes, rest, factor, sketch }
    }

    /// The `limit` products whose vectors are the nearest to the query among those in these places that pass the filter, the
    /// nearest first.
    pub(crate) fn nearest(
        &self,
        query: &Query,
        filter: &Wanted,
        places: Range<usize>,
        limit: usize,
    ) -> Vec<Hit> {
        let all = filter.wants_all();
        let passes = |place: &usize| all || filter.matches(self.owners[*place].0, &self.owners[*place].1);
        if self.means.is_empty() || places.len() <= FEW {
            return self.best(query, places.filter(passes), limit);
        }
        if all {
            return self.best(query, self.close(query, places, limit), limit);
        }
        let places: Vec<_> = places.filter(passes).collect();
        let few = places.len() <= FEW;
        self.best(query, if few { places } else { self.close(query, places, limit) }, limit)
    }

    /// Those of the places whose sketches are nearest to the query's, as [`Closest`] says.
    fn close(&self, query: &Query, places: impl IntoIterator<Item = usize>, limit: usize) -> Vec<usize> {
        let wanted = CANDIDATES.0.saturating_mul(limit).max(CANDIDATES.1);
        let mut closest = Closest::new(wanted, 8 * self.sketch_length(), self.has_several);
        for place in places {
            let distance = u8::hamming(&query.sketch, self.sketch(place)).unwrap_or_default() as usize;
            closest.offer(self.owners[place].0, place, distance);
        }
        closest.into_places()
    }

    fn best(&self, query: &Query, places: impl IntoIterator<Item = usize>, limit: usize) -> Vec<Hit> {
        let room = FINELY.0.saturating_mul(limit).max(FINELY.1).min(self.len());
        let mut unpacked = vec![0; self.length];
        let mut best = Best::new(room);
        for place in places {
            let score = self.product(query, &query.bytes, place, &mut unpacked);
            best.offer(Hit { product: self.owners[place].0, score }, place);
        }
        let finely = |(hit, place): (Hit, usize)| {
            let score = hit.score + self.product(query, &query.rest, place, &mut unpacked) / FINER;
            Far(Hit { score: score.clamp(-1.0, 1.0), ..hit }) // rounding may lead a little beyond
        };
        let mut best: Vec<_> = best.into_compared().map(finely).collect();
        best.sort_unstable();
        best.truncate(limit);
        best.into_iter().map(|Far(hit)| hit).collect()
    }

    /// How near the vector in a place is to the query.
    pub(crate) fn score(&self, query: &Query, place: usize) -> f32 {
        let mut unpacked = vec![0; self.length];
        let coarse = self.product(query, &query.bytes, place, &mut unpacked);
        coarse + self.product(query, &query.rest, place, &mut unpacked) / FINER
    }

    /// The dot product of bytes of the query and the vector in a place, which is unpacked into `room`.
    fn product(&self, query: &Query, bytes: &[i8], place: usize, room: &mut [i8]) -> f32 {
        let codes = self.encoder.quantizer.unpack(self.row(place), room);
        i8::dot(bytes, codes).unwrap_or_default() as f32 * self.factor(place) * query.factor
    }

    fn row(&self, place: usize) -> &[i8] {
        let row = self.encoder.quantizer.row();
        &self.pieces[place / PIECE].rows[place % PIECE * row..][..row]
    }

    fn factor(&self, place: usize) -> f32 {
        self.pieces[place / PIECE].factors[place % PIECE]
    }

    fn sketch(&self, place: usize) -> &[u8] {
        let length = self.sketch_length();
        &self.pieces[place / PIECE].sketches[place % PIECE * length..][..length]
    }

    fn sketch_length(&self) -> usize {
        self.length.div_ceil(self.length.div_ceil(SKETCHED).max(1)).div_ceil(8)
    }

    fn draw(&mut self, place: usize) {
        let (sketch, row) = (self.sketch_length(), self.encoder.quantizer.row());
        let (piece, at) = (&mut self.pieces[place / PIECE], place % PIECE);
        let mut room = vec![0; self.length];
        let codes = self.encoder.quantizer.unpack(&piece.rows[at * row..][..row], &mut room);
        sketch_of(codes, piece.factors[at], &self.means, &mut piece.sketches[at * sketch..][..sketch]);
    }

    /// Takes the means anew and draws all sketches. Done each time that the store has doubled.
    fn draw_all(&mut self) {
        let (mut sums, mut room) = (vec![0.0_f64; self.length], vec![0; self.length]);
        for place in 0..self.len() {
            let factor = f64::from(self.factor(place));
            for (sum, byte) in sums.iter_mut().zip(self.encoder.quantizer.unpack(self.row(place), &mut room))
            {
                *sum += f64::from(*byte) * factor;
            }
        }
        self.drawn = self.len();
        self.means = sums.iter().map(|sum| (sum / self.drawn as f64) as f32).collect();
        let sketches = PIECE * self.sketch_length();
        for piece in &mut self.pieces {
            piece.sketches = vec![0; sketches].into();
        }
        (0..self.len()).for_each(|place| self.draw(place));
    }
}

/// Draws a bit for each number, or each of several, that is above its mean.
fn sketch_of(codes: &[i8], factor: f32, means: &[f32], sketch: &mut [u8]) {
    let step = codes.len().div_ceil(SKETCHED).max(1);
    let bits = codes.iter().zip(means).step_by(step).enumerate();
    sketch.fill(0);
    for (at, (code, mean)) in bits {
        sketch[at / 8] |= u8::from(f32::from(*code) * factor > *mean) << (at % 8);
    }
}

#[cfg(test)]
mod tests {
    use vitrina_core::CategoryId;
    use vitrina_core::catalog::Filter;
    use vitrina_core::classify::Embedding;

    use super::*;

    const LENGTH: usize = 96;

    /// One of a thousand embeddings, with noise.
    fn vector(number: usize) -> Vec<f32> {
        let mut random = number as u32 * 2 + 1;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as f32 / (1 << 24) as f32
        };
        let look = |at: usize| ((number % 1000 + 7) * (at + 13) * 7919 % 1013) as f32 / 1013.0;
        let numbers = (0..LENGTH).map(|at| look(at).powi(3) * (0.6 + 0.8 * next()));
        Embedding::new(numbers.collect()).unwrap().as_slice().to_vec()
    }

    fn store(length: usize) -> VectorStore {
        VectorStore::new(length, Arc::new(Encoder::new(length)))
    }

    fn facts(number: usize) -> Facts {
        Facts {
            categories: [(number % 3) as i64].into(),
            brand: "".into(),
            price: 0,
            sale: None,
            in_stock: true,
        }
    }

    fn best(store: &VectorStore, query: &[f32], filter: &Filter) -> Vec<i64> {
        let hits = store.nearest(&store.query(query), &Wanted::new(filter), 0..store.len(), 10);
        hits.iter().map(|hit| hit.product.0).collect()
    }

    #[test]
    fn bytes_keep_a_vector() {
        let mut store = store(LENGTH);
        for number in 0..2 * PIECE {
            let code = store.encoder.encode(&vector(number));
            let place = store.push(ProductId(number as i64), facts(number), &code);
            let kept = Embedding::new(store.vector(place)).unwrap();
            let cosine = Embedding::new(vector(number)).unwrap().cosine(&kept);
            assert!(cosine > 0.9999, "{number}: {cosine}");
        }
    }

    #[test]
    fn a_sketch_of_a_long_vector_has_bits_of_all_its_parts() {
        let codes: Vec<i8> = (0..2560).map(|at| if at < 1280 { 1 } else { -1 }).collect();
        let store = store(2560);
        let mut sketch = vec![0xff; store.sketch_length()];
        sketch_of(&codes, 1.0, &vec![0.0; 2560], &mut sketch);
        assert_eq!((sketch.len(), sketch[..80] == [0xff; 80], sketch[80..] == [0; 80]), (160, true, true));
    }

    #[test]
    fn sketches_find_what_comparing_all_finds() {
        let mut store = store(LENGTH);
        let count = EXACT + 2 * PIECE;
        for number in 0..count {
            let code = store.encoder.encode(&vector(number));
            store.push(ProductId(number as i64), facts(number), &code);
        }
        assert!(!store.means.is_empty());
        // Some go, others come into their places.
        for place in 0..PIECE {
            let moved = store.remove(place);
            assert_eq!(moved, Some(ProductId((count - 1 - place) as i64)));
        }
        let third = Filter::default().categories(vec![CategoryId(1)]);
        for filter in [Filter::default(), third] {
            let wanted = Wanted::new(&filter);
            let (mut found, mut all) = (0, 0);
            for number in (count..).step_by(101).take(20) {
                let query = vector(number);
                let places =
                    (0..store.len()).filter(|at| wanted.matches(store.owners[*at].0, &store.owners[*at].1));
                let exact = store.best(&store.query(&query), places, 10);
                let ours = best(&store, &query, &filter);
                assert_eq!(ours.len(), 10);
                found += exact.iter().filter(|hit| ours.contains(&hit.product.0)).count();
                all += exact.len();
            }
            assert!(found * 100 >= all * 98, "{found} of {all}");
        }
        // Neither does a product keep others out that has more vectors near the query than are compared.
        store.allow_several();
        let (query, crowd) = (vector(count), ProductId(-1));
        for _ in 0..2 * CANDIDATES.1 {
            let code = store.encoder.encode(&query);
            store.push(crowd, facts(1), &code);
        }
        let ours = best(&store, &query, &Filter::default());
        let exact = store.best(&store.query(&query), 0..store.len(), 10);
        let found = exact.iter().filter(|hit| ours.contains(&hit.product.0)).count();
        assert!(ours.len() == 10 && ours[0] == crowd.0 && found >= 9, "{ours:?} of {exact:?}");
        assert_eq!(ours.iter().filter(|id| **id == crowd.0).count(), 1);
    }
}
