//! The client against servers that answer by script: every error, every way of waiting.

#![allow(clippy::unwrap_used)]

mod admin;
mod conditional;
mod errors;
mod photo;
mod reading;
mod scripted;
