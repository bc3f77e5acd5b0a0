//! Regions of a model, and their linear programs.

use std::sync::Arc;

use numpy::{AllowTypeChange, PyArray1, PyArrayLike1};
use preimage_core::descent::region;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::bounds::Bounds;
use crate::graph::{Floats1, vector};
use crate::model::Model;

/// A model with everything in it that has sides.
#[pyclass(frozen, module = "preimage._core")]
pub struct Regions {
    regions: Arc<region::Regions>,
    inputs: usize,
}

#[pymethods]
impl Regions {
    #[new]
    fn new(model: &Model, bounds: &Bounds) -> PyResult<Self> {
        let regions = region::Regions::new(model.0.clone(), &bounds.0)
            .map_err(|error| PyValueError::new_err(error.0))?;
        Ok(Regions {
            regions: Arc::new(regions),
            inputs: model.0.input_size(),
        })
    }

    /// The number of decisions.
    #[getter]
    fn decisions(&self) -> usize {
        self.regions.decisions()
    }

    /// The sides that a design takes.
    fn pattern<'py>(
        &self,
        py: Python<'py>,
        x: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<u32>>> {
        let x = self.design(&x)?;
        let pattern = py.detach(|| self.regions.pattern(&x));
        Ok(PyArray1::from_vec(py, pattern))
    }

    /// The linear program of a pattern, around a design.
    #[pyo3(signature = (pattern, x, facets=true))]
    fn region(
        &self,
        py: Python<'_>,
        pattern: PyArrayLike1<'_, u32, AllowTypeChange>,
        x: Floats1<'_>,
        facets: bool,
    ) -> PyResult<Region> {
        let x = self.design(&x)?;
        let pattern: Vec<u32> = pattern.as_array().to_vec();
        if !self.regions.is_pattern(&pattern) {
            return Err(PyValueError::new_err(
                "the pattern does not have a side for every decision",
            ));
        }
        Ok(Region(
            py.detach(|| self.regions.region(&pattern, &x, facets)),
        ))
    }
}

impl Regions {
    fn design(&self, x: &Floats1<'_>) -> PyResult<Vec<f64>> {
        let x = vector(x);
        if x.len() == self.inputs {
            return Ok(x);
        }
        Err(PyValueError::new_err(format!(
            "x must have shape ({},), not ({},)",
            self.inputs,
            x.len()
        )))
    }
}

/// A linear program: minimise `objective @ v + offset` over columns `v`, of which the first are the inputs.
#[pyclass(frozen, module = "preimage._core")]
pub struct Region(region::Region);

#[pymethods]
impl Region {
    #[getter]
    fn objective<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.objective)
    }

    #[getter]
    fn offset(&self) -> f64 {
        self.0.offset
    }

    #[getter]
    fn lower<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.lower)
    }

    #[getter]
    fn upper<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.upper)
    }

    /// The columns at the design that the region was made for.
    #[getter]
    fn point<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.point)
    }

    #[getter]
    fn starts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.0.starts.iter().map(|&start| start as i64))
    }

    #[getter]
    fn indices<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        PyArray1::from_iter(py, self.0.indices.iter().map(|&index| i64::from(index)))
    }

    #[getter]
    fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.data)
    }

    #[getter]
    fn row_lower<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.row_lower)
    }

    #[getter]
    fn row_upper<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.row_upper)
    }

    /// Of every row, 0 for a definition, 1 for a requirement, 2 for a facet.
    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u8>> {
        PyArray1::from_iter(py, self.0.kinds.iter().map(|&kind| kind as u8))
    }

    /// Of every row, the decision behind it; -1 where there is none.
    #[getter]
    fn decisions<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let decision = |beyond: &Option<(usize, u32)>| beyond.map_or(-1, |(k, _)| k as i64);
        PyArray1::from_iter(py, self.0.beyond.iter().map(decision))
    }

    /// Of every row, the side to take beyond it.
    #[getter]
    fn sides<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u32>> {
        let side = |beyond: &Option<(usize, u32)>| beyond.map_or(0, |(_, side)| side);
        PyArray1::from_iter(py, self.0.beyond.iter().map(side))
    }
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Regions>()?;
    module.add_class::<Region>()
}
