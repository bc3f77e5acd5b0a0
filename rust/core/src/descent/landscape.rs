//! The ground of the descent: objective and penalty of a batch of designs, with their gradients.

use std::collections::BTreeMap;

use super::rows::{Row, linear_rows};
use crate::graph::Activations;
use crate::model::{Formula, Model, Values};

/// A model with what the descent needs to know of it.
pub(super) struct Landscape<'m> {
    pub model: &'m Model,
    /// The range of every input.
    pub width: Vec<f64>,
    /// Requirements that are linear in the inputs, kept by projection.
    pub rows: Vec<Row>,
    /// The nodes that objective and requirements depend on.
    needed: Vec<bool>,
}

/// Objectives, penalties and their gradients in the inputs, design after design.
pub(super) struct Slopes {
    pub objectives: Vec<f64>,
    pub penalties: Vec<f64>,
    /// Empty without an objective.
    pub objective_gradients: Vec<f64>,
    /// Empty when no design is penalised.
    pub penalty_gradients: Vec<f64>,
}

type Seeds = BTreeMap<usize, Vec<f64>>;

impl<'m> Landscape<'m> {
    pub fn new(model: &'m Model) -> Self {
        let mut needed = vec![false; model.graph.nodes().len()];
        needed[0] = true;
        let mut mark = |node: usize| {
            let ancestors = model.graph.ancestors(node);
            needed
                .iter_mut()
                .zip(ancestors)
                .for_each(|(needed, ancestor)| *needed |= ancestor);
        };
        model.objective.iter().for_each(|&node| mark(node));
        model
            .requirements
            .iter()
            .for_each(|(_, formula)| visit_nodes(formula, &mut mark));
        Landscape {
            model,
            width: model
                .upper
                .iter()
                .zip(&model.lower)
                .map(|(upper, lower)| upper - lower)
                .collect(),
            rows: linear_rows(model),
            needed,
        }
    }

    pub fn inputs(&self) -> usize {
        self.width.len()
    }

    /// Values and gradients at `count` designs.
    pub fn slopes(&self, x: &[f64], count: usize) -> Slopes {
        let graph = &self.model.graph;
        let activations = graph.evaluate_needed(x, count, &self.needed);
        let mut seeds = Seeds::new();
        let penalties = self.penalties(&activations, &mut seeds);
        let penalty_gradients = if seeds.is_empty() {
            Vec::new()
        } else {
            graph.gradient_of(&activations, seeds.into_iter().collect())
        };
        let objective_gradients = match self.model.objective {
            Some(node) => graph.gradient(&activations, node, &vec![1.0; count]),
            None => Vec::new(),
        };
        Slopes {
            objectives: self.model.objective(&activations),
            penalties,
            objective_gradients,
            penalty_gradients,
        }
    }

    fn penalties(&self, activations: &Activations, seeds: &mut Seeds) -> Vec<f64> {
        let of_design = |design: usize| {
            let values = Values {
                activations,
                design,
            };
            let mut total = 0.0;
            for (_, formula) in &self.model.requirements {
                total += add_penalty(formula, values, Some(&mut *seeds));
            }
            total
        };
        (0..activations.batch()).map(of_design).collect()
    }
}

fn visit_nodes(formula: &Formula, visit: &mut impl FnMut(usize)) {
    match formula {
        Formula::Within { node, .. } => visit(*node),
        Formula::All(parts) | Formula::Any(parts) => {
            parts.iter().for_each(|part| visit_nodes(part, visit))
        }
    }
}

/// The penalty of a formula: of limits the sum of what exceeds them, of `All` the sum, of `Any` the smallest.
/// Its derivative with respect to the nodes is added to `seeds`.
fn add_penalty(formula: &Formula, values: Values<'_>, mut seeds: Option<&mut Seeds>) -> f64 {
    match formula {
        Formula::Within { node, lower, upper } => {
            let entries = values.node(*node);
            let mut total = 0.0;
            for (entry, &value) in entries.iter().enumerate() {
                let (excess, sign) = if value < lower[entry] {
                    (lower[entry] - value, -1.0)
                } else if value > upper[entry] {
                    (value - upper[entry], 1.0)
                } else if value.is_nan() {
                    return f64::INFINITY;
                } else {
                    continue;
                };
                total += excess;
                if let Some(seeds) = seeds.as_deref_mut() {
                    let length = values.activations.node(*node).len();
                    let seed = seeds.entry(*node).or_insert_with(|| vec![0.0; length]);
                    seed[values.design * entries.len() + entry] += sign;
                }
            }
            total
        }
        Formula::All(parts) => parts
            .iter()
            .map(|part| add_penalty(part, values, seeds.as_deref_mut()))
            .sum(),
        Formula::Any(parts) => {
            let penalties = parts
                .iter()
                .map(|part| (add_penalty(part, values, None), part));
            match penalties.min_by(|a, b| a.0.total_cmp(&b.0)) {
                Some((penalty, part)) if penalty > 0.0 => add_penalty(part, values, seeds),
                Some(_) => 0.0,
                None => f64::INFINITY,
            }
        }
    }
}
