//! Real servers for tests: a Redis, a MariaDB or an S3 of a test's own, to be filled, stopped and killed.
//!
//! They are started from the programs of this machine, each in a folder and on a port of its own, and die with the test
//! process however that ends. Where a program is missing the test is skipped loudly; in CI that is a failure.

mod certificates;
mod disk;
mod mariadb;
pub mod pictures;
mod program;
mod redis;
mod s3;

use std::io::Write;
use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

pub use certificates::{Authority, Certificate};
pub use disk::SmallDisk;
pub use mariadb::MariaDbServer;
pub use program::Program;
pub use redis::RedisServer;
pub use s3::S3Server;

/// Says that a test is skipped for want of something, and what to do about it.
///
/// # Panics
/// In CI (the variable `CI` is set), where nothing may be skipped.
pub fn skip(reason: &str) {
    assert!(std::env::var_os("CI").is_none(), "{reason}");
    // Straight to the stream: what macros print is hidden while a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {reason}");
}

/// A port for a server that may be stopped for a while: below those that the system gives to whoever connects, with room
/// for a cluster's second one 10,000 above.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = std::process::id() * 61 % 10_000;
    loop {
        let next = begin + u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 11_000 + (next % 10_000) as u16;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
