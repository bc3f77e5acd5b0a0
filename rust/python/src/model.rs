//! The optimisation problem over a graph.

use std::collections::HashMap;
use std::sync::Arc;

use numpy::{AllowTypeChange, PyArray1, PyArrayDyn, PyArrayLike1};
use preimage_core::bigm::Demand;
use preimage_core::branch::compact::{Thrift, compact};
use preimage_core::descent::Settings;
use preimage_core::model::{self, Domain, Formula, ModelError, Selection, Subject};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::bounds::Bounds;
use crate::descent::{self, Designs, StopFlag};
use crate::graph::{Floats1, FloatsDyn, Graph, rows_of, shaped, vector};
use crate::program::{self, Program};

/// Formulas nested deeper than this are refused: they are walked by recursion.
const DEEPEST_FORMULA: usize = 256;

/// A smaller model of the same box.
#[pyclass(frozen, module = "preimage._core")]
pub struct Compact {
    model: Arc<model::Model>,
    outer: Arc<model::Model>,
    #[pyo3(get)]
    difference: f64,
    /// By kink of the first graph, how many entries are always positive, never, and undecided.
    #[pyo3(get)]
    decided: HashMap<usize, [usize; 3]>,
}

#[pymethods]
impl Compact {
    /// What designs are looked for with.
    #[getter]
    fn model(&self) -> Model {
        Model(self.model.clone())
    }

    /// What proofs are about: with `difference` taken off, bounds of its objective are bounds of the first one.
    #[getter]
    fn outer(&self) -> Model {
        Model(self.outer.clone())
    }
}

fn missing(node: usize) -> PyErr {
    PyIndexError::new_err(format!("node {node} does not exist"))
}

fn value_error(error: ModelError) -> PyErr {
    PyValueError::new_err(error.0)
}

/// Minimise a node of a graph over a box, subject to domains, selections and requirements.
#[pyclass(frozen, module = "preimage._core")]
pub struct Model(pub Arc<model::Model>);

#[pymethods]
impl Model {
    #[new]
    #[pyo3(signature = (graph, lower, upper, kinds, catalogues, selections, requirements, objective))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        graph: &Graph,
        lower: Floats1<'_>,
        upper: Floats1<'_>,
        kinds: PyArrayLike1<'_, i64, AllowTypeChange>,
        catalogues: HashMap<usize, Floats1<'_>>,
        selections: Vec<(Vec<Vec<usize>>, usize, usize)>,
        requirements: Vec<(u32, Bound<'_, PyAny>)>,
        objective: Option<usize>,
    ) -> PyResult<Self> {
        let selections = selections
            .into_iter()
            .map(|(groups, at_least, at_most)| Selection {
                groups,
                at_least,
                at_most,
            });
        let requirements = requirements
            .iter()
            .map(|(label, formula)| Ok((*label, read_formula(formula, 0)?)))
            .collect::<PyResult<_>>()?;
        let model = model::Model::new(
            graph.0.clone(),
            vector(&lower),
            vector(&upper),
            read_domains(&kinds, &catalogues)?,
            selections.collect(),
            requirements,
            objective,
        );
        Ok(Model(Arc::new(model.map_err(value_error)?)))
    }

    #[getter]
    fn graph(&self) -> Graph {
        Graph(self.0.graph.clone())
    }

    #[getter]
    fn input_size(&self) -> usize {
        self.0.input_size()
    }

    /// By input, 0 where it is continuous, 1 where it is an integer, 2 where it has a catalogue.
    #[getter]
    fn kinds<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<u8>> {
        let kind = |domain: &Domain| match domain {
            Domain::Continuous => 0,
            Domain::Integer => 1,
            Domain::Catalogue(_) => 2,
        };
        PyArray1::from_iter(py, self.0.domains.iter().map(kind))
    }

    #[getter]
    fn requirement_count(&self) -> usize {
        self.0.requirements.len()
    }

    #[getter]
    fn lower<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.lower)
    }

    #[getter]
    fn upper<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.upper)
    }

    /// Descends from many starts; returns designs `(k, n)`, objectives `(k,)` and violations `(k,)`, best first.
    #[pyo3(signature = (starts, steps, learning_rate, seed, threads, stop, initial=None, keep=16))]
    #[allow(clippy::too_many_arguments)]
    fn descend<'py>(
        &self,
        py: Python<'py>,
        starts: usize,
        steps: usize,
        learning_rate: f64,
        seed: u64,
        threads: usize,
        stop: Option<&StopFlag>,
        initial: Option<FloatsDyn<'py>>,
        keep: usize,
    ) -> PyResult<Designs<'py>> {
        let initial = match initial {
            Some(initial) => rows_of(&initial, self.0.input_size(), "initial")?.0,
            None => Vec::new(),
        };
        let settings = Settings {
            starts,
            steps,
            learning_rate,
            seed,
            threads,
            keep,
        };
        descent::descend(py, &self.0, &settings, &initial, stop)
    }

    fn objective<'py>(
        &self,
        py: Python<'py>,
        x: FloatsDyn<'py>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.of_designs(py, x, model::Model::objective_at)
    }

    fn violation<'py>(
        &self,
        py: Python<'py>,
        x: FloatsDyn<'py>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        self.of_designs(py, x, model::Model::violation_at)
    }

    fn violations<'py>(&self, py: Python<'py>, x: Floats1<'py>) -> PyResult<Bound<'py, PyDict>> {
        let (x, inputs) = (vector(&x), self.0.input_size());
        if x.len() != inputs {
            return Err(PyValueError::new_err(format!(
                "x must have shape ({inputs},), not ({},)",
                x.len()
            )));
        }
        let found = PyDict::new(py);
        for (subject, violation) in py.detach(|| self.0.violations(&x)) {
            let name = match subject {
                Subject::Box => "box".to_owned(),
                Subject::Domain => "domain".to_owned(),
                Subject::Selection(index) => format!("selection {index}"),
                Subject::Requirement(label) => format!("requirement {label}"),
            };
            found.set_item(name, violation)?;
        }
        Ok(found)
    }

    /// Bounds of every node by "crown" or "interval". What is `known` of a node is intersected with what is proved; bounds
    /// of the nodes `over_limits` make use of limits on the inputs and of selections, the others of the box alone.
    #[pyo3(signature = (method="crown", *, known=HashMap::new(), over_limits=Vec::new()))]
    fn bounds(
        &self,
        py: Python<'_>,
        method: &str,
        known: HashMap<usize, (Floats1<'_>, Floats1<'_>)>,
        over_limits: Vec<usize>,
    ) -> PyResult<Bounds> {
        let model = &self.0;
        if method != "crown" || (known.is_empty() && over_limits.is_empty()) {
            let asked = model.judged_nodes();
            return Bounds::compute(py, &model.graph, &model.lower, &model.upper, &asked, method);
        }
        let known = known
            .into_iter()
            .map(|(node, (lower, upper))| (node, (vector(&lower), vector(&upper))))
            .collect();
        Bounds::with_known(py, model, known, &over_limits)
    }

    /// Folds what is decided on the box; None where that is not worth it: see the core's `Thrift`.
    #[pyo3(signature = (evaluations=None, share=None))]
    fn compact(
        &self,
        py: Python<'_>,
        evaluations: Option<f64>,
        share: Option<f64>,
    ) -> Option<Compact> {
        let usual = Thrift::default();
        let thrift = Thrift {
            evaluations: evaluations.unwrap_or(usual.evaluations),
            share: share.unwrap_or(usual.share),
        };
        let found = py.detach(|| compact(&self.0, thrift))?;
        Some(Compact {
            model: Arc::new(found.model),
            outer: Arc::new(found.outer),
            difference: found.difference,
            decided: found.decided.into_iter().collect(),
        })
    }

    #[pyo3(signature = (
        bounds, formulation="bigm", *, entries=Vec::new(), unconditional=None,
        input_labels=None, node_labels=None, requirement_labels=None
    ))]
    #[allow(clippy::too_many_arguments)]
    fn encode(
        &self,
        py: Python<'_>,
        bounds: &Bounds,
        formulation: &str,
        entries: Vec<(usize, usize)>,
        unconditional: Option<&Bounds>,
        input_labels: Option<Vec<String>>,
        node_labels: Option<Vec<String>>,
        requirement_labels: Option<std::collections::BTreeMap<u32, String>>,
    ) -> PyResult<Program> {
        let labels = preimage_core::bigm::Labels {
            inputs: input_labels.unwrap_or_default(),
            nodes: node_labels.unwrap_or_default(),
            requirements: requirement_labels.unwrap_or_default(),
        };
        let demand = Demand {
            entries: &entries,
            unconditional: unconditional.map(|bounds| &*bounds.0),
        };
        program::encode(py, &self.0, &bounds.0, formulation, &demand, labels)
    }

    /// The designs alone: no objective, and no requirement that reaches one of these nodes.
    fn designs(&self, apart: Vec<usize>) -> PyResult<Self> {
        let mut marks = vec![false; self.0.graph.nodes().len()];
        for node in apart {
            *marks.get_mut(node).ok_or_else(|| missing(node))? = true;
        }
        Ok(Model(Arc::new(self.0.designs(&marks))))
    }

    /// The same model, restricted to designs whose objective is no larger than a value.
    fn with_cutoff(&self, value: f64) -> PyResult<Self> {
        let node = self
            .0
            .objective
            .ok_or_else(|| PyValueError::new_err("there is no objective to cut off"))?;
        let formula = Formula::Within {
            node,
            lower: vec![f64::NEG_INFINITY],
            upper: vec![value],
        };
        let model = self.0.with_requirement(u32::MAX, formula);
        Ok(Model(Arc::new(model.map_err(value_error)?)))
    }

    /// A fingerprint of the designs, and of the graph as far as they and these nodes reach.
    fn digest(&self, nodes: Vec<usize>) -> PyResult<String> {
        match nodes
            .iter()
            .find(|&&node| node >= self.0.graph.nodes().len())
        {
            Some(&node) => Err(missing(node)),
            None => Ok(self.0.digest(&nodes)),
        }
    }

    fn __repr__(&self) -> String {
        format!(
            "Model({} inputs, {} selections, {} requirements)",
            self.0.input_size(),
            self.0.selections.len(),
            self.0.requirements.len()
        )
    }
}

impl Model {
    /// A number for every design, computed without the interpreter lock.
    fn of_designs<'py>(
        &self,
        py: Python<'py>,
        x: FloatsDyn<'py>,
        compute: fn(&model::Model, &[f64], usize) -> Vec<f64>,
    ) -> PyResult<Bound<'py, PyArrayDyn<f64>>> {
        let (x, batch) = rows_of(&x, self.0.input_size(), "x")?;
        let values = py.detach(|| compute(&self.0, &x, batch.unwrap_or(1)));
        let designs = values.len();
        shaped(py, values, None, designs)
    }
}

fn read_domains(
    kinds: &PyArrayLike1<'_, i64, AllowTypeChange>,
    catalogues: &HashMap<usize, Floats1<'_>>,
) -> PyResult<Vec<Domain>> {
    let kinds = kinds.as_array();
    if let Some(input) = catalogues
        .keys()
        .find(|&&input| kinds.get(input) != Some(&2))
    {
        return Err(PyValueError::new_err(format!(
            "a catalogue was given for input {input}, which is not of kind 2"
        )));
    }
    let domain = |(input, kind): (usize, &i64)| match (kind, catalogues.get(&input)) {
        (0, _) => Ok(Domain::Continuous),
        (1, _) => Ok(Domain::Integer),
        (2, Some(values)) => Ok(Domain::Catalogue(vector(values))),
        (2, None) => Err(PyValueError::new_err(format!(
            "input {input} is of kind 2 but has no catalogue"
        ))),
        (kind, _) => Err(PyValueError::new_err(format!(
            "the kind of input {input} must be 0 (continuous), 1 (integer) or 2 (catalogue), not {kind}"
        ))),
    };
    kinds.iter().enumerate().map(domain).collect()
}

/// Reads `("within", node, lower, upper)`, `("all", parts)` or `("any", parts)`.
fn read_formula(formula: &Bound<'_, PyAny>, depth: usize) -> PyResult<Formula> {
    let malformed = || {
        PyValueError::new_err(
            "a formula must be (\"within\", node, lower, upper), (\"all\", parts) or (\"any\", parts)",
        )
    };
    if depth > DEEPEST_FORMULA {
        return Err(PyValueError::new_err(format!(
            "a formula is nested deeper than {DEEPEST_FORMULA}"
        )));
    }
    let tuple = formula.cast::<PyTuple>().map_err(|_| malformed())?;
    let kind: String = tuple
        .get_item(0)
        .and_then(|kind| kind.extract())
        .map_err(|_| malformed())?;
    match (kind.as_str(), tuple.len()) {
        ("within", 4) => {
            let lower: Floats1<'_> = tuple.get_item(2)?.extract()?;
            let upper: Floats1<'_> = tuple.get_item(3)?.extract()?;
            Ok(Formula::Within {
                node: tuple.get_item(1)?.extract()?,
                lower: vector(&lower),
                upper: vector(&upper),
            })
        }
        ("all" | "any", 2) => {
            let parts: Vec<Bound<'_, PyAny>> = tuple.get_item(1)?.extract()?;
            let parts = parts
                .iter()
                .map(|part| read_formula(part, depth + 1))
                .collect::<PyResult<_>>()?;
            Ok(if kind == "all" {
                Formula::All(parts)
            } else {
                Formula::Any(parts)
            })
        }
        _ => Err(malformed()),
    }
}

/// Adds the classes of this file to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Compact>()?;
    module.add_class::<Model>()
}
