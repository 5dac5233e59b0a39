//! Rows of text with separators: RFC 4180 with any separator, literal quotes inside unquoted fields, and recovery from
//! unclosed quotes at the next line.

use std::io::BufRead;

use vitrina_core::source::SourcePosition;
use vitrina_core::{Error, Result};

use crate::field::Field;
use crate::headers::Dialect;
use crate::options::Mapping;
use crate::row::{Cell, Column, Row, problem};
use crate::spool::{Spool, SpoolReader};
use crate::values::is_missing;

use super::{MAX_RECORD, Record, Records};

/// The separators that are detected.
const SEPARATORS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How many rows are looked at to detect the separator, and how many may stand above the headers.
const SAMPLE: usize = 30;
const ABOVE_HEADERS: usize = 5;
/// The most columns of a file.
const MAX_COLUMNS: usize = 2000;

/// What is known about a file of rows.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) separator: u8,
    pub(crate) dialect: Dialect,
    columns: Vec<Column>,
    /// Offset and line of the first row below the headers.
    first: (u64, u64),
}

impl Table {
    /// Detects separator, headers and format.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when no row has the headers of products.
    pub(crate) fn detect(spool: &Spool, mapping: &Mapping, dialect: Option<Dialect>) -> Result<Self> {
        let head = spool
            .head(1 << 16)
            .map_err(|error| Error::invalid("the file cannot be read").with_source(error))?;
        let stated = head.strip_prefix(b"sep=").and_then(|rest| rest.first().copied());
        let separator = match mapping.separator_byte()?.or(stated) {
            Some(separator) => separator,
            None => sniff(spool)?,
        };
        let mut rows = Rows::new(spool, separator, (0, 1));
        let mut best: Option<Self> = None;
        let mut seen = None;
        for _ in 0..ABOVE_HEADERS {
            let Some(Ok(headers)) = rows.next()? else { continue };
            seen.get_or_insert_with(|| headers.join(", "));
            if headers.len() > MAX_COLUMNS {
                return Err(Error::invalid(format!("the file has more than {MAX_COLUMNS} columns")));
            }
            let dialect = dialect.unwrap_or_else(|| Dialect::detect(&headers));
            let columns = dialect.columns(&headers, mapping)?;
            let table = Self { separator, dialect, columns, first: rows.position() };
            if table.known() >= 2 && best.as_ref().is_none_or(|best| table.known() > best.known() * 2) {
                best = Some(table);
            }
        }
        best.ok_or_else(|| {
            let seen: String = seen.unwrap_or_default().chars().take(300).collect();
            Error::invalid(format!(
                "no row has headers of products, such as `nombre` and `precio`; the first one is `{seen}`: name the columns \
                 in a mapping (--mapping FILE)"
            ))
        })
    }

    fn known(&self) -> usize {
        self.columns.iter().filter(|column| column.field != Field::Ignored).count()
    }

    /// Checks that a file by hand has a name and a price for every product, and returns what should be known: a column of
    /// descriptions is taken as that of names where there is none, as merchandise management systems call it so.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) saying which column is missing and what to do.
    pub(crate) fn complete(&mut self) -> Result<Option<String>> {
        if self.dialect != Dialect::Plain {
            return Ok(None);
        }
        let has = |table: &Self, fields: &[Field]| {
            table.columns.iter().any(|column| fields.contains(&column.field))
        };
        let mut note = None;
        if !has(self, &[Field::Name])
            && let Some(column) = self.columns.iter_mut().find(|column| column.field == Field::Description)
        {
            column.field = Field::Name;
            note = Some(format!("no column of names was found: `{}` is taken as the name", column.header));
        }
        for (fields, what) in [(&[Field::Name][..], "name"), (&[Field::Price, Field::NetPrice][..], "price")]
        {
            if !has(self, fields) {
                let headers: Vec<_> = self.columns.iter().map(|column| &*column.header).collect();
                return Err(Error::invalid(format!(
                    "no column is detected as the {what} of products: the columns are {}; write which one it is into a \
                     mapping (--mapping FILE), under [columns]: \"…\" = \"{what}\"",
                    headers.join(", ")
                )));
            }
        }
        Ok(note)
    }

    /// Returns the columns.
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}

/// Returns the separator that splits most of the first rows into the same number of fields, two at least.
fn sniff(spool: &Spool) -> Result<u8> {
    let mut best = (0, b';');
    for separator in SEPARATORS {
        let mut rows = Rows::new(spool, separator, (0, 1));
        let mut widths = Vec::new();
        while let (true, Some(row)) = (widths.len() < SAMPLE, rows.next()?) {
            widths.push(row.map_or(0, |fields| fields.len()));
        }
        let usual = widths
            .iter()
            .copied()
            .filter(|width| *width > 1)
            .max_by_key(|width| (widths.iter().filter(|other| *other == width).count(), *width));
        let Some(usual) = usual else { continue };
        let agreeing = widths.iter().filter(|width| **width == usual).count();
        let score = agreeing * 1000 / widths.len() * 100 + usual.min(99);
        if score > best.0 {
            best = (score, separator);
        }
    }
    if best.0 == 0 {
        return Err(Error::invalid("the file has one column alone: separate columns by ; , tab or |"));
    }
    Ok(best.1)
}

/// The rows of a [`Table`].
#[derive(Debug)]
pub(crate) struct CsvRecords {
    table: Table,
    rows: Rows,
}

impl CsvRecords {
    pub(crate) fn new(spool: &Spool, table: Table) -> Self {
        let rows = Rows::new(spool, table.separator, table.first);
        Self { table, rows }
    }

    fn row(&self, line: u64, mut fields: Vec<String>) -> Record {
        let columns = &self.table.columns;
        while fields.len() > columns.len() && fields.last().is_some_and(|field| field.trim().is_empty()) {
            fields.pop();
        }
        if fields.len() != columns.len() {
            let (found, expected) = (fields.len(), columns.len());
            let reason = format!(
                "the row has {found} columns, the headers {expected}: a text with the separator in it needs quotes around it"
            );
            return Record::Bad(problem(line, "row", &fields.join(" | "), reason, true));
        }
        let mut row = Row::new(SourcePosition::Line(line));
        for (column, text) in columns.iter().zip(fields) {
            if text.contains('\u{fffd}') {
                let reason = "has bytes that are no text in the file's encoding: save the file as UTF-8";
                return Record::Bad(problem(line, &column.header, &text, reason, true));
            }
            if !is_missing(&text) {
                row.cells.push(Cell { column: column.clone(), text: text.trim().to_owned() });
            }
        }
        Record::Row(row)
    }
}

impl Records for CsvRecords {
    fn next(&mut self) -> Result<Option<Record>> {
        loop {
            let line = self.rows.line;
            match self.rows.next()? {
                None => return Ok(None),
                Some(Ok(fields)) if fields.iter().all(|field| field.trim().is_empty()) => {}
                Some(Ok(fields)) => return Ok(Some(self.row(line, fields))),
                Some(Err((reason, raw))) => {
                    return Ok(Some(Record::Bad(problem(line, "row", &raw, reason, true))));
                }
            }
        }
    }

    fn position(&self) -> (u64, u64) {
        self.rows.position()
    }

    fn seek(&mut self, position: (u64, u64)) {
        self.rows.seek(position);
    }
}

/// A row, or why it is none with what stands there.
type Fields = std::result::Result<Vec<String>, (String, String)>;

#[derive(Debug)]
struct Rows {
    spool: Spool,
    input: std::io::BufReader<SpoolReader>,
    separator: u8,
    offset: u64,
    line: u64,
}

impl Rows {
    fn new(spool: &Spool, separator: u8, (offset, line): (u64, u64)) -> Self {
        Self { spool: spool.clone(), input: spool.reader(offset), separator, offset, line }
    }

    fn position(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    fn seek(&mut self, (offset, line): (u64, u64)) {
        // Relative, so that what is buffered stays.
        let ahead = offset as i64 - self.offset as i64;
        if (0..self.input.buffer().len() as i64).contains(&ahead) {
            self.input.consume(ahead as usize);
        } else {
            self.input = self.spool.reader(offset);
        }
        (self.offset, self.line) = (offset, line);
    }

    fn next(&mut self) -> Result<Option<Fields>> {
        let begin = self.position();
        let (mut splitter, mut raw) = (Splitter::new(self.separator), Vec::new());
        let mut second = None;
        loop {
            let length = match self.physical_line(&mut raw)? {
                Some(length) => length,
                None => {
                    return Ok(Some(Err((format!("a line is longer than {MAX_RECORD} bytes"), shown(&raw)))));
                }
            };
            second.get_or_insert((self.offset, self.line));
            if length == 0 && raw.is_empty() {
                return Ok(None);
            }
            let ended = if length == 0 { splitter.end() } else { splitter.feed(&raw[raw.len() - length..]) };
            let wrong = match ended {
                Ended::Yes => return Ok(Some(Ok(splitter.fields))),
                Ended::No if raw.len() <= MAX_RECORD => continue,
                Ended::No | Ended::Unclosed => "a quote is opened and not closed".to_owned(),
                Ended::Misplaced => {
                    "text follows a closing quote: double the quotes inside a text".to_owned()
                }
            };
            let first_line = raw.split(|byte| *byte == b'\n').next().unwrap_or(&raw);
            let text = shown(first_line);
            self.seek(second.unwrap_or(begin));
            return Ok(Some(Err((wrong, text))));
        }
    }

    /// Appends the next line with its end; its length, 0 at the end of the file, `None` if it is too long and skipped.
    fn physical_line(&mut self, raw: &mut Vec<u8>) -> Result<Option<usize>> {
        let before = raw.len();
        let mut kept = true;
        loop {
            let buffer = self.input.fill_buf();
            let buffer = buffer
                .map_err(|error| Error::unavailable("the file cannot be read on").with_source(error))?;
            if buffer.is_empty() {
                break;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(buffer.len(), |end| end + 1);
            if raw.len() - before + taken > MAX_RECORD {
                kept = false;
            }
            if kept {
                raw.extend_from_slice(&buffer[..taken]);
            }
            self.input.consume(taken);
            self.offset += taken as u64;
            if end.is_some() {
                self.line += 1;
                break;
            }
        }
        Ok(kept.then_some(raw.len() - before))
    }
}

fn shown(raw: &[u8]) -> String {
    String::from_utf8_lossy(&raw[..raw.len().min(400)]).trim_end().to_owned()
}

enum Ended {
    Yes,
    No,
    Unclosed,
    Misplaced,
}

enum State {
    Start,
    Unquoted,
    Quoted,
    /// After a quote inside a quoted field: its end, or the first of two.
    Quote,
}

struct Splitter {
    separator: u8,
    state: State,
    field: Vec<u8>,
    fields: Vec<String>,
}

impl Splitter {
    fn new(separator: u8) -> Self {
        Self { separator, state: State::Start, field: Vec::new(), fields: Vec::new() }
    }

    fn feed(&mut self, line: &[u8]) -> Ended {
        for (at, &byte) in line.iter().enumerate() {
            match self.state {
                State::Start if byte == b'"' => self.state = State::Quoted,
                State::Start | State::Unquoted if byte == self.separator => self.push(),
                State::Start | State::Unquoted if byte == b'\n' => {
                    if self.field.last() == Some(&b'\r') {
                        self.field.pop();
                    }
                    self.push();
                    return Ended::Yes;
                }
                // Blanks before an opening quote say nothing.
                State::Start if byte == b' ' => {}
                State::Start | State::Unquoted => {
                    self.state = State::Unquoted;
                    self.field.push(byte);
                }
                State::Quoted if byte == b'"' => self.state = State::Quote,
                State::Quoted => self.field.push(byte),
                State::Quote if byte == b'"' => {
                    self.field.push(byte);
                    self.state = State::Quoted;
                }
                State::Quote if byte == self.separator => self.push(),
                State::Quote if byte == b'\n' => {
                    self.push();
                    return Ended::Yes;
                }
                State::Quote if byte == b'\r' && line.get(at + 1) == Some(&b'\n') => {}
                State::Quote if byte == b' ' => {}
                State::Quote => return Ended::Misplaced,
            }
        }
        Ended::No
    }

    fn end(&mut self) -> Ended {
        if matches!(self.state, State::Quoted) {
            return Ended::Unclosed;
        }
        self.push();
        Ended::Yes
    }

    fn push(&mut self) {
        // Fields end at ASCII bytes, so they hold whole characters.
        self.fields.push(String::from_utf8_lossy(&self.field).into_owned());
        self.field.clear();
        self.state = State::Start;
    }
}
