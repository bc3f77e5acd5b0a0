//! CROWN: the bounds of a node from linear forms carried back to the input.

use rayon::prelude::*;

use super::designs::Designs;
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
    let designs = Designs::of_box(graph, lower, upper)?;
    bounds_over(graph, &designs, &Known::default(), asked)
}

/// What is known of the nodes beforehand.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Bounds by node, intersected with what is proved here; none where the list ends or the entry is.
    pub bounds: Vec<Option<(Vec<f64>, Vec<f64>)>>,
    /// The nodes that are bounded over all that is known of the designs; the others over their box alone.
    pub over_limits: Vec<bool>,
}

/// Bounds of every node over a set of designs, with what is known of some of them.
///
/// Where the two sides of an entry would cross, which happens only if there is no design, they are left as they were.
///
/// # Errors
/// When known bounds have another length than their node, or a node asked for does not exist.
pub fn bounds_over(
    graph: &Graph,
    designs: &Designs,
    known: &Known,
    asked: &[usize],
) -> Result<Bounds, GraphError> {
    let over_limits =
        |node: usize| designs.has_limits() && known.over_limits.get(node) == Some(&true);
    let backward = nodes_to_carry(graph, asked, over_limits)?;
    let (lower, upper) = designs.sides();
    let plain = interval::bounds(graph, lower, upper)?;
    let mut bounds = Bounds::of_input(graph, lower, upper)?;
    let alone = Designs::of_box(graph, lower, upper)?;
    let mut relaxation = Relaxation::begin(graph);
    relaxation.extend(0, &bounds);
    for (node, &backward) in backward.iter().enumerate().skip(1) {
        let (least, most) = interval::of_node(graph, node, &bounds);
        bounds.lower.push(least);
        bounds.upper.push(most);
        // Tighter sources may round to a bound that is looser by a hair than that of the plain intervals.
        bounds.intersect(node, &plain.lower[node], &plain.upper[node]);
        if let Some(Some((least, most))) = known.bounds.get(node) {
            if least.len() != graph.size(node) || most.len() != graph.size(node) {
                return Err(GraphError(format!(
                    "{} lower and {} upper bounds are known of node {node} of size {}",
                    least.len(),
                    most.len(),
                    graph.size(node)
                )));
            }
            bounds.intersect(node, least, most);
        }
        // The slack of an affine node comes from its sources; its own magnitude may still shrink.
        relaxation.extend(node, &bounds);
        if backward {
            let designs = if over_limits(node) { designs } else { &alone };
            tighten(graph, node, &relaxation, designs, &mut bounds);
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

fn nodes_to_carry(
    graph: &Graph,
    asked: &[usize],
    over_limits: impl Fn(usize) -> bool,
) -> Result<Vec<bool>, GraphError> {
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
                terms.len() > 1 || terms.iter().any(|term| term.0 != 0) || over_limits(index)
            }
            Operation::Max { .. } | Operation::Norm { .. } => true,
        };
    }
    Ok(carry)
}

/// Intersects the bounds of a node with those of a backward pass over blocks of its entries.
fn tighten(
    graph: &Graph,
    node: usize,
    relaxation: &Relaxation<'_>,
    designs: &Designs,
    bounds: &mut Bounds,
) {
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
    let run = |&(first, sign): &(usize, f64)| {
        let rows = block.min(size - first);
        designs.minimum(&relaxation.below_entries(node, first, rows, sign))
    };
    let minima: Vec<Vec<f64>> = if size.saturating_mul(graph.work(&needed)) < PARALLEL_WORK {
        tasks.iter().map(run).collect()
    } else {
        tasks.par_iter().map(run).collect()
    };
    let mut found = [vec![f64::NEG_INFINITY; size], vec![f64::INFINITY; size]];
    for ((first, sign), minima) in tasks.into_iter().zip(minima) {
        for (entry, minimum) in (first..).zip(minima) {
            found[usize::from(sign < 0.0)][entry] = sign * minimum;
        }
    }
    bounds.intersect(node, &found[0], &found[1]);
}
