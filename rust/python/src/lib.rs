//! Python bindings of the core: arrays in, arrays out.
use mimalloc::MiMalloc;
use pyo3::prelude::*;

mod bounds;
mod branch;
mod descent;
mod fem;
mod graph;
mod model;
mod program;
mod proof;
mod propagate;
mod region;

/// Branch and bound makes and drops thousands of small matrices a second, some on one thread and gone on another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The Rust core of Preimage.
#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    bounds::register(module)?;
    branch::register(module)?;
    descent::register(module)?;
    fem::register(module)?;
    graph::register(module)?;
    model::register(module)?;
    program::register(module)?;
    proof::register(module)?;
    propagate::register(module)?;
    region::register(module)?;
    Ok(())
}
