//! What must hold: rows, and binaries for alternatives.

use super::builder::Builder;
use super::program::{ColumnOrigin, Disjunction, Entry, Limited, RowOrigin};
use crate::bounds::Bounds;
use crate::model::{Formula, Values, excess};

/// Something counts as impossible when it is missed by more than this (relative to limits above 1): less is
/// rounding in the data.
const TOLERANCE: f64 = 1e-9;

/// A formula without the parts that hold everywhere or nowhere.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// One entry lies between limits, of which at least one is finite.
    Limits {
        node: u32,
        entry: u32,
        lower: f64,
        upper: f64,
    },
    /// Every part holds.
    All(Vec<Condition>),
    /// Some part holds.
    Any(Vec<Condition>),
}

/// What proved bounds say of a formula.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Truth {
    Always,
    Never,
    Depends(Condition),
}

/// Drops what holds everywhere or nowhere by the bounds.
pub(crate) fn simplify(formula: &Formula, bounds: &Bounds) -> Truth {
    match formula {
        Formula::Within { node, lower, upper } => {
            let limits = lower.iter().zip(upper).enumerate();
            all(limits.map(|(entry, (&lower, &upper))| {
                let (least, largest) = (bounds.lower[*node][entry], bounds.upper[*node][entry]);
                if misses(largest, lower, f64::INFINITY) || misses(least, f64::NEG_INFINITY, upper)
                {
                    return Truth::Never;
                }
                let lower = if least >= lower {
                    f64::NEG_INFINITY
                } else {
                    lower
                };
                let upper = if largest <= upper {
                    f64::INFINITY
                } else {
                    upper
                };
                if lower.is_infinite() && upper.is_infinite() {
                    return Truth::Always;
                }
                Truth::Depends(Condition::Limits {
                    node: *node as u32,
                    entry: entry as u32,
                    lower,
                    upper,
                })
            }))
        }
        Formula::All(parts) => all(parts.iter().map(|part| simplify(part, bounds))),
        Formula::Any(parts) => any(parts.iter().map(|part| simplify(part, bounds))),
    }
}

fn misses(value: f64, lower: f64, upper: f64) -> bool {
    let scale = |limit: f64| {
        if limit.is_finite() {
            limit.abs().max(1.0)
        } else {
            1.0
        }
    };
    value < lower - TOLERANCE * scale(lower) || value > upper + TOLERANCE * scale(upper)
}

fn all(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Truth::Always => {}
            Truth::Never => return Truth::Never,
            Truth::Depends(condition) => kept.push(condition),
        }
    }
    one_or_many(kept, Truth::Always, Condition::All)
}

fn any(parts: impl Iterator<Item = Truth>) -> Truth {
    let mut kept = Vec::new();
    for part in parts {
        match part {
            Truth::Always => return Truth::Always,
            Truth::Never => {}
            Truth::Depends(condition) => kept.push(condition),
        }
    }
    one_or_many(kept, Truth::Never, Condition::Any)
}

fn one_or_many(
    mut kept: Vec<Condition>,
    none: Truth,
    many: fn(Vec<Condition>) -> Condition,
) -> Truth {
    match kept.len() {
        0 => none,
        1 => kept.pop().map_or(none, Truth::Depends),
        _ => Truth::Depends(many(kept)),
    }
}

impl Condition {
    /// By how much a design misses it: the worst part of `All`, the best of `Any`.
    pub fn violation(&self, values: Values<'_>) -> f64 {
        match self {
            Condition::Limits {
                node,
                entry,
                lower,
                upper,
            } => excess(values.node(*node as usize)[*entry as usize], *lower, *upper),
            Condition::All(parts) => parts
                .iter()
                .fold(0.0, |worst: f64, part| worst.max(part.violation(values))),
            Condition::Any(parts) => parts.iter().fold(f64::INFINITY, |least, part| {
                least.min(part.violation(values))
            }),
        }
    }
}

impl Builder<'_> {
    /// Encodes the requirements.
    pub fn requirements(&mut self, truths: Vec<(u32, Truth)>) {
        for (label, truth) in truths {
            match truth {
                Truth::Always => {}
                Truth::Never => {
                    let origin = self.requirement_row(label);
                    self.impossible(origin);
                }
                Truth::Depends(condition) => self.condition(label, &condition, None),
            }
        }
    }

    fn requirement_row(&mut self, label: u32) -> RowOrigin {
        let count = &mut self.counts.entry(label).or_default()[0];
        *count += 1;
        RowOrigin::Requirement(label, *count - 1)
    }

    fn alternative(&mut self, label: u32) -> u32 {
        let count = &mut self.counts.entry(label).or_default()[1];
        *count += 1;
        let origin = ColumnOrigin::Holds(label, *count - 1);
        self.binary(origin)
    }

    /// Says that a condition holds: always, or where the guard is 1.
    fn condition(&mut self, label: u32, condition: &Condition, guard: Option<u32>) {
        match condition {
            Condition::All(parts) => parts
                .iter()
                .for_each(|part| self.condition(label, part, guard)),
            Condition::Any(parts) => {
                let children: Vec<(u32, Condition)> = parts
                    .iter()
                    .map(|part| (self.alternative(label), part.clone()))
                    .collect();
                let origin = self.requirement_row(label);
                let mut terms: Vec<(u32, f64)> =
                    children.iter().map(|child| (child.0, 1.0)).collect();
                terms.extend(guard.map(|guard| (guard, -1.0)));
                let least = if guard.is_none() { 1.0 } else { 0.0 };
                self.short_row(&terms, least, f64::INFINITY, origin);
                for (child, part) in &children {
                    self.condition(label, part, Some(*child));
                }
                self.program.disjunctions.push(Disjunction {
                    parent: guard,
                    children,
                });
            }
            &Condition::Limits {
                node,
                entry,
                lower,
                upper,
            } => {
                let place = (node as usize, entry as usize);
                match (self.entry(place.0, place.1), guard) {
                    (Entry::Constant(value), _) if !misses(value, lower, upper) => {}
                    (Entry::Constant(_), None) => {
                        let origin = self.requirement_row(label);
                        self.impossible(origin);
                    }
                    (Entry::Constant(_), Some(guard)) => {
                        let origin = self.requirement_row(label);
                        self.short_row(&[(guard, 1.0)], f64::NEG_INFINITY, 0.0, origin);
                    }
                    (written, None) => {
                        self.program.limited.push(Limited {
                            row: self.program.row_count(),
                            node: place.0,
                            entry: place.1,
                            lower,
                            upper,
                        });
                        let origin = self.requirement_row(label);
                        self.add_entry(written, 1.0);
                        self.finish_row(lower, upper, origin);
                    }
                    (written, Some(guard)) => {
                        self.guarded(label, place, written, (lower, upper), guard)
                    }
                }
            }
        }
    }

    /// `y <= upper + (U - upper)(1 - guard)` and its mirror image, with the proved bounds `L <= y <= U`.
    fn guarded(
        &mut self,
        label: u32,
        place: (usize, usize),
        y: Entry,
        limits: (f64, f64),
        guard: u32,
    ) {
        let (least, largest) = (
            self.bounds.lower[place.0][place.1],
            self.bounds.upper[place.0][place.1],
        );
        if limits.1.is_finite() {
            let origin = self.requirement_row(label);
            self.add_entry(y, 1.0);
            self.short_row(
                &[(guard, (largest - limits.1).next_down())],
                f64::NEG_INFINITY,
                largest,
                origin,
            );
        }
        if limits.0.is_finite() {
            let origin = self.requirement_row(label);
            self.add_entry(y, 1.0);
            self.short_row(
                &[(guard, (least - limits.0).next_up())],
                least,
                f64::INFINITY,
                origin,
            );
        }
    }
}
