//! Python bindings of the core: arrays in, arrays out.
use pyo3::prelude::*;

/// The Rust core of Preimage.
#[pymodule(gil_used = false)]
fn _core(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
