//! Bounds from multipliers: what a linear program says, proved without believing it.
//!
//! Any slopes of the free lines, and any multiples of what is known not to be positive on the designs, give a linear form
//! below an entry; the dual solution of the program of lines gives the best of them. They are only a hint here: the form
//! is carried back through the relaxation like any other, with the margin of every rounding, so that a wrong hint costs
//! strength and never truth.

use super::Bounds;
use super::designs::Designs;
use super::lines::KinkLines;
use super::relaxation::{Relaxation, Step};
use super::rounding::gamma;
use crate::graph::Operation;

/// A multiple of something that is not positive on the designs: `coefficient * (entry of node - limit)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The node.
    pub node: usize,
    /// The entry of it.
    pub entry: usize,
    /// The multiple; its sign says which side the limit is on.
    pub coefficient: f64,
    /// A limit that the entry keeps to on every design.
    pub limit: f64,
}

/// How the lines are chosen and limits made use of for one form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Multipliers {
    /// By node, the slopes of the free lines of a kink; empty where the relaxation's own are meant.
    pub slopes: Vec<Vec<f64>>,
    /// The limits.
    pub terms: Vec<Term>,
}

impl Relaxation<'_> {
    /// A lower bound of `sign * entry` of a node over the designs on which the terms are not positive.
    ///
    /// # Panics
    /// When a node or an entry does not exist, or slopes are not as many as the entries of their kink.
    pub fn bound(
        &self,
        (node, entry): (usize, usize),
        sign: f64,
        bounds: &Bounds,
        multipliers: &Multipliers,
        designs: &Designs,
    ) -> f64 {
        let lines = self.lines_of(&multipliers.slopes, bounds);
        let mut carried = self.nothing(1);
        carried.lines = Some(&lines);
        let (mut last, mut size) = (node, 0.0);
        let mut add = |node: usize, entry: usize, coefficient: f64, limit: f64| {
            let coefficients = &mut carried.coefficients[node];
            coefficients.resize(self.graph.size(node), 0.0);
            coefficients[entry] += coefficient;
            carried.constants[0] -= coefficient * limit;
            size += coefficient.abs() * (self.nodes[node].magnitude[entry] + limit.abs());
            last = last.max(node);
        };
        add(node, entry, sign, 0.0);
        for term in &multipliers.terms {
            // The limit may have been found over wider bounds than these.
            let limit = if term.coefficient > 0.0 {
                term.limit.min(bounds.upper[term.node][term.entry])
            } else {
                term.limit.max(bounds.lower[term.node][term.entry])
            };
            add(term.node, term.entry, term.coefficient, limit);
        }
        carried.margins[0] = gamma(multipliers.terms.len() + 1) * size;
        designs.minimum(&self.carry_back(&mut carried, last))[0]
    }

    /// The lines of the kinks whose slopes are given.
    pub(super) fn lines_of(&self, slopes: &[Vec<f64>], bounds: &Bounds) -> Vec<Option<KinkLines>> {
        let mut lines: Vec<Option<KinkLines>> = Vec::with_capacity(self.nodes.len());
        for (node, relaxed) in self.nodes.iter().enumerate() {
            let free = slopes.get(node).filter(|free| !free.is_empty());
            let operation = &self.graph.nodes()[node].operation;
            lines.push(match (free, operation, &relaxed.step) {
                (Some(free), Operation::Kink { source, slopes }, Step::Kink(_)) => {
                    assert_eq!(free.len(), slopes.len());
                    let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                    Some(KinkLines::new(slopes, lower, upper, Some(free)))
                }
                _ => None,
            });
        }
        lines
    }
}
