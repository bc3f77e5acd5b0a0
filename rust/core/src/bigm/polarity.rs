//! Which side of every entry something pushes against, found by one walk from the end to the inputs.
//!
//! Minimising an entry, or limiting it above, only needs columns that are not below its true value; limiting it below
//! only needs columns that are not above. What nobody needs is not encoded.

use super::requirements::{Condition, Truth};
use super::{EncodeError, Formulation, Given, refuse};
use crate::graph::Operation;
use crate::model::Model;

/// The encoded value must not lie below the true one.
pub(crate) const LOWER: u8 = 1;
/// The encoded value must not lie above the true one.
pub(crate) const UPPER: u8 = 2;
/// The encoded value must be the true one.
pub(crate) const BOTH: u8 = LOWER | UPPER;

/// What is asked of an entry.
#[derive(Clone, Copy, Default)]
pub(crate) struct Need {
    /// `LOWER`, `UPPER`, both, or 0 when nobody asks.
    pub sides: u8,
    /// Who asks for it, 2 meaning "several, or one who wants a column".
    pub uses: u8,
}

impl Need {
    fn ask(&mut self, sides: u8, uses: u8) {
        self.sides |= sides;
        self.uses = (self.uses + uses).min(2);
    }
}

/// What is asked of every entry of every node, and how many nonzeros the program will have, or some more.
pub(crate) struct Needs {
    pub of: Vec<Vec<Need>>,
    pub nonzeros: usize,
}

/// What a kink with proved bounds of its source amounts to.
pub(crate) enum Activity {
    /// A multiple of its source.
    Multiple(f64),
    /// Its sign is not decided.
    Undecided,
}

/// See [`Activity`].
pub(crate) fn activity(slope: f64, lower: f64, upper: f64) -> Activity {
    if lower >= 0.0 || slope == 1.0 {
        Activity::Multiple(1.0)
    } else if upper <= 0.0 {
        Activity::Multiple(slope)
    } else {
        Activity::Undecided
    }
}

/// The members of a group that can be its maximum, by proved bounds.
pub(crate) fn contenders(group: &[u32], lower: &[f64], upper: &[f64]) -> Vec<u32> {
    let mut best = group[0];
    for &member in group {
        if lower[member as usize] > lower[best as usize] {
            best = member;
        }
    }
    let mut kept: Vec<u32> = group
        .iter()
        .copied()
        .filter(|&member| member == best || upper[member as usize] > lower[best as usize])
        .collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The sides of the source that a multiple of it asks for.
fn through(sides: u8, factor: f64) -> u8 {
    if factor >= 0.0 {
        sides
    } else {
        (sides & LOWER) << 1 | (sides & UPPER) >> 1
    }
}

/// Walks from the objective and the requirements to the inputs.
pub(crate) fn needs(
    model: &Model,
    given: Given<'_>,
    truths: &[(u32, Truth)],
    asked: &[(usize, usize)],
) -> Result<Needs, EncodeError> {
    let Given {
        bounds,
        unconditional,
        formulation,
    } = given;
    let nodes = model.graph.nodes();
    let mut of: Vec<Vec<Need>> = nodes
        .iter()
        .map(|node| vec![Need::default(); node.size])
        .collect();
    let mut nonzeros = 0;
    if let Some(node) = model.objective {
        of[node][0].ask(LOWER, 1);
    }
    asked
        .iter()
        .for_each(|&(node, entry)| of[node][entry].ask(BOTH, 2));
    for (_, truth) in truths {
        if let Truth::Depends(condition) = truth {
            nonzeros += ask_condition(condition, false, &mut of);
        }
    }
    for (index, node) in nodes.iter().enumerate().skip(1).rev() {
        let asked = std::mem::take(&mut of[index]);
        let wanted = || asked.iter().enumerate().filter(|pair| pair.1.sides != 0);
        match &node.operation {
            Operation::Input => {}
            Operation::Affine { terms, .. } => {
                for (entry, need) in wanted() {
                    let mut stored = 0;
                    for (_, matrix) in terms {
                        matrix.visit_row(entry, |_, value| stored += usize::from(value != 0.0));
                    }
                    // A multiple of one entry becomes an alias of it, and stands wherever it stands.
                    let uses = if stored == 1 { need.uses } else { 1 };
                    for (source, matrix) in terms {
                        let source = &mut of[*source];
                        matrix.visit_row(entry, |column, value| {
                            if value != 0.0 {
                                source[column].ask(through(need.sides, value), uses);
                            }
                        });
                    }
                    // What goes into a kink without a column of its own stands in two rows, mostly.
                    let rows = 1 + usize::from(formulation == Formulation::Plain);
                    nonzeros += rows * (stored + 1);
                }
            }
            Operation::Kink { source, slopes } => {
                let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                for (entry, need) in wanted() {
                    let slope = slopes[entry];
                    let known = activity(slope, lower[entry], upper[entry]);
                    let (least, most) = (
                        unconditional.lower[*source][entry],
                        unconditional.upper[*source][entry],
                    );
                    if matches!(known, Activity::Multiple(_))
                        && matches!(activity(slope, least, most), Activity::Undecided)
                    {
                        // A column of its own holds it to the side that is wanted.
                        of[*source][entry].ask(BOTH, 2);
                        nonzeros += 2;
                    }
                    match known {
                        Activity::Multiple(0.0) => {}
                        Activity::Multiple(factor) => {
                            of[*source][entry].ask(through(need.sides, factor), need.uses);
                        }
                        Activity::Undecided => {
                            let sides = if slope >= 0.0 { need.sides } else { BOTH };
                            let uses = match formulation {
                                Formulation::Sos1 if needs_sign(slope, need.sides) => 1,
                                Formulation::Plain => 1,
                                _ => 2,
                            };
                            of[*source][entry].ask(sides, uses);
                            nonzeros += 12;
                        }
                    }
                }
            }
            Operation::Max { source, groups } => {
                for (entry, need) in wanted() {
                    let members = contenders(
                        &groups[entry],
                        &unconditional.lower[*source],
                        &unconditional.upper[*source],
                    );
                    let uses = if members.len() == 1 { need.uses } else { 2 };
                    for &member in &members {
                        of[*source][member as usize].ask(need.sides, uses);
                    }
                    nonzeros += 6 * members.len();
                }
            }
            Operation::Norm { source, groups } => {
                for (entry, need) in wanted() {
                    if need.sides & UPPER != 0 && formulation != Formulation::Lines {
                        return refuse(format!(
                            "the Euclidean norm in entry {entry} of node {index} would have to be maximised or \
                             bounded below, which is not convex; it may only be minimised or bounded above"
                        ));
                    }
                    for &member in &groups[entry] {
                        of[*source][member as usize].ask(BOTH, 2);
                        nonzeros += 2;
                    }
                }
            }
        }
        of[index] = asked;
    }
    Ok(Needs { of, nonzeros })
}

/// Whether the sign of an undecided kink has to be known: when it is pushed against from its curved side.
pub(crate) fn needs_sign(slope: f64, sides: u8) -> bool {
    sides & if slope < 1.0 { UPPER } else { LOWER } != 0
}

/// Asks for the entries of a condition; guarded ones need columns. Returns a bound on the nonzeros of its rows.
fn ask_condition(condition: &Condition, guarded: bool, of: &mut [Vec<Need>]) -> usize {
    match condition {
        Condition::Limits {
            node,
            entry,
            lower,
            upper,
        } => {
            let sides = if upper.is_finite() { LOWER } else { 0 }
                | if lower.is_finite() { UPPER } else { 0 };
            of[*node as usize][*entry as usize].ask(sides, if guarded { 2 } else { 1 });
            4
        }
        Condition::All(parts) => parts
            .iter()
            .map(|part| ask_condition(part, guarded, of))
            .sum(),
        Condition::Any(parts) => {
            1 + parts
                .iter()
                .map(|part| 1 + ask_condition(part, true, of))
                .sum::<usize>()
        }
    }
}
