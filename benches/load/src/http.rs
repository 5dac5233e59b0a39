//! As much of an HTTP/1.1 client as a load generator needs: one connection, kept open.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// The largest answer that is read.
const LARGEST: u64 = 64 << 20;

/// A connection that is opened at the first request and again after a failure.
pub(crate) struct Connection {
    server: String,
    timeout: Duration,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The body, decoded where it came in chunks.
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// A connection to `HOST:PORT`, not opened yet.
    pub(crate) fn new(server: &str, timeout: Duration) -> Self {
        Self { server: server.to_owned(), timeout, stream: None }
    }

    /// Sends a whole request and reads its answer.
    ///
    /// # Errors
    /// A server that does not answer in time, or does not speak HTTP/1.1. The next request opens a new connection.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.server)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(self.timeout))?;
                stream.set_write_timeout(Some(self.timeout))?;
                BufReader::with_capacity(64 << 10, stream)
            }
        };
        stream.get_mut().write_all(request)?;
        let (answer, keep) = read(&mut stream)?;
        if keep {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

/// Reads an answer, and whether the connection stays open.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let status_line = line(stream)?;
    let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| invalid("no status line"))?;
    let (mut length, mut chunked, mut keep) = (None, false, true);
    loop {
        let header = line(stream)?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').ok_or_else(|| invalid("a header without a colon"))?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "transfer-encoding" => chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" => keep = !value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        loop {
            let size = u64::from_str_radix(&line(stream)?, 16).map_err(|_| invalid("no size of a chunk"))?;
            take(stream, size, &mut body)?;
            line(stream)?;
            if size == 0 {
                break;
            }
        }
    } else {
        take(stream, length.ok_or_else(|| invalid("no length of the body"))?, &mut body)?;
    }
    Ok((Answer { status, body }, keep))
}

fn line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.take(64 << 10).read_line(&mut line)?;
    if !line.ends_with('\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

fn take(stream: &mut BufReader<TcpStream>, bytes: u64, body: &mut Vec<u8>) -> io::Result<()> {
    if body.len() as u64 + bytes > LARGEST {
        return Err(invalid("an answer that is too large"));
    }
    match stream.take(bytes).read_to_end(body)? as u64 == bytes {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
