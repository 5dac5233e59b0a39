//! Reading a file of products, blocking: detection, grouping, assembling.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use vitrina_core::source::{SourceBatch, SourceProblem, SourceProgress};
use vitrina_core::{Error, Result};

use crate::assemble::{Assembled, Assembler, Reading, STRUCTURED};
use crate::field::Field;
use crate::groups::{Groups, Role};
use crate::headers::Dialect;
use crate::options::{FileOptions, Format, Mapping};
use crate::records::{CsvRecords, JsonRecords, Record, Records, Table, XmlRecords};
use crate::row::{Column, Row, problem_at};
use crate::spool::Spool;
use crate::values::{self, DecimalVote};

/// How many records are looked at to learn the decimal mark.
const SAMPLE: usize = 2000;
/// The most headers that are noted.
const MAX_HEADERS: usize = 2000;
/// The most problems of a batch; a file with more ends the batch early.
const MAX_PROBLEMS: usize = 10_000;

/// PrestaShop's second file.
struct Combinations {
    records: Box<dyn Records>,
    groups: Groups,
}

/// A file of products.
pub(crate) struct FileReader {
    records: Box<dyn Records>,
    /// Reads the members of a product while `records` stays where it is.
    members: Box<dyn Records>,
    groups: Option<Groups>,
    combinations: Option<Combinations>,
    assembler: Assembler,
    description: String,
    notes: Vec<String>,
    length: u64,
    ended: bool,
}

impl FileReader {
    /// Opens a file and detects what it is.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it cannot be read or is no file of products.
    pub(crate) fn open(path: &Path, options: &FileOptions) -> Result<Self> {
        options.mapping.check()?;
        let spool = Spool::open(path, options.mapping.text_encoding()?)?;
        Self::of(spool, &path.display().to_string(), options)
    }

    /// Reads what a file holds, as [`open`](Self::open); messages call it `name`.
    pub(crate) fn of_bytes(bytes: &[u8], name: &str, options: &FileOptions) -> Result<Self> {
        options.mapping.check()?;
        let spool = Spool::of_bytes(bytes, name, options.mapping.text_encoding()?)?;
        Self::of(spool, name, options)
    }

    fn of(spool: Spool, name: &str, options: &FileOptions) -> Result<Self> {
        let mapping = &options.mapping;
        let format = match (options.format, &mapping.format) {
            (Some(format), _) => Some(format),
            (None, Some(format)) => Some(format.parse()?),
            (None, None) => None,
        };
        let shown = |error: Error| {
            let kind = error.kind();
            Error::new(kind, format!("{name}: {error}")).with_source(error)
        };
        let Detected { dialect, kind, records, may_group, note } =
            detect(&spool, mapping, format).map_err(shown)?;
        if dialect == Dialect::Combinations {
            return Err(Error::invalid(format!(
                "{name} holds PrestaShop's combinations: import the file of products and name this one with --combinations"
            )));
        }
        let mut notes: Vec<_> = note.into_iter().collect();
        if spool.is_lossy() {
            notes.push(format!(
                "some bytes are no {}: the rows that have them are refused",
                spool.encoding().name()
            ));
        }
        let sample = Sample::of(&mut *records()?);
        notes.extend(sample.notes(mapping, dialect));
        let groups = match may_group {
            true => Some(Groups::find(&mut *records()?, dialect)?),
            false => None,
        };
        let combinations =
            options.combinations.as_deref().map(|file| combinations(file, mapping)).transpose()?;
        let reading = Reading {
            dialect,
            decimal: mapping.decimal_mark()?.or_else(|| sample.vote.winner()),
            vat: mapping.vat,
            currency: mapping.currency.clone().or_else(|| sample.currency()),
            plain_texts: dialect == Dialect::Json && mapping.columns.is_empty(),
        };
        let description = format!("{} ({kind}, {})", dialect.format(), spool.encoding().name());
        Ok(Self {
            records: records()?,
            members: records()?,
            groups,
            combinations,
            assembler: Assembler::new(reading),
            description,
            notes,
            length: spool.length(),
            ended: false,
        })
    }

    pub(crate) fn description(&self) -> &str {
        &self.description
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        let keys = self.assembler.keys;
        if keys.sku > 0 {
            notes.push(format!("{} products have no key of their own and are known by their SKU", keys.sku));
        }
        if keys.name > 0 {
            notes.push(format!(
                "{} products have neither key nor SKU and are known by a hash of their name",
                keys.name
            ));
        }
        if self.assembler.free > 0 {
            notes.push(format!("products with the price 0.00: {}", self.assembler.free));
        }
        notes
    }

    /// Returns the next products; `None` after the last batch.
    ///
    /// # Errors
    /// When the file cannot be read on.
    pub(crate) fn next_batch(&mut self, limit: usize) -> Result<Option<SourceBatch>> {
        if self.ended {
            return Ok(None);
        }
        let mut batch = SourceBatch::default();
        while batch.products.len() < limit && batch.problems.len() < MAX_PROBLEMS {
            let position = self.records.position();
            let Some(record) = self.records.next()? else {
                self.ended = true;
                self.left_over(&mut batch.problems)?;
                break;
            };
            let row = match record {
                Record::Bad(problem) => {
                    batch.problems.push(problem);
                    continue;
                }
                Record::Row(row) => row,
            };
            match self.groups.as_ref().and_then(|groups| groups.role(position.0)) {
                Some(Role::Member) => continue,
                Some(Role::Orphan) => {
                    batch.problems.push(orphan(
                        &row,
                        "parent",
                        "the product of this variant is not in the file",
                    ));
                    continue;
                }
                None => {}
            }
            let rows = self.with_members(position.0, row, &mut batch.problems)?;
            match self.assembler.assemble(&rows, &mut batch.problems) {
                Assembled::Product(product) => batch.products.push(*product),
                Assembled::Hidden => batch.hidden += 1,
                Assembled::Refused => {}
            }
        }
        batch.progress = SourceProgress { done: self.records.position().0, total: Some(self.length) };
        if self.ended {
            batch.progress.done = self.length;
        }
        Ok(Some(batch))
    }

    fn with_members(
        &mut self,
        offset: u64,
        leader: Row,
        problems: &mut Vec<SourceProblem>,
    ) -> Result<Vec<Row>> {
        let mut rows = vec![leader];
        if let Some(groups) = &self.groups {
            for position in groups.members(offset) {
                self.members.seek(*position);
                if let Some(Record::Row(row)) = self.members.next()? {
                    rows.push(row);
                }
            }
        }
        if let Some(combinations) = &mut self.combinations {
            for position in combinations.groups.take(&rows[0]) {
                combinations.records.seek(position);
                match combinations.records.next()? {
                    Some(Record::Row(row)) => rows.push(row),
                    Some(Record::Bad(problem)) => problems.push(problem),
                    None => {}
                }
            }
        }
        Ok(rows)
    }

    /// Reports the combinations of products that are not in the file.
    fn left_over(&mut self, problems: &mut Vec<SourceProblem>) -> Result<()> {
        let Some(combinations) = &mut self.combinations else { return Ok(()) };
        for position in combinations.groups.rest().take(MAX_PROBLEMS) {
            combinations.records.seek(position);
            if let Some(Record::Row(row)) = combinations.records.next()? {
                problems.push(orphan(
                    &row,
                    "combinations",
                    "the product of this combination is not in the file of products",
                ));
            }
        }
        Ok(())
    }
}

/// Reports a variant without a product, under the key of that product.
fn orphan(row: &Row, field: &str, reason: &str) -> SourceProblem {
    let parent = row.get(&Field::Parent).or(row.get(&Field::Group)).unwrap_or_default();
    let key = parent.strip_prefix("id:").unwrap_or(parent).trim();
    let key = Some(key.to_owned()).filter(|key| !key.is_empty());
    SourceProblem { key, ..problem_at(row.position.clone(), field, parent, reason, true) }
}

/// What the first records of a file show.
#[derive(Default)]
struct Sample {
    vote: DecimalVote,
    /// How many prices name each currency.
    currencies: BTreeMap<String, usize>,
    headers: Vec<Arc<str>>,
    unused: Vec<Arc<str>>,
    net_prices: bool,
    /// True if rows have a rate of VAT.
    rates: bool,
}

impl Sample {
    fn of(records: &mut dyn Records) -> Self {
        let mut sample = Self::default();
        for _ in 0..SAMPLE {
            // What cannot be read on is found out when it is read.
            let Ok(Some(record)) = records.next() else { break };
            let Record::Row(row) = record else { continue };
            for cell in &row.cells {
                let Column { header, field } = &cell.column;
                if matches!(field, Field::Price | Field::NetPrice | Field::SalePrice | Field::ComparePrice) {
                    sample.vote.count(&cell.text);
                    if let Ok(Some(currency)) = values::currency(&cell.text) {
                        *sample.currencies.entry(currency).or_default() += 1;
                    }
                    sample.net_prices |= *field == Field::NetPrice;
                }
                sample.rates |= *field == Field::VatRate;
                sample.add(header, *field == Field::Ignored);
            }
            for (column, _) in &row.structured {
                sample.add(&column.header, !STRUCTURED.contains(&&*column.header));
            }
        }
        sample
    }

    /// Returns the currency that most prices name.
    fn currency(&self) -> Option<String> {
        let most = self.currencies.iter().max_by_key(|(_, count)| **count);
        most.map(|(currency, _)| currency.clone())
    }

    fn add(&mut self, header: &Arc<str>, unused: bool) {
        if self.headers.len() < MAX_HEADERS && !self.headers.contains(header) {
            self.headers.push(header.clone());
            if unused {
                self.unused.push(header.clone());
            }
        }
    }

    fn notes(&self, mapping: &Mapping, dialect: Dialect) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.unused.is_empty() {
            notes.push(format!("not used: {}", self.unused.join(", ")));
        }
        if self.net_prices && !self.rates && mapping.vat.is_none() && dialect != Dialect::Combinations {
            notes.push(
                "prices are stated without VAT and taken as they are: set `vat` in the mapping to add it"
                    .into(),
            );
        }
        for name in
            mapping.columns.keys().filter(|name| !self.headers.iter().any(|header| **header == ***name))
        {
            notes.push(format!("the mapping names `{name}`, which the first {SAMPLE} records leave empty"));
        }
        notes
    }
}

/// Opens the records of a file from the start.
type Open = Box<dyn Fn() -> Result<Box<dyn Records>>>;

/// What a file turned out to be.
struct Detected {
    dialect: Dialect,
    /// The kind of file, for its description.
    kind: &'static str,
    records: Open,
    /// True if several of its records may be one product.
    may_group: bool,
    note: Option<String>,
}

fn detect(spool: &Spool, mapping: &Mapping, format: Option<Format>) -> Result<Detected> {
    let head =
        spool.head(4096).map_err(|error| Error::invalid("the file cannot be read").with_source(error))?;
    if head.trim_ascii_start().starts_with(b"{\"vitrina_export\":") {
        // Read as products it would lose what only an export has, such as the translations of categories.
        return Err(Error::invalid(
            "this is the export of a shop: unpack it, and bring it back with `vitrina import`, `POST /products/import` or \
             `restore`",
        ));
    }
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace()).copied();
    let (spool, mapping) = (spool.clone(), mapping.clone());
    if first == Some(b'<') && matches!(format, None | Some(Format::Merchant)) {
        let open = move || Ok(Box::new(XmlRecords::new(&spool, mapping.clone())?) as Box<dyn Records>);
        let records = Box::new(open);
        return Ok(Detected {
            dialect: Dialect::Merchant,
            kind: "XML",
            records,
            may_group: true,
            note: None,
        });
    }
    if matches!(first, Some(b'{' | b'[')) && format.is_none() || format == Some(Format::Json) {
        let open = move || Ok(Box::new(JsonRecords::new(&spool, mapping.clone())?) as Box<dyn Records>);
        let records = Box::new(open);
        return Ok(Detected { dialect: Dialect::Json, kind: "JSON", records, may_group: false, note: None });
    }
    let mut table = Table::detect(&spool, &mapping, format.map(Dialect::of))?;
    Dialect::check_mapping(table.columns(), &mapping)?;
    let note = table.complete()?;
    let kind = match table.separator {
        b';' => "semicolons",
        b',' => "commas",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "a separator of its own",
    };
    let dialect = table.dialect;
    let may_group = table.columns().iter().any(|column| dialect.groups_by(&column.field));
    let open = move || Ok(Box::new(CsvRecords::new(&spool, table.clone())) as Box<dyn Records>);
    Ok(Detected { dialect, kind, records: Box::new(open), may_group, note })
}

fn combinations(file: &Path, mapping: &Mapping) -> Result<Combinations> {
    let spool = Spool::open(file, mapping.text_encoding()?)?;
    let own = Mapping { columns: Default::default(), ..mapping.clone() };
    let table = Table::detect(&spool, &own, Some(Dialect::Combinations))?;
    let groups = Groups::of_combinations(&mut CsvRecords::new(&spool, table.clone()))?;
    Ok(Combinations { records: Box::new(CsvRecords::new(&spool, table)), groups })
}
