//! The model as a mixed-integer program.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use numpy::ndarray::ArrayView1;
use numpy::{Element, IntoPyArray, PyArray1, PyArrayMethods};
use preimage_core::bigm::{self, ColumnOrigin, Demand, Entry, Formulation, Labels, RowOrigin};
use preimage_core::{bounds, model};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::bounds::Multipliers;
use crate::graph::{Floats1, vector};

/// The columns, coefficients and constants that entries are written with.
type Written<'py> = (
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// A kink with a binary: see `bigm::Switch`.
type Switched<'py> = (
    u32,
    u32,
    f64,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<f64>>,
    f64,
);

/// A mixed-integer linear program with special ordered sets and second-order cones.
#[pyclass(frozen, module = "preimage._core")]
pub struct Program(pub bigm::Program);

/// Encodes without the interpreter lock.
pub fn encode(
    py: Python<'_>,
    model: &model::Model,
    bounds: &bounds::Bounds,
    formulation: &str,
    demand: &Demand<'_>,
    labels: Labels,
) -> PyResult<Program> {
    let formulation = match formulation {
        "bigm" => Formulation::BigM,
        "plain" => Formulation::Plain,
        "sos1" => Formulation::Sos1,
        "lines" => Formulation::Lines,
        _ => {
            return Err(PyValueError::new_err(format!(
                "the formulation must be \"bigm\", \"plain\", \"sos1\" or \"lines\", not {formulation:?}"
            )));
        }
    };
    let encoded = py.detach(|| bigm::encode_with(model, bounds, formulation, demand));
    let mut program = encoded.map_err(|error| PyValueError::new_err(error.0))?;
    program.labels = labels;
    Ok(Program(program))
}

/// A read-only array over numbers that the program owns.
fn view<'py, T: Element>(
    program: &Bound<'py, Program>,
    numbers: fn(&bigm::Program) -> &[T],
) -> Bound<'py, PyArray1<T>> {
    let numbers = ArrayView1::from(numbers(&program.get().0));
    // SAFETY: the numbers belong to `program`, which the array keeps alive as its base. The class is frozen and
    // nothing changes them, and the array is made read-only before anybody sees it.
    let array = unsafe { PyArray1::borrow_from_array(&numbers, program.clone().into_any()) };
    array.readwrite().make_nonwriteable();
    array
}

#[pymethods]
impl Program {
    #[getter]
    fn column_count(&self) -> usize {
        self.0.column_count()
    }

    #[getter]
    fn row_count(&self) -> usize {
        self.0.row_count()
    }

    #[getter]
    fn nonzeros(&self) -> usize {
        self.0.nonzeros()
    }

    #[getter]
    fn binaries(&self) -> usize {
        self.0.binaries()
    }

    #[getter]
    fn offset(&self) -> f64 {
        self.0.offset
    }

    #[getter]
    fn column_lower<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.column_lower)
    }

    #[getter]
    fn column_upper<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.column_upper)
    }

    #[getter]
    fn column_objective<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.column_objective)
    }

    #[getter]
    fn column_kinds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u8>> {
        let kinds: Vec<u8> = self.0.column_kinds.iter().map(|&kind| kind as u8).collect();
        kinds.into_pyarray(py)
    }

    #[getter]
    fn starts<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        let starts: Vec<i64> = self.0.starts.iter().map(|&start| start as i64).collect();
        starts.into_pyarray(py)
    }

    #[getter]
    fn indices<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<u32>> {
        view(slf, |program| &program.indices)
    }

    #[getter]
    fn data<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.data)
    }

    #[getter]
    fn row_lower<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.row_lower)
    }

    #[getter]
    fn row_upper<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        view(slf, |program| &program.row_upper)
    }

    #[getter]
    fn sos1(&self) -> Vec<(u32, u32)> {
        self.0
            .sos1
            .iter()
            .map(|&[first, second]| (first, second))
            .collect()
    }

    #[getter]
    fn cones(&self) -> Vec<(u32, Vec<u32>)> {
        self.0
            .cones
            .iter()
            .map(|cone| (cone.apex, cone.members.clone()))
            .collect()
    }

    #[getter]
    fn impossible(&self) -> Vec<String> {
        self.0
            .impossible
            .iter()
            .map(|&origin| self.0.origin_name(origin))
            .collect()
    }

    #[getter]
    fn row_requirements<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        self.labels_of_rows(py, |origin| match origin {
            RowOrigin::Requirement(label, _) => Some(label),
            _ => None,
        })
    }

    #[getter]
    fn row_selections<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<i64>> {
        self.labels_of_rows(py, |origin| match origin {
            RowOrigin::Selection(index, _) => Some(index),
            _ => None,
        })
    }

    fn entries<'py>(&self, py: Python<'py>, node: usize) -> PyResult<Written<'py>> {
        self.existing(node)?;
        let written = self.0.entries(node);
        let parts = |entry: &Entry| match *entry {
            Entry::Constant(value) => (-1, 0.0, value),
            Entry::Column {
                column,
                coefficient,
                constant,
            } => (i64::from(column), coefficient, constant),
            Entry::Absent | Entry::Inline { .. } => (-1, 0.0, f64::NAN),
        };
        let columns: Vec<i64> = written.iter().map(|entry| parts(entry).0).collect();
        let coefficients: Vec<f64> = written.iter().map(|entry| parts(entry).1).collect();
        let constants: Vec<f64> = written.iter().map(|entry| parts(entry).2).collect();
        Ok((
            columns.into_pyarray(py),
            coefficients.into_pyarray(py),
            constants.into_pyarray(py),
        ))
    }

    fn active_columns<'py>(
        &self,
        py: Python<'py>,
        node: usize,
    ) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let mut columns = vec![-1; self.existing(node)?];
        for (column, origin) in self.0.column_origins.iter().enumerate() {
            if let ColumnOrigin::Active(place, entry) = *origin
                && place as usize == node
            {
                columns[entry as usize] = column as i64;
            }
        }
        Ok(columns.into_pyarray(py))
    }

    /// The convex kinks with a binary: value, binary, slope, and what goes in as columns, coefficients and a constant.
    fn switches<'py>(&self, py: Python<'py>) -> Vec<Switched<'py>> {
        let switches = self.0.switches().into_iter();
        switches
            .map(|switch| {
                let columns: Vec<i64> = switch.columns.into_iter().map(i64::from).collect();
                (
                    switch.value,
                    switch.active,
                    switch.slope,
                    columns.into_pyarray(py),
                    switch.coefficients.into_pyarray(py),
                    switch.constant,
                )
            })
            .collect()
    }

    /// The multipliers that duals of rows and columns amount to, where a program of lines minimises an entry.
    fn multipliers(
        &self,
        row_duals: Floats1<'_>,
        column_duals: Floats1<'_>,
    ) -> PyResult<Multipliers> {
        let rows = checked(&row_duals, self.0.row_count(), "row_duals")?;
        let columns = checked(&column_duals, self.0.column_count(), "column_duals")?;
        Ok(Multipliers(self.0.multipliers(&rows, &columns)))
    }

    fn complete<'py>(
        &self,
        py: Python<'py>,
        x: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let x = checked(&x, self.0.input_size(), "x")?;
        Ok(py.detach(|| self.0.complete(&x)).into_pyarray(py))
    }

    fn inputs<'py>(
        &self,
        py: Python<'py>,
        solution: Floats1<'py>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let solution = checked(&solution, self.0.column_count(), "solution")?;
        Ok(py.detach(|| self.0.inputs(&solution)).into_pyarray(py))
    }

    fn violation(&self, py: Python<'_>, solution: Floats1<'_>) -> PyResult<f64> {
        let solution = checked(&solution, self.0.column_count(), "solution")?;
        Ok(py.detach(|| self.0.violation(&solution)))
    }

    fn column_names(&self) -> Vec<String> {
        (0..self.0.column_count())
            .map(|column| self.0.column_name(column))
            .collect()
    }

    fn row_names(&self) -> Vec<String> {
        (0..self.0.row_count())
            .map(|row| self.0.row_name(row))
            .collect()
    }

    fn write_mps(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| {
            let mut file = BufWriter::new(File::create(path)?);
            self.0.write_mps(&mut file)?;
            Ok(file.flush()?)
        })
    }

    fn write_lp(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        py.detach(|| {
            let mut file = BufWriter::new(File::create(path)?);
            self.0.write_lp(&mut file)?;
            Ok(file.flush()?)
        })
    }

    fn __repr__(&self) -> String {
        format!(
            "Program({} columns, {} binaries, {} rows, {} nonzeros)",
            self.0.column_count(),
            self.0.binaries(),
            self.0.row_count(),
            self.0.nonzeros()
        )
    }
}

impl Program {
    fn labels_of_rows<'py>(
        &self,
        py: Python<'py>,
        label: fn(RowOrigin) -> Option<u32>,
    ) -> Bound<'py, PyArray1<i64>> {
        let labels = self
            .0
            .row_origins
            .iter()
            .map(|&origin| label(origin).map_or(-1, i64::from));
        labels.collect::<Vec<_>>().into_pyarray(py)
    }

    /// The size of a node, or an `IndexError`.
    fn existing(&self, node: usize) -> PyResult<usize> {
        let nodes = self.0.graph().nodes();
        match nodes.get(node) {
            Some(node) => Ok(node.size),
            None => Err(PyIndexError::new_err(format!(
                "node {node} does not exist: the graph has {} nodes",
                nodes.len()
            ))),
        }
    }
}

fn checked(array: &Floats1<'_>, length: usize, name: &str) -> PyResult<Vec<f64>> {
    let numbers = vector(array);
    if numbers.len() == length {
        return Ok(numbers);
    }
    Err(PyValueError::new_err(format!(
        "{name} must have shape ({length},), not ({},)",
        numbers.len()
    )))
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Program>()
}
