//! The descent from many starts, and the flag that stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use numpy::{PyArray1, PyArrayDyn};
use preimage_core::descent::{self, Settings};
use preimage_core::model::Model;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::graph::shaped;

/// A flag that any thread may raise to end a long computation early; it is never lowered.
#[pyclass(frozen, module = "preimage._core")]
pub struct StopFlag(pub Arc<AtomicBool>);

#[pymethods]
impl StopFlag {
    #[new]
    fn new() -> Self {
        StopFlag(Arc::new(AtomicBool::new(false)))
    }

    /// Raises the flag.
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the flag has been raised.
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Designs `(k, n)`, their objectives `(k,)` and their violations `(k,)`, best first.
pub type Designs<'py> = (
    Bound<'py, PyArrayDyn<f64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// Descends with the GIL released and turns what was found into arrays.
pub fn descend<'py>(
    py: Python<'py>,
    model: &Model,
    settings: &Settings,
    initial: &[f64],
    stop: Option<&StopFlag>,
) -> PyResult<Designs<'py>> {
    let stop = stop.map_or_else(|| Arc::new(AtomicBool::new(false)), |flag| flag.0.clone());
    let found = py.detach(|| descent::descend(model, settings, initial, &stop));
    let found = found.map_err(|error| PyValueError::new_err(error.0))?;
    let objectives: Vec<f64> = found.iter().map(|design| design.objective).collect();
    let violations: Vec<f64> = found.iter().map(|design| design.violation).collect();
    let count = found.len();
    let x: Vec<f64> = found.into_iter().flat_map(|design| design.x).collect();
    Ok((
        shaped(py, x, Some(count), model.input_size())?,
        PyArray1::from_vec(py, objectives),
        PyArray1::from_vec(py, violations),
    ))
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<StopFlag>()
}
