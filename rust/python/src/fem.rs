//! Linear elasticity on grids, and the filter of its designs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use preimage_core::fem::{self, Analysis, Grid};
use pyo3::exceptions::{PyArithmeticError, PyMemoryError, PyValueError};
use pyo3::prelude::*;

use crate::graph::{Floats1, vector};

/// Compliance, energies by element, and displacements by load case, node and component.
type Solution<'py> = (f64, Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// A grid of elements under load.
#[pyclass(frozen, module = "preimage._core")]
pub struct Elasticity {
    grid: Grid,
    state: Mutex<fem::Elasticity>,
}

#[pymethods]
impl Elasticity {
    /// Analyses a grid: held components, forces by load case, and the weights of the cases, all flat and in image order.
    #[new]
    fn new(
        py: Python<'_>,
        width: usize,
        height: usize,
        fixed: Vec<bool>,
        forces: Floats1<'_>,
        weights: Floats1<'_>,
    ) -> PyResult<Self> {
        let grid = Grid { width, height };
        let (forces, weights) = (vector(&forces), vector(&weights));
        checked(fixed.len(), grid.components(), "fixed")?;
        checked(forces.len(), grid.components() * weights.len(), "forces")?;
        let state = py.detach(|| {
            let analysis = Analysis::new(grid, &fixed)?;
            Ok(fem::Elasticity::new(Arc::new(analysis), &forces, &weights))
        });
        let state = state.map_err(|fem::TooLarge| {
            PyMemoryError::new_err("the grid is too large for the memory of this machine")
        })?;
        Ok(Elasticity {
            grid,
            state: Mutex::new(state),
        })
    }

    /// The same with memory of its own, so that two threads can solve at once.
    fn twin(&self, py: Python<'_>) -> Self {
        let state = py.detach(|| self.state().twin());
        Elasticity {
            grid: self.grid,
            state: Mutex::new(state),
        }
    }

    /// Solves for Young's moduli by element.
    fn solve<'py>(&self, py: Python<'py>, moduli: Floats1<'py>) -> PyResult<Solution<'py>> {
        let moduli = vector(&moduli);
        checked(moduli.len(), self.grid.elements(), "moduli")?;
        let solution = py.detach(|| {
            let mut state = self.state();
            let compliance = state.solve(&moduli)?;
            Ok((
                compliance,
                state.energies.clone(),
                state.displacement.clone(),
            ))
        });
        let (compliance, energies, displacement) = solution.map_err(|fem::Singular| {
            PyArithmeticError::new_err(
                "the stiffness matrix is singular: something can move without resistance",
            )
        })?;
        Ok((
            compliance,
            energies.into_pyarray(py),
            displacement.into_pyarray(py),
        ))
    }

    /// The number of unknowns.
    #[getter]
    fn unknowns(&self) -> usize {
        self.state().analysis().size()
    }

    /// The number of entries of the Cholesky factor.
    #[getter]
    fn factor_entries(&self) -> usize {
        self.state().analysis().factor_entries()
    }
}

impl Elasticity {
    /// What a solve that panicked has left is overwritten by the next.
    fn state(&self) -> MutexGuard<'_, fem::Elasticity> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A cone filter among the elements of a mask.
#[pyclass(frozen, module = "preimage._core")]
pub struct ConeFilter {
    grid: Grid,
    filter: fem::ConeFilter,
}

#[pymethods]
impl ConeFilter {
    #[new]
    fn new(width: usize, height: usize, radius: f64, mask: Vec<bool>) -> PyResult<Self> {
        let grid = Grid { width, height };
        checked(mask.len(), grid.elements(), "mask")?;
        Ok(ConeFilter {
            grid,
            filter: fem::ConeFilter::new(grid, radius, &mask),
        })
    }

    /// The density of a design.
    fn apply<'py>(
        &self,
        py: Python<'py>,
        design: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let design = vector(&design);
        checked(design.len(), self.grid.elements(), "design")?;
        Ok(py.detach(|| self.filter.apply(&design)).into_pyarray(py))
    }

    /// Carries derivatives by the density back to the design.
    fn transpose<'py>(
        &self,
        py: Python<'py>,
        field: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let field = vector(&field);
        checked(field.len(), self.grid.elements(), "field")?;
        Ok(py.detach(|| self.filter.transpose(&field)).into_pyarray(py))
    }
}

fn checked(length: usize, wanted: usize, name: &str) -> PyResult<()> {
    if length == wanted {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "{name} must have {wanted} entries, not {length}"
    )))
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<ConeFilter>()?;
    module.add_class::<Elasticity>()
}
