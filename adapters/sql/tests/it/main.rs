//! The catalogue's contract on each database, and what is particular to it.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod common;
mod keys;
mod mariadb;
mod mariadb_feed;
mod photos;
mod requests;
mod server;
mod sqlite;
mod tls;
mod url;
