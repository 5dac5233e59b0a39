//! Categories learned from the shop's own photos.

use std::collections::HashMap;

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::{CategoryId, Embedding};

/// How much weight the shape of the photos' spread gets against a round one: with three times as many photos as
/// dimensions they weigh alike. Chosen by cross-validation on 50 to 540 photos of clothes.
const ROUNDNESS: f32 = 3.0;

/// The spread of photos within a category, all dimensions together, where none has two of them.
const SPREAD: f32 = 0.6;

/// The temperature where there are too few photos to find one: what two photos a category came to on photos of clothes.
const TEMPERATURE: f32 = 150.0;

/// The parts in which photos are held back, one after the other, to see how sure the others may be.
const FOLDS: usize = 5;

/// The share of the shop's own photos that may look strange to the rest.
const STRANGE: f32 = 0.01;

/// The fewest photos from which it is told what looks strange.
const ENOUGH: usize = 30;

/// Tells from a photo's embedding which category it shows, having seen photos of each.
///
/// This is linear discriminant analysis: every category is a cloud of photos around its mean, and all clouds have one
/// shape, the covariance within the categories, shrunk towards a ball as long as photos are few (Friedman, "Regularized
/// Discriminant Analysis", 1989). With one photo a category it is the nearest mean; with thousands it nears logistic
/// regression. It has a closed solution, so equal photos teach every server the same.
///
/// Scores become probabilities by a temperature (Guo et al., "On Calibration of Modern Neural Networks", 2017), found
/// on the shop's own photos by holding parts of them back. Photos that lie farther from every mean than nearly all of
/// those that were held back are [strange](Self::is_strange).
#[derive(Debug, Clone)]
pub struct Discriminant {
    fitted: Fitted,
    temperature: f32,
    /// The least cosine with a category's mean that looks familiar.
    familiar: Option<f32>,
    photos: usize,
}

impl Discriminant {
    /// Learns from photos with their categories; `None` without a photo.
    ///
    /// Only embeddings of the most frequent length count: others come from another model. The work grows with the square
    /// of the number of photos: 1,500 take about a second.
    pub fn learn(photos: &[(CategoryId, Embedding)]) -> Option<Self> {
        let mut lengths: HashMap<usize, usize> = HashMap::new();
        for (_, embedding) in photos {
            *lengths.entry(embedding.as_slice().len()).or_default() += 1;
        }
        let length = lengths.into_iter().max_by_key(|(length, count)| (*count, *length))?.0;
        let photos: Vec<Photo<'_>> = photos
            .iter()
            .map(|(category, embedding)| (*category, embedding.as_slice()))
            .filter(|(_, numbers)| numbers.len() == length)
            .collect();
        let held_back = held_back(&photos);
        let temperature = if held_back.len() < ENOUGH { TEMPERATURE } else { temperature(&held_back) };
        let mut likeness: Vec<f32> = held_back.iter().map(|seen| seen.likeness).collect();
        likeness.sort_by(f32::total_cmp);
        let familiar =
            (likeness.len() >= ENOUGH).then(|| likeness[(likeness.len() as f32 * STRANGE) as usize]);
        Some(Self { fitted: Fitted::new(&photos)?, temperature, familiar, photos: photos.len() })
    }

    /// The probability of each category that has photos, given that it is one of them; `None` for an embedding of another
    /// length.
    pub fn probabilities(&self, embedding: &Embedding) -> Option<Vec<(CategoryId, f32)>> {
        let scores = self.fitted.scores(embedding.as_slice())?;
        let probabilities = softmax(&scores, self.temperature);
        Some(self.fitted.categories.iter().copied().zip(probabilities).collect())
    }

    /// Whether the photo is less like every category than the shop's own photos are; never where these are too few to
    /// tell.
    pub fn is_strange(&self, embedding: &Embedding) -> bool {
        let likeness = self.fitted.likeness(embedding.as_slice());
        self.familiar.is_some_and(|familiar| likeness.is_some_and(|likeness| likeness < familiar))
    }

    /// Whether there were photos enough to tell what looks strange.
    pub fn knows_strangers(&self) -> bool {
        self.familiar.is_some()
    }

    /// How many photos a category has in the mean.
    pub fn photos_per_category(&self) -> f32 {
        self.photos as f32 / self.fitted.categories.len() as f32
    }

    /// The categories that it has seen photos of, by number.
    pub fn categories(&self) -> &[CategoryId] {
        &self.fitted.categories
    }
}

type Photo<'a> = (CategoryId, &'a [f32]);

/// The closed solution: a linear score for each category.
#[derive(Debug, Clone)]
struct Fitted {
    /// By number.
    categories: Vec<CategoryId>,
    /// A row a category.
    weights: DMatrix<f32>,
    biases: DVector<f32>,
    /// A row a category: its mean, scaled to unit length.
    means: DMatrix<f32>,
}

impl Fitted {
    /// Fits photos of one length.
    ///
    /// The covariance `a I + b R'R`, where the rows of `R` are the photos less their category's mean, is as large as the
    /// square of the dimensions, but photos are few: its inverse is applied through the photos' products `R R'` instead
    /// (the Woodbury identity).
    fn new(photos: &[Photo<'_>]) -> Option<Self> {
        let dimensions = photos.first()?.1.len();
        let mut categories: Vec<_> = photos.iter().map(|(category, _)| *category).collect();
        categories.sort_unstable();
        categories.dedup();
        let place = |category| categories.partition_point(|known| *known < category);
        let mut means = DMatrix::<f32>::zeros(categories.len(), dimensions);
        let mut counts = vec![0.0_f32; categories.len()];
        for (category, numbers) in photos {
            let at = place(*category);
            counts[at] += 1.0;
            means.row_mut(at).iter_mut().zip(*numbers).for_each(|(sum, number)| *sum += number);
        }
        for (mut row, count) in means.row_iter_mut().zip(&counts) {
            row /= *count;
        }
        let rest = DMatrix::from_fn(photos.len(), dimensions, |at, dimension| {
            photos[at].1[dimension] - means[(place(photos[at].0), dimension)]
        });
        let centre = DVector::from_fn(dimensions, |dimension, _| means.column(dimension).mean());
        let away = DMatrix::from_fn(categories.len(), dimensions, |at, dimension| {
            means[(at, dimension)] - centre[dimension]
        });
        let precision = Precision::new(&rest, categories.len())?;
        let weights = precision.times(&away);
        let biases = DVector::from_fn(categories.len(), |at, _| {
            let row = weights.row(at);
            -row.dot(&centre.transpose()) - 0.5 * (row.dot(&away.row(at)) - precision.noise / counts[at])
        });
        for mut row in means.row_iter_mut() {
            let norm = row.norm();
            row /= norm.max(f32::MIN_POSITIVE);
        }
        Some(Self { categories, weights, biases, means })
    }

    fn scores(&self, numbers: &[f32]) -> Option<Vec<f32>> {
        (numbers.len() == self.weights.ncols()).then(|| {
            let photo = DVector::from_column_slice(numbers);
            (&self.weights * photo + &self.biases).iter().copied().collect()
        })
    }

    /// The cosine with the nearest mean.
    fn likeness(&self, numbers: &[f32]) -> Option<f32> {
        (numbers.len() == self.means.ncols())
            .then(|| (&self.means * DVector::from_column_slice(numbers)).max())
    }
}

/// The inverse of the covariance within categories, which is `a I + b R'R`.
struct Precision<'a> {
    a: f32,
    /// How much longer, squared and in the measure of the inverse, the mean of a single photo is than the category's true
    /// mean: what the photos spread.
    ///
    /// The mean of `n` photos is longer by an `n`th of it, which would count against categories with few photos (Moran and
    /// Murphy, "A Closer Look at Two Alternative Methods of Statistical Discrimination", 1979).
    noise: f32,
    rest: &'a DMatrix<f32>,
    /// Of `(a / b) I + R R'`; `None` where the covariance is a ball.
    solver: Option<Cholesky<f32, Dyn>>,
}

impl<'a> Precision<'a> {
    fn new(rest: &'a DMatrix<f32>, categories: usize) -> Option<Self> {
        let (photos, dimensions) = (rest.nrows() as f32, rest.ncols() as f32);
        let free = photos - categories as f32;
        let spread = rest.norm_squared();
        if free < 1.0 || spread <= f32::EPSILON {
            return Some(Self { a: SPREAD / dimensions, noise: dimensions, rest, solver: None });
        }
        let round = ROUNDNESS * dimensions / (ROUNDNESS * dimensions + photos);
        let (a, b) = (round * spread / free / dimensions, (1.0 - round) / free);
        let products = rest * rest.transpose();
        let mut rounded = products.clone();
        for at in 0..rounded.nrows() {
            rounded[(at, at)] += a / b;
        }
        let solver = Cholesky::new(rounded)?;
        let noise = solver.solve(&products).trace() / (b * free);
        Some(Self { a, noise, rest, solver: Some(solver) })
    }

    /// The rows of `vectors`, each times the inverse.
    fn times(&self, vectors: &DMatrix<f32>) -> DMatrix<f32> {
        match &self.solver {
            None => vectors / self.a,
            Some(solver) => {
                let solved = solver.solve(&(self.rest * vectors.transpose()));
                (vectors - solved.transpose() * self.rest) / self.a
            }
        }
    }
}

/// What the others say of a photo that was held back.
struct HeldBack {
    scores: Vec<f32>,
    /// The place of its own category among the scores.
    truth: usize,
    likeness: f32,
}

fn held_back(photos: &[Photo<'_>]) -> Vec<HeldBack> {
    let mut seen: HashMap<CategoryId, usize> = HashMap::new();
    let folds: Vec<usize> = photos
        .iter()
        .map(|(category, _)| {
            let count = seen.entry(*category).or_default();
            *count += 1;
            (*count - 1) % FOLDS
        })
        .collect();
    let mut all = Vec::new();
    for fold in 0..FOLDS {
        let part = |inside: bool| {
            let of_fold = photos.iter().zip(&folds).filter(move |(_, at)| (**at == fold) == inside);
            of_fold.map(|(photo, _)| *photo)
        };
        let Some(fitted) = Fitted::new(&part(false).collect::<Vec<_>>()) else { continue };
        for (category, numbers) in part(true) {
            let truth = fitted.categories.binary_search(&category).ok();
            let said = (truth, fitted.scores(numbers), fitted.likeness(numbers));
            if let (Some(truth), Some(scores), Some(likeness)) = said {
                all.push(HeldBack { scores, truth, likeness });
            }
        }
    }
    all
}

/// The temperature at which the held back photos are least of a surprise: the lowest mean negative logarithm of the
/// probability of their own category, among 60 temperatures from 2 to 500.
fn temperature(held_back: &[HeldBack]) -> f32 {
    let surprise = |temperature: f32| -> f64 {
        let own = held_back.iter().map(|seen| softmax(&seen.scores, temperature)[seen.truth]);
        own.map(|probability| -f64::from(probability.max(f32::MIN_POSITIVE)).ln()).sum()
    };
    let candidates = (0..60).map(|step| 2.0 * 250.0_f32.powf(step as f32 / 59.0));
    candidates.min_by(|a, b| surprise(*a).total_cmp(&surprise(*b))).unwrap_or(TEMPERATURE)
}

fn softmax(scores: &[f32], temperature: f32) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| ((score - highest) / temperature).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}
