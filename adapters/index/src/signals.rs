//! What a shop knows of its products beside their texts: popularity, sales, newness, boosts of brands and categories.
//!
//! ```text
//! gain       = UNIT × (POPULARITY × level + SALE + NEWNESS × age + BRAND + CATEGORY)      weights: `RankingWeights`
//! level      = log2(1 + popularity) / 20, 1 at most
//! age        = ID / highest ID, in sixteenths
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::columnar::Column;
use vitrina_core::Result;
use vitrina_core::index::RankingWeights;

use crate::columns::SegmentColumns;
use crate::prices::Prices;
use crate::ranking::UNIT;
use crate::schema::key;

/// The binary logarithm of the popularity that gains all.
const MOST_POPULAR: f64 = 20.0;

/// The steps of newness: scores stay as they are while few products come.
const AGES: i64 = 16;

/// The parts in which the weight of being out of stock is kept.
const STOCK_PARTS: f32 = 1024.0;

/// The weights, in points.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    popularity: u32,
    sale: u32,
    newness: u32,
    brands: HashMap<String, u32>,
    categories: HashMap<i64, u32>,
    out_of_stock: u32,
}

/// What a product gains, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SignalGains {
    pub(crate) popularity: u32,
    pub(crate) sale: u32,
    pub(crate) newness: u32,
    pub(crate) boost: u32,
}

impl SignalGains {
    pub(crate) fn sum(self) -> u32 {
        self.popularity + self.sale + self.newness + self.boost
    }
}

impl Default for Signals {
    fn default() -> Self {
        Self::of(&RankingWeights::default())
    }
}

impl Signals {
    /// The signals of these weights.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) for weights out of range.
    pub(crate) fn new(weights: &RankingWeights) -> Result<Self> {
        weights.validate()?;
        Ok(Self::of(weights))
    }

    fn of(weights: &RankingWeights) -> Self {
        let points = |weight: f32| (UNIT * weight) as u32;
        Self {
            popularity: points(weights.popularity),
            sale: points(weights.sale),
            newness: points(weights.newness),
            brands: weights.brands.iter().map(|(name, weight)| (key(name), points(*weight))).collect(),
            categories: weights.categories.iter().map(|(id, weight)| (*id, points(*weight))).collect(),
            out_of_stock: (STOCK_PARTS * weights.out_of_stock) as u32,
        }
    }

    /// What a fraction of a score loses by being out of stock.
    pub(crate) fn lost(&self, fraction: u32) -> u32 {
        fraction * self.out_of_stock / STOCK_PARTS as u32
    }

    /// Makes ready for the products of one segment; `newest` is the highest ID of the index.
    pub(crate) fn in_segment(
        &self,
        columns: &Arc<SegmentColumns>,
        newest: i64,
    ) -> Result<SegmentSignals<'_>, TantivyError> {
        let popularity =
            (self.popularity > 0 && columns.has_popularity()).then(|| columns.popularity.clone());
        let prices = (self.sale > 0 && columns.has_sales()).then(|| Prices::of(columns));
        let ids = (self.newness > 0).then(|| (columns.ids.clone(), newest.max(1)));
        let brands = match &columns.brand_keys {
            Some(column) => {
                let mut gains = HashMap::new();
                for (brand, points) in &self.brands {
                    let place = column.dictionary().term_ord(brand)?;
                    gains.extend(place.map(|place| (place, *points)));
                }
                Some((column.ords().clone(), gains)).filter(|(_, gains)| !gains.is_empty())
            }
            None => None,
        };
        let categories = (!self.categories.is_empty()).then(|| columns.categories.clone());
        let highest = |gains: &mut dyn Iterator<Item = u32>| gains.max().unwrap_or(0);
        let most = if popularity.is_some() { self.popularity } else { 0 }
            + if prices.is_some() { self.sale } else { 0 }
            + self.newness
            + brands.as_ref().map_or(0, |(_, gains)| highest(&mut gains.values().copied()))
            + highest(&mut self.categories.values().copied());
        Ok(SegmentSignals { signals: self, popularity, prices, ids, brands, categories, most })
    }
}

/// The signals of the products of one segment; columns that give nothing are left out.
pub(crate) struct SegmentSignals<'a> {
    signals: &'a Signals,
    popularity: Option<Column<f64>>,
    prices: Option<Prices>,
    ids: Option<(Column<i64>, i64)>,
    brands: Option<(Column<u64>, HashMap<u64, u32>)>,
    categories: Option<Column<i64>>,
    most: u32,
}

impl SegmentSignals<'_> {
    /// The most that a product of the segment gains, in points.
    pub(crate) fn most(&self) -> u32 {
        self.most
    }

    /// What a product gains, in points.
    pub(crate) fn gain(&self, doc: u32) -> u32 {
        if self.most == 0 { 0 } else { self.gains(doc).sum() }
    }

    /// The terms of [`gain`](Self::gain).
    pub(crate) fn gains(&self, doc: u32) -> SignalGains {
        let signals = self.signals;
        let popularity = self.popularity.as_ref().and_then(|column| column.first(doc));
        let level = popularity.map_or(0.0, |popularity| popularity.max(0.0).ln_1p() / std::f64::consts::LN_2);
        let is_reduced = self.prices.as_ref().is_some_and(|prices| prices.is_reduced(doc));
        let newness = self.ids.as_ref().map_or(0, |(ids, newest)| {
            let age =
                ids.first(doc).unwrap_or_default().clamp(0, *newest) as u128 * AGES as u128 / *newest as u128;
            signals.newness * age as u32 / AGES as u32
        });
        let brand = self.brands.as_ref().and_then(|(column, gains)| gains.get(&column.first(doc)?).copied());
        let category = self.categories.as_ref().and_then(|column| {
            column.values_for_doc(doc).filter_map(|id| signals.categories.get(&id).copied()).max()
        });
        SignalGains {
            popularity: (f64::from(signals.popularity) * (level / MOST_POPULAR).min(1.0)) as u32,
            sale: if is_reduced { signals.sale } else { 0 },
            newness,
            boost: brand.unwrap_or(0) + category.unwrap_or(0),
        }
    }
}
