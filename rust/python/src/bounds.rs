//! Bounds of the nodes of a graph.

use std::sync::Arc;

use numpy::PyArray1;
use preimage_core::bounds::{self, crown, interval};
use preimage_core::graph::Graph;
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::graph::value_error;

/// Proved bounds of every node of a graph over a box of inputs.
#[pyclass(frozen, module = "preimage._core")]
pub struct Bounds(pub Arc<bounds::Bounds>);

impl Bounds {
    /// Bounds by "crown" (with a backward pass for the nodes asked for, too) or by "interval".
    pub fn compute(
        py: Python<'_>,
        graph: &Graph,
        lower: &[f64],
        upper: &[f64],
        asked: &[usize],
        method: &str,
    ) -> PyResult<Self> {
        let bounds = match method {
            "crown" => py.detach(|| crown::bounds(graph, lower, upper, asked)),
            "interval" => py.detach(|| interval::bounds(graph, lower, upper)),
            _ => {
                return Err(PyValueError::new_err(format!(
                    "the method of bounding must be \"crown\" or \"interval\", not {method:?}"
                )));
            }
        };
        Ok(Bounds(Arc::new(bounds.map_err(value_error)?)))
    }
}

#[pymethods]
impl Bounds {
    /// The lower bounds of the entries of a node.
    fn lower<'py>(&self, py: Python<'py>, node: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(PyArray1::from_slice(py, of_node(&self.0.lower, node)?))
    }

    /// The upper bounds of the entries of a node.
    fn upper<'py>(&self, py: Python<'py>, node: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
        Ok(PyArray1::from_slice(py, of_node(&self.0.upper, node)?))
    }

    fn __repr__(&self) -> String {
        format!("Bounds({} nodes)", self.0.lower.len())
    }
}

fn of_node(values: &[Vec<f64>], node: usize) -> PyResult<&[f64]> {
    match values.get(node) {
        Some(values) => Ok(values),
        None => Err(PyIndexError::new_err(format!(
            "node {node} does not exist: the bounds are those of {} nodes",
            values.len()
        ))),
    }
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Bounds>()
}
