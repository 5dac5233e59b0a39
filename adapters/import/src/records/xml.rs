//! Items of a feed: RSS 2.0 (`item`) and Atom (`entry`), split by their tags, each parsed on its own.

use std::io::Read;

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::escape::resolve_html5_entity;
use quick_xml::events::{BytesStart, Event};
use vitrina_core::source::SourcePosition;
use vitrina_core::{Error, Result};

use crate::headers::{Columns, Dialect};
use crate::options::Mapping;
use crate::row::{Cell, Row, problem};
use crate::spool::{Spool, SpoolReader};
use crate::values::is_missing;

use super::{MAX_RECORD, Record, Records};

/// The items of a feed.
pub(crate) struct XmlRecords {
    spool: Spool,
    input: std::io::BufReader<SpoolReader>,
    columns: Columns,
    buffer: Vec<u8>,
    /// Where `buffer` begins.
    position: (u64, u64),
    open: &'static str,
    close: &'static str,
    root_close: &'static str,
    at_end: bool,
}

impl XmlRecords {
    /// Reads the feed's root element.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it is no RSS and no Atom feed.
    pub(crate) fn new(spool: &Spool, mapping: Mapping) -> Result<Self> {
        let head = spool
            .head(1 << 14)
            .map_err(|error| Error::invalid("the file cannot be read").with_source(error))?;
        let has = |tag: &str| memmem::find(&head, tag.as_bytes()).is_some();
        let (open, close, root_close) = if has("<rss") {
            ("<item", "</item", "</rss")
        } else if has("<feed") {
            ("<entry", "</entry", "</feed")
        } else if has("<rdf:RDF") {
            ("<item", "</item", "</rdf:RDF")
        } else {
            return Err(Error::invalid(
                "the XML file is no product feed: RSS 2.0 and Atom feeds can be read",
            ));
        };
        let input = spool.reader(0);
        Ok(Self {
            spool: spool.clone(),
            input,
            columns: Columns::new(Dialect::Merchant, mapping),
            buffer: Vec::new(),
            position: (0, 1),
            open,
            close,
            root_close,
            at_end: false,
        })
    }

    /// Drops the first bytes of the buffer.
    fn drop_front(&mut self, length: usize) {
        let dropped = self.buffer.drain(..length);
        self.position.1 += dropped.as_slice().iter().filter(|byte| **byte == b'\n').count() as u64;
        self.position.0 += length as u64;
    }

    fn read_more(&mut self) -> Result<()> {
        let before = self.buffer.len();
        let read = self.input.by_ref().take(1 << 16).read_to_end(&mut self.buffer);
        read.map_err(|error| Error::unavailable("the file cannot be read on").with_source(error))?;
        self.at_end = self.buffer.len() == before;
        Ok(())
    }

    /// Finds a tag that begins so, from an offset of the buffer on.
    fn find(&self, tag: &str, from: usize) -> Option<usize> {
        let mut from = from;
        loop {
            let at = from + memmem::find(self.buffer.get(from..)?, tag.as_bytes())?;
            let next = self.buffer.get(at + tag.len())?;
            if matches!(next, b'>' | b'/') || next.is_ascii_whitespace() {
                return Some(at);
            }
            from = at + tag.len();
        }
    }

    fn cut_off(&self) -> Error {
        Error::unavailable(format!(
            "the feed is cut off in line {}: nothing after it was read",
            self.position.1
        ))
    }
}

impl Records for XmlRecords {
    fn next(&mut self) -> Result<Option<Record>> {
        loop {
            let Some(begin) = self.find(self.open, 0) else {
                if self.at_end {
                    if memmem::find(&self.buffer, self.root_close.as_bytes()).is_none() {
                        return Err(self.cut_off());
                    }
                    return Ok(None);
                }
                // What may be the beginning of a tag stays.
                let kept = self.buffer.len().min(64);
                self.drop_front(self.buffer.len() - kept);
                self.read_more()?;
                continue;
            };
            self.drop_front(begin);
            let Some(close) = self.find(self.close, 1) else {
                if self.at_end {
                    return Err(self.cut_off());
                }
                if self.buffer.len() > MAX_RECORD {
                    let line = self.position.1;
                    self.drop_front(self.open.len());
                    let reason = format!("the item is larger than {MAX_RECORD} bytes, or is not closed");
                    return Ok(Some(Record::Bad(problem(line, "item", "", reason, true))));
                }
                self.read_more()?;
                continue;
            };
            let end = self.buffer[close..]
                .iter()
                .position(|byte| *byte == b'>')
                .map_or(self.buffer.len(), |end| close + end + 1);
            // An item that is not closed would take the next one with it.
            let next = self.find(self.open, self.open.len()).filter(|next| *next < close);
            let line = self.position.1;
            if let Some(next) = next {
                let text = String::from_utf8_lossy(&self.buffer[..next]).into_owned();
                self.drop_front(next);
                return Ok(Some(Record::Bad(problem(line, "item", &text, "the item is not closed", true))));
            }
            let text = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
            self.drop_front(end);
            return Ok(Some(match item(line, &text, &mut self.columns)? {
                Ok(row) => Record::Row(row),
                Err(reason) => Record::Bad(problem(line, "item", &text, reason, true)),
            }));
        }
    }

    fn position(&self) -> (u64, u64) {
        self.position
    }

    fn seek(&mut self, position: (u64, u64)) {
        let ahead = position.0.checked_sub(self.position.0).and_then(|ahead| usize::try_from(ahead).ok());
        match ahead.filter(|ahead| *ahead <= self.buffer.len()) {
            Some(ahead) => self.drop_front(ahead),
            None => {
                self.input = self.spool.reader(position.0);
                self.buffer.clear();
                self.at_end = false;
            }
        }
        self.position = position;
    }
}

/// Reads the children of an item, those with the prefix `g:` first.
fn item(line: u64, text: &str, columns: &mut Columns) -> Result<std::result::Result<Row, String>> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut name, mut value) = (0_u32, String::new(), String::new());
    let (mut prefixed, mut others) = (Vec::new(), Vec::new());
    loop {
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Ok(Err(format!("is no XML: {error}"))),
        };
        match event {
            Event::Start(tag) => {
                depth += 1;
                if depth == 2 {
                    (name, value) = (tag_name(&tag), String::new());
                }
            }
            Event::Empty(tag) if depth == 1 => {
                let rel = attribute(&tag, "rel");
                if let (Some(href), true) =
                    (attribute(&tag, "href"), rel.is_none_or(|rel| rel == "alternate"))
                {
                    others.push((tag_name(&tag), href));
                }
            }
            Event::Text(text) if depth == 2 => value.push_str(&text),
            Event::CData(text) if depth == 2 => value.push_str(&text),
            Event::GeneralRef(reference) if depth == 2 => {
                let entity = String::from(&*reference);
                match reference.resolve_char_ref() {
                    Ok(Some(c)) => value.push(c),
                    _ => match resolve_html5_entity(&entity) {
                        Some(resolved) => value.push_str(resolved),
                        None => return Ok(Err(format!("has the unknown entity &{entity};"))),
                    },
                }
            }
            Event::End(_) => {
                if depth == 2 {
                    let target = if name.starts_with("g:") { &mut prefixed } else { &mut others };
                    target.push((std::mem::take(&mut name), std::mem::take(&mut value)));
                }
                depth = depth.saturating_sub(1);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let mut row = Row::new(SourcePosition::Line(line));
    for (name, value) in prefixed.into_iter().chain(others) {
        if value.contains('\u{fffd}') {
            return Ok(Err(format!("`{name}` has bytes that are no text in the feed's encoding")));
        }
        if !is_missing(&value) {
            let column = columns.of(&name)?;
            row.cells.push(Cell { column, text: value.trim().to_owned() });
        }
    }
    Ok(Ok(row))
}

fn tag_name(tag: &BytesStart<'_>) -> String {
    tag.name().as_ref().to_owned()
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.try_get_attribute(name).ok().flatten()?;
    quick_xml::escape::unescape(&attribute.value).ok().map(|text| text.into_owned())
}
