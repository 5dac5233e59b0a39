//! Evidence from the shop's own photos: linear discriminant analysis and the nearest photo, category by category.

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use crate::CategoryId;
use crate::classify::{Embedding, EmbeddingSpace};

/// How much weight the shape of the photos' spread gets against a round one: with three times as many photos as
/// dimensions they weigh alike. Chosen by cross-validation on 50 to 540 photos of clothes.
const ROUNDNESS: f32 = 3.0;

/// The spread of photos within a category, all dimensions together, where none has two of them.
const SPREAD: f32 = 0.6;

/// The length of the mean of unit embeddings of photos of all kinds: 0.437 over 494 photos of as many ImageNet classes.
const CENTER_LENGTH: f32 = 0.437;

/// How many photos the model's center counts as, in the mean of the shop's own photos.
const CENTER_PHOTOS: f32 = 20.0;

/// What the shop's photos of one category say about a customer's photo.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PhotoEvidence {
    /// The category.
    pub category: CategoryId,
    /// The number of its photos in the training set.
    pub photos: usize,
    /// The cosine with the nearest of them, after each side's mean was subtracted: about 0 for photos that have nothing
    /// in common.
    pub nearest: f32,
    /// The linear discriminant score: a log-likelihood, comparable among the categories of one photo only.
    pub score: f32,
}

/// Classifies embeddings of photos into categories, by linear discriminant analysis and the nearest neighbour.
///
/// Two statistics serve, one for many photos and one for few:
///
/// - Linear discriminant analysis: every category is a cloud of photos around its mean, and all clouds have one shape, the
///   covariance within the categories, shrunk towards a ball as long as photos are few (Friedman, "Regularized
///   Discriminant Analysis", 1989). It has a closed solution, so every server computes the same from equal photos.
/// - The cosine with the nearest photo of the category. Catalogue photos and customers' photos differ in style, so each
///   side's own mean is subtracted: of the catalogue's photos their mean, shrunk towards the model's center; of the
///   customer's photo the model's center, which is what photos of all kinds have in common.
#[derive(Debug, Clone)]
pub struct Discriminant {
    space: EmbeddingSpace,
    fitted: Fitted,
    /// A row a photo, of unit length, the catalogue's mean subtracted.
    photos: DMatrix<f32>,
    /// For each photo the place of its category.
    places: Vec<usize>,
    counts: Vec<usize>,
    /// What is subtracted from a customer's photo.
    center: DVector<f32>,
    /// The mean of the catalogue's photos.
    mean: DVector<f32>,
}

impl Discriminant {
    /// Trains on photos with their categories; `None` without a photo.
    ///
    /// `center` is the model's [`Classifier::center`](crate::Classifier::center); without one the catalogue's mean takes
    /// its place. Embeddings of another space or length than the first are left out. The work grows with the square of the number
    /// of photos: 1,500 take about a fifth of a second.
    pub fn train(photos: &[(CategoryId, Embedding)], center: Option<&Embedding>) -> Option<Self> {
        let first = photos.first()?.1.clone();
        let (space, length) = (first.space().clone(), first.as_slice().len());
        let photos: Vec<Photo<'_>> = photos
            .iter()
            .filter(|(_, embedding)| embedding.is_comparable(&first))
            .map(|(category, embedding)| (*category, embedding.as_slice()))
            .collect();
        let fitted = Fitted::new(&photos)?;
        let places: Vec<usize> = photos
            .iter()
            .map(|(category, _)| fitted.categories.partition_point(|known| known < category))
            .collect();
        let mut counts = vec![0; fitted.categories.len()];
        places.iter().for_each(|place| counts[*place] += 1);
        let prior = center.filter(|center| center.is_comparable(&first));
        let prior = prior.map(|center| DVector::from_column_slice(center.as_slice()) * CENTER_LENGTH);
        let weight = if prior.is_some() { CENTER_PHOTOS } else { 0.0 };
        let mut mean = prior.clone().unwrap_or_else(|| DVector::zeros(length)) * weight;
        for (_, numbers) in &photos {
            mean.iter_mut().zip(*numbers).for_each(|(sum, number)| *sum += number);
        }
        mean /= photos.len() as f32 + weight;
        let mut rows =
            DMatrix::from_fn(photos.len(), length, |at, dimension| photos[at].1[dimension] - mean[dimension]);
        for mut row in rows.row_iter_mut() {
            let norm = row.norm();
            row /= norm.max(f32::MIN_POSITIVE);
        }
        let center = prior.unwrap_or_else(|| mean.clone());
        Some(Self { space, fitted, photos: rows, places, counts, center, mean })
    }

    /// What each category's photos say, by category ID; `None` for an embedding of another space.
    pub fn evidence(&self, embedding: &Embedding) -> Option<Vec<PhotoEvidence>> {
        if *embedding.space() != self.space {
            return None;
        }
        let scores = self.fitted.scores(embedding.as_slice())?;
        let photo = DVector::from_column_slice(embedding.as_slice()) - &self.center;
        let norm = photo.norm().max(f32::MIN_POSITIVE);
        let mut nearest = vec![f32::NEG_INFINITY; self.counts.len()];
        for (cosine, place) in (&self.photos * photo).iter().zip(&self.places) {
            nearest[*place] = nearest[*place].max(cosine / norm);
        }
        let categories = self.fitted.categories.iter().zip(&self.counts);
        let evidence =
            categories.zip(nearest.into_iter().zip(scores)).map(|((category, photos), (nearest, score))| {
                PhotoEvidence { category: *category, photos: *photos, nearest, score }
            });
        Some(evidence.collect())
    }

    /// How many photos a category has in the mean.
    pub fn photos_per_category(&self) -> f32 {
        self.places.len() as f32 / self.counts.len() as f32
    }

    /// The mean of the catalogue's photos, shrunk towards the model's center while they are few; not of unit length.
    pub fn mean(&self) -> &[f32] {
        self.mean.as_slice()
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
        Some(Self { categories, weights, biases })
    }

    fn scores(&self, numbers: &[f32]) -> Option<Vec<f32>> {
        (numbers.len() == self.weights.ncols()).then(|| {
            let photo = DVector::from_column_slice(numbers);
            (&self.weights * photo + &self.biases).iter().copied().collect()
        })
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
