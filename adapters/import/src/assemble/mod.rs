//! Rows to products: one row, or several that describe one product with its variants.

mod features;
mod offer;
mod structured;
mod texts;
mod variants;

pub(crate) use structured::STRUCTURED;

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use vitrina_core::product::{PhotoSource, ProductDraft};
use vitrina_core::source::{SourcePosition, SourceProblem, SourceProduct};
use vitrina_core::{NewProduct, text};

use crate::field::Field;
use crate::headers::{Columns, Dialect};
use crate::options::Mapping;
use crate::row::{Cell, Row, problem_at};
use crate::values::{self, DecimalMark, is_missing};

/// How values are read where they leave a doubt.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    pub(crate) dialect: Dialect,
    pub(crate) decimal: Option<DecimalMark>,
    pub(crate) vat: Option<f64>,
    /// The currency of the mapping, else that of most prices, else the first one that is read.
    pub(crate) currency: Option<String>,
    /// True if texts are plain as they are: Vitrina's own JSON.
    pub(crate) plain_texts: bool,
}

/// What products were given their key by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Keys {
    pub(crate) own: u64,
    pub(crate) sku: u64,
    pub(crate) name: u64,
}

/// What a product is known by.
#[derive(Debug, Clone, Copy)]
enum KnownBy {
    Key,
    Sku,
    Name,
}

impl KnownBy {
    /// Returns why a second product is refused that is known by the same.
    fn repeated(self, first: &SourcePosition) -> String {
        match self {
            Self::Key => format!("is the key of {first} too: give each product one of its own"),
            Self::Sku => format!(
                "is the SKU of {first} too: give each product one of its own, or, if they are variants of one product, set \
                 this column to `group` in a mapping"
            ),
            Self::Name => format!(
                "is the name of {first} too, and neither has a key or an SKU: give each product one of its own"
            ),
        }
    }
}

/// What is wrong with a product.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) problems: Vec<SourceProblem>,
    pub(crate) refused: bool,
}

impl Findings {
    /// Refuses the product for a value.
    fn refuse(&mut self, row: &Row, field: &str, value: &str, reason: impl Into<String>) {
        self.problems.push(problem_at(row.position.clone(), field, value, reason, true));
        self.refused = true;
    }

    /// Leaves a value out.
    fn leave_out(&mut self, row: &Row, field: &str, value: &str, reason: impl Into<String>) {
        self.problems.push(problem_at(row.position.clone(), field, value, reason, false));
    }

    fn refuse_cell(&mut self, row: &Row, cell: &Cell, reason: impl Into<String>) {
        self.refuse(row, &cell.column.header, &cell.text, reason);
    }

    fn leave_out_cell(&mut self, row: &Row, cell: &Cell, reason: impl Into<String>) {
        self.leave_out(row, &cell.column.header, &cell.text, reason);
    }
}

/// What became of the rows of a product.
#[derive(Debug)]
pub(crate) enum Assembled {
    Product(Box<SourceProduct>),
    Refused,
    /// The shop does not offer it.
    Hidden,
}

/// Makes products of rows.
pub(crate) struct Assembler {
    pub(crate) reading: Reading,
    pub(crate) keys: Keys,
    /// How many products cost nothing.
    pub(crate) free: u64,
    /// Where each key stands, by its hash.
    seen: HashMap<u64, SourcePosition>,
    /// The keys of objects within JSON objects.
    own: Columns,
}

impl Assembler {
    pub(crate) fn new(reading: Reading) -> Self {
        let own = Columns::new(Dialect::Json, Mapping::default());
        Self { reading, keys: Keys::default(), free: 0, seen: HashMap::new(), own }
    }

    /// Makes a product of its rows, the leading one first; appends what is wrong to `problems`.
    pub(crate) fn assemble(&mut self, rows: &[Row], problems: &mut Vec<SourceProblem>) -> Assembled {
        let Some(leader) = rows.first() else { return Assembled::Refused };
        let mut findings = Findings::default();
        if self.is_hidden(leader, &mut findings) {
            return Assembled::Hidden;
        }
        let mut product = self.product(leader, &mut findings);
        self.variants(&mut product, rows, &mut findings);
        self.finish(&mut product, leader, &mut findings);
        let key = product.key.clone();
        let first = problems.len();
        for problem in findings.problems {
            let problem = SourceProblem { key: key.clone(), ..problem };
            // The leading row is read as the product and as its first variant.
            if !problems[first..].contains(&problem) {
                problems.push(problem);
            }
        }
        if findings.refused {
            return Assembled::Refused;
        }
        Assembled::Product(Box::new(SourceProduct { position: leader.position.clone(), product }))
    }

    fn is_hidden(&self, row: &Row, findings: &mut Findings) -> bool {
        if let Some(cell) = row.cell(&Field::Visibility) {
            let visibility = text::fold(cell.text.trim());
            let hidden = matches!(
                visibility.as_str(),
                "draft" | "archived" | "hidden" | "none" | "unlisted" | "oculto" | "ninguno"
            );
            if hidden {
                return true;
            }
        }
        let Some(cell) = row.cell(&Field::Published) else { return false };
        match values::flag(&cell.text) {
            Ok(published) => !published,
            Err(reason) => {
                findings.refuse_cell(row, cell, reason);
                false
            }
        }
    }

    fn product(&mut self, row: &Row, findings: &mut Findings) -> NewProduct {
        let mut product = NewProduct::default();
        self.set_texts(&mut product, row, findings);
        self.set_key(&mut product, row, findings);
        let offer = self.offer(row, findings);
        product.codes = offer.codes;
        product.price = offer.price;
        product.sale = offer.sale;
        product.stock = offer.stock;
        product.availability = offer.availability;
        product.link = offer.link;
        product.attributes = self.attributes(row, findings);
        product.categories = self.categories(row, findings);
        product.photos = self.photos(row, findings);
        product.tags = self.tags(row, findings);
        if let Some(cell) = row.cell(&Field::Popularity) {
            match values::number(&cell.text, self.reading.decimal)
                .map(|number| (number >= 0.0 && number.is_finite()).then_some(number))
            {
                Ok(Some(number)) => product.popularity = Some(number),
                Ok(None) => findings.leave_out_cell(row, cell, "is negative"),
                Err(reason) => findings.leave_out_cell(row, cell, reason),
            }
        }
        if let Some(cell) = row.cell(&Field::UpdatedAt) {
            match values::timestamp(&cell.text) {
                Ok(time) => product.updated_at = time,
                Err(reason) => findings.leave_out_cell(row, cell, reason),
            }
        }
        self.set_structured(&mut product, row, findings);
        product
    }

    fn set_key(&mut self, product: &mut NewProduct, row: &Row, findings: &mut Findings) {
        if let Some(cell) = row.cell(&Field::Id) {
            let digits = cell.text.bytes().all(|byte| byte.is_ascii_digit());
            match cell.text.parse::<i64>() {
                Ok(id) if id >= 1 => product.id = Some(vitrina_core::ProductId(id)),
                Ok(_) => return findings.refuse_cell(row, cell, "must be 1 or more"),
                Err(_) if digits => return findings.refuse_cell(row, cell, "is too large a number"),
                Err(_) => {}
            }
            product.key = Some(cell.text.clone());
        }
        if let Some(cell) = row.cell(&Field::Key) {
            if values::rounded_by_a_spreadsheet(&cell.text) {
                return findings.refuse_cell(row, cell, ROUNDED);
            }
            product.key = Some(cell.text.clone());
        }
        // Rows of a group are variants: the product is the group.
        if let Some(cell) = row.cell(&Field::Group) {
            product.key = Some(cell.text.clone());
        }
    }

    /// Checks what a product must have, gives it a key, and refuses the second product of a key.
    fn finish(&mut self, product: &mut NewProduct, leader: &Row, findings: &mut Findings) {
        let has_price =
            product.price.is_some() || product.variants.iter().any(|variant| variant.price.is_some());
        if !has_price
            && !findings.problems.iter().any(|problem| problem.refused && problem.reason != MISSING_NAME)
        {
            findings.refuse(
                leader,
                "price",
                "",
                "is missing: a product without a price cannot be sold, and none is made up",
            );
        }
        let (fields, known_by): (&[Field], _) = if let Some(key) = &product.key {
            if let Some(reason) = wrong_key(key) {
                findings.refuse(leader, "key", key, reason);
            }
            (&[Field::Group, Field::Key, Field::Id], KnownBy::Key)
        } else if let Some(sku) = &product.codes.sku {
            product.key = Some(sku.clone());
            (&[Field::Sku], KnownBy::Sku)
        } else {
            product.key = Some(name_key(&product.name)).filter(|_| !product.name.is_empty());
            (&[Field::Name], KnownBy::Name)
        };
        if product.photos.len() > MAX_PHOTOS {
            let left = product.photos.len() - MAX_PHOTOS;
            let reason = format!("a product has {MAX_PHOTOS} photos at most: the last {left} are left out");
            findings.leave_out(leader, "photos", "", reason);
            product.photos.truncate(MAX_PHOTOS);
        }
        if findings.refused {
            return;
        }
        if let Some(key) = &product.key {
            let first = self.seen.entry(hash(key)).or_insert_with(|| leader.position.clone());
            if *first != leader.position {
                let cell = fields.iter().find_map(|field| leader.cell(field));
                let (header, value) =
                    cell.map_or(("key", key.as_str()), |cell| (&cell.column.header, &cell.text));
                let reason = known_by.repeated(first);
                return findings.refuse(leader, header, value, reason);
            }
        }
        match known_by {
            KnownBy::Key => self.keys.own += 1,
            KnownBy::Sku => self.keys.sku += 1,
            KnownBy::Name => self.keys.name += 1,
        }
        self.free += u64::from(product.price.is_some_and(|price| price.minor() == 0));
    }

    fn photos(&self, row: &Row, findings: &mut Findings) -> Vec<PhotoSource> {
        let mut photos = Vec::new();
        for cell in row.all(&Field::Photos) {
            for part in values::split_photos(&cell.text).filter(|part| !is_missing(part)) {
                match values::photo(part) {
                    Ok(photo) if photos.contains(&photo) => {}
                    Ok(photo) => photos.push(photo),
                    Err(reason) => findings.leave_out(row, &cell.column.header, part, reason),
                }
            }
        }
        photos
    }
}

const ROUNDED: &str = "was rounded by a spreadsheet: format the column as text and export again";
const MISSING_NAME: &str = "is missing: a product needs a name";
/// The most photos of a product.
const MAX_PHOTOS: usize = ProductDraft::MAX_PHOTOS;

/// Returns why no catalogue can hold a key.
fn wrong_key(key: &str) -> Option<String> {
    if key.chars().count() > ProductDraft::MAX_KEY {
        return Some(format!("is longer than {} characters", ProductDraft::MAX_KEY));
    }
    key.chars().any(char::is_control).then(|| "has a line break or another control character".into())
}

/// Returns the key of a product that has neither key nor SKU: a hash of its name.
fn name_key(name: &str) -> String {
    format!("name-{:.20x}", Sha256::digest(text::fold(name).as_bytes()))
}

/// A hash that is the same within this process.
pub(crate) fn hash(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    u64::from_le_bytes([
        digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7],
    ])
}
