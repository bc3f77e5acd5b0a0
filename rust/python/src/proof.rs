//! Proofs of bounds.

use preimage_core::branch::proof::{self, Failure};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::descent::StopFlag;
use crate::model::Model;

/// A proof that no design of a model lies below a bound; a ValueError says why there is none, or why it does not hold.
#[pyclass(frozen, module = "preimage._core")]
pub struct Proof(proof::Proof);

/// What was found; None if it was stopped.
fn unless_stopped<T>(found: Result<T, Failure>) -> PyResult<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Failure::Stopped) => Ok(None),
        Err(Failure::Reason(reason)) => Err(PyValueError::new_err(reason)),
    }
}

#[pymethods]
impl Proof {
    /// Finds a proof; None if it was stopped before.
    #[staticmethod]
    fn find(
        py: Python<'_>,
        model: &Model,
        bound: f64,
        threads: usize,
        stop: &StopFlag,
    ) -> PyResult<Option<Self>> {
        let found = py.detach(|| proof::Proof::find(&model.0, bound, threads, &stop.0));
        unless_stopped(found.map(Proof))
    }

    /// Reads the bytes of a proof.
    #[staticmethod]
    fn read(py: Python<'_>, data: &[u8]) -> PyResult<Self> {
        let found = py.detach(|| proof::Proof::read(data));
        unless_stopped(found.map(Proof))?.ok_or_else(|| PyValueError::new_err("it was stopped"))
    }

    /// The proof as bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &py.detach(|| self.0.bytes()))
    }

    /// Proves every box again; returns their number, or None if it was stopped before.
    fn check(
        &self,
        py: Python<'_>,
        model: &Model,
        bound: f64,
        threads: usize,
        stop: &StopFlag,
    ) -> PyResult<Option<u64>> {
        unless_stopped(py.detach(|| self.0.check(&model.0, bound, threads, &stop.0)))
    }

    /// The number of boxes that are proved.
    #[getter]
    fn boxes(&self) -> u64 {
        self.0.boxes()
    }
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Proof>()
}
