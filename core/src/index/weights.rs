//! Weights of what a shop knows of its products beside their texts, in the ranking of products found by words.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Error, Result, data_file};

/// How much popularity, sales, newness and a shop's own boosts count in the order of products found by words.
///
/// A weight is what a product gains at most, in parts of what the words of a query are worth together, in their best places.
/// Weights add up, and together they are at most [`MAX`](Self::MAX): they order products that fit alike, and never put one
/// that lacks a word before one that has all. In other orders than relevance they count for nothing.
///
/// ```
/// let weights = vitrina_core::index::RankingWeights::from_json(r#"{"popularity": 0.05, "brands": {"Zancada": 0.1}}"#)?;
/// assert_eq!((weights.popularity, weights.sale), (0.05, 0.0));
/// # Ok::<(), vitrina_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RankingWeights {
    /// For the popularity that the shop gives, by its logarithm: a million and more gains all, 1,000 half. Default: 0.02, by
    /// which only products that fit nearly alike change places.
    pub popularity: f32,
    /// For a reduced price that applies now. Default: 0.
    pub sale: f32,
    /// For newness: the product of the highest ID gains all, and the lower the ID the less, in sixteenths. Default: 0.
    pub newness: f32,
    /// For products of these brands, without case. Default: none.
    pub brands: BTreeMap<String, f32>,
    /// For products of these categories and those below them, by ID; of several the highest counts. Default: none.
    pub categories: BTreeMap<i64, f32>,
    /// The part of its score within its class that a product loses that is out of stock, 0 to 1. Default: 0.125.
    pub out_of_stock: f32,
}

impl Default for RankingWeights {
    fn default() -> Self {
        Self {
            popularity: 0.02,
            sale: 0.0,
            newness: 0.0,
            brands: BTreeMap::new(),
            categories: BTreeMap::new(),
            out_of_stock: 0.125,
        }
    }
}

impl RankingWeights {
    /// Sets the weight of popularity.
    #[must_use]
    pub fn popularity(mut self, popularity: f32) -> Self {
        self.popularity = popularity;
        self
    }

    /// Sets the weight of a reduced price that applies now.
    #[must_use]
    pub fn sale(mut self, sale: f32) -> Self {
        self.sale = sale;
        self
    }

    /// Sets the weight of newness.
    #[must_use]
    pub fn newness(mut self, newness: f32) -> Self {
        self.newness = newness;
        self
    }

    /// Sets the weights of brands.
    #[must_use]
    pub fn brands(mut self, brands: BTreeMap<String, f32>) -> Self {
        self.brands = brands;
        self
    }

    /// Sets the weights of categories, by ID.
    #[must_use]
    pub fn categories(mut self, categories: BTreeMap<i64, f32>) -> Self {
        self.categories = categories;
        self
    }

    /// Sets the part of its score that a product loses that is out of stock, 0 to 1.
    #[must_use]
    pub fn out_of_stock(mut self, out_of_stock: f32) -> Self {
        self.out_of_stock = out_of_stock;
        self
    }

    /// The most that all weights of a product are together.
    pub const MAX: f32 = 0.2;

    /// Reads weights from a JSON object; those that it leaves out have their defaults.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) when it is no JSON of this form, and as [`validate`](Self::validate).
    pub fn from_json(json: &str) -> Result<Self> {
        let weights: Self = data_file::parse(json, "weights of the ranking")?;
        weights.validate()?;
        Ok(weights)
    }

    /// Checks that the weights are in their ranges.
    ///
    /// # Errors
    /// [`Invalid`](crate::ErrorKind::Invalid) for a weight below 0, for weights that are more than [`MAX`](Self::MAX) together, and
    /// for a part of the score that is not 0 to 1.
    pub fn validate(&self) -> Result<()> {
        let boosts = || self.brands.values().chain(self.categories.values());
        let own = [self.popularity, self.sale, self.newness];
        if own.iter().chain(boosts()).any(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::invalid("a weight of the ranking must be 0 or more"));
        }
        let highest = |weights: Vec<&f32>| weights.into_iter().copied().fold(0.0, f32::max);
        let boosts = highest(self.brands.values().collect()) + highest(self.categories.values().collect());
        let sum = own.iter().sum::<f32>() + boosts;
        if sum > Self::MAX + 1e-6 {
            let most = Self::MAX;
            return Err(Error::invalid(format!(
                "the weights of the ranking are {sum} together: {most} at most"
            )));
        }
        if !(0.0..=1.0).contains(&self.out_of_stock) {
            return Err(Error::invalid("the weight `out_of_stock` must be 0 to 1"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_out_of_range_are_refused() {
        let read = RankingWeights::from_json;
        assert_eq!(read("{}").unwrap(), RankingWeights::default());
        assert!(read(r#"{"popularity": 0.1, "categories": {"7": 0.05}, "brands": {"a": 0.05}}"#).is_ok());
        for wrong in [
            r#"{"popularity": -0.1}"#,
            r#"{"popularity": 0.1, "sale": 0.2}"#,
            r#"{"brands": {"a": 0.15}, "categories": {"7": 0.1}}"#,
            r#"{"out_of_stock": 2}"#,
            r#"{"popular": 0.1}"#,
            "[]",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
