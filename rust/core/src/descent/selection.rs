//! Which groups of inputs a design uses.

use super::adam::Starts;
use super::random::Random;
use crate::model::{Domain, Model, Selection};

/// The value, as a share of the range, that makes a group used whose inputs all came out as zero.
const BARELY_USED: f64 = 1e-6;

/// Commits a start to random groups of every selection, at most as many as it allows.
pub(super) fn choose_randomly(starts: &mut Starts<'_>, row: usize, random: &mut Random) {
    let model = starts.landscape().model;
    for selection in &model.selections {
        let mut order: Vec<usize> = (0..selection.groups.len()).collect();
        random.shuffle(&mut order);
        let (x, free) = starts.design(row);
        keep_first(model, selection, order, x, free);
    }
}

/// Keeps the groups with the largest inputs (as shares of the largest value of each), at most as many as every
/// selection allows.
pub(super) fn choose_strongest(starts: &mut Starts<'_>, row: usize) {
    let model = starts.landscape().model;
    for selection in &model.selections {
        let (x, free) = starts.design(row);
        let strength = |group: usize| {
            let shares = selection.groups[group].iter().map(|&input| {
                x[input].abs()
                    / model.lower[input]
                        .abs()
                        .max(model.upper[input].abs())
                        .max(f64::MIN_POSITIVE)
            });
            shares.fold(0.0_f64, f64::max)
        };
        let mut order: Vec<usize> = (0..selection.groups.len()).collect();
        order.sort_by(|&a, &b| strength(b).total_cmp(&strength(a)));
        keep_first(model, selection, order, x, free);
    }
}

/// Fixes all but the first groups of the order at zero; groups that cannot be zero come before all others.
fn keep_first(
    model: &Model,
    selection: &Selection,
    mut order: Vec<usize>,
    x: &mut [f64],
    free: &mut [bool],
) {
    order.sort_by_key(|&group| !is_always_used(model, &selection.groups[group]));
    for &group in order.iter().skip(selection.at_most) {
        for &input in &selection.groups[group] {
            if can_be_zero(model, input) {
                x[input] = 0.0;
                free[input] = false;
            }
        }
    }
}

fn is_always_used(model: &Model, group: &[usize]) -> bool {
    group.iter().any(|&input| !can_be_zero(model, input))
}

pub(super) fn can_be_zero(model: &Model, input: usize) -> bool {
    let zero = match &model.domains[input] {
        Domain::Continuous | Domain::Integer => true,
        Domain::Catalogue(values) => values.contains(&0.0),
    };
    zero && model.lower[input] <= 0.0 && model.upper[input] >= 0.0
}

/// Where a selection wants more groups than are used, gives unused ones the smallest value that counts.
pub(super) fn use_enough(starts: &mut Starts<'_>) {
    let model = starts.landscape().model;
    for row in 0..starts.count() {
        let (x, _) = starts.design(row);
        for selection in &model.selections {
            let is_used = |x: &[f64], group: &[usize]| group.iter().any(|&input| x[input] != 0.0);
            let mut lacking = selection.at_least.saturating_sub(
                selection
                    .groups
                    .iter()
                    .filter(|group| is_used(x, group))
                    .count(),
            );
            for group in &selection.groups {
                if lacking == 0 {
                    break;
                }
                if is_used(x, group) {
                    continue;
                }
                if let Some((input, value)) = group
                    .iter()
                    .find_map(|&input| Some((input, smallest(model, input)?)))
                {
                    x[input] = value;
                    lacking -= 1;
                }
            }
        }
    }
}

/// The smallest value of an input that is not zero, if there is one.
fn smallest(model: &Model, input: usize) -> Option<f64> {
    let (lower, upper) = (model.lower[input], model.upper[input]);
    let candidates = match &model.domains[input] {
        Domain::Continuous => vec![BARELY_USED * upper, BARELY_USED * lower],
        Domain::Integer => vec![1.0, -1.0],
        Domain::Catalogue(values) => values.clone(),
    };
    let valid = candidates
        .into_iter()
        .filter(|&value| value != 0.0 && lower <= value && value <= upper);
    valid.min_by(|a, b| a.abs().total_cmp(&b.abs()))
}
