//! The native module of Vitrina's Python package: the Rust client and engine as calls that Python waits for.
//!
//! It is private. The package's classes in `python/vitrina` wrap it, with names, documentation and types for people;
//! here is only what must be native. Every operation is a `Call`, which either blocks with the interpreter lock
//! released or becomes an awaitable: so each operation is written once.

mod answers;
mod arguments;
mod awaitable;
mod call;
mod engine;
mod errors;
mod exit;
mod export;
mod fields;
mod remote;

use pyo3::prelude::*;

#[pymodule]
mod _vitrina {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::call::Call;
    #[pymodule_export]
    use super::engine::Engine;
    #[pymodule_export]
    use super::remote::Remote;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        super::exit::register(module.py())
    }
}
