//! Bounds of the nodes of a graph.

use std::collections::HashMap;
use std::sync::Arc;

use numpy::{IntoPyArray, PyArray1};
use preimage_core::bounds::crown::Known;
use preimage_core::bounds::designs::Designs;
use preimage_core::bounds::relaxation::Relaxation;
use preimage_core::bounds::{self, crown, interval, multipliers, slopes};
use preimage_core::graph::Graph;
use preimage_core::model::Model;
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

    /// Bounds by "crown" with what is known of some nodes, some of them over all that limits the inputs.
    pub fn with_known(
        py: Python<'_>,
        model: &Model,
        known: HashMap<usize, (Vec<f64>, Vec<f64>)>,
        over_limits: &[usize],
    ) -> PyResult<Self> {
        let graph = &model.graph;
        let count = graph.nodes().len();
        if let Some(node) = known.keys().chain(over_limits).find(|&&node| node >= count) {
            return Err(missing(*node, count));
        }
        let mut beforehand = Known {
            bounds: vec![None; count],
            over_limits: vec![false; count],
        };
        over_limits
            .iter()
            .for_each(|&node| beforehand.over_limits[node] = true);
        let mut sides = bounds::Bounds {
            lower: vec![model.lower.clone()],
            upper: vec![model.upper.clone()],
        };
        for (node, (lower, upper)) in known {
            if lower.len() != graph.size(node) || upper.len() != graph.size(node) {
                return Err(PyValueError::new_err(format!(
                    "bounds of another length than node {node}, of size {}, are known of it",
                    graph.size(node)
                )));
            }
            match node {
                0 => sides.intersect(0, &lower, &upper),
                _ => beforehand.bounds[node] = Some((lower, upper)),
            }
        }
        let bounds = py.detach(|| {
            let designs = Designs::of_model(model, &sides.lower[0], &sides.upper[0])?;
            crown::bounds_over(graph, &designs, &beforehand, &model.judged_nodes())
        });
        Ok(Bounds(Arc::new(bounds.map_err(value_error)?)))
    }
}

/// How the lines are chosen and limits made use of for one bound.
#[pyclass(frozen, module = "preimage._core")]
pub struct Multipliers(pub multipliers::Multipliers);

/// Lower and upper bounds.
type Sides<'py> = (Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>);

/// Proves bounds of single entries of the nodes of a model.
#[pyclass(frozen, module = "preimage._core")]
pub struct Prover {
    model: Arc<Model>,
    bounds: Arc<bounds::Bounds>,
    designs: Designs,
}

#[pymethods]
impl Prover {
    #[new]
    fn new(model: &crate::model::Model, bounds: &Bounds) -> PyResult<Self> {
        let (model, bounds) = (model.0.clone(), bounds.0.clone());
        if bounds.lower.len() != model.graph.nodes().len() {
            return Err(PyValueError::new_err(
                "the bounds are those of another graph",
            ));
        }
        let designs = Designs::of_model(&model, &bounds.lower[0], &bounds.upper[0]);
        Ok(Prover {
            designs: designs.map_err(value_error)?,
            model,
            bounds,
        })
    }

    /// Bounds of entries of a node by an ascent over the slopes of the lines.
    fn slopes<'py>(
        &self,
        py: Python<'py>,
        node: usize,
        entries: Vec<usize>,
    ) -> PyResult<Sides<'py>> {
        entries
            .iter()
            .try_for_each(|&entry| self.exists(node, entry))?;
        let graph = &self.model.graph;
        let found =
            py.detach(|| slopes::tighten(graph, &self.bounds, &self.designs, node, &entries));
        Ok((found.0.into_pyarray(py), found.1.into_pyarray(py)))
    }

    /// A lower bound of `sign` times an entry, by multipliers, which may be those of wider bounds.
    fn bound(
        &self,
        py: Python<'_>,
        node: usize,
        entry: usize,
        sign: f64,
        multipliers: &Multipliers,
    ) -> PyResult<f64> {
        self.exists(node, entry)?;
        let multipliers = &multipliers.0;
        let nodes = multipliers.terms.iter().map(|term| term.node);
        let last = nodes.fold(node, usize::max);
        if multipliers.slopes.len() != self.bounds.lower.len() || last >= self.bounds.lower.len() {
            return Err(PyValueError::new_err(
                "the multipliers are those of another graph",
            ));
        }
        Ok(py.detach(|| {
            let relaxation = Relaxation::up_to(&self.model.graph, &self.bounds, last);
            relaxation.bound(
                (node, entry),
                sign,
                &self.bounds,
                multipliers,
                &self.designs,
            )
        }))
    }

    fn __repr__(&self) -> String {
        format!("Prover({} nodes)", self.bounds.lower.len())
    }
}

impl Prover {
    fn exists(&self, node: usize, entry: usize) -> PyResult<()> {
        let nodes = self.model.graph.nodes();
        match nodes.get(node) {
            None => Err(missing(node, nodes.len())),
            Some(found) if entry >= found.size => Err(PyIndexError::new_err(format!(
                "entry {entry} of node {node} does not exist"
            ))),
            Some(_) => Ok(()),
        }
    }
}

fn missing(node: usize, count: usize) -> PyErr {
    PyIndexError::new_err(format!(
        "node {node} does not exist: the graph has {count} nodes"
    ))
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
    module.add_class::<Bounds>()?;
    module.add_class::<Multipliers>()?;
    module.add_class::<Prover>()
}
