//! Matrices, graphs and their builder.

use std::sync::Arc;

use numpy::ndarray::{Array, Ix1, Ix2};
use numpy::{AllowTypeChange, IntoPyArray, PyArrayDyn, PyArrayLike1, PyArrayLike2, PyArrayLikeDyn};
use preimage_core::graph::{self, GraphError};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;

use crate::bounds::Bounds;

/// An array of any layout and number type, taken as 64-bit floats.
pub type Floats1<'py> = PyArrayLike1<'py, f64, AllowTypeChange>;
type Floats2<'py> = PyArrayLike2<'py, f64, AllowTypeChange>;
/// One design, or a batch of designs.
pub type FloatsDyn<'py> = PyArrayLikeDyn<'py, f64, AllowTypeChange>;

/// Turns a refusal of the core into a `ValueError`.
pub fn value_error(error: GraphError) -> PyErr {
    PyValueError::new_err(error.0)
}

/// The numbers of an array in row-major order.
pub fn flat(array: &FloatsDyn<'_>) -> Vec<f64> {
    array.as_array().iter().copied().collect()
}

/// The numbers of a vector.
pub fn vector(array: &Floats1<'_>) -> Vec<f64> {
    array.as_array().iter().copied().collect()
}

/// One design or a batch: the numbers row by row, and the number of rows or `None` for a single vector.
pub fn rows_of(
    array: &FloatsDyn<'_>,
    width: usize,
    name: &str,
) -> PyResult<(Vec<f64>, Option<usize>)> {
    match array.as_array().shape() {
        [length] if *length == width => Ok((flat(array), None)),
        [batch, length] if *length == width => Ok((flat(array), Some(*batch))),
        shape => Err(PyValueError::new_err(format!(
            "{name} must have shape ({width},) or (batch, {width}), not {shape:?}"
        ))),
    }
}

/// The result for one design, or for a batch.
pub fn shaped(
    py: Python<'_>,
    values: Vec<f64>,
    batch: Option<usize>,
    width: usize,
) -> PyResult<Bound<'_, PyArrayDyn<f64>>> {
    let failed = |error: numpy::ndarray::ShapeError| PyValueError::new_err(error.to_string());
    let array = match batch {
        None => Array::from_shape_vec(Ix1(width), values)
            .map_err(failed)?
            .into_dyn(),
        Some(batch) => Array::from_shape_vec(Ix2(batch, width), values)
            .map_err(failed)?
            .into_dyn(),
    };
    Ok(array.into_pyarray(py))
}

/// An immutable matrix.
#[pyclass(frozen, module = "preimage._core")]
pub struct Matrix(Arc<graph::Matrix>);

#[pymethods]
impl Matrix {
    /// A dense matrix from a two-dimensional array; `ValueError` when an entry is not finite.
    #[staticmethod]
    fn dense(data: Floats2<'_>) -> PyResult<Self> {
        let data = data.as_array();
        let (rows, columns) = data.dim();
        let matrix = graph::Matrix::dense(rows, columns, data.iter().copied().collect());
        Ok(Matrix(Arc::new(matrix.map_err(value_error)?)))
    }

    /// A matrix from compressed sparse rows: row `i` holds the entries `starts[i]:starts[i + 1]`.
    /// `ValueError` when malformed, not finite, or when a row names a column twice.
    #[staticmethod]
    fn sparse(
        rows: usize,
        columns: usize,
        starts: PyArrayLike1<'_, i64, AllowTypeChange>,
        indices: PyArrayLike1<'_, i64, AllowTypeChange>,
        data: Floats1<'_>,
    ) -> PyResult<Self> {
        let negative = |name: &str| {
            PyValueError::new_err(format!("{name} must not be negative or beyond 2**32"))
        };
        let starts = starts
            .as_array()
            .iter()
            .map(|&start| usize::try_from(start))
            .collect::<Result<_, _>>();
        let indices = indices
            .as_array()
            .iter()
            .map(|&index| u32::try_from(index))
            .collect::<Result<_, _>>();
        let matrix = graph::Matrix::sparse(
            rows,
            columns,
            starts.map_err(|_| negative("starts"))?,
            indices.map_err(|_| negative("indices"))?,
            vector(&data),
        );
        Ok(Matrix(Arc::new(matrix.map_err(value_error)?)))
    }

    /// Number of rows.
    #[getter]
    fn rows(&self) -> usize {
        self.0.rows()
    }

    /// Number of columns.
    #[getter]
    fn columns(&self) -> usize {
        self.0.columns()
    }

    /// Number of entries that are not zero.
    #[getter]
    fn nonzeros(&self) -> usize {
        self.0.nonzeros()
    }

    fn __repr__(&self) -> String {
        format!(
            "Matrix({} x {}, {} nonzeros)",
            self.0.rows(),
            self.0.columns(),
            self.0.nonzeros()
        )
    }
}

/// Puts a graph together, node after node.
#[pyclass(module = "preimage._core")]
pub struct GraphBuilder(graph::Graph);

#[pymethods]
impl GraphBuilder {
    #[new]
    fn new(input_size: usize) -> Self {
        GraphBuilder(graph::Graph::new(input_size))
    }

    /// The number of nodes so far, the input included.
    #[getter]
    fn node_count(&self) -> usize {
        self.0.nodes().len()
    }

    /// Adds `bias + sum of matrix @ node` and returns its node.
    fn affine(&mut self, terms: Vec<(usize, Py<Matrix>)>, bias: Floats1<'_>) -> PyResult<usize> {
        let terms = terms
            .into_iter()
            .map(|(node, matrix)| (node, matrix.get().0.clone()))
            .collect();
        self.0.affine(terms, vector(&bias)).map_err(value_error)
    }

    /// Adds `z` where `z >= 0` and `slope * z` elsewhere, one slope an entry, and returns its node.
    fn kink(&mut self, source: usize, slopes: Floats1<'_>) -> PyResult<usize> {
        self.0.kink(source, vector(&slopes)).map_err(value_error)
    }

    /// Adds `max(0, z)` and returns its node.
    fn relu(&mut self, source: usize) -> PyResult<usize> {
        self.0.relu(source).map_err(value_error)
    }

    /// Adds `|z|` and returns its node.
    fn absolute(&mut self, source: usize) -> PyResult<usize> {
        self.0.absolute(source).map_err(value_error)
    }

    /// Adds `min(upper, max(lower, z))` and returns the last of its nodes.
    fn clip(&mut self, source: usize, lower: Floats1<'_>, upper: Floats1<'_>) -> PyResult<usize> {
        self.0
            .clip(source, &vector(&lower), &vector(&upper))
            .map_err(value_error)
    }

    /// Adds the maximum over groups of entries of a node and returns its node.
    fn max(&mut self, source: usize, groups: Vec<Vec<u32>>) -> PyResult<usize> {
        self.0.max(source, groups).map_err(value_error)
    }

    /// Adds the Euclidean norm over groups of entries of a node and returns its node.
    fn norm(&mut self, source: usize, groups: Vec<Vec<u32>>) -> PyResult<usize> {
        self.0.norm(source, groups).map_err(value_error)
    }

    /// Applies a graph to a node, sharing its weights, and returns the node that holds its output.
    fn append(&mut self, graph: &Graph, source: usize) -> PyResult<usize> {
        self.0.append(&graph.0, source).map_err(value_error)
    }

    /// The number of values of a node.
    fn size(&self, node: usize) -> PyResult<usize> {
        Ok(self.0.size(existing(&self.0, node)?))
    }

    /// The graph as it stands, with its output marked: the last node unless another is named.
    #[pyo3(signature = (output=None))]
    fn build(&self, output: Option<usize>) -> PyResult<Graph> {
        let mut graph = self.0.clone();
        let output = output.unwrap_or(graph.nodes().len() - 1);
        graph.set_output(output).map_err(value_error)?;
        Ok(Graph(Arc::new(graph)))
    }

    fn __repr__(&self) -> String {
        format!(
            "GraphBuilder({} inputs, {} nodes)",
            self.0.input_size(),
            self.0.nodes().len()
        )
    }
}

/// An immutable graph of piecewise-linear operations.
#[pyclass(frozen, module = "preimage._core")]
pub struct Graph(pub Arc<graph::Graph>);

#[pymethods]
impl Graph {
    /// The number of design variables.
    #[getter]
    fn input_size(&self) -> usize {
        self.0.input_size()
    }

    /// The number of values of the output node.
    #[getter]
    fn output_size(&self) -> usize {
        self.0.size(self.0.output())
    }

    /// The output node.
    #[getter]
    fn output(&self) -> usize {
        self.0.output()
    }

    /// The number of nodes, the input included.
    #[getter]
    fn node_count(&self) -> usize {
        self.0.nodes().len()
    }

    /// The number of values of a node.
    fn size(&self, node: usize) -> PyResult<usize> {
        Ok(self.0.size(existing(&self.0, node)?))
    }

    /// What a node does: "input", "affine", "kink", "max" or "norm".
    fn operation(&self, node: usize) -> PyResult<&'static str> {
        Ok(self.0.nodes()[existing(&self.0, node)?].operation.name())
    }

    /// The nodes that a node reads.
    fn sources(&self, node: usize) -> PyResult<Vec<usize>> {
        Ok(self.0.nodes()[existing(&self.0, node)?].operation.sources())
    }

    /// The values of a node (the output by default) at one design or at every row of a batch.
    #[pyo3(signature = (x, node=None))]
    fn evaluate<'py>(
        &self,
        py: Python<'py>,
        x: FloatsDyn<'py>,
        node: Option<usize>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let graph = &self.0;
        let node = existing(graph, node.unwrap_or(graph.output()))?;
        let (x, batch) = rows_of(&x, graph.input_size(), "x")?;
        let values = py.detach(|| graph.evaluate_node(&x, batch.unwrap_or(1), node));
        shaped(py, values, batch, graph.size(node))
    }

    /// The gradient of `seed @ node` with respect to the input, for one design or every row of a batch.
    #[pyo3(signature = (x, seed, node=None))]
    fn gradient<'py>(
        &self,
        py: Python<'py>,
        x: FloatsDyn<'py>,
        seed: FloatsDyn<'py>,
        node: Option<usize>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let graph = &self.0;
        let node = existing(graph, node.unwrap_or(graph.output()))?;
        let (x, batch) = rows_of(&x, graph.input_size(), "x")?;
        let (seed, seed_batch) = rows_of(&seed, graph.size(node), "seed")?;
        if seed_batch != batch {
            return Err(PyValueError::new_err(
                "x and seed must have the same number of rows",
            ));
        }
        let gradient = py.detach(|| graph.gradient_at(&x, batch.unwrap_or(1), node, &seed));
        shaped(py, gradient, batch, graph.input_size())
    }

    /// Proved bounds of every node over a box of inputs, by "crown" or by "interval"; `ValueError` when the box is malformed.
    #[pyo3(signature = (lower, upper, method="crown"))]
    fn bounds(
        &self,
        py: Python<'_>,
        lower: Floats1<'_>,
        upper: Floats1<'_>,
        method: &str,
    ) -> PyResult<Bounds> {
        Bounds::compute(py, &self.0, &vector(&lower), &vector(&upper), &[], method)
    }

    /// 32 hexadecimal digits that depend on structure, weights and output alone.
    fn digest(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.digest())
    }

    fn __repr__(&self) -> String {
        let (inputs, nodes) = (self.0.input_size(), self.0.nodes().len());
        format!(
            "Graph({inputs} inputs, {} outputs, {nodes} nodes)",
            self.0.size(self.0.output())
        )
    }
}

/// The node, or an `IndexError` when the graph has no such node.
pub fn existing(graph: &graph::Graph, node: usize) -> PyResult<usize> {
    let count = graph.nodes().len();
    if node < count {
        return Ok(node);
    }
    Err(PyIndexError::new_err(format!(
        "node {node} does not exist: the graph has {count} nodes"
    )))
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Matrix>()?;
    module.add_class::<GraphBuilder>()?;
    module.add_class::<Graph>()
}
