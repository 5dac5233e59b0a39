//! Why a database operation failed, before it is reported to the caller.

use sqlx::migrate::MigrateError;
use vitrina_core::{Error, ErrorKind};

/// Either our own refusal, or the driver's error that an adapter has yet to translate.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Ready for the caller.
    Refused(Error),
    /// As the driver says it.
    Driver(sqlx::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => Self::Driver(error),
            other => Self::Refused(
                Error::internal(
                    "the database was made by another version of vitrina: use that one, or a new database",
                )
                .with_source(other),
            ),
        }
    }
}

const UNTRUSTED: &str = "no secure connection to the catalogue's database: check ssl-mode and ssl-ca in its url, and the \
                         server's certificate";

/// Translates what is alike for every driver; `None` where the database itself said no.
pub(crate) fn common_kind(error: &sqlx::Error) -> Option<(ErrorKind, &'static str)> {
    match error {
        sqlx::Error::Database(_) => None,
        sqlx::Error::Tls(_) => Some((ErrorKind::Unavailable, UNTRUSTED)),
        // How a handshake fails that broke off over a certificate.
        sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            Some((ErrorKind::Unavailable, UNTRUSTED))
        }
        sqlx::Error::Io(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => {
            Some((ErrorKind::Unavailable, "the catalogue's database does not answer"))
        }
        _ => Some((ErrorKind::Internal, "the catalogue's database answered what was not expected")),
    }
}
