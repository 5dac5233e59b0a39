//! Files as seekable UTF-8 text: gzip is unpacked, other encodings are converted, into a temporary file where need be.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use vitrina_core::{Error, Result};

/// The largest file in bytes, after unpacking.
const MAX_FILE: u64 = 8 << 30;
/// How much of a file is read at a time.
const CHUNK: usize = 1 << 16;
/// How much of a file that is no UTF-8 is shown to the detector.
const DETECTED: usize = 4 << 20;

/// A text that can be read from any position, by several readers at once.
#[derive(Debug, Clone)]
pub(crate) struct Spool {
    file: Arc<File>,
    /// Where the text begins, after a byte order mark.
    start: u64,
    length: u64,
    encoding: &'static Encoding,
    lossy: bool,
}

impl Spool {
    /// Opens a file.
    ///
    /// # Errors
    /// [`Invalid`](vitrina_core::ErrorKind::Invalid) when it cannot be read, is larger than 8 GiB, or is no text.
    pub(crate) fn open(path: &Path, encoding: Option<&'static Encoding>) -> Result<Self> {
        let shown = path.display().to_string();
        let unreadable =
            |error: io::Error| Error::invalid(format!("{shown} cannot be read")).with_source(error);
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.is_dir() {
            return Err(Error::invalid(format!("{shown} is a folder: name a file in it")));
        }
        Self::read(file, &shown, encoding)
    }

    /// Takes over what a file holds, as [`open`](Self::open).
    pub(crate) fn of_bytes(bytes: &[u8], shown: &str, encoding: Option<&'static Encoding>) -> Result<Self> {
        let store = || {
            let mut file = tempfile::tempfile()?;
            file.write_all(bytes)?;
            Ok(file)
        };
        let file = store().map_err(|error: io::Error| {
            Error::unavailable(format!("{shown} cannot be stored")).with_source(error)
        })?;
        Self::read(file, shown, encoding)
    }

    fn read(mut file: File, shown: &str, encoding: Option<&'static Encoding>) -> Result<Self> {
        let unreadable =
            |error: io::Error| Error::invalid(format!("{shown} cannot be read")).with_source(error);
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let mut magic = [0; 4];
        let read = read_full(&mut file, &mut magic).map_err(unreadable)?;
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        match magic {
            [0x1f, 0x8b, ..] => {
                let unpacked =
                    copy(MultiGzDecoder::new(BufReader::new(file)), |bytes, file| file.write_all(bytes));
                file = unpacked.map_err(|error| {
                    Error::invalid(format!("{shown} cannot be unpacked: it may be cut off"))
                        .with_source(error)
                })?;
            }
            [b'P', b'K', 3, 4] => return Err(workbook(shown)),
            [0xd0, 0xcf, 0x11, 0xe0] => return Err(workbook(shown)),
            [b'%', b'P', b'D', b'F'] => {
                return Err(Error::invalid(format!("{shown} is a PDF: export a CSV file")));
            }
            _ if read == 0 => return Err(Error::invalid(format!("{shown} is empty"))),
            _ => {}
        }
        Self::of(file, encoding).map_err(unreadable)?.checked(shown)
    }

    fn of(file: File, stated: Option<&'static Encoding>) -> io::Result<Self> {
        let file = Arc::new(file);
        let length = file.metadata()?.len();
        let mut head = [0; 3];
        let read = file.read_at(&mut head, 0)?;
        let mark = Encoding::for_bom(&head[..read]);
        let survey = Survey::of(&mut SpoolReader::new(&file, 0))?;
        let encoding = stated.or(mark.map(|(encoding, _)| encoding)).unwrap_or_else(|| survey.encoding());
        let start = mark.map_or(0, |(_, length)| length as u64);
        if encoding == UTF_8 && !survey.carriage_returns_alone() && survey.is_utf8() {
            return Ok(Self { file, start, length, encoding, lossy: false });
        }
        let carriage_returns = survey.carriage_returns_alone();
        let mut decoder = encoding.new_decoder_with_bom_removal();
        let mut lossy = false;
        let mut text = String::with_capacity(CHUNK * 3 + 16);
        let mut convert = |mut bytes: &[u8], last: bool, to: &mut File| -> io::Result<()> {
            loop {
                text.clear();
                let (result, read, replaced) = decoder.decode_to_string(bytes, &mut text, last);
                lossy |= replaced;
                if carriage_returns {
                    to.write_all(text.replace('\r', "\n").as_bytes())?;
                } else {
                    to.write_all(text.as_bytes())?;
                }
                bytes = &bytes[read..];
                if matches!(result, CoderResult::InputEmpty) {
                    return Ok(());
                }
            }
        };
        let mut converted = copy(SpoolReader::new(&file, 0), |bytes, to| convert(bytes, false, to))?;
        convert(&[], true, &mut converted)?;
        let length = converted.metadata()?.len();
        Ok(Self { file: Arc::new(converted), start: 0, length, encoding, lossy })
    }

    fn checked(self, shown: &str) -> Result<Self> {
        let mut head = [0; 1024];
        let read = self
            .file
            .read_at(&mut head, self.start)
            .map_err(|error| Error::invalid(format!("{shown} cannot be read")).with_source(error))?;
        if head[..read].contains(&0) {
            return Err(Error::invalid(format!("{shown} is no text: export a CSV, JSON or XML file")));
        }
        Ok(self)
    }

    /// Returns the first bytes of the text, at most `length`.
    pub(crate) fn head(&self, length: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; length];
        let read = read_full(&mut SpoolReader::new(&self.file, self.start), &mut head)?;
        head.truncate(read);
        Ok(head)
    }

    /// Returns a reader from this offset on; 0 is the start of the text.
    pub(crate) fn reader(&self, offset: u64) -> BufReader<SpoolReader> {
        BufReader::with_capacity(CHUNK, SpoolReader::new(&self.file, self.start + offset))
    }

    /// Returns the length of the text in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length.saturating_sub(self.start)
    }

    /// Returns the encoding that the file is in.
    pub(crate) fn encoding(&self) -> &'static Encoding {
        self.encoding
    }

    /// Returns true if some bytes are none of the encoding; they are replacement characters in the text.
    pub(crate) fn is_lossy(&self) -> bool {
        self.lossy
    }
}

/// A reader of a file with a position of its own.
#[derive(Debug)]
pub(crate) struct SpoolReader {
    file: Arc<File>,
    at: u64,
}

impl SpoolReader {
    fn new(file: &Arc<File>, at: u64) -> Self {
        Self { file: file.clone(), at }
    }
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

fn workbook(shown: &str) -> Error {
    Error::invalid(format!("{shown} is a workbook or an archive: save it as CSV (UTF-8), or unpack it"))
}

fn read_full(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// Copies into a temporary file without a name, within the bound.
fn copy(mut from: impl Read, mut write: impl FnMut(&[u8], &mut File) -> io::Result<()>) -> io::Result<File> {
    let mut to = tempfile::tempfile()?;
    let (mut chunk, mut total) = (vec![0; CHUNK], 0);
    loop {
        let read = read_full(&mut from, &mut chunk)?;
        if read == 0 {
            return Ok(to);
        }
        total += read as u64;
        if total > MAX_FILE {
            return Err(io::Error::other(format!("it is larger than {MAX_FILE} bytes")));
        }
        write(&chunk[..read], &mut to)?;
    }
}

/// What the bytes of a file say about its encoding and line ends.
struct Survey {
    /// Characters of several bytes in valid UTF-8.
    valid: u64,
    /// Bytes that are no UTF-8.
    invalid: u64,
    /// NUL bytes at even and at odd offsets, as UTF-16 has them.
    nuls: [u64; 2],
    line_feeds: u64,
    carriage_returns: u64,
    detector: EncodingDetector,
}

impl Survey {
    fn of(from: &mut impl Read) -> io::Result<Self> {
        let detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        let mut survey =
            Self { valid: 0, invalid: 0, nuls: [0; 2], line_feeds: 0, carriage_returns: 0, detector };
        let (mut chunk, mut carried, mut total) = (vec![0; CHUNK], 0, 0);
        loop {
            let read = read_full(from, &mut chunk[carried..])?;
            if read == 0 {
                survey.invalid += carried as u64;
                return Ok(survey);
            }
            let filled = carried + read;
            if total < DETECTED {
                survey.detector.feed(&chunk[carried..filled], false);
            }
            if total == 0 {
                for (place, _) in chunk[..filled.min(4096)].iter().enumerate().filter(|(_, byte)| **byte == 0)
                {
                    survey.nuls[place % 2] += 1;
                }
            }
            total += read;
            let rest = survey.count(&chunk[..filled]);
            chunk.copy_within(filled - rest..filled, 0);
            carried = rest;
        }
    }

    /// Counts what is in the bytes and returns how many of a character are left at their end.
    fn count(&mut self, mut bytes: &[u8]) -> usize {
        self.line_feeds += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.carriage_returns += bytes.iter().filter(|byte| **byte == b'\r').count() as u64;
        loop {
            let error = match std::str::from_utf8(bytes) {
                Ok(text) => {
                    self.valid += continued(text.as_bytes());
                    return 0;
                }
                Err(error) => error,
            };
            self.valid += continued(&bytes[..error.valid_up_to()]);
            bytes = &bytes[error.valid_up_to()..];
            let Some(length) = error.error_len() else { return bytes.len() };
            self.invalid += length as u64;
            bytes = &bytes[length..];
        }
    }

    fn is_utf8(&self) -> bool {
        self.invalid == 0
    }

    /// Excel for the Macintosh ends lines with a carriage return alone.
    fn carriage_returns_alone(&self) -> bool {
        self.line_feeds == 0 && self.carriage_returns > 0
    }

    fn encoding(&self) -> &'static Encoding {
        match self.nuls {
            [even, odd] if odd > 8 && odd > even * 4 => return UTF_16LE,
            [even, odd] if even > 8 && even > odd * 4 => return UTF_16BE,
            _ => {}
        }
        // A few damaged rows make no other encoding of a file that is UTF-8 elsewhere.
        if self.invalid * 10 <= self.valid {
            return UTF_8;
        }
        let guessed = self.detector.guess(Some(b"es"), Utf8Detection::Deny);
        // The languages of Western Europe differ little between these; Windows-1252 is what their spreadsheets write.
        if guessed.is_single_byte()
            && !matches!(
                guessed.name(),
                "windows-1250" | "windows-1251" | "windows-1253" | "ISO-8859-2" | "KOI8-U"
            )
        {
            WINDOWS_1252
        } else {
            guessed
        }
    }
}

fn continued(text: &[u8]) -> u64 {
    text.iter().filter(|byte| **byte >= 0xc0).count() as u64
}
