//! Graphs: flat, immutable lists of piecewise-linear (and norm) operations on dense vectors.
//!
//! A network and every expression of the language become the same graph, so a hidden layer, a
//! norm and an obstacle are evaluated, differentiated, bounded and encoded by the same code.
//! Nodes stand in topological order; node 0, and only node 0, is the input. Weights are shared
//! through [`Arc`], so appending one graph to another never copies them.

mod digest;
mod evaluate;
pub(crate) mod matrix;

use std::fmt;
use std::sync::Arc;

pub(crate) use digest::{Fingerprint, ranks};
pub use evaluate::Activations;
pub use matrix::Matrix;

/// What a node computes from the nodes before it.
#[derive(Clone, Debug)]
pub enum Operation {
    /// The design variables: node 0, and only node 0.
    Input,
    /// `bias + sum of matrix * node` over the terms: dense and convolution layers, sums, slices, concatenations.
    Affine {
        /// The source nodes, each with the matrix that multiplies it.
        terms: Vec<(usize, Arc<Matrix>)>,
        /// The constant part; its length is the size of the node.
        bias: Vec<f64>,
    },
    /// Elementwise `z` where `z >= 0` and `slope * z` elsewhere. Slope 0 is a ReLU, -1 the absolute value.
    Kink {
        /// The node it acts on.
        source: usize,
        /// The slope of every entry below zero; any finite number.
        slopes: Vec<f64>,
    },
    /// Entry `i` is the largest source entry of group `i`.
    Max {
        /// The node it acts on.
        source: usize,
        /// The source entries of every output entry; none is empty.
        groups: Vec<Vec<u32>>,
    },
    /// Entry `i` is the Euclidean norm of the source entries of group `i`.
    Norm {
        /// The node it acts on.
        source: usize,
        /// The source entries of every output entry; none is empty.
        groups: Vec<Vec<u32>>,
    },
}

impl Operation {
    /// The nodes this operation reads, in order.
    pub fn sources(&self) -> Vec<usize> {
        match self {
            Operation::Input => Vec::new(),
            Operation::Affine { terms, .. } => terms.iter().map(|term| term.0).collect(),
            Operation::Kink { source, .. }
            | Operation::Max { source, .. }
            | Operation::Norm { source, .. } => vec![*source],
        }
    }

    /// `"input"`, `"affine"`, `"kink"`, `"max"` or `"norm"`.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Input => "input",
            Operation::Affine { .. } => "affine",
            Operation::Kink { .. } => "kink",
            Operation::Max { .. } => "max",
            Operation::Norm { .. } => "norm",
        }
    }
}

/// An operation and the number of values it gives.
#[derive(Clone, Debug)]
pub struct Node {
    /// What the node computes.
    pub operation: Operation,
    /// The length of its vector.
    pub size: usize,
}

/// Why a matrix or a node was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GraphError(pub String);

impl fmt::Display for GraphError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for GraphError {}

fn refuse<T>(reason: String) -> Result<T, GraphError> {
    Err(GraphError(reason))
}

/// A list of nodes in topological order with one of them marked as the output.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    output: usize,
}

impl Graph {
    /// A graph that is only its input.
    pub fn new(input_size: usize) -> Self {
        Graph {
            nodes: vec![Node {
                operation: Operation::Input,
                size: input_size,
            }],
            output: 0,
        }
    }

    /// All nodes, sources first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The number of values of a node.
    pub fn size(&self, node: usize) -> usize {
        self.nodes[node].size
    }

    /// The number of design variables.
    pub fn input_size(&self) -> usize {
        self.nodes[0].size
    }

    /// The node marked as output: the last one added unless set otherwise.
    pub fn output(&self) -> usize {
        self.output
    }

    /// Marks a node as the output.
    pub fn set_output(&mut self, node: usize) -> Result<(), GraphError> {
        self.existing(node)?;
        self.output = node;
        Ok(())
    }

    /// Which nodes are needed to compute `node`, itself included.
    pub fn ancestors(&self, node: usize) -> Vec<bool> {
        let mut wanted = vec![false; self.nodes.len()];
        wanted[node] = true;
        self.ancestors_of(&wanted)
    }

    /// Which nodes are needed to compute those that are wanted, themselves included.
    pub fn ancestors_of(&self, wanted: &[bool]) -> Vec<bool> {
        let mut needed = wanted.to_vec();
        for index in (0..needed.len()).rev() {
            if needed[index] {
                for source in self.nodes[index].operation.sources() {
                    needed[source] = true;
                }
            }
        }
        needed
    }

    fn existing(&self, node: usize) -> Result<usize, GraphError> {
        if node < self.nodes.len() {
            return Ok(self.nodes[node].size);
        }
        refuse(format!(
            "node {node} does not exist: the graph has {} nodes",
            self.nodes.len()
        ))
    }

    fn push(&mut self, operation: Operation, size: usize) -> usize {
        self.nodes.push(Node { operation, size });
        self.output = self.nodes.len() - 1;
        self.output
    }

    /// Adds `bias + sum of matrix * node`.
    pub fn affine(
        &mut self,
        terms: Vec<(usize, Arc<Matrix>)>,
        bias: Vec<f64>,
    ) -> Result<usize, GraphError> {
        for (node, matrix) in &terms {
            let size = self.existing(*node)?;
            let (rows, columns) = (matrix.rows(), matrix.columns());
            if columns != size {
                return refuse(format!(
                    "a matrix of {columns} columns cannot multiply node {node} of size {size}"
                ));
            }
            if rows != bias.len() {
                return refuse(format!(
                    "a matrix of {rows} rows cannot be added to a bias of length {}",
                    bias.len()
                ));
            }
        }
        all_finite(&bias, "bias")?;
        let size = bias.len();
        Ok(self.push(Operation::Affine { terms, bias }, size))
    }

    /// Adds the elementwise kink with the given slopes below zero.
    pub fn kink(&mut self, source: usize, slopes: Vec<f64>) -> Result<usize, GraphError> {
        let size = self.existing(source)?;
        if slopes.len() != size {
            return refuse(format!(
                "{} slopes were given for node {source} of size {size}",
                slopes.len()
            ));
        }
        all_finite(&slopes, "slopes")?;
        Ok(self.push(Operation::Kink { source, slopes }, size))
    }

    /// Adds `max(0, z)`.
    pub fn relu(&mut self, source: usize) -> Result<usize, GraphError> {
        let size = self.existing(source)?;
        self.kink(source, vec![0.0; size])
    }

    /// Adds `|z|`.
    pub fn absolute(&mut self, source: usize) -> Result<usize, GraphError> {
        let size = self.existing(source)?;
        self.kink(source, vec![-1.0; size])
    }

    /// Adds `min(upper, max(lower, z))`, written `upper - relu(upper - lower - relu(z - lower))`,
    /// a form in which every entry passes once through each step, so interval bounds stay exact.
    pub fn clip(
        &mut self,
        source: usize,
        lower: &[f64],
        upper: &[f64],
    ) -> Result<usize, GraphError> {
        let size = self.existing(source)?;
        if lower.len() != size || upper.len() != size {
            return refuse(format!(
                "clip bounds of lengths {} and {} were given for node {source} of size {size}",
                lower.len(),
                upper.len()
            ));
        }
        all_finite(lower, "lower clip bounds")?;
        all_finite(upper, "upper clip bounds")?;
        if let Some(entry) = (0..size).find(|&i| lower[i] > upper[i]) {
            return refuse(format!(
                "the clip bounds of entry {entry} are crossed: {} > {}",
                lower[entry], upper[entry]
            ));
        }
        let minus = Arc::new(Matrix::diagonal(&vec![-1.0; size]));
        let shift = lower.iter().map(|&l| -l).collect();
        let shifted = self.affine(vec![(source, Arc::new(Matrix::identity(size)))], shift)?;
        let above = self.relu(shifted)?;
        let width = lower.iter().zip(upper).map(|(&l, &u)| u - l).collect();
        let room = self.affine(vec![(above, minus.clone())], width)?;
        let below = self.relu(room)?;
        self.affine(vec![(below, minus)], upper.to_vec())
    }

    /// Adds the maximum over groups of entries.
    pub fn max(&mut self, source: usize, groups: Vec<Vec<u32>>) -> Result<usize, GraphError> {
        self.check_groups(source, &groups)?;
        let size = groups.len();
        Ok(self.push(Operation::Max { source, groups }, size))
    }

    /// Adds the Euclidean norm over groups of entries.
    pub fn norm(&mut self, source: usize, groups: Vec<Vec<u32>>) -> Result<usize, GraphError> {
        self.check_groups(source, &groups)?;
        let size = groups.len();
        Ok(self.push(Operation::Norm { source, groups }, size))
    }

    fn check_groups(&self, source: usize, groups: &[Vec<u32>]) -> Result<(), GraphError> {
        let size = self.existing(source)?;
        for (index, group) in groups.iter().enumerate() {
            if group.is_empty() {
                return refuse(format!("group {index} is empty"));
            }
            if let Some(entry) = group.iter().find(|&&entry| entry as usize >= size) {
                return refuse(format!(
                    "group {index} names entry {entry} of node {source}, which has {size} entries"
                ));
            }
        }
        Ok(())
    }

    /// Applies another graph to a node and returns the node that holds its output. Weights are shared.
    pub fn append(&mut self, other: &Graph, source: usize) -> Result<usize, GraphError> {
        let size = self.existing(source)?;
        if size != other.input_size() {
            return refuse(format!(
                "a graph of {} inputs cannot be applied to node {source} of size {size}",
                other.input_size()
            ));
        }
        let offset = self.nodes.len() - 1;
        let place = |node: usize| if node == 0 { source } else { node + offset };
        for node in &other.nodes[1..] {
            let mut operation = node.operation.clone();
            match &mut operation {
                Operation::Input => {}
                Operation::Affine { terms, .. } => {
                    for term in terms {
                        term.0 = place(term.0);
                    }
                }
                Operation::Kink { source, .. }
                | Operation::Max { source, .. }
                | Operation::Norm { source, .. } => *source = place(*source),
            }
            self.push(operation, node.size);
        }
        self.output = place(other.output);
        Ok(self.output)
    }
}

pub(crate) fn all_finite(values: &[f64], what: &str) -> Result<(), GraphError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(entry) => refuse(format!(
            "entry {entry} of the {what} is {}, not a finite number",
            values[entry]
        )),
    }
}
