//! The tree over input boxes.

use std::sync::Mutex;
use std::time::Duration;

use numpy::{Element, PyArray1, PyArray2, PyReadonlyArray1, ToPyArray};
use preimage_core::branch::{self, Recorded, Rectangle};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::descent::StopFlag;
use crate::model::Model;

/// Branch and bound over the inputs of a model; a ValueError says what it does not branch on.
#[pyclass(frozen, module = "preimage._core")]
pub struct Tree(Mutex<branch::Tree>);

impl Tree {
    fn with<T>(&self, act: impl FnOnce(&mut branch::Tree) -> T) -> PyResult<T> {
        let mut tree = self
            .0
            .lock()
            .map_err(|_| PyRuntimeError::new_err("an earlier call on this tree failed"))?;
        Ok(act(&mut tree))
    }
}

#[pymethods]
impl Tree {
    #[new]
    fn new(py: Python<'_>, model: &Model, threads: usize) -> PyResult<Self> {
        py.detach(|| branch::Tree::new(&model.0, threads))
            .map(|tree| Tree(Mutex::new(tree)))
            .map_err(|reason| PyValueError::new_err(reason.0))
    }

    /// Treats nodes for some seconds, until `stop` is set or none is left. Values from `threshold` on are of no interest.
    fn advance(
        &self,
        py: Python<'_>,
        threshold: f64,
        best: f64,
        seconds: f64,
        stop: &StopFlag,
    ) -> PyResult<()> {
        let duration = Duration::try_from_secs_f64(seconds)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        let stop = stop.0.clone();
        py.detach(|| self.with(|tree| tree.advance(threshold, best, duration, &stop)))
    }

    /// Takes note of a design that holds.
    fn offer(&self, x: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        let x = x.as_slice()?;
        self.with(|tree| tree.offer(x))
    }

    /// No design lies below this.
    #[getter]
    fn bound(&self) -> PyResult<f64> {
        self.with(|tree| tree.bound())
    }

    /// Whether no node is left.
    #[getter]
    fn exhausted(&self) -> PyResult<bool> {
        self.with(|tree| tree.exhausted())
    }

    /// How many choices of used inputs there are, the most inputs chosen together, and the undecided kinks.
    #[getter]
    fn shape(&self) -> PyResult<(usize, usize, usize)> {
        self.with(|tree| {
            let shape = tree.shape();
            (shape.choices, shape.inputs, shape.kinks)
        })
    }

    /// Nodes treated so far.
    #[getter]
    fn nodes(&self) -> PyResult<u64> {
        self.with(|tree| tree.nodes())
    }

    /// Nodes waiting.
    #[getter]
    fn open_nodes(&self) -> PyResult<usize> {
        self.with(|tree| tree.open())
    }

    /// How many times boxes were bounded, the undecided kinks of all of them, and the multiplications that the model of the
    /// cost counts.
    #[getter]
    fn work(&self) -> PyResult<(u64, u64, u64)> {
        self.with(|tree| {
            let work = tree.work();
            (work.bounded, work.symbols, work.multiplications)
        })
    }

    /// Where two inputs are free, in one tree: which ones, and an array each of what is recorded of the boxes.
    fn boxes<'py>(
        &self,
        py: Python<'py>,
        threshold: f64,
    ) -> PyResult<Option<([usize; 2], Bound<'py, PyDict>)>> {
        let Some((inputs, boxes)) = self.with(|tree| tree.boxes(threshold))? else {
            return Ok(None);
        };
        let rectangles = |of: fn(&Recorded) -> Rectangle| {
            let rows: Vec<Vec<f64>> = boxes.iter().map(|b| of(b).to_vec()).collect();
            PyArray2::from_vec2(py, &rows)
        };
        let arrays = PyDict::new(py);
        arrays.set_item("entered", rectangles(|b| b.entered)?)?;
        arrays.set_item("kept", rectangles(|b| b.kept)?)?;
        arrays.set_item("fate", each(py, &boxes, |b| b.fate as u8))?;
        arrays.set_item("depth", each(py, &boxes, |b| b.depth))?;
        arrays.set_item("bound", each(py, &boxes, |b| b.bound))?;
        arrays.set_item("weight", each(py, &boxes, |b| b.weight))?;
        arrays.set_item("waiting", each(py, &boxes, |b| b.waiting as u32))?;
        Ok(Some((inputs, arrays)))
    }

    /// Whether bounding a box alone proves that no design in it lies below `threshold`; None if there are several trees.
    fn rules_out(
        &self,
        py: Python<'_>,
        lower: PyReadonlyArray1<'_, f64>,
        upper: PyReadonlyArray1<'_, f64>,
        threshold: f64,
    ) -> PyResult<Option<bool>> {
        let (lower, upper) = (lower.as_slice()?, upper.as_slice()?);
        py.detach(|| self.with(|tree| tree.rules_out(lower, upper, threshold)))
    }

    /// Takes the points that looked better than the best design, the last one the best.
    fn take_candidates<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray1<f64>>>> {
        let candidates = self.with(|tree| tree.take_candidates())?;
        Ok(candidates.iter().map(|x| x.to_pyarray(py)).collect())
    }
}

/// One value of every box.
fn each<'py, T: Element>(
    py: Python<'py>,
    boxes: &[Recorded],
    of: fn(&Recorded) -> T,
) -> Bound<'py, PyArray1<T>> {
    PyArray1::from_iter(py, boxes.iter().map(of))
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Tree>()
}
