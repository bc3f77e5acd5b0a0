//! Python bindings of the core: arrays in, arrays out.
use pyo3::prelude::*;

mod bounds;
mod branch;
mod descent;
mod graph;
mod model;
mod program;
mod proof;
mod region;

/// The Rust core of Preimage.
#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    bounds::register(module)?;
    branch::register(module)?;
    descent::register(module)?;
    graph::register(module)?;
    model::register(module)?;
    program::register(module)?;
    proof::register(module)?;
    region::register(module)?;
    Ok(())
}
