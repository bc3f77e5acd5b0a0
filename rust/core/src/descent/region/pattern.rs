//! The side that a design takes in every decision.

use super::{Decision, Regions};
use crate::bigm::requirements::Condition;
use crate::graph::{Activations, Operation};
use crate::model::Values;

impl Regions {
    /// The sides that a design takes: of alternatives, the one that holds best or is missed least.
    ///
    /// # Panics
    /// When `x` is not one design.
    pub fn pattern(&self, x: &[f64]) -> Vec<u32> {
        let activations = self.model.graph.evaluate(x, 1);
        self.decisions
            .iter()
            .map(|decision| self.sides_by_merit(decision, &activations)[0])
            .collect()
    }

    /// Whether this is one side of every decision.
    pub fn is_pattern(&self, pattern: &[u32]) -> bool {
        let has_side = |(decision, &side): (&Decision, &u32)| match decision {
            Decision::Kink { .. } => side < 2,
            Decision::Max { members, .. } => (side as usize) < members.len(),
            Decision::Any(Condition::Any(parts)) => (side as usize) < parts.len(),
            Decision::Any(_) => false,
        };
        pattern.len() == self.decisions.len() && self.decisions.iter().zip(pattern).all(has_side)
    }

    /// The sides of a decision, the one that the design takes first.
    pub(super) fn sides_by_merit(
        &self,
        decision: &Decision,
        activations: &Activations,
    ) -> Vec<u32> {
        let ranked = |merits: Vec<f64>| {
            let mut order: Vec<u32> = (0..merits.len() as u32).collect();
            order.sort_by(|&a, &b| merits[b as usize].total_cmp(&merits[a as usize]));
            order
        };
        match decision {
            Decision::Kink { node, entry } => {
                let Operation::Kink { source, .. } = &self.model.graph.nodes()[*node].operation
                else {
                    return vec![0, 1];
                };
                if activations.node(*source)[*entry] > 0.0 {
                    vec![1, 0]
                } else {
                    vec![0, 1]
                }
            }
            Decision::Max { source, members } => {
                let z = activations.node(*source);
                ranked(members.iter().map(|&member| z[member as usize]).collect())
            }
            Decision::Any(condition) => {
                let values = Values {
                    activations,
                    design: 0,
                };
                match condition {
                    Condition::Any(parts) => {
                        ranked(parts.iter().map(|part| slack(part, values)).collect())
                    }
                    Condition::Limits { .. } | Condition::All(_) => vec![0],
                }
            }
        }
    }
}

/// By how much a condition holds, below zero by how much it is missed: the worst of `All`, the best of `Any`.
fn slack(condition: &Condition, values: Values<'_>) -> f64 {
    match condition {
        Condition::Limits {
            node,
            entry,
            lower,
            upper,
        } => {
            let value = values.node(*node as usize)[*entry as usize];
            (value - lower).min(upper - value)
        }
        Condition::All(parts) => parts
            .iter()
            .map(|part| slack(part, values))
            .fold(f64::INFINITY, f64::min),
        Condition::Any(parts) => parts
            .iter()
            .map(|part| slack(part, values))
            .fold(f64::NEG_INFINITY, f64::max),
    }
}
