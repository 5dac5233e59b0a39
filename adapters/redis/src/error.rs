//! The one translation of the driver's errors.

use redis::{ErrorKind, RedisError};
use vitrina_core::Error;

/// What a caller can do about an error of the driver.
///
/// Redis 6.2 wraps what went wrong inside a script into a sentence, so the codes are looked for in the whole text.
pub(crate) fn translate(error: RedisError) -> Error {
    let text = text(&error);
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let translated = if says(&["OOM command not allowed"]) {
        Error::busy("the queue's memory is full: try again in a few seconds")
    } else if says(&["NOAUTH", "WRONGPASS", "NOPERM", "invalid password"])
        || error.kind() == ErrorKind::AuthenticationFailed
    {
        Error::internal("the queue refuses the login: check the user and the password in its url")
    } else if says(&["nknown command", "nknown Redis command"]) {
        Error::internal("the queue's server is too old: it must be redis 6.2 or newer")
    } else if error.to_string().contains("invalid peer certificate") {
        Error::unavailable(
            "the queue's certificate is not trusted: name its authority with ?ssl-ca=FILE in its url",
        )
    } else if error.kind() == ErrorKind::Io || error.is_cluster_error() || says(PASSING) {
        Error::unavailable("the queue does not answer: try again in a few seconds")
    } else {
        Error::internal("the queue answered with an error: see the log")
    };
    translated.with_source(error)
}

/// What a server says that cannot serve for now.
const PASSING: &[&str] =
    &["LOADING", "READONLY", "MASTERDOWN", "NOREPLICAS", "MISCONF", "BUSY ", "max number of clients"];

/// Whether another connection may serve better: this one is broken, or leads to a server that no longer is the master.
pub(crate) fn is_connections_fault(error: &RedisError) -> bool {
    error.is_unrecoverable_error() || error.is_io_error() || text(error).contains("READONLY")
}

/// Nobody answered in time.
pub(crate) fn silent() -> Error {
    Error::unavailable("the queue does not answer in time: try again in a few seconds")
}

fn text(error: &RedisError) -> String {
    format!("{} {}", error.code().unwrap_or_default(), error.detail().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use redis::{ServerErrorKind, make_extension_error};
    use vitrina_core::ErrorKind::{Busy, Internal, Unavailable};

    use super::*;

    #[test]
    fn codes_are_found_wherever_the_server_puts_them() {
        let extension = |code: &str, detail: &str| make_extension_error(code.into(), Some(detail.into()));
        let wrapped = |detail: &str| {
            let kind = redis::ErrorKind::Server(ServerErrorKind::ResponseError);
            RedisError::from((kind, "", detail.to_owned()))
        };
        let cases = [
            (extension("OOM", "command not allowed when used memory > 'maxmemory'."), Busy),
            (
                wrapped(
                    "Error running script (call to f_1): @user_script:9: -OOM command not allowed when used",
                ),
                Busy,
            ),
            (extension("MISCONF", "Redis is configured to save"), Unavailable),
            (wrapped("Error running script: @user_script:9: -MISCONF Redis is"), Unavailable),
            (extension("WRONGPASS", "invalid username-password pair"), Internal),
            (wrapped("unknown command `XAUTOCLAIM`, with args"), Internal),
            (RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionRefused)), Unavailable),
            (wrapped("wrong number of arguments"), Internal),
        ];
        for (error, kind) in cases {
            assert_eq!(translate(error.clone()).kind(), kind, "{error}");
        }
    }
}
