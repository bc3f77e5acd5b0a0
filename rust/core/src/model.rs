//! The optimisation problem over a graph: what may be chosen, what must hold, what is minimised.

mod digest;
mod parts;
mod violation;

use std::fmt;
use std::sync::Arc;

use crate::graph::{Activations, Graph};

pub use violation::Subject;
pub(crate) use violation::{Values, excess, nearest};

/// Values an input may take inside its box.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Every real number of the box.
    Continuous,
    /// The whole numbers of the box.
    Integer,
    /// These numbers, ascending.
    Catalogue(Vec<f64>),
}

/// A condition on the values of nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum Formula {
    /// Every entry of the node lies between its two limits; limits may be infinite.
    Within {
        /// The node whose entries are limited.
        node: usize,
        /// The lower limit of every entry.
        lower: Vec<f64>,
        /// The upper limit of every entry.
        upper: Vec<f64>,
    },
    /// Every part holds; without parts it always holds.
    All(Vec<Formula>),
    /// Some part holds; without parts it never holds.
    Any(Vec<Formula>),
}

/// How many groups of inputs may, or must, be used. A group is used when one of its inputs is not zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The inputs that are used together.
    pub groups: Vec<Vec<usize>>,
    /// The least number of groups that are used.
    pub at_least: usize,
    /// The largest number of groups that are used.
    pub at_most: usize,
}

/// Why a model was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelError(pub String);

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ModelError {}

fn refuse<T>(reason: String) -> Result<T, ModelError> {
    Err(ModelError(reason))
}

/// Minimise a node of a graph over a box of inputs, subject to domains, selections and requirements.
///
/// Made by [`Model::new`], which checks every part. The fields may be read by anybody; who changes the box
/// keeps it inside the one that was checked.
#[derive(Clone, Debug)]
pub struct Model {
    /// What is computed from the inputs.
    pub graph: Arc<Graph>,
    /// The lower bound of every input, itself a value of its domain.
    pub lower: Vec<f64>,
    /// The upper bound of every input, itself a value of its domain.
    pub upper: Vec<f64>,
    /// The domain of every input.
    pub domains: Vec<Domain>,
    /// Limits on the number of inputs that are not zero.
    pub selections: Vec<Selection>,
    /// What must hold, each with the label of the statement it comes from.
    pub requirements: Vec<(u32, Formula)>,
    /// The node that is minimised, of size 1; without one, every design that holds is as good as any.
    pub objective: Option<usize>,
}

impl Model {
    /// Checks the parts and puts them together. The box shrinks to the hull of the domains.
    pub fn new(
        graph: Arc<Graph>,
        mut lower: Vec<f64>,
        mut upper: Vec<f64>,
        mut domains: Vec<Domain>,
        selections: Vec<Selection>,
        requirements: Vec<(u32, Formula)>,
        objective: Option<usize>,
    ) -> Result<Self, ModelError> {
        let inputs = graph.input_size();
        for (name, length) in [
            ("lower bounds", lower.len()),
            ("upper bounds", upper.len()),
            ("domains", domains.len()),
        ] {
            if length != inputs {
                return refuse(format!("{length} {name} were given for {inputs} inputs"));
            }
        }
        for (input, domain) in domains.iter_mut().enumerate() {
            (lower[input], upper[input]) = hull(input, lower[input], upper[input], domain)?;
        }
        for (index, selection) in selections.iter().enumerate() {
            check_selection(index, selection, inputs)?;
        }
        for (label, formula) in &requirements {
            check_formula(*label, formula, &graph)?;
        }
        if let Some(node) = objective {
            match graph.nodes().get(node) {
                None => {
                    return refuse(format!(
                        "the objective is node {node}, which does not exist"
                    ));
                }
                Some(node) if node.size != 1 => {
                    return refuse(format!("the objective has {} entries, not 1", node.size));
                }
                Some(_) => {}
            }
        }
        Ok(Model {
            graph,
            lower,
            upper,
            domains,
            selections,
            requirements,
            objective,
        })
    }

    /// The number of inputs.
    pub fn input_size(&self) -> usize {
        self.lower.len()
    }

    /// The value of the objective for every design of the batch; 0 without an objective.
    pub fn objective(&self, activations: &Activations) -> Vec<f64> {
        match self.objective {
            Some(node) => activations.node(node).to_vec(),
            None => vec![0.0; activations.batch()],
        }
    }

    /// The objective of `batch` designs, which `x` holds one after the other.
    ///
    /// # Panics
    /// When `x` does not hold `batch` designs.
    pub fn objective_at(&self, x: &[f64], batch: usize) -> Vec<f64> {
        match self.objective {
            Some(node) => self.graph.evaluate_node(x, batch, node),
            None => vec![0.0; batch],
        }
    }
}

/// The least and the largest value of the domain in the box; catalogue values outside the box are dropped.
fn hull(
    input: usize,
    lower: f64,
    upper: f64,
    domain: &mut Domain,
) -> Result<(f64, f64), ModelError> {
    if !lower.is_finite() || !upper.is_finite() {
        return refuse(format!(
            "input {input} needs finite bounds, not {lower} and {upper}"
        ));
    }
    if lower > upper {
        return refuse(format!(
            "the bounds of input {input} are crossed: {lower} > {upper}"
        ));
    }
    match domain {
        Domain::Continuous => Ok((lower, upper)),
        Domain::Integer => {
            // Adding zero turns the -0 that rounding up may give into 0.
            let (first, last) = (lower.ceil() + 0.0, upper.floor() + 0.0);
            if first > last {
                return refuse(format!(
                    "there is no integer between the bounds {lower} and {upper} of input {input}"
                ));
            }
            Ok((first, last))
        }
        Domain::Catalogue(values) => {
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return refuse(format!(
                    "the catalogue of input {input} holds {value}, not a finite number"
                ));
            }
            if let Some(pair) = values.windows(2).find(|pair| pair[0] >= pair[1]) {
                return refuse(format!(
                    "the catalogue of input {input} must ascend, but {} comes before {}",
                    pair[0], pair[1]
                ));
            }
            values.retain(|&value| lower <= value && value <= upper);
            match (values.first(), values.last()) {
                (Some(&first), Some(&last)) => Ok((first, last)),
                _ => refuse(format!(
                    "the catalogue of input {input} has no value between its bounds {lower} and {upper}"
                )),
            }
        }
    }
}

fn check_selection(index: usize, selection: &Selection, inputs: usize) -> Result<(), ModelError> {
    let Selection {
        groups,
        at_least,
        at_most,
    } = selection;
    if at_least > at_most {
        return refuse(format!(
            "selection {index} wants at least {at_least} and at most {at_most}"
        ));
    }
    if *at_least > groups.len() {
        return refuse(format!(
            "selection {index} wants at least {at_least} of {} groups",
            groups.len()
        ));
    }
    for (number, group) in groups.iter().enumerate() {
        if group.is_empty() {
            return refuse(format!("group {number} of selection {index} is empty"));
        }
        if let Some(input) = group.iter().find(|&&input| input >= inputs) {
            return refuse(format!(
                "group {number} of selection {index} names input {input}, but there are {inputs} inputs"
            ));
        }
    }
    Ok(())
}

fn check_formula(label: u32, formula: &Formula, graph: &Graph) -> Result<(), ModelError> {
    let (node, lower, upper) = match formula {
        Formula::All(parts) | Formula::Any(parts) => {
            return parts
                .iter()
                .try_for_each(|part| check_formula(label, part, graph));
        }
        Formula::Within { node, lower, upper } => (*node, lower, upper),
    };
    let Some(size) = graph.nodes().get(node).map(|node| node.size) else {
        return refuse(format!(
            "requirement {label} names node {node}, which does not exist"
        ));
    };
    if lower.len() != size || upper.len() != size {
        return refuse(format!(
            "requirement {label} gives {} lower and {} upper limits to node {node} of size {size}",
            lower.len(),
            upper.len()
        ));
    }
    for (entry, (&lower, &upper)) in lower.iter().zip(upper).enumerate() {
        if lower.is_nan() || upper.is_nan() {
            return refuse(format!(
                "a limit of requirement {label}, entry {entry}, is not a number"
            ));
        }
        if lower > upper || lower == f64::INFINITY || upper == f64::NEG_INFINITY {
            return refuse(format!(
                "requirement {label} wants entry {entry} of node {node} between {lower} and {upper}"
            ));
        }
    }
    Ok(())
}
