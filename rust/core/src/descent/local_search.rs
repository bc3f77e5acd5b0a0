//! Local search over the discrete inputs of a design.

use std::sync::atomic::AtomicBool;

use super::landscape::Landscape;
use super::{Design, compare, stopped};
use crate::model::Domain;

/// Steps of an input, in units or in places of its catalogue.
const STEPS: [i64; 6] = [1, -1, 2, -2, 4, -4];

/// The most moves taken.
const MOST_MOVES: usize = 200;

/// The most neighbours looked at in one move; where there are more, transfers by more than one are left out, then all.
const MOST_NEIGHBOURS: usize = 20_000;

/// Takes the best of all single steps and of all transfers between two inputs of a row, as long as it improves the design.
pub(super) fn improve(
    landscape: &Landscape<'_>,
    mut design: Design,
    stop: &AtomicBool,
) -> Vec<f64> {
    let model = landscape.model;
    let inputs = landscape.inputs();
    let pairs = pairs_in_rows(landscape);
    for _ in 0..MOST_MOVES {
        if stopped(stop) {
            break;
        }
        let neighbours = neighbours(landscape, &design.x, &pairs);
        let count = neighbours.len() / inputs.max(1);
        let objectives = model.objective_at(&neighbours, count);
        let violations = model.violation_at(&neighbours, count);
        let merit = |row: usize| (objectives[row], violations[row]);
        let Some(best) = (0..count).min_by(|&a, &b| compare(merit(a), merit(b))) else {
            break;
        };
        if !compare(merit(best), (design.objective, design.violation)).is_lt() {
            break;
        }
        design = Design {
            x: neighbours[best * inputs..][..inputs].to_vec(),
            objective: objectives[best],
            violation: violations[best],
        };
    }
    design.x
}

/// Pairs of integers that share a linear row, with the steps that keep its sum when both count alike.
fn pairs_in_rows(landscape: &Landscape<'_>) -> Vec<(usize, usize)> {
    let is_integer = |input: usize| landscape.model.domains[input] == Domain::Integer;
    let mut pairs = std::collections::BTreeSet::new();
    for row in &landscape.rows {
        for &(i, a) in &row.entries {
            for &(j, b) in &row.entries {
                if i != j && a == b && is_integer(i) && is_integer(j) {
                    pairs.insert((i, j));
                }
            }
        }
    }
    pairs.into_iter().collect()
}

fn neighbours(landscape: &Landscape<'_>, x: &[f64], pairs: &[(usize, usize)]) -> Vec<f64> {
    let mut found = Vec::new();
    let mut add = |changes: &[(usize, f64)]| {
        let start = found.len();
        found.extend_from_slice(x);
        changes
            .iter()
            .for_each(|&(input, value)| found[start + input] = value);
    };
    for input in 0..x.len() {
        for step in STEPS {
            if let Some(value) = stepped(landscape, x, input, step) {
                add(&[(input, value)]);
            }
        }
    }
    let sizes = STEPS.len() / 2;
    let sizes = if pairs.len() * sizes <= MOST_NEIGHBOURS {
        sizes
    } else {
        usize::from(pairs.len() <= MOST_NEIGHBOURS)
    };
    for &(i, j) in pairs {
        for step in STEPS.iter().copied().filter(|&step| step > 0).take(sizes) {
            if let (Some(up), Some(down)) = (
                stepped(landscape, x, i, step),
                stepped(landscape, x, j, -step),
            ) {
                add(&[(i, up), (j, down)]);
            }
        }
    }
    found
}

/// The value of a discrete input so many places further on, if it has one.
fn stepped(landscape: &Landscape<'_>, x: &[f64], input: usize, step: i64) -> Option<f64> {
    let model = landscape.model;
    match &model.domains[input] {
        Domain::Continuous => None,
        Domain::Integer => {
            let value = x[input] + step as f64;
            (model.lower[input] <= value && value <= model.upper[input]).then_some(value)
        }
        Domain::Catalogue(values) => {
            let place = values.partition_point(|&value| value < x[input]) as i64;
            usize::try_from(place + step)
                .ok()
                .and_then(|place| values.get(place))
                .copied()
        }
    }
}
