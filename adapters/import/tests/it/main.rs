//! Product sources through their public entry points.
#![allow(clippy::unwrap_used)]

mod common;
mod database;
mod encodings;
mod fetch;
mod large;
mod magento;
mod memory;
mod merchant;
mod mistakes;
mod opencart;
mod own;
mod plain;
mod prestashop;
mod run;
mod systems;
mod woocommerce;
