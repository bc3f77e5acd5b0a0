//! Regions: with one side chosen for everything undecided, minimising a model is a linear program.
//!
//! A kink whose sign matters, a maximum that is pushed against and an alternative are *decisions*; a [pattern](Regions::pattern)
//! takes one side of each. Every value is then a linear form of the inputs and of a few auxiliary columns, which
//! stand for what is convex and only pushed against from its convex side: `y = max(z, s z)` with `s < 1` becomes
//! `y = p - s n` where `z = p - n` and `p, n >= 0`. What the pattern takes for granted are the *facets*: rows that hold in
//! the closure of the region. The neurons are rows, not columns, so the programs stay as small as the number of inputs.
//!
//! Which side of an entry is pushed against is what the encoder asks too, and is found by the same walk.

mod build;
mod pattern;
mod rows;

use std::sync::Arc;

use super::DescentError;
use crate::bigm::polarity::{self, Activity, UPPER};
use crate::bigm::requirements::{Condition, Truth, simplify};
use crate::bigm::{Formulation, Given};
use crate::bounds::Bounds;
use crate::graph::Operation;
use crate::model::Model;

pub use build::{Region, RowKind};

/// A model with everything in it that has sides.
pub struct Regions {
    model: Arc<Model>,
    /// Of every kink and maximum, what its entries amount to; empty for other nodes.
    pieces: Vec<Vec<Piece>>,
    /// What must hold.
    stated: Vec<Stated>,
    decisions: Vec<Decision>,
}

/// What an entry of a kink or of a maximum amounts to.
#[derive(Clone, Debug)]
enum Piece {
    /// Nothing depends on it.
    Unneeded,
    /// A multiple (the second number) of one entry of the source.
    Multiple(u32, f64),
    /// Only pushed against from its convex side: auxiliary columns stand for it. Of a maximum, the members.
    Convex(Vec<u32>),
    /// Known with the side of a decision.
    Decided(usize),
}

/// A condition whose alternatives are numbered.
#[derive(Clone, Debug)]
enum Stated {
    Limits(Condition),
    All(Vec<Stated>),
    Any(usize, Vec<Stated>),
}

/// What has sides.
#[derive(Clone, Debug)]
enum Decision {
    /// Side 1 where the source is positive, side 0 elsewhere.
    Kink { node: usize, entry: usize },
    /// Side `k` where the `k`-th member is the largest.
    Max { source: usize, members: Vec<u32> },
    /// Side `k` is the `k`-th alternative.
    Any(Condition),
}

impl Regions {
    /// Finds the decisions that proved bounds leave open.
    ///
    /// # Errors
    /// When the model is not piecewise linear, is not convex where it has norms, or can never hold.
    pub fn new(model: Arc<Model>, bounds: &Bounds) -> Result<Self, DescentError> {
        let nodes = model.graph.nodes();
        let truths: Vec<(u32, Truth)> = model
            .requirements
            .iter()
            .map(|(label, formula)| (*label, simplify(formula, bounds)))
            .collect();
        let given = Given {
            bounds,
            unconditional: bounds,
            formulation: Formulation::BigM,
        };
        let needs =
            polarity::needs(&model, given, &truths, &[]).map_err(|error| DescentError(error.0))?;
        let mut decisions = Vec::new();
        let mut pieces = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let mut decide = |decision: Decision| {
                decisions.push(decision);
                Piece::Decided(decisions.len() - 1)
            };
            let needs = needs.of[index].iter().map(|need| need.sides).enumerate();
            let of_node = match &node.operation {
                Operation::Input | Operation::Affine { .. } => Vec::new(),
                Operation::Norm { .. } if needs.clone().any(|(_, sides)| sides != 0) => {
                    return Err(DescentError(format!(
                        "node {index} is a Euclidean norm, which has no linear pieces"
                    )));
                }
                Operation::Norm { .. } => vec![Piece::Unneeded; node.size],
                Operation::Kink { source, slopes } => {
                    let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                    needs
                        .map(|(entry, sides)| {
                            let slope = slopes[entry];
                            match polarity::activity(slope, lower[entry], upper[entry]) {
                                _ if sides == 0 => Piece::Unneeded,
                                Activity::Multiple(factor) => Piece::Multiple(entry as u32, factor),
                                Activity::Undecided if polarity::needs_sign(slope, sides) => {
                                    decide(Decision::Kink { node: index, entry })
                                }
                                Activity::Undecided => Piece::Convex(Vec::new()),
                            }
                        })
                        .collect()
                }
                Operation::Max { source, groups } => {
                    let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                    needs
                        .map(|(entry, sides)| {
                            let members = polarity::contenders(&groups[entry], lower, upper);
                            if sides == 0 {
                                Piece::Unneeded
                            } else if members.len() == 1 {
                                Piece::Multiple(members[0], 1.0)
                            } else if sides & UPPER != 0 {
                                decide(Decision::Max {
                                    source: *source,
                                    members,
                                })
                            } else {
                                Piece::Convex(members)
                            }
                        })
                        .collect()
                }
            };
            pieces.push(of_node);
        }
        let mut stated = Vec::new();
        for (label, truth) in truths {
            match truth {
                Truth::Always => {}
                Truth::Never => {
                    return Err(DescentError(format!("requirement {label} never holds")));
                }
                Truth::Depends(condition) => stated.push(number(condition, &mut decisions)),
            }
        }
        Ok(Regions {
            model,
            pieces,
            stated,
            decisions,
        })
    }

    /// The number of decisions.
    pub fn decisions(&self) -> usize {
        self.decisions.len()
    }
}

fn number(condition: Condition, decisions: &mut Vec<Decision>) -> Stated {
    match condition {
        Condition::Limits { .. } => Stated::Limits(condition),
        Condition::All(parts) => Stated::All(
            parts
                .into_iter()
                .map(|part| number(part, decisions))
                .collect(),
        ),
        Condition::Any(ref parts) => {
            let decision = decisions.len();
            decisions.push(Decision::Any(condition.clone()));
            let parts = parts.iter().map(|part| number(part.clone(), decisions));
            Stated::Any(decision, parts.collect())
        }
    }
}
