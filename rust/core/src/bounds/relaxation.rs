//! A graph with every operation replaced by linear forms that enclose it.

use super::Bounds;
use super::lines::{GroupLine, KinkLines, max_lines, norm_lines};
use super::rounding::{UNDERFLOW, gamma};
use crate::graph::{Graph, Operation};

/// The linear relaxation of a graph over a box, given bounds of its nodes.
///
/// The bounds may come from anywhere as long as they hold; only those of the sources of kinks, maxima and norms
/// shape the relaxation, the others only the margins.
pub struct Relaxation<'a> {
    pub(super) graph: &'a Graph,
    pub(super) nodes: Vec<Relaxed>,
}

/// What the backward pass needs to know of a node.
pub(super) struct Relaxed {
    pub step: Step,
    /// The magnitude bound of every entry.
    pub magnitude: Vec<f64>,
    /// What underflow of the products of one backward step into the sources of this node can cost a row.
    pub underflow: f64,
}

pub(super) enum Step {
    Input,
    /// The slack of every entry (see the module on rounding).
    Affine(Vec<f64>),
    Kink(KinkLines),
    Groups {
        below: Vec<GroupLine>,
        above: Vec<GroupLine>,
        /// The longest chain of additions into one source entry.
        depth: usize,
    },
}

impl<'a> Relaxation<'a> {
    /// The relaxation of the whole graph; every kink takes the line of smaller area.
    pub fn new(graph: &'a Graph, bounds: &Bounds) -> Self {
        Relaxation::up_to(graph, bounds, graph.nodes().len() - 1)
    }

    /// The relaxation of the nodes up to `last`.
    pub fn up_to(graph: &'a Graph, bounds: &Bounds, last: usize) -> Self {
        let mut relaxation = Relaxation::begin(graph);
        for node in 0..=last {
            relaxation.extend(node, bounds);
        }
        relaxation
    }

    /// A relaxation of no node, for callers that learn the bounds of the nodes one after the other.
    pub(super) fn begin(graph: &'a Graph) -> Self {
        Relaxation {
            graph,
            nodes: Vec::with_capacity(graph.nodes().len()),
        }
    }

    /// Chooses the free line of every entry of a kink: its slope through zero, the line below where the kink is convex
    /// (slope at most 1), above where it is concave. Slopes that would not be sound are moved to the nearest that is.
    ///
    /// # Panics
    /// When `node` is not a kink or the number of slopes is not its size.
    pub fn set_slopes(&mut self, node: usize, slopes: &[f64], bounds: &Bounds) {
        let Operation::Kink {
            source,
            slopes: kink,
        } = &self.graph.nodes()[node].operation
        else {
            panic!("node {node} is not a kink");
        };
        assert_eq!(slopes.len(), kink.len());
        let lines = KinkLines::new(
            kink,
            &bounds.lower[*source],
            &bounds.upper[*source],
            Some(slopes),
        );
        self.nodes[node].step = Step::Kink(lines);
    }

    /// Adds the next node, with bounds of it and of all before it.
    pub(super) fn extend(&mut self, node: usize, bounds: &Bounds) {
        let total = |node: usize| -> f64 { self.nodes[node].magnitude.iter().sum() };
        let (step, reach) = match &self.graph.nodes()[node].operation {
            Operation::Input => (Step::Input, 0.0),
            Operation::Affine { terms, bias } => {
                let mut slack: Vec<f64> = bias.iter().map(|bias| bias.abs()).collect();
                let mut products = bias.len();
                let mut reach = 0.0;
                for (source, matrix) in terms {
                    matrix.add_absolute_product(&self.nodes[*source].magnitude, &mut slack);
                    products += matrix.longest_row();
                    reach += total(*source);
                }
                let relative = gamma(products);
                slack
                    .iter_mut()
                    .for_each(|slack| *slack = relative * *slack + products as f64 * UNDERFLOW);
                (Step::Affine(slack), bias.len() as f64 * reach)
            }
            Operation::Kink { source, slopes } => {
                let lines =
                    KinkLines::new(slopes, &bounds.lower[*source], &bounds.upper[*source], None);
                (Step::Kink(lines), total(*source))
            }
            Operation::Max { source, groups } => {
                let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                let lines = groups.iter().map(|group| max_lines(group, lower, upper));
                self.groups(lines.unzip(), *source, groups, total(*source))
            }
            Operation::Norm { source, groups } => {
                let most = &bounds.upper[node];
                let lines = groups
                    .iter()
                    .zip(most)
                    .map(|(group, &most)| norm_lines(group, *source, bounds, most));
                self.groups(lines.unzip(), *source, groups, total(*source))
            }
        };
        // Every product, and every product of a magnitude in the margins, may underflow.
        let underflow = 4.0 * UNDERFLOW * (reach + self.graph.size(node) as f64);
        self.nodes.push(Relaxed {
            step,
            magnitude: bounds.magnitude(node),
            underflow,
        });
    }

    /// Takes note that the bounds of a node have been tightened.
    pub(super) fn refresh(&mut self, node: usize, bounds: &Bounds) {
        self.nodes[node].magnitude = bounds.magnitude(node);
    }

    fn groups(
        &self,
        (below, above): (Vec<GroupLine>, Vec<GroupLine>),
        source: usize,
        groups: &[Vec<u32>],
        reach: f64,
    ) -> (Step, f64) {
        let mut visits = vec![0; self.graph.size(source)];
        groups
            .iter()
            .flatten()
            .for_each(|&entry| visits[entry as usize] += 1);
        let depth = visits.into_iter().max().unwrap_or(0);
        (
            Step::Groups {
                below,
                above,
                depth,
            },
            depth as f64 * reach,
        )
    }
}
