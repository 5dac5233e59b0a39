//! Attributes of products: one column of name and value pairs, interned by each segment's dictionary.
//!
//! A term is the folded name, the folded value, and both as the shop writes them, so that spellings of one value stand side
//! by side in the dictionary and a value is a range of places in it.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use tantivy::TantivyError;
use tantivy::columnar::{StrColumn, TermOrdHit};
use vitrina_core::Product;
use vitrina_core::catalog::Filter;
use vitrina_core::index::{AttributePass, FacetCounter, Passes};

use crate::columns::SegmentColumns;
use crate::facet_columns::name_counted;
use crate::schema::key;

/// Between the parts of a term; no text that customers read has it.
const SEPARATOR: char = '\u{1}';
/// The first character behind [`SEPARATOR`].
const BEHIND: char = '\u{2}';

/// The longest part of a term in characters: more is no value to choose from a list.
const LONGEST: usize = 120;

/// The terms of a product's attributes and those of its variants, each once.
pub(crate) fn terms(product: &Product) -> BTreeSet<String> {
    let clean = |text: &str| text.chars().filter(|c| *c > BEHIND).take(LONGEST).collect::<String>();
    let term = |(name, value): (&str, String)| {
        let (name, value) = (clean(name), clean(&value));
        format!("{}{SEPARATOR}{}{SEPARATOR}{name}{SEPARATOR}{value}", key(&name), key(&value))
    };
    product.attribute_values().map(term).collect()
}

/// The values that a filter asks for, folded: of each attribute one must be there.
#[derive(Debug, Clone, Default)]
pub(crate) struct WantedAttributes(Vec<(String, Vec<String>)>);

impl WantedAttributes {
    pub(crate) fn new(filter: &Filter) -> Self {
        let values = |values: &Vec<String>| values.iter().map(|value| key(value)).collect();
        Self(filter.attributes.iter().map(|(name, all)| (key(name), values(all))).collect())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A filter by attributes over the column of one segment.
pub(crate) struct SegmentAttributes {
    column: Option<StrColumn>,
    /// For each attribute asked for, the ranges of places of the values that pass.
    wanted: Vec<Vec<Range<u64>>>,
}

impl SegmentAttributes {
    pub(crate) fn new(wanted: &WantedAttributes, columns: &SegmentColumns) -> Result<Self, TantivyError> {
        if wanted.is_empty() {
            return Ok(Self { column: None, wanted: Vec::new() });
        }
        let column = columns.attributes.clone();
        let mut places = Vec::with_capacity(wanted.0.len());
        for (name, values) in &wanted.0 {
            let mut ranges = Vec::with_capacity(values.len());
            for value in values {
                if let Some(column) = &column {
                    let start = place(column, &format!("{name}{SEPARATOR}{value}{SEPARATOR}"))?;
                    let end = place(column, &format!("{name}{SEPARATOR}{value}{BEHIND}"))?;
                    ranges.push(start..end);
                }
            }
            places.push(ranges);
        }
        Ok(Self { column, wanted: places })
    }

    /// Which of the attributes asked for a document has.
    pub(crate) fn passes(&self, doc: u32) -> AttributePass {
        let mut pass = AttributePass::All;
        for (place, ranges) in self.wanted.iter().enumerate() {
            let has = self.column.as_ref().is_some_and(|column| {
                column.ords().values_for_doc(doc).any(|ord| ranges.iter().any(|range| range.contains(&ord)))
            });
            if !has {
                pass = pass.without(place);
            }
        }
        pass
    }
}

/// The first place in the dictionary from a term on.
fn place(column: &StrColumn, term: &str) -> Result<u64, TantivyError> {
    Ok(match column.dictionary().term_ord_or_next(term)? {
        TermOrdHit::Exact(place) | TermOrdHit::Next(place) => place,
    })
}

/// How many documents of a segment have each value.
pub(crate) struct AttributeCounts {
    columns: Arc<SegmentColumns>,
    /// The ranges of places of the attributes that the filter asks for, in the filter's order.
    asked: Vec<Range<u64>>,
    counts: Vec<u32>,
}

impl AttributeCounts {
    pub(crate) fn new(wanted: &WantedAttributes, columns: Arc<SegmentColumns>) -> Result<Self, TantivyError> {
        let mut asked = Vec::new();
        let mut counts = Vec::new();
        if let Some(column) = &columns.attributes {
            counts = vec![0; column.num_terms()];
            for (name, _) in &wanted.0 {
                let start = place(column, &format!("{name}{SEPARATOR}"))?;
                asked.push(start..place(column, &format!("{name}{BEHIND}"))?);
            }
        }
        Ok(Self { columns, asked, counts })
    }

    /// Counts the values of a document in every facet that the rest of the filter leaves it in.
    pub(crate) fn count(&mut self, doc: u32, passes: Passes) {
        let only = match (Passes { attributes: AttributePass::All, ..passes }.all(), passes.attributes) {
            (true, AttributePass::All) => None,
            (true, AttributePass::AllBut(place)) => self.asked.get(place),
            _ => return,
        };
        for place in self.columns.attribute_places().at(doc) {
            if only.is_none_or(|only| only.contains(&u64::from(*place))) {
                self.counts[*place as usize] += 1;
            }
        }
    }

    /// Gives the values their names.
    pub(crate) fn finish(self, counter: &mut FacetCounter) -> Result<(), TantivyError> {
        let Some(column) = &self.columns.attributes else { return Ok(()) };
        name_counted(column, &self.counts, |term, count| {
            let mut parts = term.split(SEPARATOR).skip(2);
            if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                counter.add_attribute(name, value, count);
            }
        })
    }
}
