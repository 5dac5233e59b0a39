//! Helpers of all systems: rows of cells, lists of IDs, category paths, amounts with VAT.

use std::collections::HashMap;
use std::sync::Arc;

use crate::field::Field;
use crate::headers::CATEGORY_MARK;
use crate::row::{Cell, Column, Row};
use crate::values::is_missing;

use super::position;

/// Products that the shop does not offer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hidden(pub(crate) u64);

/// A row of a product or a variant.
pub(crate) struct Builder(Row);

impl Builder {
    pub(crate) fn new(product: i64) -> Self {
        Self(Row::new(position(product)))
    }

    /// Adds a value unless it is missing.
    pub(crate) fn add(&mut self, field: Field, header: &str, text: Option<impl Into<String>>) -> &mut Self {
        if let Some(text) = text.map(Into::into).filter(|text: &String| !is_missing(text)) {
            self.0.cells.push(Cell { column: Column { header: header.into(), field }, text });
        }
        self
    }

    /// Adds a value of an attribute.
    pub(crate) fn attribute(&mut self, name: &str, value: Option<impl Into<String>>) -> &mut Self {
        let name: Arc<str> = name.into();
        self.add(Field::Attribute(name.clone()), &name, value)
    }

    pub(crate) fn row(self) -> Row {
        self.0
    }
}

/// Rows of a result by the number in one of their columns.
pub(crate) fn by_id<T>(rows: impl IntoIterator<Item = (i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut grouped: HashMap<i64, Vec<T>> = HashMap::new();
    for (id, row) in rows {
        grouped.entry(id).or_default().push(row);
    }
    grouped
}

/// `1,2,3`, or `0` of no IDs, for `IN (…)`.
pub(crate) fn list(ids: impl IntoIterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.into_iter().map(|id| id.to_string()).collect();
    if ids.is_empty() { "0".into() } else { ids.join(",") }
}

/// A tree of categories.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: HashMap<i64, Node>,
}

#[derive(Debug)]
struct Node {
    parent: i64,
    name: String,
    /// False for roots that customers do not see, and for what hides all below it.
    shown: bool,
    root: bool,
}

impl Tree {
    /// Adds a category; a root has no place in paths, and a switched-off one hides all below it.
    pub(crate) fn add(&mut self, id: i64, parent: i64, name: String, shown: bool, root: bool) {
        self.nodes.insert(id, Node { parent, name, shown, root });
    }

    /// Returns the path of a category, with its names joined; `None` if it is hidden or a root.
    pub(crate) fn path(&self, id: i64) -> Option<String> {
        let (mut names, mut at, mut steps) = (Vec::new(), id, 0);
        while let Some(node) = self.nodes.get(&at) {
            steps += 1;
            if !node.shown || steps > 32 {
                return None;
            }
            if node.root {
                break;
            }
            names.push(node.name.trim());
            at = node.parent;
        }
        names.reverse();
        (!names.is_empty()).then(|| names.join(CATEGORY_MARK))
    }
}

/// An amount in millionths of a major unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(pub(crate) i128);

impl Micros {
    /// Reads `12.345600`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let decimals: String = decimals.chars().take(6).collect();
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let decimals: i128 = format!("{decimals:0<6}").parse().ok()?;
        Some(Self(sign * (whole * 1_000_000 + decimals)))
    }

    /// Adds a rate in per cent.
    pub(crate) fn with_rate(self, rate: f64) -> Self {
        let rate = 100_000 + (rate * 1000.0).round() as i128;
        Self((self.0 * rate + 50_000) / 100_000)
    }

    /// Takes off a part, 0 to 1.
    pub(crate) fn less(self, part: f64) -> Self {
        Self(self.0 - (self.0 as f64 * part).round() as i128)
    }
}

impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:06}", self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000)
    }
}
