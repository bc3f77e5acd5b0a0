//! Narrowing the columns of a program at the nodes of a solver's tree.

use numpy::{IntoPyArray, PyArray1};
use preimage_core::bigm;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::bounds::Bounds;
use crate::graph::{Floats1, value_error, vector};
use crate::program::Program;

/// What is left of the columns, and of the objective.
type Left<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>, f64);

/// Narrows inputs and neurons of a program by linear forms of the network.
#[pyclass(frozen, module = "preimage._core")]
pub struct Propagator(bigm::Propagator);

#[pymethods]
impl Propagator {
    #[new]
    fn new(program: &Program, bounds: &Bounds) -> PyResult<Self> {
        let nodes = program.0.graph().nodes();
        let sizes = bounds.0.lower.iter().map(Vec::len);
        if !sizes.eq(nodes.iter().map(|node| node.size)) {
            return Err(PyValueError::new_err(
                "the bounds are those of another graph",
            ));
        }
        Ok(Propagator(bigm::Propagator::new(&program.0, &bounds.0)))
    }

    /// The columns that are watched: all inputs, then the source and the binary of every kink.
    #[getter]
    fn columns<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let columns: Vec<i64> = self
            .0
            .columns()
            .iter()
            .map(|&column| i64::from(column))
            .collect();
        columns.into_pyarray(py)
    }

    /// What is left of the watched columns between these bounds, below a threshold, and the least objective; None if
    /// nothing is.
    fn narrow<'py>(
        &self,
        py: Python<'py>,
        lower: Floats1<'py>,
        upper: Floats1<'py>,
        threshold: f64,
    ) -> PyResult<Option<Left<'py>>> {
        let (lower, upper) = (self.checked(&lower)?, self.checked(&upper)?);
        let left = py
            .detach(|| self.0.narrow(&lower, &upper, threshold))
            .map_err(value_error)?;
        Ok(left.map(|left| {
            (
                left.lower.into_pyarray(py),
                left.upper.into_pyarray(py),
                left.least,
            )
        }))
    }

    /// How much of the undecided kinks of the last layer is each input's doing.
    fn influence<'py>(
        &self,
        py: Python<'py>,
        lower: Floats1<'py>,
        upper: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let (lower, upper) = (self.checked(&lower)?, self.checked(&upper)?);
        let influence = py.detach(|| self.0.influence(&lower, &upper));
        Ok(influence.map_err(value_error)?.into_pyarray(py))
    }

    fn __repr__(&self) -> String {
        format!("Propagator({} columns)", self.0.columns().len())
    }
}

impl Propagator {
    fn checked(&self, bounds: &Floats1<'_>) -> PyResult<Vec<f64>> {
        let numbers = vector(bounds);
        if numbers.len() == self.0.columns().len() {
            return Ok(numbers);
        }
        Err(PyValueError::new_err(format!(
            "{} bounds were given of {} columns",
            numbers.len(),
            self.0.columns().len()
        )))
    }
}

/// Adds the class of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Propagator>()
}
