//! By how much designs miss what must hold.

use rayon::prelude::*;

use super::{Domain, Formula, Model, Selection};
use crate::graph::Activations;

/// Designs evaluated as one.
const CHUNK: usize = 256;

/// What a design may violate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The box of the inputs.
    Box,
    /// Integrality and catalogues.
    Domain,
    /// The selection of this index.
    Selection(usize),
    /// The requirements of this label.
    Requirement(u32),
}

/// The values of one design of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub activations: &'a Activations,
    pub design: usize,
}

impl<'a> Values<'a> {
    /// The entries of a node.
    pub fn node(self, node: usize) -> &'a [f64] {
        let values = self.activations.node(node);
        let size = values.len() / self.activations.batch();
        &values[self.design * size..][..size]
    }
}

impl Model {
    /// The worst violation of anything, for every design of the batch; 0 when all holds.
    ///
    /// Limits are missed by the worst excess; `All` by the worst part, `Any` by the best. Too large a selection is
    /// missed by the largest entry that would have to vanish, too small a one by the number of groups that lack.
    pub fn violation(&self, activations: &Activations) -> Vec<f64> {
        (0..activations.batch())
            .map(|design| {
                let mut worst = 0.0_f64;
                self.visit_violations(
                    Values {
                        activations,
                        design,
                    },
                    |_, violation| worst = worst.max(violation),
                );
                worst
            })
            .collect()
    }

    /// The worst violation of `batch` designs, which `x` holds one after the other.
    ///
    /// # Panics
    /// When `x` does not hold `batch` designs.
    pub fn violation_at(&self, x: &[f64], batch: usize) -> Vec<f64> {
        let inputs = self.input_size();
        assert_eq!(x.len(), batch * inputs);
        let needed = self.required_nodes();
        let chunk = |first: usize| {
            let rows = CHUNK.min(batch - first);
            self.violation(&self.graph.evaluate_needed(
                &x[first * inputs..][..rows * inputs],
                rows,
                &needed,
            ))
        };
        if batch <= CHUNK {
            return chunk(0);
        }
        let parts: Vec<Vec<f64>> = (0..batch.div_ceil(CHUNK))
            .into_par_iter()
            .map(|part| chunk(part * CHUNK))
            .collect();
        parts.concat()
    }

    /// Every subject that one design violates, with the worst violation, subjects ascending.
    ///
    /// # Panics
    /// When `x` is not one design.
    pub fn violations(&self, x: &[f64]) -> Vec<(Subject, f64)> {
        let activations = self.graph.evaluate_needed(x, 1, &self.required_nodes());
        let mut found = std::collections::BTreeMap::new();
        self.visit_violations(
            Values {
                activations: &activations,
                design: 0,
            },
            |subject, violation| {
                if violation > 0.0 {
                    let worst = found.entry(subject).or_insert(violation);
                    *worst = violation.max(*worst);
                }
            },
        );
        found.into_iter().collect()
    }

    fn visit_violations(&self, values: Values<'_>, mut visit: impl FnMut(Subject, f64)) {
        let x = values.node(0);
        for (input, &value) in x.iter().enumerate() {
            visit(
                Subject::Box,
                excess(value, self.lower[input], self.upper[input]),
            );
            visit(Subject::Domain, self.domains[input].distance(value));
        }
        for (index, selection) in self.selections.iter().enumerate() {
            visit(Subject::Selection(index), selection.violation(x));
        }
        for (label, formula) in &self.requirements {
            visit(Subject::Requirement(*label), formula.violation(values));
        }
    }

    /// The nodes that the objective and the requirements are about, ascending.
    pub fn judged_nodes(&self) -> Vec<usize> {
        let mut nodes: Vec<usize> = self.objective.into_iter().collect();
        for (_, formula) in &self.requirements {
            formula.visit_nodes(&mut |node| nodes.push(node));
        }
        nodes.sort_unstable();
        nodes.dedup();
        nodes
    }

    /// The nodes that requirements depend on.
    fn required_nodes(&self) -> Vec<bool> {
        let nodes = self.graph.nodes();
        let mut needed = vec![false; nodes.len()];
        needed[0] = true;
        for (_, formula) in &self.requirements {
            formula.visit_nodes(&mut |node| needed[node] = true);
        }
        for node in (0..nodes.len()).rev() {
            if needed[node] {
                nodes[node]
                    .operation
                    .sources()
                    .into_iter()
                    .for_each(|source| needed[source] = true);
            }
        }
        needed
    }
}

impl Domain {
    /// How far a value is from the domain.
    fn distance(&self, value: f64) -> f64 {
        match self {
            Domain::Continuous => 0.0,
            Domain::Integer => (value - value.round()).abs(),
            Domain::Catalogue(values) => (value - nearest(values, value)).abs(),
        }
    }
}

/// The entry of an ascending, non-empty list that is nearest to `value`.
pub(crate) fn nearest(values: &[f64], value: f64) -> f64 {
    let above = values
        .partition_point(|&entry| entry < value)
        .min(values.len() - 1);
    let below = above.saturating_sub(1);
    if (value - values[below]).abs() <= (values[above] - value).abs() {
        values[below]
    } else {
        values[above]
    }
}

impl Selection {
    /// See [`Model::violation`].
    fn violation(&self, x: &[f64]) -> f64 {
        let mut sizes: Vec<f64> = self
            .groups
            .iter()
            .map(|group| {
                group
                    .iter()
                    .fold(0.0_f64, |size, &input| size.max(x[input].abs()))
            })
            .collect();
        let used = sizes.iter().filter(|&&size| size > 0.0).count();
        if used > self.at_most {
            sizes.sort_by(|a, b| b.total_cmp(a));
            return sizes[self.at_most];
        }
        self.at_least.saturating_sub(used) as f64
    }
}

impl Formula {
    pub(super) fn visit_nodes(&self, visit: &mut impl FnMut(usize)) {
        match self {
            Formula::Within { node, .. } => visit(*node),
            Formula::All(parts) | Formula::Any(parts) => {
                parts.iter().for_each(|part| part.visit_nodes(visit));
            }
        }
    }

    /// See [`Model::violation`].
    pub(crate) fn violation(&self, values: Values<'_>) -> f64 {
        match self {
            Formula::Within { node, lower, upper } => {
                let limits = lower.iter().zip(upper);
                values
                    .node(*node)
                    .iter()
                    .zip(limits)
                    .fold(0.0_f64, |worst, (&value, (&lower, &upper))| {
                        worst.max(excess(value, lower, upper))
                    })
            }
            Formula::All(parts) => parts
                .iter()
                .fold(0.0_f64, |worst, part| worst.max(part.violation(values))),
            Formula::Any(parts) => parts.iter().fold(f64::INFINITY, |least, part| {
                least.min(part.violation(values))
            }),
        }
    }
}

/// How far a value lies outside its limits; a value that is no number is infinitely far outside.
pub(crate) fn excess(value: f64, lower: f64, upper: f64) -> f64 {
    if value.is_nan() {
        return f64::INFINITY;
    }
    (lower - value).max(value - upper).max(0.0)
}
