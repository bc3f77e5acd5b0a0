//! Python bindings of the core: arrays in, arrays out.
use pyo3::prelude::*;

mod graph;

/// The Rust core of Preimage.
#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    graph::register(module)?;
    Ok(())
}
