//! The one error type of the SDK: a kind that callers branch on, a message for people, a source for the log.

use std::error::Error as StdError;
use std::fmt;

/// What a caller can do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request itself is wrong: changing it helps, repeating it does not.
    Invalid,
    /// What was asked for does not exist.
    NotFound,
    /// The request conflicts with the current state: change that first.
    Conflict,
    /// What is there is not what the request supposes: reading it again helps.
    Changed,
    /// A bound is reached (a full queue): the same request may succeed a little later.
    Busy,
    /// Something this part depends on does not answer: the same request may succeed once it is back.
    Unavailable,
    /// A fault inside Vitrina or its configuration; the source says more.
    Internal,
}

/// The error of every fallible operation of the SDK.
///
/// [`Display`](fmt::Display) gives the message alone and is safe to show to a client; the source is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: ErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// A result with Vitrina's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of `kind`; `message` says what to do next, in lower case without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// A wrong request.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Something that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// A conflict with the current state.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// Something that is not as the request supposes.
    pub fn changed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Changed, message)
    }

    /// A bound that is reached for now.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Busy, message)
    }

    /// A dependency that does not answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// A fault of our own.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The same error with what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message followed by every source, for a log line.
    pub fn chain(&self) -> impl fmt::Display + '_ {
        Chain(self)
    }
}

struct Chain<'a>(&'a Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_hides_the_source_and_the_chain_shows_it() {
        let error = Error::unavailable("the catalogue does not answer").with_source("connection refused");
        assert_eq!(error.to_string(), "the catalogue does not answer");
        assert_eq!(error.chain().to_string(), "the catalogue does not answer: connection refused");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
}
