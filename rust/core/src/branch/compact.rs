//! A smaller model of the same box: what is decided on the box is folded into the affine maps around it.
//!
//! In a narrow box most kinks and maxima of a network are decided. What is left of it is the reduced network that trees
//! begin with: rows over the inputs and the undecided units. Here it is written as a graph again, for all who evaluate,
//! differentiate, bound or encode it many times.
//!
//! # Rounding
//!
//! With the rows' errors (see [`super::reduced`]), the two graphs differ by no more than a *difference* that is summed
//! from layer to layer: that of a row is its error, plus its coefficients times the differences of the units, plus the
//! rounding of its own sums. It is far larger than what is seen, which is some units in the last place: so designs are
//! looked for as if there were none. For proofs, the difference of the objective is to be taken off a bound, and there
//! is an *outer* model with the limits of every requirement moved outward by theirs. Nodes that read inputs by affine
//! maps alone are taken over as they are.

mod writer;

use super::budget::Budget;
use super::build::Builder;
use super::cell::Cell;
use crate::graph::{Graph, Node, Operation};
use crate::model::Model;
use writer::Writer;

/// When a smaller model is worth its making.
#[derive(Clone, Copy, Debug)]
pub struct Thrift {
    /// Making it may cost as many multiplications as evaluating the graph this often.
    pub evaluations: f64,
    /// It has at most this share of the graph's multiplications.
    pub share: f64,
}

impl Default for Thrift {
    /// For a model that is evaluated some thousand times, as one descent does.
    fn default() -> Self {
        Thrift {
            evaluations: 64.0,
            share: 0.5,
        }
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Compact {
    /// The smaller model.
    pub model: Model,
    /// The same with weaker requirements: every design of the first model is one of this.
    pub outer: Model,
    /// How far the objectives of the two graphs may be from each other.
    pub difference: f64,
    /// Of kinks of the first graph, by node: entries that are always positive, never, and undecided.
    pub decided: Vec<(usize, [usize; 3])>,
}

/// The smaller model; None where it would not be worth it, or where trees do not take the model.
pub fn compact(model: &Model, thrift: Thrift) -> Option<Compact> {
    let cell = Cell {
        lower: model.lower.clone(),
        upper: model.upper.clone(),
    };
    let work = multiplications(&model.graph, &model.judged_nodes()) as f64;
    let budget = Budget {
        work: thrift.evaluations * work,
        numbers: thrift.share * work,
    };
    let mut builder = Builder::new(model, &cell, budget);
    builder.walk(model).ok()?;
    let writer = Writer::write(builder, model.graph.input_size()).ok()?;
    let compact = writer.finish(model).ok()??;
    let judged = compact.model.judged_nodes();
    let left = multiplications(&compact.model.graph, &judged) as f64;
    (left <= thrift.share * work).then_some(compact)
}

/// The multiplications of one evaluation of some nodes.
fn multiplications(graph: &Graph, nodes: &[usize]) -> usize {
    let mut needed = vec![false; graph.nodes().len()];
    for &node in nodes {
        let ancestors = graph.ancestors(node);
        needed.iter_mut().zip(ancestors).for_each(|(n, a)| *n |= a);
    }
    let affine = |(node, needed): (&Node, &bool)| match &node.operation {
        Operation::Affine { terms, .. } if *needed => terms.iter().map(|t| t.1.stored()).sum(),
        _ => 0,
    };
    graph.nodes().iter().zip(&needed).map(affine).sum()
}
