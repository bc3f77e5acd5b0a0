//! Linear elasticity on grids, the filter of its designs, and their bound.

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
            let analysis = Analysis::new(grid, &fixed);
            fem::Elasticity::new(Arc::new(analysis), &forces, &weights)
        });
        Elasticity::hold(grid, state)
    }

    /// The same with memory of its own, so that two threads can solve at once.
    fn twin(&self, py: Python<'_>) -> PyResult<Self> {
        let state = py.detach(|| self.state().twin());
        Elasticity::hold(self.grid, state)
    }

    /// The bytes that a grid with so many load cases will take.
    #[staticmethod]
    fn estimated_bytes(width: usize, height: usize, cases: usize) -> u64 {
        fem::estimated_bytes(Grid { width, height }, cases)
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
    fn hold(grid: Grid, state: Result<fem::Elasticity, fem::TooLarge>) -> PyResult<Self> {
        let state = state.map_err(|fem::TooLarge| {
            PyMemoryError::new_err("the grid is too large for the memory of this machine")
        })?;
        Ok(Elasticity {
            grid,
            state: Mutex::new(state),
        })
    }

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

    /// How many elements have a say in a density.
    #[getter]
    fn reach(&self) -> usize {
        self.filter.reach()
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

/// Lines above the cubes of the densities, good near a design.
#[pyclass(frozen, module = "preimage._core")]
pub struct CubeLines {
    elements: usize,
    lines: fem::CubeLines,
}

#[pymethods]
impl CubeLines {
    #[new]
    fn new(
        py: Python<'_>,
        filter: &ConeFilter,
        design: Floats1<'_>,
        sharpness: f64,
    ) -> PyResult<Self> {
        let (design, elements) = (vector(&design), filter.grid.elements());
        checked(design.len(), elements, "design")?;
        let lines = py.detach(|| fem::CubeLines::new(&filter.filter, &design, sharpness));
        let lines = lines.ok_or_else(no_lines)?;
        Ok(CubeLines { elements, lines })
    }

    /// The lines at a design.
    fn apply<'py>(
        &self,
        py: Python<'py>,
        design: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let design = vector(&design);
        checked(design.len(), self.elements, "design")?;
        Ok(py.detach(|| self.lines.apply(&design)).into_pyarray(py))
    }

    /// Carries derivatives by the lines back to the design.
    fn transpose<'py>(
        &self,
        py: Python<'py>,
        field: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let field = vector(&field);
        checked(field.len(), self.elements, "field")?;
        Ok(py.detach(|| self.lines.transpose(&field)).into_pyarray(py))
    }
}

fn no_lines() -> PyErr {
    PyValueError::new_err(
        "lines need a filter of radius 2 at most, a design between 0 and 1, and a sharpness of at most 500",
    )
}

/// A proved lower bound on the compliance of every design of a task.
#[pyclass(frozen, module = "preimage._core")]
pub struct ComplianceBound {
    components: usize,
    elements: usize,
    bound: fem::ComplianceBound,
}

#[pymethods]
impl ComplianceBound {
    /// Prepares the bound of a loaded grid, with a filter, of designs within a mask and a volume.
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (fixed, forces, weights, filter, *, mask, solid, volume, filtered, void))]
    fn new(
        fixed: Vec<bool>,
        forces: Floats1<'_>,
        weights: Floats1<'_>,
        filter: &ConeFilter,
        mask: Vec<bool>,
        solid: Vec<bool>,
        volume: f64,
        filtered: bool,
        void: f64,
    ) -> PyResult<Self> {
        let grid = filter.grid;
        let (forces, weights) = (vector(&forces), vector(&weights));
        let components = grid.components() * weights.len();
        checked(fixed.len(), grid.components(), "fixed")?;
        checked(forces.len(), components, "forces")?;
        checked(mask.len(), grid.elements(), "mask")?;
        checked(solid.len(), grid.elements(), "solid")?;
        let designs = fem::Designs {
            mask: &mask,
            solid: &solid,
            volume,
            filtered,
            void,
        };
        let filter = filter.filter.clone();
        let bound = fem::ComplianceBound::new(grid, &fixed, &forces, &weights, filter, &designs);
        Ok(ComplianceBound {
            components,
            elements: grid.elements(),
            bound,
        })
    }

    /// The bound that displacements prove, by load case, node and component; from penalty 3 on, with lines near a design.
    #[pyo3(signature = (displacement, design=None, sharpness=0.0))]
    fn lower_bound(
        &self,
        py: Python<'_>,
        displacement: Floats1<'_>,
        design: Option<Floats1<'_>>,
        sharpness: f64,
    ) -> PyResult<f64> {
        let displacement = vector(&displacement);
        checked(displacement.len(), self.components, "displacement")?;
        let Some(design) = design else {
            return Ok(py.detach(|| self.bound.lower_bound(&displacement, None)));
        };
        let design = vector(&design);
        checked(design.len(), self.elements, "design")?;
        let bound = py.detach(|| {
            let lines = self.bound.lines(&design, sharpness)?;
            Some(self.bound.lower_bound(&displacement, Some(&lines)))
        });
        bound.ok_or_else(no_lines)
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
    module.add("VOLUME_TOLERANCE", fem::VOLUME_TOLERANCE)?;
    module.add_class::<ComplianceBound>()?;
    module.add_class::<ConeFilter>()?;
    module.add_class::<CubeLines>()?;
    module.add_class::<Elasticity>()
}
