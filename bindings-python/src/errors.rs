//! Failures as the package's exceptions.

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::PyDict;
use vitrina_client::{ClientError, ClientErrorKind as Kind};
use vitrina_core::ErrorKind;
use vitrina_core::classify::PhotoError;

/// Why there is no answer.
pub(crate) enum Failure {
    /// The server, or the way to it.
    Client(ClientError),
    /// The domain: a value that it refuses, or the engine in this process.
    Domain(vitrina_core::Error),
    /// The photo, in this process.
    Photo(PhotoError),
    /// The answer did not come in time, in this process.
    Late(Duration),
    /// The result is kept no longer, in this process.
    Expired,
    /// The caller did what cannot work.
    Misuse(&'static str),
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::Client(error)
    }
}

impl From<vitrina_core::Error> for Failure {
    fn from(error: vitrina_core::Error) -> Self {
        let source = std::error::Error::source(&error);
        if let Some(photo) = source.and_then(|source| source.downcast_ref::<PhotoError>()) {
            return Self::Photo(photo.clone());
        }
        Self::Domain(error)
    }
}

impl From<PhotoError> for Failure {
    fn from(error: PhotoError) -> Self {
        Self::Photo(error)
    }
}

impl From<Failure> for PyErr {
    fn from(failure: Failure) -> Self {
        Python::attach(|py| failure.exception(py).unwrap_or_else(|error| error))
    }
}

impl Failure {
    /// The work of a call ended without an answer.
    pub(crate) const BROKE_OFF: Self = Self::Misuse("the call broke off");

    fn exception(self, py: Python<'_>) -> PyResult<PyErr> {
        let reported = PyDict::new(py);
        let message;
        let (class, detail) = match &self {
            Self::Misuse(detail) => ("VitrinaError", *detail),
            Self::Expired => ("TaskExpired", "the result has expired: submit the photo again"),
            Self::Domain(error) => {
                message = error.to_string();
                (class_of_domain(error.kind()), &*message)
            }
            Self::Photo(error) => {
                message = error.to_string();
                (class_of_photo(error), &*message)
            }
            Self::Late(time) => {
                message =
                    format!("the photo was not classified within {} s: allow more time", time.as_secs_f32());
                ("Timeout", &*message)
            }
            Self::Client(error) => {
                reported.set_item("status", error.status())?;
                reported.set_item("title", error.title())?;
                if error.kind() == Kind::Busy {
                    reported.set_item("retry_after", error.retry_after().map(|pause| pause.as_secs_f64()))?;
                }
                (class_of(error.kind()), error.detail())
            }
        };
        let class = py.import("vitrina._errors")?.getattr(class)?;
        Ok(PyErr::from_value(class.call((detail,), Some(&reported))?))
    }
}

fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "InvalidRequest",
        Kind::Unauthorized => "Unauthorized",
        Kind::NotFound => "NotFound",
        Kind::Expired => "TaskExpired",
        Kind::TooLarge => "PhotoTooLarge",
        Kind::UnsupportedPhoto => "UnsupportedPhoto",
        Kind::Conflict => "Conflict",
        Kind::Unreadable => "PhotoUnreadable",
        Kind::Busy => "Busy",
        Kind::Unavailable => "Unavailable",
        Kind::Timeout => "Timeout",
        Kind::Server | Kind::Protocol => "ServerError",
        _ => "VitrinaError",
    }
}

fn class_of_domain(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Invalid => "InvalidRequest",
        ErrorKind::NotFound => "NotFound",
        ErrorKind::Conflict | ErrorKind::Changed => "Conflict",
        ErrorKind::Busy => "Busy",
        ErrorKind::Unavailable => "Unavailable",
        _ => "VitrinaError",
    }
}

fn class_of_photo(error: &PhotoError) -> &'static str {
    match error {
        PhotoError::Unsupported => "UnsupportedPhoto",
        PhotoError::TooManyPixels { .. } => "PhotoTooLarge",
        _ => "PhotoUnreadable",
    }
}
