//! What facets are counted by: the values of each segment's products, unpacked into memory.
//!
//! Reading a value from a compressed column takes many times as long as counting it, and a search counts those of every product
//! that it finds.

use std::collections::BTreeMap;

use tantivy::columnar::StrColumn;
use tantivy::{DocId, TantivyError};

use crate::columns::SegmentColumns;

/// The values of one segment's documents.
pub(crate) struct FacetColumns {
    /// Places in `category_ids`.
    pub(crate) categories: Places,
    pub(crate) category_ids: Vec<i64>,
    /// Places in the dictionary of brands.
    pub(crate) brands: Places,
    pub(crate) in_stock: Vec<bool>,
    /// The regular prices, in minor units.
    pub(crate) prices: Vec<i64>,
}

impl FacetColumns {
    pub(crate) fn of(columns: &SegmentColumns) -> Self {
        let documents = columns.ids.num_docs();
        let categories = &columns.categories;
        let mut seen = BTreeMap::new();
        for id in (0..documents).flat_map(|doc| categories.values_for_doc(doc)) {
            seen.insert(id, 0);
        }
        (0..).zip(seen.values_mut()).for_each(|(next, place)| *place = next);
        Self {
            categories: Places::of(documents, |doc| categories.values_for_doc(doc).map(|id| seen[&id])),
            category_ids: seen.keys().copied().collect(),
            brands: Places::of_terms(documents, columns.brands.as_ref()),
            in_stock: (0..documents).map(|doc| columns.in_stock.first(doc) == Some(true)).collect(),
            prices: (0..documents).map(|doc| columns.price.first(doc).unwrap_or_default()).collect(),
        }
    }
}

/// The values that each document of a segment has, as places in a dictionary.
#[derive(Default)]
pub(crate) struct Places {
    /// Where the values of each document begin in `places`, and where those of the last one end.
    starts: Vec<u32>,
    places: Vec<u32>,
}

impl Places {
    fn of<V: Iterator<Item = u32>>(documents: DocId, values: impl Fn(DocId) -> V) -> Self {
        let mut all = Self { starts: Vec::with_capacity(documents as usize + 1), places: Vec::new() };
        all.starts.push(0);
        for doc in 0..documents {
            all.places.extend(values(doc));
            all.starts.push(all.places.len() as u32);
        }
        all.places.shrink_to_fit();
        all
    }

    pub(crate) fn of_terms(documents: DocId, column: Option<&StrColumn>) -> Self {
        let Some(column) = column else { return Self::default() };
        Self::of(documents, |doc| column.ords().values_for_doc(doc).map(|place| place as u32))
    }

    /// The values of a document.
    pub(crate) fn at(&self, doc: DocId) -> &[u32] {
        let doc = doc as usize;
        match self.starts.get(doc..doc + 2) {
            Some(&[start, end]) => &self.places[start as usize..end as usize],
            _ => &[],
        }
    }
}

/// Names the places of a dictionary that were counted, in order, each with its count.
pub(crate) fn name_counted(
    column: &StrColumn,
    counts: &[u32],
    mut each: impl FnMut(&str, usize),
) -> Result<(), TantivyError> {
    let counted: Vec<_> = (0..).zip(counts).filter(|(_, count)| **count > 0).collect();
    let places: Vec<u64> = counted.iter().map(|(place, _)| *place).collect();
    let mut counted = counted.into_iter();
    // One walk through the dictionary: looked up one by one, each would be searched from the start of its block.
    column.dictionary().sorted_ords_to_term_cb(&places, |term| {
        if let (Some((_, count)), Ok(term)) = (counted.next(), std::str::from_utf8(term)) {
            each(term, *count as usize);
        }
    })?;
    Ok(())
}
