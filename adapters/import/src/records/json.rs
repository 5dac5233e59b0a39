//! JSON objects: one a line, in a list, or in the list `products` of an object.

use std::io::BufRead;

use serde_json::Value;
use vitrina_core::source::SourcePosition;
use vitrina_core::{Error, Result};

use crate::field::Field;
use crate::headers::{Columns, Dialect};
use crate::options::Mapping;
use crate::row::{Cell, Column, Row, problem};
use crate::spool::{Spool, SpoolReader};
use crate::values::is_missing;

use super::{MAX_RECORD, Record, Records};

/// The text of an object, or why it is none.
type Text = std::result::Result<Vec<u8>, String>;

/// The objects of a JSON file.
pub(crate) struct JsonRecords {
    spool: Spool,
    input: std::io::BufReader<SpoolReader>,
    columns: Columns,
    /// True if every line is an object.
    lines: bool,
    /// True if the list must be closed by a bracket.
    list: bool,
    position: (u64, u64),
}

impl JsonRecords {
    pub(crate) fn new(spool: &Spool, mapping: Mapping) -> Result<Self> {
        let head = spool
            .head(MAX_RECORD)
            .map_err(|error| Error::invalid("the file cannot be read").with_source(error))?;
        let text = String::from_utf8_lossy(&head);
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let whole = serde_json::from_str::<Value>(first)
            .is_ok_and(|value| value.is_object() && value.get("products").is_none());
        let begins_with_list = text.trim_start().starts_with('[');
        let products =
            text.find("\"products\"").and_then(|at| text[at..].find('[').map(|bracket| at + bracket));
        let (lines, begin) = match products {
            _ if begins_with_list => (false, text.find('[').map(|at| at + 1)),
            Some(bracket) if !whole => (false, Some(bracket + 1)),
            // A first line that is damaged is no reason to read the others in another way.
            _ => (whole || first.trim_end().ends_with('}'), None),
        };
        let begin_offset = begin.unwrap_or(0);
        let line = 1 + head[..begin_offset].iter().filter(|byte| **byte == b'\n').count() as u64;
        let position = (begin_offset as u64, line);
        Ok(Self {
            spool: spool.clone(),
            input: spool.reader(position.0),
            columns: Columns::new(Dialect::Json, mapping),
            lines,
            list: begin.is_some(),
            position,
        })
    }

    /// Returns the next object's text with its line.
    fn text(&mut self) -> Result<Option<(u64, Text)>> {
        let mut scan = Scan { lines: self.lines, ..Scan::default() };
        loop {
            let buffer = self.input.fill_buf();
            let buffer = buffer
                .map_err(|error| Error::unavailable("the file cannot be read on").with_source(error))?;
            if buffer.is_empty() {
                return match (self.list, scan.object.is_empty()) {
                    (true, _) => {
                        Err(Error::unavailable("the JSON list is cut off: its closing bracket is missing"))
                    }
                    (false, true) => Ok(None),
                    (false, false) => Ok(Some((scan.line, Ok(scan.object)))),
                };
            }
            let (taken, done) = scan.feed(buffer, &mut self.position.1);
            self.input.consume(taken);
            self.position.0 += taken as u64;
            match done {
                Done::No => {}
                Done::Object if scan.too_long => {
                    return Ok(Some((
                        scan.line,
                        Err(format!("the object is larger than {MAX_RECORD} bytes")),
                    )));
                }
                Done::Object => return Ok(Some((scan.line, Ok(scan.object)))),
                Done::List => {
                    self.list = false;
                    return Ok(None);
                }
            }
        }
    }
}

#[derive(Default)]
struct Scan {
    lines: bool,
    object: Vec<u8>,
    line: u64,
    depth: u32,
    in_string: bool,
    escaped: bool,
    too_long: bool,
}

enum Done {
    No,
    Object,
    List,
}

impl Scan {
    fn feed(&mut self, buffer: &[u8], line: &mut u64) -> (usize, Done) {
        for (at, &byte) in buffer.iter().enumerate() {
            let outside = self.object.is_empty() && !self.too_long;
            if outside {
                self.line = *line;
            }
            *line += u64::from(byte == b'\n');
            if outside && (byte.is_ascii_whitespace() || byte == b',' && !self.lines) {
                continue;
            }
            if self.lines && byte == b'\n' {
                return (at + 1, Done::Object);
            }
            if outside && byte == b']' {
                return (at + 1, Done::List);
            }
            if self.object.len() < MAX_RECORD {
                self.object.push(byte);
            } else {
                self.too_long = true;
            }
            if !self.lines && self.closes(byte) {
                return (at + 1, Done::Object);
            }
        }
        (buffer.len(), Done::No)
    }

    /// Returns true at the end of a value of the list.
    fn closes(&mut self, byte: u8) -> bool {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return false;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => {}
        }
        false
    }
}

impl Records for JsonRecords {
    fn next(&mut self) -> Result<Option<Record>> {
        let Some((line, text)) = self.text()? else { return Ok(None) };
        let text = match text {
            Ok(text) => text,
            Err(reason) => return Ok(Some(Record::Bad(problem(line, "object", "", reason, true)))),
        };
        let bad = |reason: String| {
            Record::Bad(problem(line, "object", &String::from_utf8_lossy(&text), reason, true))
        };
        Ok(Some(match serde_json::from_slice(&text) {
            Ok(Value::Object(object)) => {
                Record::Row(row(SourcePosition::Line(line), object, &mut self.columns)?)
            }
            Ok(_) => bad("is no JSON object".into()),
            Err(error) => bad(format!("is no JSON: {error}")),
        }))
    }

    fn position(&self) -> (u64, u64) {
        self.position
    }

    fn seek(&mut self, position: (u64, u64)) {
        self.input = self.spool.reader(position.0);
        self.position = position;
    }
}

/// Converts an object to a row; objects and lists of objects stay structured.
pub(crate) fn row(
    position: SourcePosition,
    object: serde_json::Map<String, Value>,
    columns: &mut Columns,
) -> Result<Row> {
    let mut row = Row::new(position);
    for (name, value) in object {
        push(&mut row, columns.of(&name)?, value);
    }
    Ok(row)
}

/// The point of a JSON number is never one of thousands: a fourth decimal says so.
fn unambiguous(number: String) -> String {
    match number.split_once('.') {
        Some((_, decimals)) if decimals.len() == 3 => format!("{number}0"),
        _ => number,
    }
}

fn push(row: &mut Row, column: Column, value: Value) {
    let text = match value {
        Value::Null => return,
        Value::Bool(true) => "true".to_owned(),
        Value::Bool(false) => "false".to_owned(),
        Value::Number(number) => unambiguous(number.to_string()),
        Value::String(text) => text,
        Value::Array(values) if values.iter().all(|value| !value.is_object() && !value.is_array()) => {
            for value in values {
                push(row, column.clone(), value);
            }
            return;
        }
        value => {
            row.structured.push((column, value));
            return;
        }
    };
    let empty = if matches!(column.field, Field::Name | Field::Description) {
        text.trim().is_empty()
    } else {
        is_missing(&text)
    };
    if !empty {
        row.cells.push(Cell { column, text });
    }
}
