//! The inputs: integers, catalogues and selections.

use std::collections::HashMap;

use super::builder::Builder;
use super::program::{ColumnKind, ColumnOrigin, Entry, RowOrigin};
use crate::bounds::Bounds;
use crate::model::{Domain, Model, Selection};

/// Proved bounds of an integer may lie this far inside it, from rounding.
const INTEGER_MARGIN: f64 = 1e-9;

/// What the box of the model and proved bounds leave of an input; crossed where they leave nothing.
pub(super) fn input_box(model: &Model, bounds: &Bounds, input: usize) -> (f64, f64) {
    let lower = model.lower[input].max(bounds.lower[0][input]);
    let upper = model.upper[input].min(bounds.upper[0][input]);
    match model.domains[input] {
        // Adding zero turns the -0 that rounding up may give into 0.
        Domain::Integer => (
            (lower - INTEGER_MARGIN).ceil() + 0.0,
            (upper + INTEGER_MARGIN).floor() + 0.0,
        ),
        Domain::Continuous | Domain::Catalogue(_) => (lower, upper),
    }
}

impl Builder<'_> {
    /// Encodes the inputs, column `i` being input `i`, with their domains and selections.
    pub fn inputs(&mut self) {
        let model = self.model;
        for (input, domain) in model.domains.iter().enumerate() {
            let (lower, upper) = input_box(model, self.bounds, input);
            let kind = match domain {
                Domain::Integer if lower >= 0.0 && upper <= 1.0 => ColumnKind::Binary,
                Domain::Integer => ColumnKind::Integer,
                Domain::Continuous | Domain::Catalogue(_) => ColumnKind::Continuous,
            };
            self.column(kind, lower, upper, ColumnOrigin::Input(input as u32));
        }
        self.program.entries[0] = (0..model.input_size())
            .map(|input| Entry::Column {
                column: input as u32,
                coefficient: 1.0,
                constant: 0.0,
            })
            .collect();
        let mut zero_choices = vec![None; model.input_size()];
        for (input, domain) in model.domains.iter().enumerate() {
            if let Domain::Catalogue(values) = domain {
                zero_choices[input] = self.catalogue(input as u32, values);
            }
        }
        let mut used = HashMap::new();
        for (index, selection) in model.selections.iter().enumerate() {
            self.selection(index as u32, selection, &zero_choices, &mut used);
        }
    }

    /// `x = sum of v_k b_k`, `sum of b_k = 1`. Returns the binary of the value zero.
    fn catalogue(&mut self, input: u32, values: &[f64]) -> Option<u32> {
        let choices: Vec<u32> = (0..values.len())
            .map(|k| self.binary(ColumnOrigin::Choice(input, k as u32)))
            .collect();
        self.row.add(input, -1.0);
        for (&choice, &value) in choices.iter().zip(values) {
            self.row.add(choice, value);
        }
        self.finish_row(0.0, 0.0, RowOrigin::Catalogue(input, 0));
        let ones: Vec<(u32, f64)> = choices.iter().map(|&choice| (choice, 1.0)).collect();
        self.short_row(&ones, 1.0, 1.0, RowOrigin::Catalogue(input, 1));
        values
            .iter()
            .position(|&value| value == 0.0)
            .map(|k| choices[k])
    }

    /// `lower q <= x <= upper q` for every input of a group, `q` being a binary a group, and
    /// `at_least <= sum of q <= at_most`. Selections that speak of the same group share its binary, so that they cannot
    /// count it differently.
    fn selection(
        &mut self,
        index: u32,
        selection: &Selection,
        zero_choices: &[Option<u32>],
        used: &mut HashMap<Vec<usize>, u32>,
    ) {
        let Selection {
            groups,
            at_least,
            at_most,
        } = selection;
        let mut part = 0;
        let mut origin = || {
            part += 1;
            RowOrigin::Selection(index, part - 1)
        };
        let cannot_be_zero = |&input: &usize| !self.can_be_zero(input, zero_choices);
        let always = groups
            .iter()
            .filter(|group| group.iter().any(cannot_be_zero))
            .count();
        let open: Vec<(u32, &Vec<usize>)> = (0..)
            .zip(groups)
            .filter(|(_, group)| !group.iter().any(cannot_be_zero))
            .filter(|(_, group)| group.iter().any(|&input| self.box_of(input) != (0.0, 0.0)))
            .collect();
        if always > *at_most || always + open.len() < *at_least {
            return self.impossible(origin());
        }
        let (least, most) = (
            at_least.saturating_sub(always),
            (at_most - always).min(open.len()),
        );
        if least == 0 && most == open.len() {
            return;
        }
        let mut count = Vec::with_capacity(open.len());
        for (number, group) in open {
            let mut members = group.clone();
            members.sort_unstable();
            let known = used.get(&members).copied();
            let q = match (known, &group[..]) {
                (Some(q), _) => q,
                (None, &[input]) if self.program.column_kinds[input] == ColumnKind::Binary => {
                    input as u32
                }
                _ => self.binary(ColumnOrigin::Used(index, number)),
            };
            count.push((q, 1.0));
            if known.is_none() {
                self.unused_is_zero(q, group, &mut origin);
                used.insert(members, q);
            }
            if least > 0 {
                self.used_is_not_zero(q, group, zero_choices, &mut origin);
            }
        }
        let least = if least == 0 {
            f64::NEG_INFINITY
        } else {
            least as f64
        };
        self.short_row(&count, least, most as f64, origin());
    }

    fn box_of(&self, input: usize) -> (f64, f64) {
        (
            self.program.column_lower[input],
            self.program.column_upper[input],
        )
    }

    fn can_be_zero(&self, input: usize, zero_choices: &[Option<u32>]) -> bool {
        let (lower, upper) = self.box_of(input);
        let listed = !matches!(self.model.domains[input], Domain::Catalogue(_))
            || zero_choices[input].is_some();
        listed && lower <= 0.0 && upper >= 0.0
    }

    fn unused_is_zero(&mut self, q: u32, group: &[usize], origin: &mut impl FnMut() -> RowOrigin) {
        for &input in group {
            let (lower, upper) = self.box_of(input);
            if q as usize == input {
                continue;
            }
            if upper > 0.0 {
                self.short_row(
                    &[(input as u32, 1.0), (q, -upper)],
                    f64::NEG_INFINITY,
                    0.0,
                    origin(),
                );
            }
            if lower < 0.0 {
                self.short_row(
                    &[(input as u32, 1.0), (q, -lower)],
                    0.0,
                    f64::INFINITY,
                    origin(),
                );
            }
        }
    }

    /// `q <= sum of what is at least 1 where an input is not zero, and 0 where all are`. There is no such row for
    /// continuous inputs: the set of those that are not zero is not closed.
    fn used_is_not_zero(
        &mut self,
        q: u32,
        group: &[usize],
        zero_choices: &[Option<u32>],
        origin: &mut impl FnMut() -> RowOrigin,
    ) {
        let continuous = |&input: &usize| {
            self.model.domains[input] == Domain::Continuous && self.box_of(input) != (0.0, 0.0)
        };
        if q as usize == group[0] || group.iter().any(continuous) {
            return;
        }
        let mut terms = vec![(q, -1.0)];
        let mut least = 0.0;
        for &input in group {
            let (x, (lower, upper)) = (input as u32, self.box_of(input));
            if (lower, upper) == (0.0, 0.0) {
                continue;
            }
            match zero_choices[input] {
                Some(zero) => {
                    terms.push((zero, -1.0));
                    least -= 1.0;
                }
                None if lower >= 0.0 => terms.push((x, 1.0)),
                None if upper <= 0.0 => terms.push((x, -1.0)),
                None => {
                    // x >= 1 where `positive`, x <= -1 where `negative`.
                    let positive = self.binary(ColumnOrigin::Positive(x));
                    let negative = self.binary(ColumnOrigin::Negative(x));
                    self.short_row(
                        &[(x, 1.0), (positive, lower - 1.0)],
                        lower,
                        f64::INFINITY,
                        origin(),
                    );
                    self.short_row(
                        &[(x, 1.0), (negative, upper + 1.0)],
                        f64::NEG_INFINITY,
                        upper,
                        origin(),
                    );
                    terms.extend([(positive, 1.0), (negative, 1.0)]);
                }
            }
        }
        self.short_row(&terms, least, f64::INFINITY, origin());
    }
}
