//! CROWN: the bounds of a node from linear forms carried back to the input.

use rayon::prelude::*;

use super::forms::Forms;
use super::relaxation::Relaxation;
use super::{Bounds, interval};
use crate::graph::{Graph, GraphError, Operation};

/// Coefficients that one block of rows may hold at the widest node: few enough to stay in cache and to bound
/// the memory of the whole pass, enough for a matrix product to be worth its packing.
const BLOCK_ENTRIES: usize = 1 << 17;

/// Fewer multiplications than this are not worth waking other threads for.
const PARALLEL_WORK: usize = 1 << 22;

/// Bounds of every node over the box `lower..=upper`, sound under rounding and never looser than interval bounds.
///
/// The sources of kinks, maxima and norms, the output, nodes that nothing reads and the nodes of `asked` are bounded by
/// a backward pass; any other node only by intervals from its sources.
///
/// # Errors
/// When the box has the wrong length, a NaN, or crossed bounds, or a node asked for does not exist.
pub fn bounds(
    graph: &Graph,
    lower: &[f64],
    upper: &[f64],
    asked: &[usize],
) -> Result<Bounds, GraphError> {
    let backward = nodes_to_carry(graph, asked)?;
    let plain = interval::bounds(graph, lower, upper)?;
    let mut bounds = Bounds::of_input(graph, lower, upper)?;
    let mut relaxation = Relaxation::begin(graph);
    relaxation.extend(0, &bounds);
    for (node, &backward) in backward.iter().enumerate().skip(1) {
        let (mut least, mut most) = interval::of_node(graph, node, &bounds);
        // Tighter sources may round to a bound that is looser by a hair than that of the plain intervals.
        least
            .iter_mut()
            .zip(&plain.lower[node])
            .for_each(|(least, plain)| *least = least.max(*plain));
        most.iter_mut()
            .zip(&plain.upper[node])
            .for_each(|(most, plain)| *most = most.min(*plain));
        bounds.lower.push(least);
        bounds.upper.push(most);
        // The slack of an affine node comes from its sources; its own magnitude may still shrink.
        relaxation.extend(node, &bounds);
        if backward {
            tighten(graph, node, &relaxation, &mut bounds);
            relaxation.refresh(node, &bounds);
        }
    }
    Ok(bounds)
}

/// A linear form of the input below `coefficients · node` over the box of the bounds: coefficients, constant, margin.
///
/// # Panics
/// When the number of coefficients is not the size of the node.
pub fn lower_form(
    graph: &Graph,
    bounds: &Bounds,
    node: usize,
    coefficients: &[f64],
) -> (Vec<f64>, f64, f64) {
    single(Relaxation::new(graph, bounds).below(node, coefficients, 1))
}

/// A linear form of the input above `coefficients · node` over the box of the bounds: coefficients, constant, margin.
///
/// # Panics
/// When the number of coefficients is not the size of the node.
pub fn upper_form(
    graph: &Graph,
    bounds: &Bounds,
    node: usize,
    coefficients: &[f64],
) -> (Vec<f64>, f64, f64) {
    single(Relaxation::new(graph, bounds).above(node, coefficients, 1))
}

fn single(forms: Forms) -> (Vec<f64>, f64, f64) {
    (forms.coefficients, forms.constants[0], forms.margins[0])
}

fn nodes_to_carry(graph: &Graph, asked: &[usize]) -> Result<Vec<bool>, GraphError> {
    let nodes = graph.nodes();
    let mut carry = vec![false; nodes.len()];
    let mut read = vec![false; nodes.len()];
    for node in nodes {
        for source in node.operation.sources() {
            read[source] = true;
            carry[source] |= !matches!(node.operation, Operation::Affine { .. });
        }
    }
    for (carry, read) in carry.iter_mut().zip(read) {
        *carry |= !read;
    }
    for &node in asked {
        match carry.get_mut(node) {
            Some(carry) => *carry = true,
            None => {
                return Err(GraphError(format!(
                    "node {node} does not exist: the graph has {} nodes",
                    nodes.len()
                )));
            }
        }
    }
    carry[graph.output()] = true;
    for (index, node) in nodes.iter().enumerate() {
        carry[index] &= match &node.operation {
            // The interval of one affine map of the input, and of a kink of a bounded source, is already the best there is.
            Operation::Input | Operation::Kink { .. } => false,
            Operation::Affine { terms, .. } => {
                terms.len() > 1 || terms.iter().any(|term| term.0 != 0)
            }
            Operation::Max { .. } | Operation::Norm { .. } => true,
        };
    }
    Ok(carry)
}

/// Intersects the bounds of a node with those of a backward pass over blocks of its entries.
fn tighten(graph: &Graph, node: usize, relaxation: &Relaxation<'_>, bounds: &mut Bounds) {
    let size = graph.size(node);
    let needed = graph.ancestors(node);
    let sizes = graph
        .nodes()
        .iter()
        .zip(&needed)
        .filter(|pair| *pair.1)
        .map(|pair| pair.0.size);
    let widest = sizes.max().unwrap_or(1).max(1);
    let block = (BLOCK_ENTRIES / widest).clamp(16, 512);
    let tasks: Vec<(usize, f64)> = [1.0, -1.0]
        .into_iter()
        .flat_map(|sign| (0..size).step_by(block).map(move |first| (first, sign)))
        .collect();
    let (lower, upper) = (&bounds.lower[0], &bounds.upper[0]);
    let run = |&(first, sign): &(usize, f64)| {
        let rows = block.min(size - first);
        relaxation
            .below_entries(node, first, rows, sign)
            .minimum(lower, upper)
    };
    let minima: Vec<Vec<f64>> = if size.saturating_mul(graph.work(&needed)) < PARALLEL_WORK {
        tasks.iter().map(run).collect()
    } else {
        tasks.par_iter().map(run).collect()
    };
    for ((first, sign), minima) in tasks.into_iter().zip(minima) {
        for (entry, minimum) in (first..).zip(minima) {
            if sign > 0.0 {
                bounds.lower[node][entry] = bounds.lower[node][entry].max(minimum);
            } else {
                bounds.upper[node][entry] = bounds.upper[node][entry].min(-minimum);
            }
        }
    }
}
